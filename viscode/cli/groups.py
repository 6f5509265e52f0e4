"""The groups of the `viscode` command: env, llm, train, bench, dataset, profile.

Only the command line is here: what a command does is imported when it is called.
"""

from pathlib import Path
from typing import Any, get_args

import click

from viscode.libraries.registry import BENCHMARKED
from viscode.settings.bench import Library, Protocol
from viscode.settings.validate import Isolation

FOLDER = click.Path(path_type=Path, file_okay=False)
PRESENT_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
PRESENT_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def env() -> None:
    """The environment that untrusted scripts run in."""


@env.command()
@click.option(
    "--python",
    type=PRESENT_FILE,
    help="Interpreter to make it with, Python 3.11 or 3.12; default: this program's.",
)
def create(python: Path | None) -> None:
    """Create the environment that scripts run in, from its lock.

    In a project it is the one that validate.python and validate.lock name; elsewhere it lies inside
    the environment that viscode is installed in.
    """
    from viscode.cli.environment import create_command

    create_command(python)


@click.group()
def llm() -> None:
    """Calls of language models: estimates, costs, keys."""


@llm.command()
@click.argument("stage", type=click.Choice(["extract_blocks", "write_instructions"]))
def estimate(stage: str) -> None:
    """Print the calls, tokens and money that STAGE would take with a model; sends nothing."""
    from viscode.cli.model_calls import estimate_command

    estimate_command(stage)


@llm.command()
def usage() -> None:
    """Print what all calls in the work store have cost."""
    from viscode.cli.model_calls import usage_command

    usage_command()


@llm.command("explain-key")
@click.argument("stage", type=click.Choice(["extract_blocks", "write_instructions"]))
@click.argument("text", default="")
def explain_key(stage: str, text: str) -> None:
    """Print what determines the answer to a request of STAGE: the first that holds TEXT."""
    from viscode.cli.model_calls import explain_key_command

    explain_key_command(stage, text)


@click.group()
def train() -> None:
    """What training sees."""


@train.command()
@click.option("--rows", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--id", "row_id", help="Show this row of data/viscode.jsonl.")
def preview(rows: int, row_id: str | None) -> None:
    """Print rows as the model will see them, the trained tokens in colour.

    Rows that will not be trained are shown with the reason. Where there is no terminal, trained
    text stands between double brackets.
    """
    from viscode.cli.preview import preview_command

    preview_command(rows, row_id)


@click.group()
def bench() -> None:
    """Results of the benchmark."""


@bench.command()
@click.argument("a", type=PRESENT_FOLDER)
@click.argument("b", type=PRESENT_FOLDER)
@click.option(
    "--protocol",
    type=click.Choice(get_args(Protocol)),
    help="Compare first answers under this protocol; the one that drove self-debug if left out.",
)
def compare(a: Path, b: Path, protocol: Protocol | None) -> None:
    """Compare the results in folders A and B on the tasks that both have.

    A and B: data/bench/MODEL, or what viscode bench score has written. For first answers and for
    final ones: pass rates with their 95 % Wilson intervals, the difference in points with its
    interval, the exact McNemar test, and both by whole tasks. The last line is JSON.
    """
    from viscode.cli.bench_group import compare_command

    compare_command(a, b, protocol)


@bench.command()
@click.argument("folder", type=PRESENT_FOLDER)
@click.option(
    "--tasks",
    type=PRESENT_FOLDER,
    default=Path("data/raw/tasks"),
    show_default=True,
    help="The table of the tasks that were asked.",
)
def explain(folder: Path, tasks: Path) -> None:
    """Say why the two protocols differ on first answers in FOLDER.

    FOLDER: data/bench/MODEL, or a table in it. An answer that only one protocol passes is run again
    with one thing changed at a time, until a change gives the other verdict.
    """
    from viscode.bench.differences import explain_command

    explain_command(folder, tasks)


@bench.command("score")
@click.option(
    "--tasks",
    "tasks_file",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="The benchmark's tasks, .jsonl or .parquet in the hub's columns.",
)
@click.option(
    "--answers",
    "answers_file",
    type=PRESENT_FILE,
    required=True,
    help='A .jsonl file with a line {"id", "response"} for each task.',
)
@click.option("--library", type=click.Choice(list(BENCHMARKED)), required=True)
@click.option("--protocol", type=click.Choice(get_args(Protocol)), required=True)
@click.option("--out", type=FOLDER, required=True, help="Folder for scores.jsonl and images.")
@click.option("--timeout-s", type=click.FloatRange(min=0, min_open=True), help="Wall time each.")
@click.option("--workers", type=click.IntRange(min=1), help="Answers side by side; default: cores.")
@click.option("--isolation", type=click.Choice(get_args(Isolation)), help="Default: auto.")
@click.option("--no-store", is_flag=True, help="Neither use nor keep stored verdicts.")
def score_answers(
    tasks_file: Path,
    answers_file: Path,
    library: Library,
    protocol: Protocol,
    out: Path,
    **options: Any,
) -> None:
    """Score stored answers to benchmark tasks; asks no model.

    Prints one JSON line for each task, in the order of the tasks, and a summary to stderr.
    Parameters that are not given are those of params.yaml. Exit status 0 when all were scored,
    whatever the verdicts.
    """
    from viscode.bench.scoring import score_command

    score_command(tasks_file, answers_file, library, protocol, out, **options)


@click.group()
def dataset() -> None:
    """The finished data set."""


@dataset.command()
@click.argument("repo")
@click.option("--private", is_flag=True, help="Create it as a private data set.")
@click.option("--dry-run", is_flag=True, help="List files and sizes; send nothing.")
@click.option("--allow-unknown-licence", is_flag=True, help="Push samples of unknown licence too.")
def push(repo: str, private: bool, dry_run: bool, allow_unknown_licence: bool) -> None:
    """Upload the data set to the Hugging Face hub as REPO (owner/name).

    The chats, the table with images, the outcomes, the data card and the funnel go up in one
    commit. The token is the hub's own: HF_TOKEN, or what `hf auth login` has stored.
    """
    from viscode.cli.push import push_command

    push_command(repo, private, dry_run, allow_unknown_licence)


@click.group()
def profile() -> None:
    """Named sets of parameters (profiles/)."""


@profile.command("list")
def list_profiles() -> None:
    """Print the names of the profiles."""
    from viscode.settings import profiles

    for name in profiles.names():
        click.echo(name)


@profile.command()
@click.argument("name")
def use(name: str) -> None:
    """Merge profile NAME into params.yaml, for `dvc repro`."""
    from viscode.settings import profiles

    changed = profiles.use(name)
    click.echo("\n".join(f"params.yaml: {key}" for key in changed) or "params.yaml: no change")


GROUPS = (env, llm, train, bench, dataset, profile)
