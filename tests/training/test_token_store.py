"""The store of tokens: every line one outcome, made once, whole or not at all, keyed by content."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import chat, messages, write_rows

from viscode.core.errors import UserError
from viscode.core.shards import FEW
from viscode.training import token_store
from viscode.training.data import IGNORED, TokenSet
from viscode.training.masking import Masker
from viscode.training.token_store import TOKENS, RowLimits, open_rows

DEADLINE_S = 120
BUILD = """
import sys
from pathlib import Path
from viscode.core.progress import begin_stage
from viscode.training.masking import Masker
from viscode.training.token_store import RowLimits, open_rows
from transformers import AutoTokenizer
begin_stage("train")  # lines of progress are drawn by stages alone
masker = Masker(AutoTokenizer.from_pretrained({base!r}), 256, "all")
rows = open_rows(Path({rows!r}), masker, RowLimits(), store=Path({store!r}))
print(len(rows))
"""


def opened(
    tokenizer: Any,
    folder: Path,
    cap: int = 0,
    seed: int = 1,
    per_source: int = 0,
    workers: int = 1,
    **masker: Any,
) -> TokenSet:
    choices = {"max_length": 256, "loss_on": "all", **masker}
    return open_rows(
        folder / "rows.jsonl",
        Masker(tokenizer, **choices),
        RowLimits(per_source, cap, seed),
        store=folder / "store",
        workers=workers,
    )


def stores(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "store").iterdir() if path.is_dir())


def same(one: TokenSet, other: TokenSet) -> bool:
    facts = [
        (rows.ids, rows.rejected, rows.truncated, [rows[i] for i in range(len(rows))])
        for rows in (one, other)
    ]
    return facts[0] == facts[1]


def long_chat(name: str) -> dict[str, object]:
    turns = [("user", "x"), ("assistant", "y"), ("user", "x " * 500), ("assistant", "z")]
    return {**chat(1), "id": name, "messages": [{"role": r, "content": c} for r, c in turns]}


def test_every_line_has_one_outcome(tokenizer: Any, tmp_path: Path) -> None:
    mute = {**chat(1), "id": "mute", "messages": [{"role": "user", "content": "x"}]}
    write_rows(tmp_path / "rows.jsonl", [*(chat(i) for i in range(8)), long_chat("long"), mute])
    rows = opened(tokenizer, tmp_path, cap=5)
    metrics = rows.as_metrics()
    assert metrics["rejected"] == {"not_sampled": 3, "nothing_to_train": 1, "too_long": 1}
    assert (metrics["rows"], metrics["trained_rows"]) == (10, 5)
    assert metrics["tokens"] == sum(rows.lengths())
    labels = [label for i in range(5) for label in rows[i]["labels"]]
    assert metrics["trained_tokens"] == len(labels) - labels.count(IGNORED) > 5
    text = (stores(tmp_path)[0] / "rejected.jsonl").read_text()
    reasons = {row["id"]: row["reason"] for row in map(json.loads, text.splitlines())}
    assert len(reasons) == 5
    assert reasons.keys().isdisjoint(rows.ids)
    assert (reasons["long"], reasons["mute"]) == ("too_long", "nothing_to_train")


def test_each_source_has_its_share(tokenizer: Any, tmp_path: Path) -> None:
    """Of 12 files, 5 charts and 2 dialogues 4 each at most; of these 9 in all, or all."""
    sources = ["files"] * 12 + ["charts"] * 5 + ["dialogues"] * 2
    write_rows(tmp_path / "rows.jsonl", [{**chat(i), "source": s} for i, s in enumerate(sources)])

    def taken(**limits: int) -> Counter[str]:
        rows = opened(tokenizer, tmp_path, **limits)
        assert rows.as_metrics()["rows"] == 19
        assert rows.rejected["not_sampled"] == 19 - len(rows)
        return Counter(sources[int(row.removeprefix("row-"))] for row in rows.ids)

    assert taken(per_source=4) == {"files": 4, "charts": 4, "dialogues": 2}
    assert taken(per_source=4, cap=9).total() == 9
    assert taken(per_source=12) == taken() == Counter(sources)
    few, more = (opened(tokenizer, tmp_path, per_source=n) for n in (2, 4))
    assert set(few.ids) < set(more.ids)


def test_truncated_rows_are_counted(tokenizer: Any, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [chat(1), long_chat("long")])
    rows = opened(tokenizer, tmp_path, over_length="truncate")
    metrics = rows.as_metrics()
    assert (metrics["trained_rows"], metrics["truncated_rows"]) == (2, 1)
    assert same(rows, opened(tokenizer, tmp_path, over_length="truncate"))


def test_sample_and_order_do_not_depend_on_line_order(tokenizer: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [chat(i) for i in range(8)])
    forward = opened(tokenizer, tmp_path, cap=5)
    write_rows(path, [chat(i) for i in reversed(range(8))])
    backward = opened(tokenizer, tmp_path, cap=5)
    assert len(stores(tmp_path)) == 2
    assert forward.ids == tuple(sorted(forward.ids))
    assert same(forward, backward)
    assert opened(tokenizer, tmp_path, cap=5, seed=2).ids != forward.ids


def test_an_empty_file_gives_no_rows(tokenizer: Any, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [])
    rows = opened(tokenizer, tmp_path)
    assert (len(rows), rows.lengths(), rows.as_metrics()["tokens"]) == (0, [], 0)


def test_made_once_and_mapped(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(tmp_path / "rows.jsonl", [chat(i) for i in range(8)])
    first = opened(tokenizer, tmp_path)
    written = (stores(tmp_path)[0] / TOKENS).stat().st_mtime_ns
    again = opened(tokenizer, tmp_path)
    assert same(first, again)
    assert (stores(tmp_path)[0] / TOKENS).stat().st_mtime_ns == written
    with pytest.raises(ValueError, match="read-only"):
        again.tokens[0] = 1


@pytest.mark.parametrize(
    "change",
    [
        {"max_length": 255},
        {"loss_on": "last"},
        {"over_length": "truncate"},
        {"cap": 3},
        {"seed": 2},
    ],
)
def test_anything_that_determines_the_rows_is_in_the_key(
    tokenizer: Any, tmp_path: Path, change: dict[str, Any]
) -> None:
    write_rows(tmp_path / "rows.jsonl", [chat(i) for i in range(4)])
    opened(tokenizer, tmp_path)
    opened(tokenizer, tmp_path, **change)
    assert len(stores(tmp_path)) == 2


def test_template_and_tokenizer_are_in_the_key(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Masker(tokenizer, 256, "all").fingerprint()
    monkeypatch.setattr(tokenizer, "chat_template", tokenizer.chat_template + "{# other #}")
    other = Masker(tokenizer, 256, "all").fingerprint()
    monkeypatch.undo()
    more = type(tokenizer)(tokenizer_object=tokenizer.backend_tokenizer)
    more.chat_template = tokenizer.chat_template
    assert Masker(more, 256, "all").fingerprint() == before
    more.add_special_tokens({"additional_special_tokens": ["<|other|>"]})
    assert len({before, other, Masker(more, 256, "all").fingerprint()}) == 3


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "card"])
def test_a_damaged_store_is_built_anew(
    tokenizer: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    write_rows(tmp_path / "rows.jsonl", [chat(i) for i in range(8)])
    good = opened(tokenizer, tmp_path)
    expected = [good[i] for i in range(8)]
    file = stores(tmp_path)[0] / ("store.json" if damage == "card" else TOKENS)
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.unlink()  # a new file: the old one is still mapped
    if damage != "remove":
        file.write_bytes({"flip": content, "cut": content[:-4], "card": b"{"}[damage])
    capsys.readouterr()
    rows = opened(tokenizer, tmp_path)
    assert [rows[i] for i in range(8)] == expected
    lines = [x for x in capsys.readouterr().err.splitlines() if "tokenised anew" in x]
    assert len(lines) == 1
    assert "damaged" in lines[0]


def test_a_killed_build_leaves_nothing(tokenizer: Any, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [{**chat(i), "id": f"row-{i:05}"} for i in range(6000)])
    child = os.fork()  # else it would import all that is loaded here once more
    if not child:
        try:
            opened(tokenizer, tmp_path)
        finally:
            os._exit(0)
    end = time.monotonic() + DEADLINE_S
    while not any(f.stat().st_size for f in tmp_path.glob(f"store/.*.partial/{TOKENS}")):
        assert time.monotonic() < end
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL, "ended before it was killed"
    assert [p.name[0] for p in stores(tmp_path)] == ["."]
    write_rows(tmp_path / "rows.jsonl", [chat(i) for i in range(8)])  # fewer, to be quick
    assert len(opened(tokenizer, tmp_path)) == 8


def test_a_masker_can_be_sent_to_another_process(tokenizer: Any) -> None:
    masker = Masker(tokenizer, 256, "all")
    sent = pickle.loads(pickle.dumps(masker))
    assert sent.fingerprint() == masker.fingerprint()
    turns = messages("u:Plot <|im_end|>", "a:x=1")
    one, other = masker.mask(turns), sent.mask(turns)
    assert one.ids.tolist() == other.ids.tolist()
    assert one.trained.tolist() == other.trained.tolist()


@pytest.mark.slow
def test_several_processes_build_it_once(tiny_base: Path, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [{**chat(i), "id": f"row-{i:05}"} for i in range(600)])
    names = {
        "base": str(tiny_base),
        "rows": str(tmp_path / "rows.jsonl"),
        "store": str(tmp_path / "store"),
    }
    command = [sys.executable, "-c", BUILD.format(**names)]
    ranks = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [rank.communicate(timeout=DEADLINE_S) for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], outputs
    assert [out.strip() for out, _ in outputs] == ["600", "600"]
    assert sorted("tokenise" in err for _, err in outputs) == [False, True]
    assert len(stores(tmp_path)) == 1


@pytest.mark.slow
def test_worker_processes_give_the_same_rows(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_store, "TOKENISED_AT_ONCE", 1)
    rows = [{**chat(i), "id": f"row-{i:05}"} for i in range(FEW + 5)]  # enough for workers
    write_rows(tmp_path / "rows.jsonl", rows)
    alone = opened(tokenizer, tmp_path)
    (tmp_path / "store").rename(tmp_path / "other")
    together = opened(tokenizer, tmp_path, workers=2)
    assert len(alone) == len(rows)
    assert same(alone, together)


@pytest.mark.parametrize("line", ["{", '{"id": "a", "source": "files"}'])
def test_a_bad_line_is_named_and_leaves_no_store(tokenizer: Any, tmp_path: Path, line: str) -> None:
    write_rows(tmp_path / "rows.jsonl", [chat(i) for i in range(3)])
    with (tmp_path / "rows.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(UserError, match=r"rows\.jsonl:4"):
        opened(tokenizer, tmp_path)
    assert not [path for path in stores(tmp_path) if not path.name.startswith(".")]


def test_a_missing_file_is_named(tokenizer: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        opened(tokenizer, tmp_path)
