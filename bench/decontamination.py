"""Planted benchmark tasks and how many are found: python bench/decontamination.py [--copies N]

Tasks are those of samples/, and the benchmark's public ones where they lie beside the project
(these have no code, so they are only paraphrased). Each is planted under seeded disguises
(tests/dataset/planting.py): exact in another frame, renamed, renamed in the messages of dialogues
and in instructions, and its instruction alone in other words at three strengths. The innocent are
our chart samples, and every task's instruction measured against all other tasks, which are as close
to a benchmark as texts get. The last line is one JSON object: shares found {"exact", "renamed",
"in_dialogues", "in_lists", "outside_of_fences", "in_instructions", "paraphrased_light",
"paraphrased_medium", "paraphrased_strong"} and the number of innocent samples lost,
"innocent_removed".
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "dataset"))

from planting import (
    OWN_TASKS,
    PUBLIC_TASKS,
    SETTINGS,
    STRENGTHS,
    caught,
    chart_codes,
    innocent_texts_removed,
    plants,
    running_ngram_recall,
    tasks_of,
)

from viscode.dataset.decontaminate import TaskIndex


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
    groups = plants(tasks, chart_codes(), options.copies, options.seed)
    index, begin = TaskIndex(tasks, SETTINGS), time.perf_counter()
    shares = {name: caught(index, group) for name, group in groups.items()}
    count = sum(map(len, groups.values()))
    print(f"{len(tasks)} tasks, {count} samples, ", end="")
    print(f"{(time.perf_counter() - begin) / count * 1000:.2f} ms each")
    for name in STRENGTHS:
        plain = running_ngram_recall(tasks, groups[f"paraphrased_{name}"], 8, 0.5)
        print(f"8-grams of running words would find {plain:.1%} of {name} paraphrases")
    innocent = round(shares.pop("innocent") * len(groups["innocent"]))
    innocent += len(innocent_texts_removed(tasks, SETTINGS))
    rounded = {name: round(share, 3) for name, share in shares.items()}
    print(json.dumps(rounded | {"innocent_removed": innocent}))


if __name__ == "__main__":
    main()
