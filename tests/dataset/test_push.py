"""The data set goes to the hub whole or not at all, and only when it may."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_server import Hub
from huggingface_hub import close_session, constants
from sample_examples import sample

from viscode.cli.push import push_command
from viscode.core.errors import UserError
from viscode.core.outcomes import Outcome
from viscode.core.records import ChatSample
from viscode.core.replacing import write_json
from viscode.core.tables import TableWriter
from viscode.dataset import push
from viscode.dataset.chat import chat_of
from viscode.dataset.counts import seal

TOKEN = "hf_right"
REPO = "someone/viscode-test"
COMMAND = """
import sys
from viscode.cli.push import push_command
push_command(sys.argv[1], False, False, False)
"""
PLACES = [
    "README.md",
    "funnel.png",
    "viscode.jsonl",
    "viscode/outcome-00000.parquet",
    "viscode/part-00000.parquet",
    "viscode_validation.jsonl",
]


def write_data_set(folder: Path) -> Path:
    """Three samples, of which one is held back, as assemble leaves them."""
    chats = [chat_of(sample("x = 1", id=name), 9, "train") for name in ("a", "b", "c")]
    outcomes = [Outcome(id=c.id, kept=True, reason="", detail="", produced=(c.id,)) for c in chats]
    table = folder / "data" / "viscode"
    with TableWriter(table, ChatSample) as writer:
        for chat in chats:
            writer.add(chat)
    with TableWriter(table, Outcome, "outcome") as writer:
        for outcome in outcomes:
            writer.add(outcome)
    (folder / "data" / "viscode.jsonl").write_text("{}\n{}\n")
    (folder / "data" / "viscode_validation.jsonl").write_text("{}\n")
    (folder / "data" / "DATA_CARD.md").write_text("---\nlicense: other\n---\n# VisCode\n")
    (folder / "metrics").mkdir()
    (folder / "metrics" / "funnel.png").write_bytes(b"png")
    write_metrics(folder)
    return folder


def write_metrics(folder: Path, unknown_licence: int = 0) -> None:
    data = folder / "data"
    names = ("viscode.jsonl", "viscode_validation.jsonl", "viscode")
    sealed = seal(*(data / name for name in names))
    counts = {"samples": 3, "unknown_licence": unknown_licence, "seal": sealed}
    write_json(folder / "metrics" / "dataset.json", counts)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write_data_set(tmp_path))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return tmp_path


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The hub that this process talks to."""
    with Hub(TOKEN) as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        close_session()
        yield server
        close_session()


def send(repo: str = REPO, private: bool = False) -> None:
    push_command(repo, private, False, False)


