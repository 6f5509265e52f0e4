"""A small made-up run in tmp_path, written with the real tables: what the report reads."""

import shutil

import pytest
from report_samples import FACTS, HOSTILE, chat, png

from viscode.core import replacing, tables
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import (
    Attempt,
    Block,
    ChatSample,
    JudgedAttempt,
    Task,
    ValidatedBlock,
)
from viscode.core.transform import write_outcomes
from viscode.report.build import ReportPlaces, build_report

MODELS, LIBRARIES = ("base", "tuned"), ("matplotlib", "seaborn")
# (model, library) -> verdict of tasks t0..t3 at round 0, then of those that failed at round 1
VERDICTS = {
    ("base", "matplotlib"): ("EEEP", "EPE"),
    ("base", "seaborn"): ("NEBP", "NEB"),
    ("tuned", "matplotlib"): ("PPEP", "P"),
    ("tuned", "seaborn"): ("PNEE", "PEE"),
}
WORDS = {"P": "pass", "E": "error", "N": "no_image", "B": "blank"}
ERRORS = {"E": "KeyError", "N": "NoImage", "B": "Blank"}


def attempts(model, library):
    """The attempts that VERDICTS describes."""
    first, second = VERDICTS[model, library]
    failed = [number for number, letter in enumerate(first) if letter != "P"]
    letters = [
        *((n, 0, x) for n, x in enumerate(first)),
        *((n, 1, x) for n, x in zip(failed, second, strict=True)),
    ]
    return [_attempt(model, library, *entry) for entry in letters]


def _attempt(model, library, number, round_number, letter):
    return Attempt(
        id=f"t{number}-{round_number}",
        task_id=f"t{number}",
        task_number=number,
        model=model,
        library=library,
        round=round_number,
        protocol="isolated",
        answer="text",
        code=f"import {library}\nprint('<b>')",
        finish="stop",
        verdict=WORDS[letter],
        status="error" if letter == "E" else "ok",
        error_type="KeyError" if letter == "E" else "",
        error=f"KeyError: {HOSTILE}" if letter == "E" else "",
        images=(png(320, 240, "green"),) if letter in "PB" else (),
        facts="[]",
    )


def bench_metrics(model, library):
    """Metrics in the documented shape, counted here by hand from VERDICTS."""
    first, second = VERDICTS[model, library]
    after = list(first)
    for number, letter in zip([n for n, x in enumerate(first) if x != "P"], second, strict=True):
        after[number] = letter
    return {
        "tasks": len(first),
        "rounds": {"0": _round(first), "1": _round(after)},
        "self_debug": {"points": 25.0, "low": 0.0, "high": 50.0, "p": 1.0},
        "recovery": {"percent": None, "low": None, "high": None},
        "protocols": {
            "isolated": {"percent": 50.0, "low": 15.0, "high": 85.0},
            "paper": {"percent": 25.0, "low": 4.6, "high": 69.9},
        },
        "protocols_differ": 1,
        "samples": 1,
        "pass_at": {"1": 50.0},
    }


def bench_details(model, library):
    first, second = VERDICTS[model, library]
    failed = [n for n, x in enumerate(first) if x != "P"]
    after = list(first)
    for number, letter in zip(failed, second, strict=True):
        after[number] = letter
    return {
        "errors": {
            str(n): {
                ERRORS[x]: sum(y == x for y in letters) for x in sorted(set(letters)) if x != "P"
            }
            for n, letters in enumerate((first, after))
        },
        "transitions": {
            "1": {
                ERRORS[kind]: {ERRORS.get(after[n], "pass"): 1 for n in failed if first[n] == kind}
                for kind in {first[n] for n in failed}
            }
        },
        "recovery": {
            "KeyError": {"failed": 3, "recovered": 1, "percent": 33.3, "low": 6.1, "high": 79.2}
        },
        "differences": [
            {
                "task": 2,
                "isolated": "pass",
                "paper": "error",
                "isolated_error": "",
                "paper_error": f"NameError{HOSTILE}",
            }
        ],
    }


def _round(letters):
    passed = sum(x == "P" for x in letters)
    share = 100 * passed / len(letters)
    return {
        "passed": passed,
        "pass_rate": {
            "percent": share,
            "low": max(0.0, share - 25),
            "high": min(100.0, share + 25),
        },
        "incorrect_code_rate": 100 - share,
        "blank_rate": 0.0,
        "wrong_library_rate": 0.0,
        "gain": None,
    }


def judge_metrics(asked):
    """Figures of stage judge; with `asked`, a vision model's too."""
    model = (
        {"scored": 3, "no_image": 1, "mean": 61.0, "good": 50.0} if asked else {"unavailable": 4}
    )
    first, final = {"mean": 40.25, "good": 25.0}, {"mean": None, "good": None}
    return {
        "scored": 2,
        "unscored": 2,
        "first": {"structural": first, "visual": model, "task": model},
        "final": {"structural": final, "visual": model, "task": model},
        "structural_by_round": {"0": first, "1": final},
        "vote_agreement": {"visual": 75.0 if asked else None, "task": None},
        "swap_difference": 4.5 if asked else None,
    }


def tally(inputs, kept, **rejected):
    return {"in": inputs, "kept": kept, "records": kept, "rejected": rejected}


