"""The model that is examined: who it is, how it is asked, and within what limits."""

from collections.abc import Collection
from dataclasses import dataclass

from viscode.core.errors import UserError
from viscode.core.workstore import WorkStore
from viscode.llm.client import Client
from viscode.llm.clients import opened
from viscode.llm.outcome import Failure, FailureKind, ModelOutcome
from viscode.llm.request import Sampling, Template
from viscode.settings.bench import ModelSettings
from viscode.settings.llm import LlmSettings
from viscode.settings.run import RunSettings

LOST = (FailureKind.FAILED, FailureKind.MALFORMED)


@dataclass(frozen=True)
class Examinee:
    """The model `models.NAME`, asked through the work store. `context` bounds prompt and answer
    together, in tokens; `samples` first answers are drawn per task."""

    name: str
    identity: str
    client: Client
    sampling: Sampling
    template: Template = "native"
    context: int = 4096
    samples: int = 1


def examinee(
    name: str, model: ModelSettings, run: RunSettings, llm: LlmSettings, store: WorkStore
) -> Examinee:
    """The model `models.NAME`.

    Raises:
        UserError: several samples at temperature 0; no key, price or folder (`llm.clients`).
    """
    if model.samples > 1 and model.temperature == 0:
        raise UserError(
            f"{model.samples} samples at temperature 0 are the same answer",
            where=f"models.{name} in params.yaml",
            todo="set its temperature above 0, or samples: 1",
        )
    if model.template != "native" and model.client == "openai_batch":
        raise UserError(
            "the Batch API takes chats only",
            where=f"models.{name} in params.yaml",
            todo="set its template to native, or its client to openai",
        )
    found = opened(model.client, model.model, "bench", llm, run, store, base_url=model.base_url)
    sampling = Sampling(
        temperature=model.temperature,
        max_new_tokens=model.max_new_tokens,
        stop=model.stop,
        top_p=model.top_p,
    )
    return Examinee(
        name, found.identity, found.client, sampling, model.template, model.context, model.samples
    )


def refuse_lost(outcomes: Collection[ModelOutcome], what: str, where: str) -> None:
    """Refuse to score a model by calls that its server lost; a refusal of the model's is an answer.

    Raises:
        UserError: some of the outcomes are lost; what came is in the work store.
    """
    lost = [o for o in outcomes if isinstance(o, Failure) and o.kind in LOST]
    if lost:
        raise UserError(
            f"{len(lost)} of {len(outcomes)} {what} were lost: {lost[0].detail}",
            where=where,
            todo="run the stage again: what came is kept",
        )
