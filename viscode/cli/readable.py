"""A group of commands in which what can be foreseen fails in one line."""

import sys

import click

from viscode.core.errors import UserError
from viscode.core.os_errors import readable


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
