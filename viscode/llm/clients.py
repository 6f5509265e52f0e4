"""Opens the model that a stage asks: client, identity, price, budget, work store."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.outcomes import Rejected
from viscode.core.project import project_root
from viscode.core.workstore import WorkStore, default_path
from viscode.llm.budget import Account, Budget, Tariff, tariff
from viscode.llm.cached import CachedClient
from viscode.llm.client import Client
from viscode.llm.estimate import estimate, refuse_if_over
from viscode.llm.openai_batch import OpenAIBatchClient
from viscode.llm.openai_client import OpenAIClient
from viscode.llm.outcome import FailureKind
from viscode.llm.request import Purpose, Request, local_identity, served_identity
from viscode.llm.servers import is_own, require_key
from viscode.llm.throttle import CallLimits
from viscode.llm.transformers_client import TransformersClient
from viscode.settings.base import load
from viscode.settings.llm import LlmSettings
from viscode.settings.run import RunSettings


@dataclass(frozen=True)
class OpenedModel:
    """A model ready to be asked through the work store. `price` and `budget` are None for local
    weights."""

    client: CachedClient
    identity: str
    settings: LlmSettings
    price: Tariff | None = None
    budget: Budget | None = None

    def refuse_if_over_budget(self, planned: Iterable[Request | Rejected]) -> None:
        """Before anything is paid: what a stage plans to ask must fit its budget.

        Raises:
            UserError: it does not, by estimate.
        """
        if self.budget is not None and self.budget.limited:
            found = estimate(planned, self.client)
            refuse_if_over(found, self.price, self.settings, self.budget.so_far)


@contextmanager
def open_client(client: str, model: str, purpose: Purpose) -> Iterator[OpenedModel]:
    """The model `model` behind `client`: "openai", "openai_batch" or "transformers".

    Raises:
        UserError: no key, no price where there is a budget, or no such folder.
    """
    settings = load(LlmSettings)
    with WorkStore(default_path()) as store:
        yield opened(client, model, purpose, settings, load(RunSettings), store)


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
        return OpenedModel(cached, local_identity(Path(model)), settings)
    require_key(model, base_url)
    price = tariff(model, settings.prices, batch=client == "openai_batch")
    if base_url and is_own(base_url) and model not in settings.prices:
        price = Tariff(0.0, 0.0, "a server of your own")
    account = Account(store, f"{purpose} {model} {base_url}", in_batches=client == "openai_batch")
    budget = Budget(settings, price, f"{purpose}.model {model}", account)
    inner = _served(client, model, settings, budget, base_url)
    cached = CachedClient(inner, store, asked_again=again, price=price)
    return OpenedModel(cached, served_identity(model), settings, price, budget)


def _served(
    client: str, model: str, settings: LlmSettings, budget: Budget, base_url: str
) -> Client:
    if client == "openai":
        return OpenAIClient(model, CallLimits.of(settings), budget, base_url=base_url)
    if client == "openai_batch":
        folder = project_root() / ".viscode" / "batches"
        return OpenAIBatchClient(
            model, folder, budget=budget, attempts=settings.attempts, base_url=base_url
        )
    raise UserError(
        f"no client named {client}",
        where="params.yaml",
        todo="openai, openai_batch or transformers",
    )
