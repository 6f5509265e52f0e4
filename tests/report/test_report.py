"""The report's tables carry the run's numbers; the page is self-contained, escaped, stable."""

import csv
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report_samples import HOSTILE, chat, png, write_unmade

from viscode.core import replacing, tables
from viscode.core.errors import UserError
from viscode.core.records import Attempt, ChatSample
from viscode.report.build import ReportPlaces, build_report
from viscode.report.published import published
from viscode.report.rejects import chosen

REFERENCE = Path(__file__).parents[2].parent / "shared/reference/published"


def cells(markdown, heading, first):
    """Cells of the row beginning with `first` in the table below `heading`."""
    section = markdown.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    rows = [
        [cell.strip() for cell in line.strip("| \n").split(" | ")]
        for line in section.splitlines()
        if line.startswith("| ")
    ]
    return next(row for row in rows if row[0] == first)


@pytest.mark.parametrize(
    ("library", "model", "expected"),
    [
        ("matplotlib", "base (ours)", ["4", "25.0 [0.0, 50.0]", "50.0 [25.0, 75.0]", "–", "–"]),
        (
            "matplotlib",
            "tuned (ours)",
            ["4", "75.0 [50.0, 100.0]", "100.0 [75.0, 100.0]", "–", "–"],
        ),
        ("seaborn", "tuned (ours)", ["4", "25.0 [0.0, 50.0]", "50.0 [25.0, 75.0]", "–", "–"]),
        ("seaborn", "VisCoder-7B (paper)", ["175", "76.6", "86.9", "89.7", "90.3"]),
        ("plotly", "tuned (ours)", ["–", "not run", "not run", "not run", "not run"]),
    ],
)
def test_pass_rates_by_round(built, library, model, expected):
    _, files = built
    assert cells(files["pass_rate_by_round.md"], library, model)[1:] == expected


@pytest.mark.parametrize(
    ("heading", "first", "expected"),
    [
        ("base (ours)", "KeyError", ["3", "2", "1", "1", "not run"]),
        ("base (ours)", "NoImage", ["0", "0", "1", "1", "not run"]),
        ("base (ours)", "Total errors", ["3", "2", "3", "3", "not run"]),
        (
            "VisCoder-7B (paper",
            "TypeError",
            ["7", "5", "5", "5", "8", "5", "4", "4", "3", "1", "1", "1"],
        ),
        (
            "VisCoder-7B (paper",
            "Total errors",
            ["22", "16", "15", "15", "41", "23", "18", "17", "45", "35", "32", "32"],
        ),
    ],
)
def test_error_types(built, heading, first, expected):
    _, files = built
    assert cells(files["error_types.md"], heading, first)[1:] == expected


@pytest.mark.parametrize(
    ("heading", "first", "expected"),
    [
        (
            "tuned against base, first answer",
            "matplotlib",
            ["4", "1", "3", "2", "0", "+50.0", "−26.3 to +93.0", "0.500"],
        ),
        (
            "tuned against base, first answer",
            "seaborn",
            ["4", "1", "1", "1", "1", "0.0", "−65.3 to +65.3", "1.000"],
        ),
        (
            "tuned against base, after self-debug",
            "all libraries",
            # by whole tasks: 8 of the 16 exchanges of differences 2, 1, 1, -1 sum to 3 or more
            ["8", "3", "6", "4", "1", "+37.5", "−25.0 to +87.5", "0.500"],
        ),
        ("tuned against base, first answer", "plotly", ["not run", *["–"] * 7]),
    ],
)
def test_comparison(built, heading, first, expected):
    _, files = built
    assert cells(files["comparison.md"], heading, first)[1:] == expected


def test_main_results_say_that_there_is_no_judge(built):
    _, files = built
    missing = ["not available without a vision model"] * 4
    row = cells(files["main_results.md"], "matplotlib", "base (ours)")
    assert row[1:] == ["25.0 [0.0, 50.0]", *missing, "40.2", "25.0"]
    row = cells(files["main_results.md"], "matplotlib", "base + self-debug (ours)")
    assert row[-2:] == ["–", "–"]
    row = cells(files["main_results.md"], "plotly", "VisCoder-7B + self-debug (paper)")
    assert row[1:] == ["81.7", "51", "65", "44", "65", "–", "–"]


