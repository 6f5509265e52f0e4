"""In which language a chart sample's `code` is written; the data set has no column for it."""

import re
from typing import Literal

Notation = Literal["python", "vega_lite", "latex", "html", "mermaid", "other"]

MERMAID = re.compile(
    r"""^(?:---\n.*?\n---\s*)?(?:%%[^\n]*\n\s*)*(?:graph[ \t]+(?:TB|TD|BT|RL|LR)\b
    | flowchart\b | sequenceDiagram\b | classDiagram\b | stateDiagram | erDiagram\b | journey\b
    | gantt\b | pie\b(?![ \t]*[=(.]) | quadrantChart\b | gitGraph\b | mindmap\b | timeline\b
    | sankey-beta\b | xychart(?:-beta)?\b | block-beta\b)""",
    re.VERBOSE | re.DOTALL,
)
LATEX = re.compile(r"\\(?:documentclass|begin\{|usepackage|addplot|tikz)")
HTML = re.compile(r"^<!doctype\s+html|^<(?:html|head|body|svg|script|style|div|table)\b", re.I)
VEGA = re.compile(r'"\$schema"\s*:\s*"[^"]*vega|"(?:mark|encoding|layer|vconcat|hconcat)"\s*:')
PYTHON = re.compile(
    r"^\s*(?:import\s+\w|from\s+[\w.]+\s+import\b|def\s+\w+\s*\(|class\s+\w)", re.MULTILINE
)
FENCE = re.compile(r"\A\s*```[\w+-]*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)


def unfenced(code: str) -> str:
    """The code without the Markdown fence around it, if there is one; line ends are \\n."""
    text = code.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = FENCE.match(text)
    return found[1] if found else text


def notation(code: str) -> Notation:
    """The language by its marks. "python" also for Python that does not parse."""
    start = code.lstrip()
    if HTML.match(start):
        return "html"
    if start.startswith("{") and VEGA.search(start):
        return "vega_lite"
    if MERMAID.match(start):
        return "mermaid"
    if PYTHON.search(code):
        return "python"
    return "latex" if LATEX.search(code) else "other"