def start(folder: Path, endpoint: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "HF_ENDPOINT": endpoint,
        "HF_TOKEN": TOKEN,
        "HF_HOME": str(folder / "hub"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "NO_PROXY": "127.0.0.1",
    }
    return subprocess.Popen([sys.executable, "-c", COMMAND, REPO], cwd=folder, env=environment)


def local_files(folder: Path) -> dict[str, bytes]:
    files = push.uploads(folder / "data", folder / "metrics")
    return {place: path.read_bytes() for place, path in files.items()}


def test_everything_in_one_commit_and_again(
    made: Path, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    send()
    assert capsys.readouterr().out.startswith("3 samples published: http://127.0.0.1")
    assert hub.repos[REPO]["files"] == local_files(made)
    assert hub.messages == ["VisCode: 3 samples"]
    assert not hub.repos[REPO]["private"]
    hub.repos[REPO]["files"] |= {"viscode/part-00001.parquet": b"old", "notes.md": b"mine"}
    (made / "data" / "DATA_CARD.md").write_text("# VisCode, second version\n")
    puts = hub.calls["put"]
    send()
    assert hub.repos[REPO]["files"] == {**local_files(made), "notes.md": b"mine"}
    assert hub.calls["put"] == puts  # what the hub has is not sent twice


def test_a_killed_upload_is_run_again(made: Path, hub: Hub) -> None:
    hub.go_on.clear()
    process = start(made, hub.url)
    assert hub.stalled.wait(60)
    process.kill()
    process.wait(timeout=60)
    hub.go_on.set()
    assert hub.repos[REPO]["files"] == {} and hub.messages == []
    send()
    assert hub.repos[REPO]["files"] == local_files(made)


def test_an_interrupted_upload_is_run_again(made: Path, hub: Hub) -> None:
    hub.fail_puts = 1
    with pytest.raises(UserError, match=r"the hub did not take.*run the same command again"):
        send()
    assert hub.repos[REPO]["files"] == {} and hub.messages == []
    arrived = len(hub.large)
    send()
    assert hub.repos[REPO]["files"] == local_files(made)
    assert hub.calls["put"] == 3 + (3 - arrived)


def test_private_is_kept_private(made: Path, hub: Hub) -> None:
    send(private=True)
    assert hub.repos[REPO]["private"]
    hub.repos["someone/open"] = {"private": False, "files": {}}
    with pytest.raises(UserError, match="exists and is public"):
        send("someone/open", private=True)
    assert hub.repos["someone/open"]["files"] == {}


@pytest.mark.parametrize(
    ("token", "repo", "words"),
    [
        ("hf_wrong", REPO, "401"),
        (TOKEN, "not a name", "not a name"),
    ],
)
def test_a_refusal_is_one_line(
    made: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch, token: str, repo: str, words: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(UserError, match=words) as caught:
        send(repo)
    assert "\n" not in str(caught.value) and token not in str(caught.value)
    assert hub.repos == {}


def test_a_hub_that_does_not_answer_is_one_line(
    made: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Hub(TOKEN) as gone:
        monkeypatch.setattr(constants, "ENDPOINT", gone.url)
    with pytest.raises(UserError, match="the hub did not take the data set") as caught:
        send()
    assert "\n" not in str(caught.value)


def test_a_dry_run_lists_and_sends_nothing(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    push_command(REPO, False, True, False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  <- ")[0].split()[-1] for line in lines[:-2]] == PLACES
    assert lines[-2].endswith("6 files")
    assert lines[-1] == f"3 samples for {REPO}; nothing was sent"


def spoil_licences(folder: Path) -> None:
    write_metrics(folder, unknown_licence=2)


def spoil_lines(folder: Path) -> None:
    (folder / "data" / "viscode.jsonl").write_text('{"id": "other"}\n{}\n')


def spoil_validation(folder: Path) -> None:
    (folder / "data" / "viscode_validation.jsonl").write_text('{"id": "other"}\n')


def spoil_ids(folder: Path) -> None:
    with TableWriter(folder / "data" / "viscode", ChatSample) as writer:
        for name in ("x", "y", "z"):
            writer.add(chat_of(sample("x = 1", id=name), 9, "train"))


def spoil_image(folder: Path) -> None:
    """In the middle of a shard, where neither rows nor ids are read."""
    path = folder / "data" / "viscode" / "part-00000.parquet"
    raw = path.read_bytes()
    place = raw.index(sample("x = 1").image[:20])
    path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])


def spoil_card(folder: Path) -> None:
    (folder / "data" / "DATA_CARD.md").write_text("Decontamination was turned off: ...")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "data" / "viscode.jsonl").unlink(), "file of the data set is missing"),
        (lambda f: (f / "metrics" / "funnel.png").unlink(), "file of the data set is missing"),
        (
            lambda f: (f / "data" / "viscode" / "outcome-00000.parquet").unlink(),
            r"shard outcome-00000\.parquet is missing",
        ),
        (lambda f: (f / "metrics" / "dataset.json").unlink(), "no metrics"),
        (lambda f: (f / "metrics" / "dataset.json").write_text("{}"), "does not fit"),
        (
            spoil_lines,
            r"not the content that metrics/dataset.json names.*data/viscode.jsonl\)",
        ),
        (spoil_validation, r"not the content.*data/viscode_validation.jsonl\)"),
        (spoil_ids, r"not the content.*data/viscode\)"),
        (spoil_image, r"corrupt shard, not as it was written: block 0.*part-00000\.parquet"),
        (spoil_licences, "2 samples have an unknown licence"),
        (spoil_card, "without decontamination"),
        (lambda f: None, "no token"),
    ],
)
def test_what_forbids_publishing(made: Path, spoil: Any, message: str) -> None:
    spoil(made)
    with pytest.raises(UserError, match=message) as caught:
        push_command(REPO, False, False, False)
    assert "\n" not in str(caught.value)


def test_unknown_licences_can_be_allowed(made: Path) -> None:
    spoil_licences(made)
    push_command(REPO, False, True, True)
    with pytest.raises(UserError, match="no token"):
        push_command(REPO, False, False, True)
