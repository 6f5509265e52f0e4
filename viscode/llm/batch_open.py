"""The requests of a batch run that have no outcome yet, their rounds, and their budget."""

from collections import Counter
from collections.abc import Iterable, Iterator

from viscode.llm.batch_results import Passing, ResultLine, read_line
from viscode.llm.budget import Budget, BudgetSpent
from viscode.llm.outcome import Failure, FailureKind, ModelOutcome
from viscode.llm.request import Request

Outcomes = Iterator[tuple[Request, ModelOutcome]]


class OpenRequests:
    """The requests that have no outcome yet, by key; and how many rounds each has spent.
    `over_budget` is set when the budget left some of them out."""

    def __init__(self, requests: Iterable[Request], budget: Budget | None) -> None:
        self.requests: dict[str, list[Request]] = {}
        for request in requests:
            self.requests.setdefault(request.key, []).append(request)
        self.rounds: Counter[str] = Counter()
        self.trouble: dict[str, str] = {}
        self.over_budget: BudgetSpent | None = None
        self._budget = budget
        self._reserved: set[str] = set()

    def reserve(self, key: str) -> bool:
        """Whether the budget allows for it. What was sent once keeps what was set aside for it."""
        if self._budget is not None and key not in self._reserved:
            try:
                self._budget.reserve(self.requests[key][0])
            except BudgetSpent as error:
                self.over_budget = error
                return False
            self._reserved.add(key)
        return True

    def hold(self, keys: Iterable[str]) -> None:
        """Set aside what batches of an earlier start may cost."""
        for key in set(keys) & self.requests.keys() - self._reserved:
            if self._budget is not None:
                self._budget.hold(self.requests[key][0])
            self._reserved.add(key)

    def keep_only(self, keys: Iterable[str]) -> None:
        wanted = set(keys)
        self.requests = {key: same for key, same in self.requests.items() if key in wanted}

    def settle(self, line: ResultLine) -> Outcomes:
        """Hand on what a result line says, unless it says to ask again."""
        outcome = read_line(self.requests[line.custom_id][0], line)
        if isinstance(outcome, Passing):
            self.trouble[line.custom_id] = outcome.detail
        else:
            yield from self._hand_on(line.custom_id, outcome)

    def give_up(self, attempts: int) -> Outcomes:
        """Hand on as failed what has spent its rounds."""
        for key in [key for key in self.requests if self.rounds[key] >= attempts]:
            detail = self.trouble.get(key, "no result in any batch")
            outcome = Failure(kind=FailureKind.FAILED, detail=detail)
            yield from self._hand_on(key, outcome)

    def _hand_on(self, key: str, outcome: ModelOutcome) -> Outcomes:
        same = self.requests.pop(key)
        if self._budget is not None:
            self._budget.settle(same[0], outcome.prompt_tokens, outcome.new_tokens)
        for request in same:
            yield request, outcome