@pytest.mark.parametrize(
    ("source", "step", "expected"),
    [
        (
            "Files",
            "use a plotting library",
            ["select_files", "10", "50", "1,700,000", "100", "no_library 10"],
        ),
        ("Files", "run and draw", ["validate/files", "1", "5", "105,000", "6", "error 2"]),
        ("Files", "standalone blocks", ["extract_blocks", "not run", "–", "1,000,000", "59", "–"]),
        ("Dialogues", "in the data set", ["assemble", "5", "62", "–", "–", "–"]),
        ("Charts", "collected", ["collect_charts", "not run", "–", "–", "–", "–"]),
    ],
)
def test_funnel(built, source, step, expected):
    _, files = built
    assert cells(files["funnel.md"], source, step)[1:] == expected


class Page(HTMLParser):
    """What a browser would load or run, and the text it would show."""

    def __init__(self):
        super().__init__()
        self.loaded, self.scripts, self.images, self.text = [], 0, [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.scripts += tag == "script"
        assert not any(name.startswith("on") for name in given), given
        if tag == "img":
            self.images.append(given)
        if tag != "a":
            self.loaded += [given[name] for name in ("src", "href", "srcset") if name in given]

    def handle_data(self, data):
        self.text.append(data)


def parsed(html):
    page = Page()
    page.feed(html)
    return page


def pages_of(root):
    return sorted((root / "report").rglob("*.html"))


def test_nothing_is_loaded_from_outside(built_folder):
    pages = pages_of(built_folder)
    assert len(pages) == 1 + 2 + 4  # index, browsers, tasks
    for path in pages:
        html = path.read_text()
        page = parsed(html)
        for address in page.loaded:
            assert address.startswith("data:") or (path.parent / address).is_file(), address
        assert "@import" not in html and not re.search(r"url\((?!['\"]?data:)", html)
        assert "http" not in re.search(r'Policy" content="([^"]+)"', html).group(1)


def test_every_image_has_a_text_and_a_file_and_is_small(built_folder):
    images = {path: parsed(path.read_text()).images for path in pages_of(built_folder)}
    found = [(path.parent / image["src"], image) for path in images for image in images[path]]
    assert len(found) == 3 + 11  # ground truths, attempts that drew
    assert all(file.is_file() for file, _ in found)
    assert all(image["alt"].strip() and int(image["width"]) <= 400 for _, image in found)


def test_text_of_data_sets_is_shown_not_run(built_folder):
    shown = ""
    for path in pages_of(built_folder):
        html = path.read_text()
        assert "<script>alert" not in html
        page = parsed(html)
        assert page.scripts <= 2
        shown += "".join(page.text)
    assert "<script>alert('x')</script> & \"quotes\" {{ 7 * 7 }}" in shown


def scripted(path, receiver):
    """The JSON that a data script hands to the page."""
    text = path.read_text(encoding="ascii")
    head = f"viscode.{receiver}("
    assert text.startswith(head) and text.endswith(");\n") and "<" + "/" not in text.lower()
    return json.loads(text[len(head) : -3])


def test_samples_shown_are_spread_over_the_sources(built_folder):
    index = scripted(built_folder / "report/site/samples/index.js", "index")
    names = dict(index["facets"])["Source"]
    found = [names[given[0][0]] for _, _, given, _ in index["entries"]]
    assert sorted(found) == ["charts"] * 3 + ["dialogues"] * 3 + ["files"] * 3
    assert [entry[0] for entry in index["entries"]] == sorted(e[0] for e in index["entries"])
    images = built_folder / "report/site/samples/images"
    assert len(list(images.rglob("*.webp"))) == 6  # dialogues have none


def test_rejects_have_their_code_their_error_and_their_origin(built_folder):
    folder = built_folder / "report/site/rejects"
    index = scripted(folder / "index.js", "index")
    assert [entry[:2] for entry in index["entries"]] == [
        ["b2", f"error: {HOSTILE}"],
        ["b3", "error"],
    ]
    number, texts = scripted(folder / "text-00000.js", "text")
    turns, facts = texts[0]
    assert number == 0
    assert turns[0] == ["why it was rejected", [[f"error: {HOSTILE}"]]]
    code, colours = turns[1][1][0]
    assert code == f"print({HOSTILE!r})" and colours[:3] == [0, 5, 4]
    assert facts[0] == ["Origin", "scipy 1.14 · scipy/stats/x.py"]  # no link: packages have a name


def test_figures_without_a_block_are_shown_with_their_file(project, build):
    write_unmade(project)
    build(project)
    folder = project / "report/site/rejects"
    index = scripted(folder / "index.js", "index")
    facets = dict(index["facets"])
    rows = {name: (title, given) for name, title, given, _ in index["entries"]}
    assert sorted(rows) == ["b2", "b3", "file1", "file2"]
    assert rows["file1"][0] == "kept in part: 2 figures without a block (blank 1, error 1), 1 block"
    assert rows["file2"][0] == "blank"
    labels = {
        name: [
            facets[facet][n] for facet, number in zip(facets, given, strict=True) for n in number
        ]
        for name, (_, given) in rows.items()
    }
    both = ["files", "KeyError", "blank", "error"]
    assert labels["file1"] == ["extract_blocks", "kept in part", *both]
    assert labels["file2"] == ["extract_blocks", "blank", *both, "timeout"]
    assert labels["b2"][-1] == "none"
    _, texts = scripted(folder / "text-00000.js", "text")
    turns = texts[[entry[0] for entry in index["entries"]].index("file2")][0]
    assert [role for role, _ in turns] == [
        "why it was rejected",
        "no block for the figure at line 3",
        "no block for the figure at f, line 9",
        "more figures without a block",
        "code",
    ]
    assert turns[1][1] == [[f"reason: blank\nstatement: {HOSTILE}\nedit: none"]]
    said, tried, code = turns[2][1]
    assert said[0].splitlines() == [
        f"reason: error, KeyError: {HOSTILE}", f"statement: {HOSTILE}", "edit: sliced",
        "edit: supplied df",
    ]  # fmt: skip
    assert (tried, code[0]) == (["tried last:"], HOSTILE)
    assert turns[3][1] == [["1"]] and turns[4][1][0][0] == f"# 2 {HOSTILE}\n"


def test_a_file_that_is_kept_in_part_takes_one_place(project):
    """A file of two reasons is drawn once."""
    write_unmade(project)
    found = [chosen(project / "data", limit) for limit in range(6)]
    assert [len(names) for names in found] == [0, 1, 2, 3, 4, 4]
    extracted, validated = ("file1", "file2"), ("b2", "b3")
    expected = {f"extract_blocks {name}" for name in extracted}
    assert found[4] == expected | {f"validate/files {name}" for name in validated}


def test_task_pages_show_what_changed_between_rounds(project, build):
    folder = project / "data/bench/base/matplotlib"
    changed = [
        a.model_copy(update={"code": a.code + "\nplt.show()"}) if a.round else a
        for a in tables.read_table(folder, Attempt)
    ]
    tables.write_table(folder, Attempt, changed)
    build(project)
    (page,) = (project / "report/site/tasks").glob("0-*.html")
    html = page.read_text()
    assert '<span class="added">+plt.show()' in html
    assert "The code is the same as in the round before." in html  # the other models
    assert "Protocol" not in html and "KeyError" in html
    assert "Plot number 0" in html and "Description:" not in html


def files_of(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for folder in ("report", "metrics/report")
        for path in (root / folder).rglob("*")
        if path.is_file()
    }


def test_a_report_replaces_an_older_one_whole_and_the_same_input_gives_the_same_bytes(
    built_folder, tmp_path, build
):
    root = shutil.copytree(built_folder, tmp_path / "project")
    (root / "report/site/samples/stray.js").write_text("x")
    build(root)
    assert files_of(root) == files_of(built_folder)


def test_pictures_made_in_several_processes_are_the_same(tmp_path):
    samples = [chat(n).model_copy(update={"image": png(200, 150, (n % 250, 9, 9))})
               for n in range(260)]  # fmt: skip
    tables.write_table(tmp_path / "data/viscode", ChatSample, samples)
    places = ReportPlaces(
        tmp_path / "m", tmp_path / "data", tmp_path / "r", tmp_path / "report/i.html"
    )
    found = []
    for workers in (1, 2):
        build_report(places, samples=260, rejected=0, workers=workers)
        found.append({p: p.read_bytes() for p in places.site.rglob("*") if p.is_file()})
    assert found[0] == found[1] and len(found[0]) > 260


@pytest.mark.parametrize(
    "folder",
    [
        "metrics/judge",
        "data/judged",
        "metrics/bench",
        "data/bench",
        "data/raw",
        "data/viscode",
        "data/validated",
        "metrics/train",
    ],
)
def test_what_is_missing_shows_as_not_run(project, build, folder):
    replacing.replace(project / folder, project / "aside")
    html, files = build(project)
    assert len(files) == 13
    assert "<h1" in html


def test_an_empty_project_still_has_a_page(tmp_path, build):
    html, files = build(tmp_path)
    assert "Not run yet" in html
    assert "not run" in files["pass_rate_by_round.md"]
    assert "VisCoder-7B (paper)" in files["pass_rate_by_round.md"]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("bench/base/matplotlib.json", "{", "not JSON"),
        ("bench/base/matplotlib.json", "[]", "not a JSON object"),
        ("bench/base/matplotlib.json", '{"tasks": "many", "rounds": 1}', "tasks"),
        ("bench/base/matplotlib.json", '{"tasks": 4, "rounds": 1}', "rounds"),
        (
            "bench_details/base/seaborn.details.json",
            '{"errors": {"0": {"KeyError": -1}}}',
            "errors",
        ),
        ("judge/base/seaborn.json", "{}", "scored"),
        ("train/summary.json", '{"steps": -1}', "steps"),
        ("train/log.tsv", "step\tloss\tlr\n1\tx\t0.1\n", "line 2"),
        ("funnel.json", '{"files": {"select_files": {"in": 3}}}', "select_files"),
    ],
)
def test_a_corrupt_metrics_file_is_named(project, build, name, text, what):
    (project / "metrics" / name).write_text(text)
    with pytest.raises(UserError, match=what) as raised:
        build(project)
    assert str(project / "metrics" / name) in str(raised.value)


