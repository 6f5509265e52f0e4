"""Tables that come as Markdown: CSV in a fence, or a table of pipes."""

import re

from viscode.charts.csvtext import CsvProblem, Mend, Rows, normalised
from viscode.text.markdown import read_document

PIPE = "|"
UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")


def unfenced(text: str) -> tuple[str, tuple[Mend, ...]]:
    """What stands in the one fence, with prose around it or without."""
    if "```" not in text and "~~~" not in text:
        return text, ()
    parts = read_document(text)
    filled = [block.code for block in parts.blocks if block.code.strip()]
    if len(filled) > 1:
        raise CsvProblem(f"{len(filled)} fenced blocks")
    if not parts.blocks:
        return text, ()
    inner = filled[0] if filled else parts.outside
    return normalised(inner.strip("\n") + "\n"), (Mend.FENCE,)


def markdown_rows(text: str) -> tuple[Rows, tuple[Mend, ...]]:
    """The rows of the one Markdown table in the text, or of lines that all begin and end with a
    pipe, and what lay around them; no rows where there is none."""
    lines = text.split("\n")
    rules = [place for place, line in enumerate(lines) if place and _is_rule(line.strip())]
    if len(rules) > 1:
        return [], ()
    if not rules:
        filled = [line.strip() for line in lines if line.strip()]
        framed = all(line[0] == line[-1] == "|" and len(line) > 1 for line in filled)
        rows = [_cells(line) for line in filled]
        return (rows, (Mend.MARKDOWN_TABLE,)) if framed and rows else ([], ())
    start = rules[0] - 1
    end = next((n for n in range(start, len(lines)) if "|" not in lines[n]), len(lines))
    above, below = "".join(lines[:start]).strip(), "".join(lines[end:]).strip()
    if end < start + 2 or "|" in above + below:
        return [], ()
    rows = [_cells(line) for n, line in enumerate(lines[start:end]) if n != 1]
    mends = [Mend.TITLE] * bool(above) + [Mend.NOTE] * bool(below)
    return rows, (Mend.MARKDOWN_TABLE, *mends)


def _is_rule(line: str) -> bool:
    return "|" in line and "-" in line and RULE.fullmatch(line) is not None


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in UNESCAPED_PIPE.split(inner)]
