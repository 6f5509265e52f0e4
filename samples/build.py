"""Composes charts.jsonl, dialogues.jsonl and tasks.jsonl from samples/sources/.

Run `python samples/build.py` anywhere; it needs the standard library and `.venv-plots`.
The ground truth of a task is drawn by running its code under `.venv-plots` in a temporary
folder: this is our own code, so it runs without the sandbox. Nothing else is executed here.

A source file is a run of sections. A line `==== chart 7 slug` opens an item, `==== name` a
section of it; the text up to the next such line is the section's, without outer blank lines.
"""

import base64
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parent / ".venv-plots" / "bin" / "python"
MARKER = re.compile(r"^==== (.+)\n", re.MULTILINE)
LOAD = 'import pandas as pd\n\ndf = pd.read_csv("data.csv")'
SAVE = """
import matplotlib.pyplot as plt
for number in plt.get_fignums():
    plt.figure(number).savefig(f"figure-{number}.png", dpi=100, pil_kwargs={"optimize": True})
"""

Sections = list[tuple[str, str]]


def items(kind: str) -> Iterator[tuple[int, Sections]]:
    """Number and sections of every item of a kind, by number. The first section is its head."""
    found: dict[int, Sections] = {}
    for path in sorted((HERE / "sources").glob(f"{kind}s-*.txt")):
        parts = MARKER.split(path.read_text(encoding="utf-8"))
        current: Sections = []
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if opening := re.fullmatch(rf"{kind} (\d+) .+", name):
                number = int(opening[1])
                if number in found:
                    raise ValueError(f"{path.name}: {kind} {number} stands twice")
                current = found[number] = []
            current.append((name, text.strip("\n")))
    yield from sorted(found.items())


def chart(number: int, sections: Sections) -> dict[str, Any]:
    """A row of CoSyn-400K. `qa` sections hold question, explanation and answer, a line each."""
    parts = dict(sections)
    qa = [text.splitlines() for name, text in sections if name == "qa"]
    metadata = dict(line.split(": ", 1) for line in sections[0][1].splitlines())
    return {
        "id": f"sample-chart-{number:03d}",
        "image": None,
        "qa_pairs": {
            key: [lines[place] for lines in qa]
            for place, key in enumerate(("question", "explanation", "answer"))
        },
        "metadata": {key: metadata[key] for key in ("figure_type", "persona", "topic")},
        "data": parts["data"],
        "code": parts["code"],
    }


def dialogue(number: int, sections: Sections) -> dict[str, Any]:
    """A row of Code-Feedback."""
    messages = [{"role": role, "content": text} for role, text in sections[1:]]
    return {"id": number, "messages": messages}


def task(number: int, sections: Sections) -> dict[str, Any]:
    """A row of PandasPlotBench with its ground truth drawn."""
    parts = dict(sections)
    data = parts["data"] + "\n"
    return {
        "id": number,
        "code_plot": parts["code"],
        "code_data": LOAD,
        "data_csv": data,
        "task__plot_description": f" Plot Description: {parts['plot']}",
        "task__plot_style": f" Plot Style Description: {parts['style']}",
        "plots_gt": [base64.b64encode(png).decode() for png in draw(parts["code"], data)],
    }


def draw(code: str, data: str) -> list[bytes]:
    """The PNG images of the figures that `code` leaves open, in order."""
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "data.csv").write_text(data, encoding="utf-8")
        subprocess.run(
            [PYTHON, "-W", "ignore", "-c", f"{LOAD}\n{code}\n{SAVE}"],
            cwd=scratch,
            env={"PATH": os.environ["PATH"], "MPLBACKEND": "Agg", "HOME": scratch},
            check=True,
        )
        return [path.read_bytes() for path in sorted(Path(scratch).glob("figure-*.png"))]


def main() -> None:
    for kind, compose in (("task", task), ("chart", chart), ("dialogue", dialogue)):
        rows = [compose(number, sections) for number, sections in items(kind)]
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (HERE / f"{kind}s.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
