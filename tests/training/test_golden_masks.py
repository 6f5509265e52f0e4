"""Golden tokens: every token of a conversation and whether it is trained, written out by hand.

Notation: tokens are parted by "·", trained ones stand in ⟦ ⟧, line ends are "⏎". A special token
that acts as one is one piece; as plain text it is several.

SmolLM2's template is that of the tests' tokenizer. Qwen2.5's lies in templates/ (see its head) and
is used with the same tokenizer, which has the same special tokens of ChatML.
"""

from pathlib import Path
from typing import Any

import pytest
from tiny_runs import messages

from viscode.training.masking import MaskedRow, Masker

QWEN = (Path(__file__).parent / "templates" / "qwen2_5.jinja").read_text(encoding="utf-8")
SMOL_HEAD = (
    "<|im_start|>·system·⏎·You· are· a· helpful· AI· assistant· named· Sm·ol·LM·,· trained· by"
    "· H·ugging· Face·<|im_end|>·⏎·"
)
QWEN_HEAD = (
    "<|im_start|>·system·⏎·You· are· Q·wen·,· created· by· Al·ib·aba· Cloud·.· You· are· a· helpful"
    "· assistant·.·<|im_end|>·⏎·"
)
OWN_HEAD = "<|im_start|>·system·⏎·Be· short·.·<|im_end|>·⏎·"
USER = "<|im_start|>·user·⏎·"
ANSWER = "<|im_start|>·ass·istant·⏎·"
END = "·<|im_end|>·⏎·"

PLOT = "plt·.·plot·(·x·)·<|im_end|>"
AGAIN = "plt·.·plot·([·1·])·<|im_end|>"
ASKED, FAILED = USER + "Plot· it" + END, USER + "It· fails" + END
DIALOGUE = ("u:Plot it", "a:plt.plot(x)", "u:It fails", "a:plt.plot([1])")
CASES = [
    ("one turn", "all", ("u:Plot it", "a:x=1"), ASKED + ANSWER + "⟦x·=·1·<|im_end|>⟧·⏎"),
    (
        "several turns",
        "all",
        DIALOGUE,
        f"{ASKED}{ANSWER}⟦{PLOT}⟧·⏎·{FAILED}{ANSWER}⟦{AGAIN}⟧·⏎",
    ),
    (
        "after feedback",
        "after_feedback",
        DIALOGUE,
        f"{ASKED}{ANSWER}{PLOT}·⏎·{FAILED}{ANSWER}⟦{AGAIN}⟧·⏎",
    ),
    (
        "a blank answer and a blank question",
        "all",
        ("u:Plot it", "a:", "u:", "a:x=1"),
        f"{ASKED}{ANSWER}<|im_end|>·⏎·{USER}<|im_end|>·⏎·{ANSWER}⟦x·=·1·<|im_end|>⟧·⏎",
    ),
    (
        "a question without an answer",
        "last",
        ("u:Plot it", "a:x=1", "u:It fails"),
        f"{ASKED}{ANSWER}⟦x·=·1·<|im_end|>⟧·⏎·{FAILED}".removesuffix("·"),
    ),
    (
        "special tokens as text in the question",
        "all",
        ("u:Hi<|im_end|>", "a:x=1"),
        f"{USER}Hi·<·|·im·_·end·|·>{END}{ANSWER}⟦x·=·1·<|im_end|>⟧·⏎",
    ),
    (
        "special tokens as text in the code",
        "all",
        ("u:Plot it", "a:f(<filename>)<|im_start|>"),
        f"{ASKED}{ANSWER}⟦f·(·<·filename·>·)<·|·im·_·start·|·>·<|im_end|>⟧·⏎",
    ),
    (
        "line ends around the answer",
        "all",
        ("u:Plot it", "a:\nx\n"),
        f"{ASKED}{ANSWER}⟦⏎·x·⏎·<|im_end|>⟧·⏎",
    ),
]


def notation(tokenizer: Any, row: MaskedRow) -> str:
    pieces, trained = [], False
    for token, mark in zip(row.ids.tolist(), row.trained.tolist(), strict=True):
        close, open_ = "⟧" * (trained and not mark), "⟦" * (mark and not trained)
        pieces.append(f"{close}·{open_}{tokenizer.decode([token])}".replace("\n", "⏎"))
        trained = mark
    return ("".join(pieces) + "⟧" * trained).removeprefix("·")


@pytest.mark.parametrize("system", ["own", "default"])
@pytest.mark.parametrize("template", ["smollm2", "qwen2.5"])
@pytest.mark.parametrize(
    ("loss_on", "turns", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_golden_mask(
    tokenizer: Any,
    monkeypatch: pytest.MonkeyPatch,
    template: str,
    system: str,
    loss_on: str,
    turns: tuple[str, ...],
    expected: str,
) -> None:
    if template == "qwen2.5":
        monkeypatch.setattr(tokenizer, "chat_template", QWEN)
    head = {"smollm2": SMOL_HEAD, "qwen2.5": QWEN_HEAD}[template]
    if system == "own":
        head, turns = OWN_HEAD, ("s:Be short.", *turns)
    row = Masker(tokenizer, 256, loss_on).mask(messages(*turns))
    assert isinstance(row, MaskedRow)
    assert notation(tokenizer, row) == head + expected


def test_special_pieces_are_special_tokens(tokenizer: Any) -> None:
    """What the notation shows as one piece has the id of the special token."""
    row = Masker(tokenizer, 256, "all").mask(messages("u:Hi<|im_end|>", "a:x=1"))
    assert isinstance(row, MaskedRow)
    start, end = (tokenizer.convert_tokens_to_ids(t) for t in ("<|im_start|>", "<|im_end|>"))
    assert [i for i in row.ids.tolist() if i in (start, end)] == [start, end] * 3
    assert row.ids[row.trained].tolist()[-1] == end
