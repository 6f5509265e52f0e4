"""The `viscode` command: scripts in the sandbox, upkeep of the pipeline. DVC runs the stages."""

import sys
from pathlib import Path
from typing import Any, get_args

import click

from viscode.cli.groups import FOLDER, GROUPS
from viscode.core.compute import wait_passively
from viscode.core.errors import ending_in_one_line
from viscode.core.project import have_home
from viscode.settings.validate import Engine, Isolation


class ReadableGroup(click.Group):
    """A group in which what is to be expected fails in one line."""

    def invoke(self, ctx: click.Context) -> object:
        with ending_in_one_line():
            return super().invoke(ctx)


@click.group(cls=ReadableGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """VisCode: execution-verified instruction data for plotting code, as a DVC pipeline."""
    wait_passively()
    have_home()


@main.command()
@click.option("--make", is_flag=True, help="As a Makefile, on stdout.")
@click.option("--snapshot", type=FOLDER, hidden=True)
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
    from viscode.cli.parameters import params_command

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
@click.option("--out", type=FOLDER, required=True, help="Folder for the images.")
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
@click.option("--explain", is_flag=True, help="Say of each figure without a block why it has none.")
@click.option("--out", type=FOLDER, help="Folder for code and images; default: .viscode/extract.")
@click.option("--no-store", is_flag=True, help="Neither use nor keep stored verdicts.")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def extract(path: Path, explain: bool, out: Path | None, no_store: bool) -> None:
    """Extract blocks from a Python file or notebook, or from all below a folder, and show them.

    Of a file each block is printed with its edits and its verdict, and its images are written; of a
    folder a line a file and the counts by reason. Nothing outside the sandbox is run. Exit status
    1 when nothing there plots.
    """
    from viscode.cli.extract import extract_command

    if not extract_command(path, explain=explain, out=out, no_store=no_store):
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
    from viscode.cli.audit import audit_command

    audit_command(source or ("files", "charts"), share)


for group in GROUPS:
    main.add_command(group)


if __name__ == "__main__":
    main()
