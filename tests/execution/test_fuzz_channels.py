"""Random and mutated input for all that reads what a script, a kernel or a decoder sends: whatever
it is, it gives a verdict, in little time, and no other error.

Input number n is made from seed n alone. A failure names it; to look at it again:

    VISCODE_FUZZ_SEED=n pytest tests/execution/test_fuzz_channels.py -k few
"""

import asyncio
import json
import os
import random
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from hostile_world import Peak

from viscode.core.records import Execution, Script
from viscode.execution import facts, forms, images, plotly_facts, render, untrusted, verdict, zmtp
from viscode.execution.cell_run import CellOutputs, CellRun
from viscode.execution.engine import pack, unpack
from viscode.execution.image_origins import Seen
from viscode.execution.inside import figures, frames
from viscode.execution.notebook import ends

FEW, MANY = 2_000, 200_000
INPUT_S = 2.0  # that one input may take
GROWTH_BYTES = 100 << 20
Random = random.Random

SCALARS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 3, 255, 2**31, 2**63, 10**30, 10**400, 1e308, -1e308, 1e-320),
    *(float("inf"), float("-inf"), float("nan"), "", "x", "x2", "scene", "\ud800", "a\udfffb"),
    *("\x00", "\x1b[31m", "1e5", "2024-01-01", "0001-01-01T00:00:00+23:59", "h", "stack", "#12"),
    *("rgba(1,2,3,0.5)", "rgba(", "é" * 300, "image/png", "i1", "f8", "aGVsbG8=", "data:", "file:"),
)
AXES = {
    **dict.fromkeys(("title", "xlabel", "ylabel", "zlabel"), "t"),
    **{"kinds": ["line"], "xscale": "linear", "yscale": "log", "projection": "rectilinear"},
    **{"xlim": [0, 1.5], "ylim": [0.0, None], "legend": ["a"], "grid": True, "colorbar": False},
    "annotations": ["n"],
    "area": [0.1, 0.1, 0.9, 0.9],
    "series": [
        {"kind": "line", "label": "a", "points": 3, "color": "#112233", "x": [0, 1], "y": [1, 2]}
    ],
}
FACTS = {
    **{"version": 4, "library": "matplotlib", "size_px": [640, 480], "suptitle": "s"},
    **{"layout": [1, 1], "axes": [AXES]},
}
TRACES = (
    {"type": "bar", "x": ["a", "b"], "y": [1, 2], "name": "n", "marker": {"color": "red"}},
    {
        "type": "scatter",
        "x": ["2024-01-01"],
        "y": [1.5],
        "mode": "lines+markers",
        "fill": "tozeroy",
    },
    {"type": "heatmap", "z": [[1, 2], [3, 4]], "xaxis": "x2", "yaxis": "y2", "colorbar": {}},
    {"type": "pie", "labels": ["a", "b"], "values": [1, 2], "hole": 0.4},
    {"type": "scatter3d", "x": {"dtype": "f8", "bdata": "AAAAAAAA8D8="}, "scene": "scene2"},
    {"type": "table", "cells": {"values": [["a"], ["b"]]}},
    {"type": "parcoords", "dimensions": [{"values": [1, 2]}]},
    {"type": "histogram", "y": [1, 2, 3], "orientation": "h", "stackgroup": "one"},
)
LAYOUT = {
    **{"title": {"text": "T"}, "width": 700, "height": 500, "barmode": "stack"},
    **{"xaxis": {"title": "x", "range": [0, 1], "type": "log", "domain": [0, 0.5]}},
    **{"annotations": [{"text": "n", "xref": "paper"}], "colorway": ["#111111"], "coloraxis": {}},
    **{"template": {"layout": {"colorway": ["blue"]}}, "scene": {"xaxis": {"title": "x"}}},
}


def figure(chance: Random) -> Any:
    return {"data": chance.choices(TRACES, k=chance.randrange(4)), "layout": LAYOUT}


def saved(chance: Random) -> Any:
    shown = {"plotly": figure(chance)} if chance.random() < 0.5 else {"facts": FACTS, "figure": 1}
    return {"saved": [{**shown, "sha256": "ab", "size": [640, 480]}]}


def content(chance: Random) -> tuple[str, Any]:
    """A message's kind and what it says."""
    display = {
        **{"data": {chance.choice(sorted(forms.READ)): "aGVsbG8="}},
        "transient": {"display_id": chance.choice(["a", "b"])},
    }
    display["data"] |= chance.choice(
        [
            {"application/vnd.plotly.v1+json": figure(chance)},
            {forms.FACTS: FACTS},
            {forms.FACTS: saved(chance)},
            {},
        ]
    )
    return chance.choice(
        [
            ("display_data", display),
            ("update_display_data", display),
            ("execute_result", display),
            ("stream", {"name": "stdout", "text": "text\n"}),
            ("error", {"ename": "E", "evalue": "v", "traceback": ["line", "line"]}),
            ("clear_output", {"wait": True}),
            ("status", {"execution_state": "idle"}),
        ]
    )


