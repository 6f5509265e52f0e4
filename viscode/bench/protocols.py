"""What the two protocols have in common: stored answers in, scored answers out.

`isolated.score` and `paper.score` take the same answers and never ask a model.
"""

from dataclasses import dataclass

from viscode.core.records import Execution, Task, Verdict


@dataclass(frozen=True)
class Answered:
    """A model's answer, as it came, to one task."""

    task: Task
    text: str


@dataclass(frozen=True)
class Scored:
    """How a protocol judged an answer: the code that it took from it, what became of it when it
    ran, and the verdict by the protocol's rules."""

    code: str
    execution: Execution
    verdict: Verdict

    @property
    def passed(self) -> bool:
        return self.verdict == "pass"