def test_a_picture_that_is_none_shows_as_such(project, build):
    from viscode.core.records import Task

    folder = project / "data/raw/tasks"
    tasks = list(tables.read_table(folder, Task))
    broken = [task.model_copy(update={"plots_gt": (b"no picture",)}) for task in tasks]
    tables.write_table(folder, Task, broken)
    build(project)
    pages = [path.read_text() for path in (project / "report/site/tasks").glob("*.html")]
    assert sum(page.count("Image not readable") for page in pages) == len(tasks)


@pytest.fixture
def reference():
    if not REFERENCE.is_dir():
        pytest.skip(f"{REFERENCE} is not here: the shipped figures cannot be compared")
    return lambda name: list(csv.DictReader((REFERENCE / name).open()))


SHORT = {
    "Llama-3.2-3B-Ins.": "Llama-3.2-3B-Instruct",
    "Qwen-2.5-3B-Ins.": "Qwen2.5-3B-Instruct",
    "Qwen-2.5-Coder-3B-Ins.": "Qwen2.5-Coder-3B-Instruct",
    "Llama-3.1-8B-Ins.": "Llama-3.1-8B-Instruct",
    "Qwen2.5-7B-Ins.": "Qwen2.5-7B-Instruct",
    "Qwen2.5-Coder-7B-Ins.": "Qwen2.5-Coder-7B-Instruct",
}


