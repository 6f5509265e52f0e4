"""`viscode show` and `viscode serve`."""

import io
import json
import re
import shutil
import threading
import urllib.error
import urllib.request
from enum import StrEnum
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from viscode.cli.main import main
from viscode.cli.serve import original, server
from viscode.cli.show import inline
from viscode.core.errors import UserError
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import (
    Attempt,
    Block,
    ChatSample,
    Execution,
    Message,
    Origin,
    Task,
    UnmadeFigure,
    UnmadeFigures,
    ValidatedBlock,
)
from viscode.core.tables import write_table
from viscode.core.transform import UNMADE_PREFIX, Beside, write_outcomes
from viscode.core.workstore import WorkStore
from viscode.execution.engine import EXECUTION_KIND, Crew, pack
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.validate.blocks import script_of

ROOT = Path(__file__).parents[2]
HOSTILE = "print('a')\x1b[2J\x07\u202eabc\r# hidden"
REASON = StrEnum("REASON", {"RUN_ERROR": "run_error"}).RUN_ERROR


def png():
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    task = Task(
        id="a" * 40, number=7, licence="CC0", data_csv="x\n1", code_data=None, code_plot=None,
        plot_description="Bars.", plot_style="Blue.", plots_gt=(png(), png()),
    )  # fmt: skip
    attempt = Attempt(
        id="a" * 40 + "-0", task_id="a" * 40, task_number=7, model="base", library="plotly",
        round=0, protocol="isolated", answer="", code=HOSTILE, finish="stop", verdict="error",
        status="error", error_type="KeyError", error="KeyError: 'z'", images=(), facts="[]",
    )  # fmt: skip
    block = ValidatedBlock(
        id="b" * 40, source="files", origin=Origin(kind="package", name="scipy"), licence="BSD",
        parent_id="c" * 40, code="x = 1\ny = 2", libraries=("matplotlib",), data_csv="",
        images=(png(),), facts=json.dumps([{"axes": []}]),
    )  # fmt: skip
    write_table(tmp_path / "data/raw/tasks", Task, [task])
    write_table(tmp_path / "data/bench/base/plotly", Attempt, [attempt])
    write_outcomes(
        [("c" * 40, Kept([block])), ("d" * 40, Rejected(REASON, "ValueError: no"))],
        ValidatedBlock,
        tmp_path / "data/validated/files",
    )
    return tmp_path


def show(*arguments):
    return CliRunner().invoke(main, ["show", *arguments])


def test_a_task_with_its_attempts_by_number(data):
    done = show("task 7")
    assert done.exit_code == 0
    assert "plot_description: Bars." in done.output
    assert "error kind: KeyError" in done.output
    paths = re.findall(r"image: (.+)", done.output)
    assert [(data / path).read_bytes() for path in paths] == [png(), png()]


def test_a_block_by_the_first_characters_of_its_id(data):
    done = show("bbbbbb")
    assert "validated/files" in done.output and "  x = 1\n  y = 2" in done.output
    assert '"name": "scipy"' in done.output


def test_why_a_block_fell_out(data):
    done = show("dddddddd")
    assert "rejected: run_error" in done.output and "why: ValueError: no" in done.output


def test_which_figures_of_a_file_gave_no_block(data):
    figure = UnmadeFigure(
        place="line 5", statement="plt.plot(x)", reason="error", detail="KeyError: 'z'",
        edits=("sliced",), code=HOSTILE,
    )  # fmt: skip
    told = UnmadeFigures(id="e" * 40, reasons=("error", "blank"), figures=(figure,))
    beside = Beside(UnmadeFigures, UNMADE_PREFIX)
    with beside.opened(Path("data/extracted")):
        beside.add(told)
    done = show("eeeeee")
    assert "extracted" in done.output and "figures without a block: 2" in done.output
    assert "at line 5: error, KeyError: 'z'\n  plt.plot(x)\n  edits: sliced\n" in done.output
    assert not set(done.output) & {"\x1b", "\x07", "\u202e", "\r"}


def test_no_text_can_steer_the_terminal(data):
    output = show("a" * 40 + "-0").output
    assert "\\x1b[2J\\x07\\x202eabc\\x0d# hidden" in output
    assert not set(output) & {"\x1b", "\x07", "\u202e", "\r"}


@pytest.mark.parametrize(
    ("name", "said"), [("zzzzzzz", "nothing with the id"), ("a", "too little")]
)
def test_nothing_found_is_one_line(data, name, said):
    done = show(name)
    assert done.exit_code == 1 and said in done.stderr and done.stderr.count("\n") == 1


