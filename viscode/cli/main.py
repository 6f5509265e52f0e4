"""The `viscode` command: scripts in the sandbox, upkeep of the pipeline. DVC runs the stages."""

import sys
from pathlib import Path
from typing import Any, get_args

import click

from viscode.core.compute import wait_passively
from viscode.core.errors import UserError
from viscode.core.os_errors import readable
from viscode.core.project import have_home
from viscode.libraries.registry import BENCHMARKED
from viscode.settings.bench import Library, Protocol
from viscode.settings.validate import Engine, Isolation


class ReadableGroup(click.Group):
    """A group that shows a UserError, or what the system refuses, as one line and exits with
    status 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"viscode: {error}", err=True)
            sys.exit(1)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("viscode"):
                raise
            click.echo(
                f"viscode: this needs {error.name}, which is not installed -> "
                "pip install 'viscode[data,train]'",
                err=True,
            )
            sys.exit(1)
        except OSError as error:
            if (told := readable(error)) is None:
                raise
            click.echo(f"viscode: {told}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("viscode: interrupted", err=True)
            sys.exit(130)


@click.group(cls=ReadableGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """VisCode: execution-verified instruction data for plotting code, as a DVC pipeline."""
    wait_passively()
    have_home()


@main.command()
@click.option("--make", is_flag=True, help="As a Makefile, on stdout.")
@click.option("--snapshot", type=click.Path(path_type=Path, file_okay=False), hidden=True)
@click.argument("watched", nargs=-1, metavar="")
def dag(make: bool, snapshot: Path | None, watched: tuple[str, ...]) -> None:
    """Write the pipeline of dvc.yaml for use without DVC: viscode dag --make > FILE.

    How that differs from dvc repro: docs/dvc.md.
    """
    from viscode.cli import dag as pipeline

    if snapshot is not None:
        pipeline.snapshot(snapshot, watched)
    elif make:
        click.echo(pipeline.makefile(Path()), nl=False)
    else:
        raise click.UsageError("say in which form: --make")


@main.command()
@click.argument("part", default="")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def params(part: str, as_json: bool) -> None:
    """List the parameters (those with PART in their names): value, meaning, the paper's value, and
    the stages that a change runs again."""
    from viscode.cli.params_list import params_command

    params_command(part, as_json=as_json)


@main.command()
def doctor() -> None:
    """Check this machine: Python, memory, disk, sandbox, images, GPU, keys, DVC remote.

    Exit status 1 when something is missing without which `dvc repro` fails.
    """
    from viscode.cli.doctor import doctor_command

    if not doctor_command():
        sys.exit(1)


@main.command()
@click.argument("name")
@click.option("--browser", is_flag=True, help="Open its images in the browser.")
def show(name: str, browser: bool) -> None:
    """Print what is known of one sample, block and its execution, task or attempt: NAME is an id,
    its first characters, or "task 7". Images are shown where the terminal can, and written to
    files."""
    from viscode.cli.show import show_command

    show_command(name, browser=browser)


@main.command()
@click.option("--against", "revision", required=True, help="Branch, tag or commit.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("report/against.html"),
    show_default=True,
)
def report(revision: str, out: Path) -> None:
    """Write the report with what changed since a git revision: the figures in metrics/, and the
    benchmark's tasks by a paired test. `dvc repro report` writes the report itself."""
    from viscode.report.build import ReportPlaces, build_comparison

    places = ReportPlaces(
        Path("metrics"), Path("data"), Path("metrics/report"), Path("report/index.html")
    )
    build_comparison(revision, places, out)
    click.echo(str(out))


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
def serve(port: int) -> None:
    """Serve the report on loopback, until Ctrl-C."""
    from viscode.cli.serve import serve_command

    serve_command(Path("report"), port)


