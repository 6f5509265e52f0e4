"""What `viscode llm` does: what a stage's calls will take, what calls have cost, what a key covers.

The requests are those that the stage itself would make of its real input; nothing is sent.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from viscode.core.errors import UserError
from viscode.core.outcomes import Rejected
from viscode.core.prompting import read_prompt
from viscode.core.records import SelectedFile, ValidatedBlock
from viscode.core.tables import read_table
from viscode.core.workstore import WorkStore, default_path
from viscode.extract.model import Asking
from viscode.instruct.ask_model import InstructionWriter
from viscode.llm.budget import Tariff, tariff
from viscode.llm.cached import CachedClient, estimate, usage
from viscode.llm.outcome import FailureKind
from viscode.llm.request import Request, local_identity, served_identity
from viscode.llm.scripted import ScriptedClient
from viscode.settings.base import load
from viscode.settings.extract import ExtractSettings
from viscode.settings.instruct import InstructSettings
from viscode.settings.llm import LlmSettings

SILENT = ScriptedClient(lambda _: "")  # measures prompts; it is never asked


def plan_of(
    stage: str,
) -> tuple[ExtractSettings | InstructSettings, Iterator[Request | Rejected]]:
    """Whom a stage asks, and its first requests, by its parameters and its input on disk."""
    if stage == "extract_blocks":
        extract = load(ExtractSettings)
        asking = Asking(extract, SILENT, _identity(extract), read_prompt("extract/code"))
        files = read_table(Path("data/selected"), SelectedFile)
        return extract, (asking.request_of(file, 0) for file in files)
    instruct = load(InstructSettings)
    writer = InstructionWriter(instruct, _identity(instruct))
    tables = [Path("data/validated") / source for source in ("files", "charts")]
    blocks = (block for table in tables for block in read_table(table, ValidatedBlock))
    return instruct, (writer.request_of(block, 0) for block in blocks)


def _identity(settings: ExtractSettings | InstructSettings) -> str:
    if settings.client == "transformers":
        return local_identity(Path(settings.model))
    return served_identity(settings.model)


def _tariff(settings: ExtractSettings | InstructSettings, llm: LlmSettings) -> Tariff | None:
    if settings.client == "transformers":
        return Tariff(0.0, 0.0, "local weights")
    return tariff(settings.model, llm.prices, batch=settings.client == "openai_batch")


def estimate_command(stage: str) -> None:
    """Print calls, tokens and money for the stage's input; the last line is JSON."""
    (settings, requests), llm = plan_of(stage), load(LlmSettings)
    again = frozenset(FailureKind(kind) for kind in llm.retry_only)
    with WorkStore(default_path()) as store:
        found = estimate(requests, CachedClient(SILENT, store, asked_again=again))
    price = _tariff(settings, llm)
    dollars, money = None, "no price known: add the model to llm.prices in params.yaml"
    if price is not None:
        dollars = found.dollars(price)
        money = f"${dollars:,.2f} by {price.origin}"
    click.echo(f"{stage} with {settings.model} ({settings.client})")
    click.echo(f"calls   {found.calls:,} to make, {found.known:,} answered before")
    click.echo(f"tokens  {found.prompt_tokens:,} of prompts, {found.new_tokens:,} of answers")
    click.echo(f"money   {money}")
    click.echo(json.dumps({"calls": found.calls, "tokens": found.tokens, "usd": dollars}))


def usage_command() -> None:
    """Print what the calls in the store have cost, by purpose, model and outcome."""
    with WorkStore(default_path()) as store:
        rows = usage(store)
    for row in rows:
        click.echo(
            f"{row.purpose or 'earlier':9} {row.model[:40]:40} {row.ended:10} {row.calls:9,}"
            f" {row.prompt_tokens:13,} {row.new_tokens:12,} ${row.dollars:,.2f}"
        )
    total = sum(row.dollars for row in rows)
    click.echo(f"{sum(row.calls for row in rows):,} calls, ${total:,.2f}")


def explain_key_command(stage: str, text: str) -> None:
    """Print the key of the first request that holds `text`, and what it covers.

    Raises:
        UserError: the stage makes no such request.
    """
    for request in plan_of(stage)[1]:
        if isinstance(request, Rejected):
            continue
        parts = request.key_parts()
        if text in json.dumps(parts, ensure_ascii=False):
            click.echo(json.dumps({"key": request.key, "parts": parts}, indent=1))
            return
    raise UserError(
        "no request holds that text" if text else "the stage makes no request",
        where=stage,
        todo="run the stages before it first: dvc repro",
    )
