# `make repro` and `make test` are all that a fresh clone needs: both set the two environments up.
PYTHON ?= python3
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export HF_HUB_OFFLINE ?= 0
# Containers often set it: every stage would compile all that it imports anew, some seconds each.
unexport PYTHONDONTWRITEBYTECODE
UNIT := "not sandbox and not slow and not e2e and not live and not browser"
SANDBOX := "sandbox and not slow"
LOADING := tests/bench tests/core tests/llm tests/models tests/training
# the test files that name a mark: to collect all the others costs each lane half a minute
marked = $(sort $(shell grep -rl "mark\.$(1)" tests --include="test_*.py"))
.DEFAULT_GOAL := help
ATTACKS := tests/execution/test_attack_% tests/execution/test_hostile.py
.PHONY: help setup repro test check unit unit-models unit-rest sandbox sandbox-attacks sandbox-engine sandbox-rest browser slow e2e docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

ifdef READY # the lanes of `make test`, which has set up: one that waited for it would start last
setup: ;
else
setup: ## create .venv and .venv-plots from the lock files in envs/
	@$(MAKE) --no-print-directory -j2 .venv/.ready .venv-plots/.ready
endif

.venv/.ready: envs/tool.lock envs/model.lock envs/install.sh pyproject.toml
	@PYTHON="$(PYTHON)" bash envs/install.sh tool

.venv-plots/.ready: envs/plots.lock envs/install.sh
	@PYTHON="$(PYTHON)" bash envs/install.sh plots

repro: setup ## set up, then run the whole pipeline (dvc repro); open report/index.html afterwards
	dvc repro

test: setup ## set up, then all checks and tests, four at a time: most of their time is waiting
	@$(MAKE) --no-print-directory -j4 --output-sync=target READY=1 \
	    e2e sandbox-engine sandbox-rest sandbox-attacks unit-rest unit-models check browser docs

check: setup ## format, lint, types, import contracts, dependencies in dvc.yaml
	ruff format --check .
	ruff check .
	mypy
	lint-imports
	pytest -q tests/test_dag.py

unit: setup ## unit tests only, in two processes
	@$(MAKE) --no-print-directory -j2 --output-sync=target unit-models unit-rest

unit-models: # those that load torch, and what else makes half of the time; beside other lanes two
# threads of torch wait for each other four times as long as one takes
	OMP_NUM_THREADS=1 pytest -m $(UNIT) $(LOADING)

unit-rest: # all others; `check` runs tests/test_dag.py
	pytest -m $(UNIT) $(addprefix --ignore=,$(LOADING) tests/e2e tests/test_dag.py)

slow: setup ## 20,000 blobs; training in several processes, killed and resumed (not in make test)
	OMP_NUM_THREADS=1 pytest -m slow

sandbox: setup ## tests that run untrusted code in the sandbox
	pytest -m $(SANDBOX) $(call marked,sandbox)

sandbox-attacks: # a third of them
	pytest -m $(SANDBOX) $(filter $(ATTACKS),$(call marked,sandbox))

sandbox-engine: # another
	pytest -m $(SANDBOX) $(filter-out $(ATTACKS),$(filter tests/execution/%,$(call marked,sandbox)))

sandbox-rest: # the last
	pytest -m $(SANDBOX) $(filter-out tests/execution/%,$(call marked,sandbox))

browser: setup ## the report in headless Chromium; skipped where there is none
	pytest -m browser $(call marked,browser)

docs: .venv-docs/.ready ## the documentation with the API reference, in site/; a warning fails
	NO_MKDOCS_2_WARNING=1 DISABLE_MKDOCS_2_WARNING=true .venv-docs/bin/mkdocs build --strict

.venv-docs/.ready: envs/docs.lock envs/install.sh
	@PYTHON="$(PYTHON)" bash envs/install.sh docs

e2e: setup ## the end-to-end tests: dvc repro on a copy of the project
	pytest -m "e2e and not slow" $(call marked,e2e)

clean: ## remove what the pipeline made; the environments and the work store stay
	find data -mindepth 1 -maxdepth 1 ! -name .gitignore -exec rm -rf {} +
	rm -rf report
