"""In which language a chart sample's `code` is written; the data set has no column for it.

Told by marks that stand at the beginning or at line starts and that Python does not have. "python"
is also said of Python that does not parse.
"""

import re
from typing import Literal

Notation = Literal[
    "python",
    "vega_lite",
    "latex",
    "html",
    "svg",
    "mermaid",
    "graphviz",
    "asymptote",
    "lilypond",
    "plantuml",
    "r",
    "javascript",
    "other",
]

MERMAID = re.compile(
    r"""^(?:---\n.*?\n---\s*)?(?:%%[^\n]*\n\s*)*(?:graph[ \t]+(?:TB|TD|BT|RL|LR)\b
    | (?:flowchart | sequenceDiagram | classDiagram | stateDiagram(?:-v2)? | erDiagram | journey
    | gantt | pie | quadrantChart | requirementDiagram | gitGraph | mindmap | timeline
    | sankey-beta | xychart(?:-beta)? | block-beta | architecture-beta | C4Context)
    \b(?![ \t]*[=(.,\[]))""",
    re.VERBOSE | re.DOTALL,
)
GRAPHVIZ = re.compile(
    r"""^(?:(?://|\#)[^\n]*\n\s* | /\*.*?\*/\s*)*(?:strict\s+)?(?:di)?graph\b
    \s*(?:\w+|"[^"\n]*")?\s*\{""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
MARKUP = r"^(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*"
SVG = re.compile(MARKUP + r"(?:<!doctype\s+svg[^>]*>\s*)?<svg\b", re.IGNORECASE | re.DOTALL)
HTML = re.compile(
    MARKUP + r"<(?:!doctype\s+html|html|head|body|script|style|div|table|canvas|svg)\b",
    re.IGNORECASE | re.DOTALL,
)
VEGA = re.compile(r'"\$schema"\s*:\s*"[^"]*vega|"(?:mark|marks|encoding|layer|[vh]concat)"\s*:')
PYTHON = re.compile(
    r"""^\s*(?:import[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+)?[ \t]*(?:,|\#|;[ \t]*import\b|$)
    | from[ \t]+[\w.]+[ \t]+import\b | (?:async[ \t]+)?def[ \t]+\w+[ \t]*\(
    | class[ \t]+\w+[^\n{]*:)""",
    re.MULTILINE | re.VERBOSE,
)
LILYPOND = re.compile(r'^\\(?:version\s+"|score\b|relative\b|new\s+Staff)', re.MULTILINE)
LATEX = re.compile(r"\\(?:documentclass|begin\{|usepackage|addplot|tikz)")
ASYMPTOTE = re.compile(
    r"""^[ \t]*(?:import[ \t]+\w+[ \t]*; | settings\.\w+[ \t]*= | size\([^\n]*\)[ \t]*;
    | (?:real|pair|triple|path|pen|picture)(?:\[\])?[ \t]+\w+[ \t]*=)""",
    re.MULTILINE | re.VERBOSE,
)
JAVASCRIPT = re.compile(
    r"""^[ \t]*(?:(?:const|let|var)[ \t]+[\w{\[] | (?:async[ \t]+)?function\b[ \t]*\w*\(
    | import[ \t]+[\w{*][^\n]*[ \t]from[ \t]+['"] | new[ \t]+\w+\() | =>[ \t]*\{ | \bd3\.select""",
    re.MULTILINE | re.VERBOSE,
)
R = re.compile(r"^[ \t]*(?:library|require)\(|<-[ \t]|\bggplot\(", re.MULTILINE)
MARKS: tuple[tuple[Notation, re.Pattern[str]], ...] = (
    ("python", PYTHON),
    ("lilypond", LILYPOND),
    ("latex", LATEX),
    ("javascript", JAVASCRIPT),
    ("asymptote", ASYMPTOTE),
    ("r", R),
)
"""What is searched where the beginning does not tell, in this order."""


def notation(code: str) -> Notation:
    """The language by its marks."""
    start = code.lstrip()
    if SVG.match(start):
        return "svg"
    if HTML.match(start):
        return "html"
    if start.startswith("{") and VEGA.search(start):
        return "vega_lite"
    if start.startswith("@start"):
        return "plantuml"
    if GRAPHVIZ.match(start):
        return "graphviz"
    if MERMAID.match(start):
        return "mermaid"
    return next((name for name, mark in MARKS if mark.search(code)), "other")
