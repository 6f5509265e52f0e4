"""How programs stand in models' answers: python bench/answer_forms.py [FILE or FOLDER ...]

Reads the tables of attempts below the folders (default: data/bench), or JSON lines {"id",
"response"} as `viscode bench score` takes them, and finds the program in each answer by the rules
of protocol `isolated` (viscode/bench/answer_code.py). Nothing is run and no model is asked.

The last line is one JSON object: {"answers"}, then how many answers are of each form and have each
trait, by the names of `Form` and `Trait`, and "block_before_the_last": where another block than the
last one with Python is the program, or a part of it.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from viscode.bench.answer_code import Form, Trait, program_in
from viscode.bench.scoring import read_answers
from viscode.core.errors import UserError
from viscode.core.records import Identified
from viscode.core.tables import read_columns

DEFAULT = Path("data/bench")


class AnswerText(Identified):
    """The column of a table of attempts that is read."""

    answer: str


def answers_in(path: Path) -> Iterator[str]:
    """The answers in a file of JSON lines, or in all tables below a folder."""
    if path.is_file():
        yield from read_answers(path).values()
        return
    for folder in sorted({shard.parent for shard in path.rglob("part-*.parquet")}):
        yield from (row.answer for row in read_columns(folder, AnswerText))


def counts(answers: Iterator[str]) -> dict[str, int]:
    """Answers by form and trait, those that do not occur with 0."""
    found: Counter[str] = Counter()
    for answer in answers:
        program = program_in(answer)
        found.update(["answers", program.form, *program.traits])
        found["block_before_the_last"] += bool(program.traits & {Trait.NOT_LAST, Trait.SEVERAL})
    return {name: found[name] for name in ("answers", *Form, *Trait, "block_before_the_last")}


def main() -> None:
    paths = [Path(argument) for argument in sys.argv[1:]] or [DEFAULT]
    found = counts(answer for path in paths for answer in answers_in(path))
    if not found["answers"]:
        raise UserError(
            "no answers here",
            where=", ".join(map(str, paths)),
            todo="run dvc repro, or name a file of answers",
        )
    print(json.dumps(found))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(str(error))
