"""Opens the model that a stage asks: client, identity, price, budget, work store."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from viscode.core.outcomes import Rejected
from viscode.core.project import project_root
from viscode.core.workstore import WorkStore, default_path
from viscode.llm.budget import Account, Budget, Tariff, tariff
from viscode.llm.cached import CachedClient, estimate
from viscode.llm.client import Client
from viscode.llm.openai_batch import OpenAIBatchClient
from viscode.llm.openai_client import OpenAIClient
from viscode.llm.outcome import FailureKind
from viscode.llm.request import Purpose, Request, local_identity, served_identity
from viscode.llm.servers import api_key, is_own
from viscode.llm.transformers_client import TransformersClient
from viscode.settings.base import load
from viscode.settings.llm import LlmSettings
from viscode.settings.run import RunSettings


@dataclass(frozen=True)
class OpenedModel:
    """A model ready to be asked through the work store. `budget` is None for local weights."""

    client: CachedClient
    identity: str
    budget: Budget | None = None

    def refuse_if_over_budget(self, planned: Iterable[Request | Rejected]) -> None:
        """Before anything is paid: what a stage plans to ask must fit its budget.

        Raises:
            UserError: it does not, by estimate.
        """
        if self.budget is not None and (self.budget.limit_usd or self.budget.limit_tokens):
            self.budget.refuse_if_over(estimate(planned, self.client))


@contextmanager
def open_client(client: str, model: str, purpose: Purpose) -> Iterator[OpenedModel]:
    """The model `model` behind `client`: "openai", "openai_batch" or "transformers".

    Raises:
        UserError: no key, no price where there is a budget, or no such folder.
    """
    with WorkStore(default_path()) as store:
        yield opened(client, model, purpose, load(LlmSettings), load(RunSettings), store)


def opened(
    client: str,
    model: str,
    purpose: Purpose,
    settings: LlmSettings,
    run: RunSettings,
    store: WorkStore,
    base_url: str = "",
) -> OpenedModel:
    """As `open_client`, with what it needs passed in. `base_url`: where a served model is; "" for
    OPENAI_BASE_URL, else OpenAI. On a server of one's own tokens cost nothing, unless `llm.prices`
    says otherwise."""
    again = frozenset(FailureKind(kind) for kind in settings.retry_only)
    if client == "transformers":
        local = TransformersClient(Path(model), run.batch_size, run.thread_count())
        cached = CachedClient(local, store, asked_again=again)
        return OpenedModel(cached, local_identity(Path(model)))
    api_key(model, base_url)  # a missing key is told before a stage reads its input
    in_batches = client == "openai_batch"
    price = tariff(model, settings.prices, batch=in_batches)
    if base_url and is_own(base_url) and model not in settings.prices:
        price = Tariff(0.0, 0.0, "a server of your own")
    account = Account(store, f"{purpose} {model} {base_url}", in_batches=in_batches)
    budget = Budget(settings, price, f"{purpose}.model {model}", account)
    inner: Client = OpenAIClient(model, settings, budget, base_url)
    if in_batches:
        folder, attempts = project_root() / ".viscode" / "batches", settings.attempts
        inner = OpenAIBatchClient(model, folder, budget, attempts, base_url=base_url)
    cached = CachedClient(inner, store, asked_again=again, price=price)
    return OpenedModel(cached, served_identity(model), budget)
