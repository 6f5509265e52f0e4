"""What `viscode dataset ...` does; the command line itself is in viscode.cli.main."""

from collections.abc import Mapping
from pathlib import Path

import click
from rich import filesize

from viscode.dataset import push

DATA, METRICS = Path("data"), Path("metrics")


def push_command(repo: str, private: bool, dry_run: bool, allow_unknown_licence: bool) -> None:
    """Publish the data set as `repo` (OWNER/NAME) on the hub, or list what would be sent.

    Raises:
        UserError: see viscode.dataset.push; nothing was published.
    """
    files = push.uploads(DATA, METRICS)
    samples = push.check(DATA, METRICS, allow_unknown_licence=allow_unknown_licence)
    if dry_run:
        click.echo("\n".join(listing(files)))
        click.echo(f"{samples:,} samples for {repo}; nothing was sent")
        return
    address = push.push(
        files,
        repo,
        private=private,
        token=push.token(),
        message=f"VisCode: {samples:,} samples",
    )
    click.echo(f"{samples:,} samples published: {address}")


def listing(files: Mapping[str, Path]) -> list[str]:
    """One line a file: size, place in the repository, file here; last the sum."""
    sizes = [path.stat().st_size for path in files.values()]
    lines = [
        f"{filesize.decimal(size):>10}  {place}  <- {path}"
        for size, (place, path) in zip(sizes, files.items(), strict=True)
    ]
    return [*lines, f"{filesize.decimal(sum(sizes)):>10}  {len(files)} files"]
