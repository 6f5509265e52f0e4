from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected, Tally
from viscode.core.records import Dialogue, Message, Origin
from viscode.core.tables import read_table
from viscode.core.transform import read_outcomes, write_outcomes
from viscode.dialogues.filter import (
    BATCH_DIALOGUES,
    MOST_CHARACTERS_PER_TOKEN,
    DialogueReason,
    Result,
    beside_the_paper,
    filter_dialogues,
)
from viscode.models.chat_lengths import Chat
from viscode.settings.dialogues import DialogueSettings

SETTINGS = DialogueSettings(max_tokens=300, max_turns=2)
PYTHON = "Here:\n```python\nprint(1)\n```"
ROLES = {"u": "user", "a": "assistant", "s": "system"}


def letters(chats: Sequence[Chat]) -> list[int]:
    """A tokenizer with one token a character."""
    return [sum(len(message.content) for message in chat) for chat in chats]


def verdict(dialogue: Dialogue, settings: DialogueSettings = SETTINGS) -> Result:
    [(identifier, result)] = filter_dialogues([dialogue], settings, letters)
    assert identifier == dialogue.id
    return result


def dialogue(*turns: tuple[str, str]) -> Dialogue:
    messages = tuple(
        Message.model_validate({"role": ROLES[role], "content": text}) for role, text in turns
    )
    return Dialogue(
        id=content_id(*(text for turn in turns for text in turn)),
        source="dialogues",
        origin=Origin(kind="dataset", name="feedback"),
        licence="Apache-2.0",
        messages=messages,
    )


KEPT = {
    "one turn": [("u", "Write it."), ("a", PYTHON)],
    "two turns": [("u", "Write it."), ("a", PYTHON), ("u", "Better."), ("a", "```py\nx\n```")],
    "system first": [("s", "Be brief."), ("u", "Write it."), ("a", PYTHON)],
    "python3 label": [("u", "a"), ("a", "```python3\nx = 1\n```")],
    "label in the question": [("u", PYTHON), ("a", "It prints 1.")],
    "unlabelled, parses": [("u", "a"), ("a", "```\nx = [1]\nfor i in x:\n    pass\n```")],
    "unlabelled, looks like it": [("u", "a"), ("a", "```\ndef f(x):\n    return x +\n```")],
    "python beside others": [("u", "a"), ("a", PYTHON + "\n```bash\nls\n```\n```sql\nX\n```")],
    "no code, says so": [("u", "What is a Python generator?"), ("a", "It yields.")],
    "output only, says so": [("u", "Why does numpy say so?"), ("a", "```text\nNaN\n```")],
}
CUT = {
    DialogueReason.NOT_PYTHON: [
        [("u", "a"), ("a", "```java\nint x;\n```")],
        [("u", "a Python programmer asks"), ("a", "```javascript\nx = 1\n```")],
        [("u", "a"), ("a", "```\nint x = 1;\nreturn x;\n```")],
        [("u", "a"), ("a", "```\nconsole.log(x)\n```")],
        [("u", "Hello"), ("a", "Hello.")],
    ],
    DialogueReason.ROLES_OUT_OF_ORDER: [
        [("a", PYTHON)],
        [("u", "a"), ("u", "b"), ("a", PYTHON)],
        [("u", "a"), ("s", "b"), ("a", PYTHON)],
        [("u", "a"), ("a", PYTHON), ("a", "b")],
    ],
    DialogueReason.LAST_NOT_ASSISTANT: [[("u", PYTHON)], [("u", "a"), ("a", PYTHON), ("u", "b")]],
    DialogueReason.OPEN_FENCE: [
        [("u", "a"), ("a", "```python\nx = 1")],
        [("u", "```\nx"), ("a", PYTHON)],
    ],
    DialogueReason.EMPTY_MESSAGE: [[("u", " \n"), ("a", PYTHON)], [("u", "a"), ("a", "")]],
    DialogueReason.NO_MESSAGES: [[], [("s", "Be brief.")]],
    DialogueReason.TOO_MANY_TURNS: [[("u", "a"), ("a", PYTHON)] * 3],
    DialogueReason.TOO_LONG: [[("u", "a" * 300), ("a", PYTHON)]],
}
CASES = [(reason, turns) for reason, cases in CUT.items() for turns in cases]


