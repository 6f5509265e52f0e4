"""What the writers of values share: the seed, the generator's name, sizes, imports, layout."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from viscode.core.hashing import digest
from viscode.supply.quantities import Quantity

COLUMNS = 80  # of a line, less the indentation that it may get
SHORT = 12  # items that a person writes down; more are computed
IMPORTS = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "nx": "import networkx as nx",
    "types": "import types",
    "Bunch": "from sklearn.utils import Bunch",
}


@dataclass(frozen=True)
class Known:
    """Numbers that are written already: their count and quantity, the numbers where they are
    literal, whether they are an array, and whether their name stands for them in the script."""

    count: int
    what: Quantity
    numbers: tuple[float, ...] = ()
    array: bool = False
    named: bool = True


@dataclass
class Desk:
    """`sizes`: first size of each name. `imports`, `draws`: what the value that is being written
    needs. `repeated`: in which ways columns of the frame repeat a few values. `variant`: which of
    several values of one description it is. `varied`: numbers differ from the usual of their name,
    because there are several. `named`: what is written now stands under its own name."""

    seed: int
    generator: str
    sizes: Mapping[str, int]
    known: dict[str, Known] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    draws: bool = False
    repeated: set[str] = field(default_factory=set)
    variant: int = 0
    varied: bool = False
    named: bool = True

    def random(self, name: str) -> Random:
        """Random numbers for a name: those of one do not depend on which others there are."""
        return Random(int(digest(str(self.seed), name, str(self.variant))[:12], 16))

    @property
    def rng(self) -> str:
        """The name of the script's generator, which thereby is needed."""
        self.draws = True
        self.need("np")
        return self.generator

    def need(self, *modules: str) -> None:
        """Notes imports by their usual names: "np", "pd"."""
        self.imports.update(IMPORTS[module] for module in modules)

    @contextmanager
    def within(self, sizes: Mapping[str, int], named: bool = True) -> Iterator[None]:
        """The sizes and names inside of a function, mapping, record or frame."""
        outer = self.sizes, self.known, self.named
        self.sizes, self.known = {**self.sizes, **sizes}, dict(self.known)
        self.named = self.named and named
        yield
        self.sizes, self.known, self.named = outer


def text(value: object) -> str:
    """A literal with double quotes, as formatters write it."""
    if isinstance(value, str):
        quoted = repr(value)
        if quoted.startswith("'") and '"' not in value:
            return f'"{quoted[1:-1]}"'
        return quoted
    if isinstance(value, float):
        return figure(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(text(one) for one in value) + "]"
    return repr(value)


def figure(value: float) -> str:
    """A number without the digits that binary arithmetic adds: 0.3, not 0.30000000000000004."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return f'float("{value}")'
    return repr(float(f"{value:.12g}"))


def short(value: float, span: float | None = None) -> str:
    """A constant of a formula, as short as it may be: to two digits, or to a hundredth of the
    range of what is computed."""
    if span is not None and span > 0:
        value = round(value, max(0, min(12, 2 - math.ceil(math.log10(span)))))
    elif abs(value) < 100:
        value = float(f"{value:.2g}")
    return str(round(value)) if abs(value) >= 100 or float(value).is_integer() else repr(value)


def exploded(opening: str, items: Sequence[str], closing: str) -> str:
    """A call or display: on one line where that fits, else one item a line."""
    line = opening + ", ".join(items) + closing
    if len(line) <= COLUMNS and "\n" not in line:
        return line
    lines = (indented(item) + "," for item in items)
    return "\n".join([opening, *lines, closing])


def indented(code: str) -> str:
    """Code four columns to the right."""
    return "\n".join(" " * 4 + line if line else line for line in code.split("\n"))


def filled(items: Sequence[str], width: int = COLUMNS) -> bool:
    """Whether items fit on one line as a list."""
    return sum(len(item) + 2 for item in items) <= width
