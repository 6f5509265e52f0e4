"""Samples and pictures that the tests of the report are made of."""

import io
import json
from enum import StrEnum

from PIL import Image, ImageDraw

from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import (
    Block,
    ChatSample,
    Message,
    Origin,
    SelectedFile,
    UnmadeFigure,
    UnmadeFigures,
)
from viscode.core.tables import write_table
from viscode.core.transform import UNMADE_PREFIX, Beside, write_outcomes

HOSTILE = "<script>alert('x')</script> & \"quotes\" {{ 7 * 7 }}"
FACTS = json.dumps([{"axes": [{"kinds": ["line", "scatter"]}]}])


def png(width=640, height=480, colour="navy"):
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle((40, 40, width // 2, height - 40), fill=colour)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def chat(number, source="files", text="Draw a line.", code="plt.plot([1, 2])"):
    image = b"" if source == "dialogues" else png()
    return ChatSample(
        id=f"{source}-{number:03d}",
        source=source,
        parent_id=f"p{number}",
        licence="BSD-3-Clause",
        origin=Origin(kind="package", name="scipy", version="1.14", path="scipy/stats/x.py"),
        messages=(
            Message(role="user", content=text),
            Message(role="assistant", content=f"Here:\n```python\n{code}\n```\nDone."),
        ),
        libraries=() if source == "dialogues" else ("matplotlib",),
        image=image,
        facts="" if source == "dialogues" else FACTS,
        method="" if source == "dialogues" else "facts",
        prompt_hash="",
        tokens=100 + number,
        split="train",
    )


def write_unmade(root):
    """Three files as extract_blocks leaves them: kept, kept in part, and rejected with more figures
    than are told of."""
    origin = Origin(kind="folder", name="code", path="a.py")
    given = {"source": "files", "origin": origin, "licence": "MIT", "libraries": ("matplotlib",)}
    files = [SelectedFile(id=f"file{n}", text=f"# {n} {HOSTILE}\n", **given) for n in range(3)]
    write_table(root / "data/selected", SelectedFile, files)
    reasons = StrEnum("Reason", {"BLANK": "blank", "ERROR": "error"})
    beside = Beside(UnmadeFigures, UNMADE_PREFIX)

    def figure(place, reason, detail, edits=(), code=""):
        return UnmadeFigure(
            place=place, statement=HOSTILE, reason=str(reason), detail=detail, edits=edits,
            code=code,
        )  # fmt: skip

    def results():
        for file in files[:2]:
            code = f"print({file.id!r})"
            block = Block(id=f"b-{file.id}", parent_id=file.id, code=code, method="sliced", **given)
            yield file.id, Kept([block])
        error = f"KeyError: {HOSTILE}"
        figures = (
            figure("line 3", reasons.BLANK, "blank"),
            figure("f, line 9", reasons.ERROR, error, ("sliced", "supplied df"), HOSTILE),
        )
        told = ("blank", "error")
        beside.add(UnmadeFigures(id="file1", reasons=told, figures=figures))
        beside.add(UnmadeFigures(id="file2", reasons=(*told, "timeout"), figures=figures))
        yield "file2", Rejected(reasons.BLANK)

    write_outcomes(results(), Block, root / "data/extracted", beside=beside)
