"""The `viscode` command: upkeep of the pipeline itself. The stages are run by DVC."""

import sys
from pathlib import Path

import click

from viscode import deps as dependency_closure
from viscode import profiles
from viscode.errors import UserError


class ReadableGroup(click.Group):
    """A group that shows a UserError as one line and exits with status 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"viscode: {error}", err=True)
            sys.exit(1)


@click.group(cls=ReadableGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """VisCode: execution-verified instruction data for plotting code, as a DVC pipeline."""


@main.command()
@click.option("--write", is_flag=True, help="Bring dvc.yaml up to date.")
def deps(write: bool) -> None:
    """Check that each stage's dependencies in dvc.yaml are its real import closure."""
    path = Path("dvc.yaml")
    if write:
        changed = dependency_closure.write(path)
        click.echo(f"dvc.yaml: {', '.join(changed) or 'nothing to change'}")
        return
    _, changed = dependency_closure.with_closures(path)
    if changed:
        raise UserError(
            f"dependencies out of date: {', '.join(changed)}",
            where=str(path),
            todo="viscode deps --write",
        )
    click.echo("dvc.yaml: dependencies are up to date")


@main.group(cls=ReadableGroup)
def profile() -> None:
    """Named sets of parameters (profiles/)."""


@profile.command("list")
def list_profiles() -> None:
    """Print the names of the profiles."""
    for name in profiles.names():
        click.echo(name)


@profile.command()
@click.argument("name")
def use(name: str) -> None:
    """Merge profile NAME into params.yaml, for `dvc repro`."""
    changed = profiles.use(name)
    click.echo("\n".join(f"params.yaml: {key}" for key in changed) or "params.yaml: no change")


if __name__ == "__main__":
    main()