def anything(chance: Random, depth: int = 3) -> Any:
    if depth == 0 or chance.random() < 0.6:
        return chance.choice(SCALARS)
    size = chance.choice([0, 1, 2, 5])
    if chance.random() < 0.5:
        return [anything(chance, depth - 1) for _ in range(size)]
    return {str(chance.choice(SCALARS)): anything(chance, depth - 1) for _ in range(size)}


def changed(chance: Random, value: Any, rate: float) -> Any:
    """A copy with some of its parts replaced, left out, repeated or put into one another."""
    if chance.random() < rate:
        if chance.random() < 0.02:
            for _ in range(chance.choice([200, 500, 980])):
                value = [value]
            return value
        return anything(chance)
    if isinstance(value, list):
        found = [changed(chance, item, rate) for item in value if chance.random() > rate / 2]
        return found * chance.choice([1, 1, 1, 50]) if chance.random() < rate else found
    if isinstance(value, dict):
        kept = [key for key in value if chance.random() > rate / 2]
        return {key: changed(chance, value[key], rate) for key in kept}
    return value


def written(chance: Random, value: Any) -> bytes:
    """JSON, in one of the ways in which it can be written, perhaps damaged."""
    try:
        text = json.dumps(value, ensure_ascii=chance.random() < 0.7)
    except RecursionError:
        text = '{"type": "display_data", "data": ' * 990 + "0" + "}" * 990
    body = text.encode("utf-8", "surrogatepass")
    return damaged(chance, body) if chance.random() < 0.2 else body


