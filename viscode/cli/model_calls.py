"""What `viscode llm` does: what a stage's calls will take, what calls have cost, what a key covers.

The requests are those that the stage itself would make of its real input; nothing is sent. Where
the model is asked only about files that gave no block without it, these are found out first, in the
sandbox: what is run is kept in the work store, and the stage does not run it again.
"""

import json
from collections.abc import Container, Iterator
from pathlib import Path

import click

from viscode.core.errors import UserError
from viscode.core.outcomes import Kept, Rejected
from viscode.core.progress import Progress, watched
from viscode.core.prompting import read_prompt
from viscode.core.records import SelectedFile, ValidatedBlock
from viscode.core.tables import count_rows, read_table
from viscode.core.workstore import WorkStore, default_path
from viscode.extract.by_running import Counts, without_model
from viscode.extract.model import Asking
from viscode.extract.static import importable_modules
from viscode.instruct.ask_model import InstructionWriter
from viscode.llm.budget import Estimate, Tariff, tariff
from viscode.llm.cached import CachedClient, estimate, usage
from viscode.llm.outcome import FailureKind
from viscode.llm.request import Request, local_identity, served_identity
from viscode.llm.scripted import ScriptedClient
from viscode.settings.base import load
from viscode.settings.extract import ExtractSettings
from viscode.settings.instruct import InstructSettings
from viscode.settings.llm import LlmSettings
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings

RAW, SELECTED = Path("data/raw/files"), Path("data/selected")
SILENT = ScriptedClient(lambda _: "")  # measures prompts; it is never asked


def plan_of(
    stage: str, left_out: Container[str] = ()
) -> tuple[ExtractSettings | InstructSettings, Iterator[Request | Rejected]]:
    """Whom a stage asks, and its first requests, by its parameters and its input on disk; none
    about the files in `left_out`, by id."""
    if stage == "extract_blocks":
        extract = load(ExtractSettings)
        asking = Asking(extract, SILENT, _identity(extract), read_prompt("extract/code"))
        files = (f for f in read_table(SELECTED, SelectedFile) if f.id not in left_out)
        return extract, (asking.request_of(file, 0) for file in files)
    instruct = load(InstructSettings)
    writer = InstructionWriter(instruct, _identity(instruct))
    tables = [Path("data/validated") / source for source in ("files", "charts")]
    blocks = (block for table in tables for block in read_table(table, ValidatedBlock))
    return instruct, (writer.request_of(block, 0) for block in blocks)


def _made_without_model(store: WorkStore) -> set[str]:
    """The ids of the files that give a block before the model is asked."""
    extract, options = load(ExtractSettings), load(ValidateSettings).run_options(load(RunSettings))
    importable = importable_modules(options.python)
    files = read_table(SELECTED, SelectedFile)
    results = without_model(files, extract, options, importable, store, RAW, Counts(None))
    line = Progress("static", "files", count_rows(SELECTED))
    return {name for name, result in watched(results, line) if isinstance(result, Kept)}


def _identity(settings: ExtractSettings | InstructSettings) -> str:
    if settings.client == "transformers":
        return local_identity(Path(settings.model))
    return served_identity(settings.model)


def _tariff(settings: ExtractSettings | InstructSettings, llm: LlmSettings) -> Tariff | None:
    if settings.client == "transformers":
        return Tariff(0.0, 0.0, "local weights")
    return tariff(settings.model, llm.prices, batch=settings.client == "openai_batch")


def estimate_command(stage: str) -> None:
    """Print calls, tokens and money for the stage's input; the last line is JSON. Where files are
    left to the model by `static_then_model`, with what it would take alone."""
    (settings, requests), llm = plan_of(stage), load(LlmSettings)
    again = frozenset(FailureKind(kind) for kind in llm.retry_only)
    price = _tariff(settings, llm)
    click.echo(f"{stage} with {settings.model} ({settings.client})")
    with WorkStore(default_path()) as store:
        client = CachedClient(SILENT, store, asked_again=again)
        alone = found = estimate(requests, client)
        mixed = settings.method == "static_then_model"
        if mixed:
            made = _made_without_model(store)
            found = estimate(plan_of(stage, made)[1], client)
            click.echo(f"static  {len(made):,} of {count_rows(SELECTED):,} files have a block")
    click.echo(f"calls   {found.calls:,} to make, {found.known:,} answered before")
    click.echo(f"tokens  {found.prompt_tokens:,} of prompts, {found.new_tokens:,} of answers")
    click.echo(f"money   {_money(found, price)}")
    row: dict[str, object] = _row(found, price)
    if mixed:
        click.echo(
            f"alone   {alone.calls:,} calls, {alone.tokens:,} tokens, {_money(alone, price)}"
        )
        row["model_alone"] = _row(alone, price)
    click.echo(json.dumps(row))


def _money(found: Estimate, price: Tariff | None) -> str:
    if price is None:
        return "no price known: add the model to llm.prices in params.yaml"
    return f"${found.dollars(price):,.2f} by {price.origin}"


def _row(found: Estimate, price: Tariff | None) -> dict[str, object]:
    dollars = None if price is None else found.dollars(price)
    return {"calls": found.calls, "tokens": found.tokens, "usd": dollars}


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