def test_images_in_terminals_that_can(monkeypatch):
    for name in ("TERM", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    assert inline(png()) == ""
    monkeypatch.setenv("TERM_PROGRAM", "WezTerm")
    assert inline(png()).startswith("\x1b]1337;File=inline=1")
    monkeypatch.setenv("TERM", "xterm-kitty")
    assert inline(b"x" * 10_000).count("\x1b_G") == 4


def test_the_report_is_served_on_loopback_alone(tmp_path):
    (tmp_path / "index.html").write_text("<p>report</p>")
    (tmp_path.parent / "secret.txt").write_text("no")
    with server(tmp_path, 0) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{running.server_port}"
        with urllib.request.urlopen(f"{address}/") as reply:
            assert reply.read() == b"<p>report</p>"
        for path in ("/../secret.txt", "/%2e%2e/secret.txt"):
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(address + path)
        assert running.server_address[0] == "127.0.0.1"
        with pytest.raises(UserError, match="port"):
            server(tmp_path, running.server_port)
        running.shutdown()
    with pytest.raises(UserError, match="no report here"):
        server(tmp_path / "nowhere", 0)


def chat(name, image):
    return ChatSample(
        id=name, source="files", origin=Origin(kind="package", name="scipy"), licence="BSD",
        parent_id="c", messages=(Message(role="user", content="x"),), libraries=(), image=image,
        facts="", method="", prompt_hash="", tokens=1, split="train",
    )  # fmt: skip


@pytest.fixture
def samples(tmp_path):
    """400 samples in several row groups, an image in each but the last."""
    rows = [chat(f"{n:04d}", (b"%04d" % n) * 30_000 if n < 399 else b"") for n in range(400)]
    write_table(tmp_path / "samples", ChatSample, rows)
    return tmp_path / "samples"


@pytest.mark.parametrize("number", [0, 1, 70, 200, 398])
def test_the_full_image_of_a_sample(samples, number):
    assert original(samples, f"{number:04d}") == (b"%04d" % number) * 30_000


@pytest.mark.parametrize("name", ["0399", "00", "", "zzzz", "0001x"])
def test_no_image_of_that_sample(samples, name):
    assert original(samples, name) is None


def answer(address, host=None):
    request = urllib.request.Request(address, headers={"Host": host} if host else {})
    return urllib.request.urlopen(request)


def test_full_images_are_served_to_this_machine_alone(samples, tmp_path):
    (tmp_path / "index.html").write_text("x")
    with server(tmp_path, 0, samples) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        port = running.server_port
        base = f"http://127.0.0.1:{port}"
        with answer(f"{base}/original/0007") as reply:
            assert reply.read() == b"0007" * 30_000
            assert reply.headers["Content-Type"] == "image/png"
        with answer(f"{base}/index.html", f"localhost:{port}") as reply:
            assert "viscode_originals=1" in reply.headers["Set-Cookie"]
        for path, host, status in [
            ("/original/none", None, 404),
            ("/original/0007", f"example.org:{port}", 403),
            ("/index.html", "example.org", 403),
        ]:
            with pytest.raises(urllib.error.HTTPError) as raised:
                answer(base + path, host)
            assert raised.value.code == status
        running.shutdown()


def test_a_rejected_block_comes_with_its_execution(data, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(data))
    shutil.copy(ROOT / "params.yaml", data)
    shutil.copytree(ROOT / "envs", data / "envs")
    (data / ".venv-plots").symlink_to(ROOT / ".venv-plots")
    block = Block(
        id="d" * 40, source="files", origin=Origin(kind="package", name="scipy"), licence="BSD",
        parent_id="c", code="1 / 0", libraries=("matplotlib",), method="as_is",
    )  # fmt: skip
    write_table(data / "data/balanced", Block, [block])
    assert "execution" not in show("dddddd").output  # not run yet
    run = Execution(
        id="x", status="error", error_type="ZeroDivisionError", error_message="division by zero",
        error="Cell In[1], line 1\n1 / 0", images=(png(),), blank=(False,),
        origins=("figure",), facts="[null]", stdout_head="", engine="warm", isolation="A",
        duration_s=0.1,
    )  # fmt: skip
    options = load(ValidateSettings).run_options(load(RunSettings))
    with WorkStore(data / ".viscode/work.sqlite") as store:
        store.put(EXECUTION_KIND, Crew(options, store).key(script_of(block)), pack(run))
    output = show("dddddd").output
    assert "execution  " + "d" * 40 in output and "error_type: ZeroDivisionError" in output
    assert "  Cell In[1], line 1" in output and output.count("image: ") == 1