def test_published_pass_rates(reference):
    rows = {
        (row["library"], row["model"]): tuple(float(row[f"round_{n}"]) for n in range(4))
        for row in reference("pass_rate_by_round.csv")
    }
    ours = {
        (library, model): rates
        for library, models in published().pass_rate_by_round.items()
        for model, rates in models.items()
    }
    assert ours == rows


def test_published_errors(reference):
    rows = {
        (row["model"], row["library"], row["error_type"], int(row["round"])): int(row["count"])
        for row in reference("errors_by_round.csv")
    }
    ours = {
        (model, library, kind, number): count
        for model, libraries in published().errors_by_round.items()
        for library, errors in libraries.items()
        for kind, counts in errors.items()
        for number, count in enumerate(counts)
    }
    assert ours == rows


def test_published_main_results(reference):
    keys = ("exec_pass", "vis_mean", "task_mean", "vis_good", "task_good")
    rows = {
        (
            row["library"],
            SHORT.get(row["model"], row["model"]),
            "self_debug" if row["self_debug"] == "1" else "plain",
        ): tuple(float(row[key]) for key in keys)
        for row in reference("main_results.csv")
    }
    ours = {
        (library, model, mode): values
        for library, models in published().main_results.items()
        for model, modes in models.items()
        for mode, values in modes.items()
    }
    assert ours == rows