def damaged(chance: Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(chance.choice([1, 1, 3, 20])):
        at = chance.randrange(len(found) + 1)
        action = chance.randrange(4)
        if action == 0:
            found[at : at + 1] = bytes([chance.randrange(256)])
        elif action == 1:
            del found[at : at + chance.choice([1, 5, 1000])]
        elif action == 2:
            found[at:at] = chance.choice([b"[", b"{", b'"', b"\\ud800", b"\xff", b"1e999", b"\0"])
        else:
            found[at:at] = found[at : at + 100]
    return bytes(found)


def pieces(chance: Random, data: bytes) -> list[bytes]:
    """As it may arrive."""
    size = chance.choice([1 << 20, 1 << 20, 100, 7])
    return [data[at : at + size] for at in range(0, len(data), size)]


NOWHERE = SimpleNamespace(seen=Seen(), decoders=None)

# What is fed ------------------------------------------------------------------------------------


class Refusing(render.FigureRenderer):
    """All that is done before and after a figure is drawn, without the browser."""

    fresh = True

    def __init__(self) -> None:
        self.lanes = self

    @contextmanager
    def one(self) -> Iterator["Refusing"]:
        yield self

    def come_up(self, wanted: object) -> None:
        pass

    def draw(self, body: bytes, timeout_s: float, wanted: object) -> render.Reply:
        return render.refused(figures.refusal(json.loads(body)) or "map outlines \udc00")


class Answering(images.Decoders):
    """Decoders that say what chance wants them to."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def check(
        self,
        data: bytes,
        areas: list[images.Area],
        allowance: images.Allowance | None = None,
        *,
        pixels: bool = True,
    ) -> images.Checked:
        json.dumps({"areas": [[float(side) * 4000 for side in area] for area in areas]})
        said = {"one_colour": False, "plain": [False] * len(areas), "seconds": 0.1, "pixels": "a"}
        if self.chance.random() < 0.2:
            said = {"problem": "p\ud800", "costly": True}
        answer = written(self.chance, changed(self.chance, said, 0.1))
        return images.answer(answer, data, allowance or images.Allowance())


def judged(chance: Random, run: CellRun) -> Execution:
    """The verdict, as it comes back from the store and from a table."""
    services = SimpleNamespace(
        sandbox=SimpleNamespace(interpreter=INTERPRETER, isolation="A"),
        renderer=Refusing(),
        decoders=Answering(chance),
        environment_images=NOWHERE,
    )
    script = Script(id="x", code="")
    execution = verdict.execution(script, run, services, engine="warm", timeout_s=1.0)
    texts = [execution.error_type, execution.error_message, execution.error, execution.facts]
    pa.array([*texts, execution.stdout_head], pa.string())
    assert unpack(pack(execution), "x") == execution
    facts.as_list(execution.facts)
    return execution


class Prefixes:
    prefixes = ("/usr", "/opt/x")


INTERPRETER: Any = Prefixes()


def warm_messages(chance: Random) -> None:
    """Frames of a script's process -> outputs, a reply -> a verdict."""
    data = b""
    for _ in range(chance.choice([1, 2, 5])):
        kind, said = content(chance)
        body = written(chance, changed(chance, {"type": kind, "content": said}, 0.04))
        data += frames.HEAD.pack(frames.MESSAGE, len(body)) + body
    reply = {"status": chance.choice(["ok", "error"]), "ename": "E", "evalue": "v"}
    body = written(chance, changed(chance, reply, 0.1))
    data += frames.HEAD.pack(frames.DONE, len(body)) + body
    if chance.random() < 0.2:
        data = damaged(chance, data)
    reader, outputs, run = frames.Reader(1 << 16), CellOutputs(), CellRun()
    for piece in pieces(chance, data):
        for kind, body in reader.feed(piece):
            if kind == frames.MESSAGE and body is not None:
                outputs.add(body)
            elif kind == frames.DONE:
                try:
                    told = untrusted.reply(body)
                    run.failure = (told["ename"], told["evalue"])
                except untrusted.Unreadable as error:
                    run.unreadable = str(error)
    run.outputs = outputs.collected
    judged(chance, run)


async def kernel_messages(data: bytes) -> tuple[list[list[bytes]], str]:
    """The messages in a stream, and what is wrong with it."""
    stream, found = asyncio.StreamReader(), []
    stream.feed_data(data)
    stream.feed_eof()
    try:
        await zmtp.begun(stream)
        while True:
            found.append(await zmtp.next_message(stream) or [])
    except untrusted.Unreadable as error:
        return found, str(error)
    except EOFError:
        return found, ""


def notebook_messages(chance: Random) -> None:
    """What a kernel's socket says -> messages -> outputs -> a verdict."""
    data = bytearray(zmtp.GREETING + zmtp.frame(b"\x05READY", zmtp.COMMAND))
    for _ in range(chance.choice([1, 2, 5])):
        kind, said = content(chance)
        header = written(chance, changed(chance, {"msg_type": kind, "msg_id": "1"}, 0.05))
        parent = written(chance, changed(chance, {"msg_id": "1"}, 0.05))
        body = written(chance, changed(chance, said, 0.04))
        parts = [b"id", zmtp.DELIM, b"signature", header, parent, b"{}", body]
        parts = changed(chance, parts, 0.02) if chance.random() < 0.1 else parts
        parts = (
            [part for part in parts if isinstance(part, bytes)] if isinstance(parts, list) else []
        )
        for place, part in enumerate(parts):
            data += zmtp.frame(part, zmtp.MORE * (place < len(parts) - 1))
    fed = damaged(chance, bytes(data)) if chance.random() < 0.3 else bytes(data)
    outputs, run = CellOutputs(), CellRun()
    found, run.unreadable = asyncio.run(kernel_messages(fed))
    for parts in found:
        message = zmtp.message(parts)
        if message is not None and message["msg_type"] == "status":
            ends(message["content"])
        elif message is not None:
            message["parent_header"].get("msg_id")
            outputs.add(message["content"], message["msg_type"])
    run.outputs = outputs.collected
    judged(chance, run)


def some_facts(chance: Random) -> None:
    found = facts.checked(changed(chance, FACTS, chance.choice([0.02, 0.1, 0.5])))
    assert facts.as_list(facts.as_text([found])) == [found]


def plotly_figures(chance: Random) -> None:
    found = plotly_facts.read(changed(chance, figure(chance), chance.choice([0.02, 0.1, 0.5])))
    facts.as_text([found]).encode()


def streams_of_nothing(chance: Random) -> None:
    data = chance.randbytes(chance.choice([3, 70, 500]))
    for _ in frames.Reader(1 << 16).feed(data):
        pass
    head = struct.pack("=cQ", b"M", chance.choice([0, 5, 2**40, 2**64 - 1]))
    for _ in frames.Reader(1 << 16).feed(head + data):
        pass
    ready = zmtp.GREETING + zmtp.frame(b"\x05READY", zmtp.COMMAND)
    for parts in asyncio.run(kernel_messages(ready + data))[0]:
        zmtp.message(parts)
    CellOutputs().add(data)
    CellOutputs().add(data, "display_data")


FED: tuple[Callable[[Random], None], ...] = (
    *(warm_messages, notebook_messages, some_facts, plotly_figures, streams_of_nothing),
)


def feed(seed: int) -> None:
    chance = random.Random(seed)
    began = time.thread_time()
    try:
        FED[seed % len(FED)](chance)
    except Exception as error:
        raise AssertionError(f"VISCODE_FUZZ_SEED={seed}") from error
    assert time.thread_time() - began < INPUT_S, f"VISCODE_FUZZ_SEED={seed}"


def feed_all(seeds: range) -> None:
    feed(seeds[0])  # imports
    peak = Peak()
    peak.start()
    for seed in seeds:
        feed(seed)
    assert peak.growth() < GROWTH_BYTES


def test_few_inputs() -> None:
    only = os.environ.get("VISCODE_FUZZ_SEED")
    feed_all(range(FEW) if only is None else range(int(only), int(only) + 1))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_many_inputs(part: int) -> None:
    size = MANY // 10
    feed_all(range(FEW + part * size, FEW + (part + 1) * size))
