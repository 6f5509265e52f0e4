"""All blocks of the rarer libraries, a matching number of matplotlib's (paper 3.1)."""

from pathlib import Path

import click

from viscode.core.replacing import write_json
from viscode.core.stage import stage
from viscode.libraries.mix import balance
from viscode.settings.balance import BalanceSettings
from viscode.settings.base import load

BLOCKS = Path("data/extracted")
OUT = Path("data/balanced")
METRICS = Path("metrics/balance_libraries.json")


@click.command()
@stage("balance_libraries")
def main() -> None:
    """data/extracted -> data/balanced"""
    write_json(METRICS, balance(BLOCKS, OUT, **load(BalanceSettings).model_dump()))


if __name__ == "__main__":
    main()