@pytest.mark.parametrize("turns", KEPT.values(), ids=KEPT)
def test_python_dialogues_are_kept_unchanged(turns: list[tuple[str, str]]) -> None:
    given = dialogue(*turns)
    result = verdict(given)
    assert isinstance(result, Kept), result
    assert list(result.records) == [given]


@pytest.mark.parametrize(("reason", "turns"), CASES)
def test_each_cut_has_its_reason(reason: DialogueReason, turns: list[tuple[str, str]]) -> None:
    result = verdict(dialogue(*turns))
    assert isinstance(result, Rejected), result
    assert result.reason is reason


def test_every_reason_is_tested() -> None:
    assert set(CUT) == set(DialogueReason)


@pytest.mark.parametrize(("limit", "kept"), [(32, True), (31, False)])
def test_the_length_limit_is_inclusive(limit: int, kept: bool) -> None:
    given = dialogue(("u", "1234"), ("a", PYTHON))
    assert len(PYTHON) == 28
    settings = DialogueSettings(max_tokens=limit, max_turns=1)
    assert isinstance(verdict(given, settings), Kept) == kept


def test_outcomes_add_up(tmp_path: Path) -> None:
    given = [dialogue(*turns) for turns in [*KEPT.values(), *(turns for _, turns in CASES)]]
    out = tmp_path / "dialogues"
    tally = write_outcomes(filter_dialogues(given, SETTINGS, letters), Dialogue, out)
    assert tally.kept == len(KEPT) == len(list(read_table(out, Dialogue)))
    assert tally.rejected == {str(reason): len(cases) for reason, cases in CUT.items()}
    assert len(list(read_outcomes(out))) == len(given)


def test_only_what_may_be_kept_is_counted_in_batches() -> None:
    asked: list[int] = []

    def counting(chats: Sequence[Chat]) -> list[int]:
        asked.append(len(chats))
        return letters(chats)

    good = [dialogue(("u", f"Write {i}."), ("a", PYTHON)) for i in range(BATCH_DIALOGUES)]
    bad = [dialogue(("u", f"Hello {i}"), ("a", "Hello.")) for i in range(BATCH_DIALOGUES)]
    results = dict(filter_dialogues([*bad, *good, good[0]], SETTINGS, counting))
    assert asked == [BATCH_DIALOGUES, 1]
    assert {i for i, result in results.items() if isinstance(result, Kept)} == {d.id for d in good}


def test_a_huge_dialogue_is_never_tokenised() -> None:
    def never(chats: Sequence[Chat]) -> list[int]:
        raise AssertionError(chats)

    huge = dialogue(("u", "x" * 300 * MOST_CHARACTERS_PER_TOKEN), ("a", PYTHON))
    [(_, result)] = filter_dialogues([huge], SETTINGS, never)
    assert isinstance(result, Rejected) and result.reason is DialogueReason.TOO_LONG


def test_our_cut_beside_the_papers() -> None:
    tally = Tally(inputs=60, kept=40, records=40)
    tally.rejected.update({"not_python": 10, "too_long": 6, "too_many_turns": 4})
    line = "Python dialogues -> within length and turns: ours 50 -> 40 (80 %), paper 56,000 -> "
    assert beside_the_paper(tally) == f"{line}45,000 (80 %)"
    assert "ours 0 -> 0 (-)" in beside_the_paper(Tally())


def test_long_dialogues_are_held_a_few_at_a_time() -> None:
    """Read, judged and handed on before the next ones are read, the too long ones too."""
    read = handed_on = most = 0

    def given() -> Iterator[Dialogue]:
        nonlocal read
        for number in range(20):
            read += 1
            yield dialogue(("u", f"{number} " + "x" * 1_000_000), ("a", PYTHON))

    for _, result in filter_dialogues(given(), SETTINGS, letters):
        assert isinstance(result, Rejected)
        most = max(most, read - handed_on)
        handed_on += 1
    assert handed_on == 20
    assert most <= 4
