"""Planted benchmark tasks, and which rule finds them: python bench/decontamination.py [--copies N]

Tasks are those of samples/, and the benchmark's public ones where they lie beside the project
(these have no code, so only their words and data are planted). Each is planted under seeded
disguises (bench/planting.py): code reframed, renamed, put elsewhere, reordered, retuned, in another
idiom, in a function; instructions in other words; data as they are shown. The innocent are our
chart samples, and every task's instruction measured against all other tasks, which are as close to
a benchmark as texts get.

Prints a table, a row for each disguise: the share found, and for each rule the share that it finds
and in brackets the share that no other rule does. The last line is one JSON object: the shares
found, and the number of innocent samples lost, "innocent_removed".
"""

import argparse
import json
import time

from planting import (
    OWN_TASKS,
    PUBLIC_TASKS,
    SETTINGS,
    caught,
    chart_codes,
    innocent_texts_removed,
    plants,
    sample,
    tasks_of,
)

from viscode.dataset.decontaminate import Rule, TaskIndex


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=10, help="of each task in each disguise")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tasks = tasks_of(OWN_TASKS)
    if PUBLIC_TASKS.is_file():
        tasks += tasks_of(PUBLIC_TASKS)
    else:
        print("no public tasks beside the project: the samples' alone")
    groups = plants(tasks, options.copies, options.seed)
    index, begin = TaskIndex(tasks, SETTINGS), time.perf_counter()
    found = {name: caught(index, group) for name, group in groups.items()}
    count = sum(map(len, groups.values()))
    print(f"{len(tasks)} tasks, {count} samples, ", end="")
    print(f"{(time.perf_counter() - begin) / count * 1000:.2f} ms each")
    print(f"{'disguise':20} {'found':>6}", *(f"{rule:>20}" for rule in Rule))
    for name, rules in found.items():
        cells = [_cell(rules, rule) for rule in Rule]
        print(f"{name:20} {_share(rules):6.3f}", *(f"{cell:>20}" for cell in cells))
    innocent = sum(map(bool, caught(index, [("", sample(code)) for code in chart_codes()])))
    innocent += len(innocent_texts_removed(tasks, SETTINGS))
    shares = {name: round(_share(rules), 3) for name, rules in found.items()}
    print(json.dumps(shares | {"innocent_removed": innocent}))


def _share(found: list[frozenset[Rule]]) -> float:
    return sum(map(bool, found)) / len(found)


def _cell(found: list[frozenset[Rule]], rule: Rule) -> str:
    all_, alone = (
        sum(rule in rules and (len(rules) == 1 or not single) for rules in found)
        for single in (False, True)
    )
    return f"{all_ / len(found):.3f} ({alone / len(found):.3f})" if all_ else "-"


if __name__ == "__main__":
    main()
