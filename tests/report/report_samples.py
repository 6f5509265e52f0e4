"""Samples and pictures that the tests of the report are made of."""

import io
import json

from PIL import Image, ImageDraw

from viscode.core.records import ChatSample, Message, Origin

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