def write_data(root):
    samples = [chat(n, source) for source in ("files", "charts", "dialogues") for n in range(5)]
    samples.append(chat(99, "files", text=HOSTILE, code=HOSTILE))
    tables.write_table(root / "data/viscode", ChatSample, samples)
    block = ValidatedBlock(
        id="b1",
        source="files",
        origin=samples[0].origin,
        licence="MIT",
        parent_id="x",
        code="pass",
        libraries=("matplotlib",),
        data_csv="",
        images=(png(),),
        facts=FACTS,
    )
    write_outcomes(
        [("b1", Kept([block])), ("b2", Rejected(_reason(), HOSTILE)), ("b3", Rejected(_reason()))],
        ValidatedBlock,
        root / "data/validated/files",
    )
    blocks = [_block(name, samples[0].origin) for name in ("b1", "b2", "b3")]
    tables.write_table(root / "data/balanced", Block, blocks)
    tasks = [
        Task(
            id=f"t{n}",
            number=n,
            licence="CC0",
            data_csv="a\n1",
            code_data=None,
            code_plot=None,
            plot_description=f" Plot Description: Plot number {n}",
            plot_style=" Plot Style Description: Plain",
            plots_gt=(png(),) if n else (),
        )
        for n in range(4)
    ]
    tables.write_table(root / "data/raw/tasks", Task, tasks)


def _block(name, origin):
    return Block(
        id=name,
        source="files",
        origin=origin,
        licence="MIT",
        parent_id="x",
        code=f"print({HOSTILE!r})",
        libraries=("matplotlib",),
        method="as_is",
    )


def _reason():
    from enum import StrEnum

    return StrEnum("Reason", {"ERROR": "error"}).ERROR


def write_bench(root):
    for model in MODELS:
        for library in LIBRARIES:
            found = attempts(model, library)
            tables.write_table(root / "data/bench" / model / library, Attempt, found)
            folder = root / "metrics/bench" / model
            replacing.write_json(folder / f"{library}.json", bench_metrics(model, library))
            details = root / "metrics/bench_details" / model / f"{library}.details.json"
            replacing.write_json(details, bench_details(model, library))
            scores = [
                JudgedAttempt(
                    id=a.id,
                    task_id=a.task_id,
                    round=a.round,
                    verdict=a.verdict,
                    structural=61.5 if a.verdict == "pass" else None,
                )
                for a in found
            ]
            tables.write_table(root / "data/judged" / model / library, JudgedAttempt, scores)
            replacing.write_json(
                root / "metrics/judge" / model / f"{library}.json",
                judge_metrics(asked=False),
            )


def write_metrics(root):
    metrics = root / "metrics"
    replacing.write_json(
        metrics / "funnel.json",
        {
            "files": {
                "collect_files": {"step": 1, **tally(20, 20)},
                "select_files": {"step": 2, "paper": 1_700_000, **tally(20, 10, no_library=10)},
                "validate/files": {"step": 5, **tally(3, 1, error=2)},
                "assemble": {"step": 7, **tally(6, 6)},
            },
            "dialogues": {
                "collect_dialogues": {"step": 1, **tally(8, 8)},
                "filter_dialogues": {"step": 2, **tally(8, 5, too_long=3)},
                "assemble": {"step": 3, **tally(5, 5)},
            },
        },
    )
    replacing.write_json(metrics / "dataset.json", {"samples": 16, "by_source": {"files": 6}})
    replacing.write_json(
        metrics / "train/summary.json",
        {
            "steps": 3,
            "train_loss_first": 2.5,
            "train_loss_last": 1.25,
            "eval_loss_before": 2.4,
            "eval_loss_after": 1.9,
        },
    )
    replacing.write_json(metrics / "train/data.json", {"samples": 12, "tokens": 4000})
    rows = [
        "step\tloss\tlr\tgrad_norm",
        "1\t2.5\t0.0001\t1.0",
        "2\t2.0\t5e-05\t1.0",
        "3\t1.25\t0.0\t1.0",
    ]
    replacing.write_text(metrics / "train/log.tsv", "\n".join(rows) + "\n")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The folder of a run with everything in it; not to be changed."""
    root = tmp_path_factory.mktemp("finished")
    write_data(root)
    write_bench(root)
    write_metrics(root)
    return root


@pytest.fixture
def project(finished, tmp_path):
    """A copy of it."""
    return shutil.copytree(finished, tmp_path / "project")


def places_of(root):
    return ReportPlaces(
        root / "metrics", root / "data", root / "metrics/report", root / "report/index.html"
    )


def build_in(root, samples=9, rejected=20):
    """Build the report of a project folder; returns its html and its markdown files by name."""
    build_report(places_of(root), samples=samples, rejected=rejected, workers=1)
    texts = {path.name: path.read_text() for path in (root / "metrics/report").iterdir()}
    return (root / "report/index.html").read_text(), texts


@pytest.fixture
def build():
    return build_in


@pytest.fixture
def judged_by_model(project):
    """The project as if a vision model had judged it."""
    for path in (project / "metrics/judge").glob("*/*.json"):
        replacing.write_json(path, judge_metrics(asked=True))
    return project


@pytest.fixture(scope="session")
def built_folder(finished, tmp_path_factory):
    """The finished run with its report."""
    root = shutil.copytree(finished, tmp_path_factory.mktemp("built") / "project")
    build_in(root)
    return root


@pytest.fixture(scope="session")
def built(built_folder):
    """Index and markdown files of the finished run."""
    texts = {path.name: path.read_text() for path in (built_folder / "metrics/report").iterdir()}
    return (built_folder / "report/index.html").read_text(), texts


@pytest.fixture(scope="session")
def places():
    return places_of