@main.command("run")
@click.option("--engine", type=click.Choice(get_args(Engine)), help="Default: validate.engine.")
@click.option("--timeout-s", type=click.FloatRange(min=0, min_open=True), help="Wall time each.")
@click.option("--workers", type=click.IntRange(min=1), help="Scripts side by side; default: cores.")
@click.option("--isolation", type=click.Choice(get_args(Isolation)), help="Default: auto.")
@click.option("--no-store", is_flag=True, help="Neither use nor keep stored verdicts.")
@click.option("--saved-files", is_flag=True, help="Files that a script saves count as images.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file that lies beside each script; may be given several times, each of its own name.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the images.",
)
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
def run_scripts(paths: tuple[Path, ...], out: Path, **options: Any) -> None:
    """Run scripts in the sandbox: Python files, notebooks, JSON {"id", "code"} (one, a list, or one
    a line), and folders of all these.

    Prints one JSON line for each, in the order of the input; progress, and a line for each input
    that is not a script, go to stderr. Parameters that are not given are those of params.yaml. Exit
    status 0 when all inputs were scripts and were judged, whatever the verdicts; 1 when one was
    not.
    """
    from viscode.cli.run_scripts import run_command

    if not run_command(paths, out, **options):
        sys.exit(1)


@main.command()
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0.01,
    show_default=True,
    help="Share of the scripts to check, by hash.",
)
@click.argument("source", type=click.Choice(["files", "charts"]), nargs=-1)
def audit(share: float, source: tuple[str, ...]) -> None:
    """Check verdicts of the pipeline's blocks by the notebook engine; both sources by default.

    A share of the scripts, and every one that ended near a limit, runs again in a fresh Jupyter
    kernel. Prints each difference and, last, one JSON line with the rate and its 95 % interval.
    """
    from viscode.cli.audit_blocks import audit_command

    audit_command(source or ("files", "charts"), share)


@main.group(cls=ReadableGroup)
def env() -> None:
    """The environment that untrusted scripts run in."""


@env.command()
@click.option(
    "--python",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Interpreter to make it with, Python 3.11 or 3.12; default: this program's.",
)
def create(python: Path | None) -> None:
    """Create the environment that scripts run in, from its lock.

    In a project it is the one that validate.python and validate.lock name; elsewhere it lies inside
    the environment that viscode is installed in.
    """
    from viscode.cli.environment import create_command

    create_command(python)


@main.group(cls=ReadableGroup)
def llm() -> None:
    """Calls of language models: estimates, costs, keys."""


@llm.command()
@click.argument("stage", type=click.Choice(["extract_blocks", "write_instructions"]))
def estimate(stage: str) -> None:
    """Print the calls, tokens and money that STAGE would take with a model; sends nothing."""
    from viscode.cli.llm_group import estimate_command

    estimate_command(stage)


@llm.command()
def usage() -> None:
    """Print what all calls in the work store have cost."""
    from viscode.cli.llm_group import usage_command

    usage_command()


@llm.command("explain-key")
@click.argument("stage", type=click.Choice(["extract_blocks", "write_instructions"]))
@click.argument("text", default="")
def explain_key(stage: str, text: str) -> None:
    """Print what determines the answer to a request of STAGE: the first that holds TEXT."""
    from viscode.cli.llm_group import explain_key_command

    explain_key_command(stage, text)


@main.group(cls=ReadableGroup)
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
    from viscode.cli.train_group import preview_command

    preview_command(rows, row_id)


@main.group(cls=ReadableGroup)
def bench() -> None:
    """Results of the benchmark."""


@bench.command()
@click.argument("a", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("b", type=click.Path(path_type=Path, exists=True, file_okay=False))
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
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--tasks",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
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
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help='A .jsonl file with a line {"id", "response"} for each task.',
)
@click.option("--library", type=click.Choice(list(BENCHMARKED)), required=True)
@click.option("--protocol", type=click.Choice(get_args(Protocol)), required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for scores.jsonl and the images.",
)
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


@main.group(cls=ReadableGroup)
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
    from viscode.cli.dataset_group import push_command

    push_command(repo, private, dry_run, allow_unknown_licence)


@main.group(cls=ReadableGroup)
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


if __name__ == "__main__":
    main()
