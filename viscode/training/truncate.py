"""Which answers of a conversation are trained, and where a conversation that is too long is cut.

A cut leaves out last turns, never the beginning: what the model has seen before an answer stays as
it was. What is left ends with an answer that is trained, as otherwise its last turns would cost
time and teach nothing.

Not here: tokens. Whether a cut is short enough, only the masker knows.
"""

from collections.abc import Iterator, Sequence

from viscode.core.records import Message
from viscode.settings.train import LossOn


def trained_turns(messages: Sequence[Message], loss_on: LossOn) -> list[int]:
    """Positions of the messages to train. Never trained: blank answers, and what an assistant says
    before anybody has spoken."""
    answers = _answers(messages)
    if loss_on is LossOn.LAST:
        answers = answers[-1:]
    elif loss_on is LossOn.AFTER_FEEDBACK and len(answers) > 1:
        answers = answers[1:]
    return [i for i in answers if messages[i].content.strip()]


def cuts(messages: Sequence[Message], loss_on: LossOn) -> Iterator[tuple[int, list[int]]]:
    """(messages left, positions of the trained ones) of every shorter conversation, longest first.

    With `last` the answer that has become the last one is trained. With `after_feedback` the first
    answer of a dialogue stays untrained, however much is cut: it is the faulty one.
    """
    if loss_on is LossOn.LAST:
        ends = [i for i in _answers(messages) if messages[i].content.strip()]
    else:
        ends = trained_turns(messages, loss_on)
    for place in reversed(range(len(ends))):
        left = ends[place] + 1
        if left < len(messages):
            yield left, [ends[place]] if loss_on is LossOn.LAST else ends[: place + 1]


def _answers(messages: Sequence[Message]) -> list[int]:
    return [i for i, message in enumerate(messages) if message.role == "assistant" and i > 0]