def test_where_published_figures_contradict_each_other_is_said(built):
    """Errors and pass rates are two views of the same runs; five cells of the paper differ."""
    paper = published()
    differing = []
    for library, models in paper.pass_rate_by_round.items():
        for model, rates in models.items():
            errors = paper.errors_by_round[model][library].values()
            for number, rate in enumerate(rates):
                left = round(100 * (1 - sum(counts[number] for counts in errors) / paper.tasks), 1)
                if left != rate:
                    where = f"{model}, {library}, Round {number}"
                    differing.append(f"{where}: {rate} printed, {left} by the errors")
    assert len(differing) == 5 and "in 115 of 120 cells" in paper.consistency
    assert paper.consistency.endswith(f"The others: {'; '.join(differing)}.")
    assert paper.consistency in built[1]["pass_rate_by_round.md"]


def test_metrics_survive_their_own_json(project):
    from viscode.report.loading import read_run

    run = read_run(project / "metrics")
    raw = json.loads((project / "metrics/bench/tuned/seaborn.json").read_text())
    assert run.bench["tuned", "seaborn"].rounds[1].passed == raw["rounds"]["1"]["passed"]
    assert run.models == ["base", "tuned"]
    assert run.libraries == ["matplotlib", "seaborn", "plotly"]


def rows_of(markdown, heading):
    """The rows of the table under a heading, by their first cell."""
    part = markdown.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_table_2_follows_from_table_7_but_for_one_cell():
    paper = published()
    differ = {
        (kind, library): (ends, (counts[0], counts[-1]))
        for kind, by_library in paper.error_transitions.items()
        for library, ends in by_library.items()
        if (counts := paper.errors_by_round["VisCoder-7B"][library].get(kind, (0, 0)))
        and ends != (counts[0], counts[-1])
    }
    assert differ == {("KeyError", "plotly"): ((1, 1), (0, 2))}


def test_what_self_debug_mends(built):
    text = built[1]["self_debug.md"]
    assert rows_of(text, "base (ours)")["KeyError"] == ["3 → 2", "1 → 1", "not run"]
    assert rows_of(text, "base: repaired by self-debug")["Total"][:2] == ["6", "2"]
    assert rows_of(text, "base: from round to round")["KeyError"] == ["1", "–", "2", "–"]


def test_both_protocols_and_where_they_differ(built):
    html, files = built
    text = files["protocols.md"]
    assert re.search(r"\| base +\| matplotlib +\| +4 \|", text)
    assert len(re.findall(r"\| 2 +\| pass +\| NameError", text)) == 4
    assert "<script>alert" not in html
    assert "15.0, 85.0" in html and "The 4 answers on which they differ" in html


def test_table_3_has_the_papers_rows_and_ours(built):
    rows = rows_of(built[1]["training_data.md"], "Training data (Table 3 of the paper)")
    assert rows["viscode-200k (paper)"] == ["yes", "91.4", "90.3", "81.7"]
    assert "files (tuned, ours)" in rows


def test_scores_of_a_vision_model_have_columns_of_their_own(judged_by_model, build):
    html, files = build(judged_by_model)
    rows = rows_of(files["main_results.md"], "seaborn (Table 1 of the paper)")
    assert rows["base (ours)"][1:] == ["61.0", "61.0", "50.0", "50.0", "40.2", "25.0"]
    assert "The vision model’s answers" in html or "The vision model&#39;s answers" in html
    assert "Visual and task scores need a vision model" not in html


def test_rows_for_dvc_plots(built):
    header, *rows = (line.split("\t") for line in built[1]["pass_rate_by_round.tsv"].splitlines())
    assert header == ["model", "library", "round", "pass_rate", "low", "high"]
    assert ["base", "seaborn", "0", "25.0", "0.0", "50.0"] in rows and len(rows) == 8
