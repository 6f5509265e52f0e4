from pathlib import Path

import pytest
from figure_examples import axes, block, figure, series, settings

from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import InstructionSample, ValidatedBlock
from viscode.core.tables import read_table, write_table
from viscode.core.transform import read_outcomes
from viscode.core.workstore import WorkStore
from viscode.instruct.ask_model import InstructionWriter
from viscode.instruct.sample import InstructReason
from viscode.instruct.write import write_by_model
from viscode.llm.asking import AskAgain, ModelReason
from viscode.llm.cached import CachedClient
from viscode.llm.clients import OpenedModel
from viscode.llm.outcome import Answer, Failure, FailureKind
from viscode.llm.request import Request
from viscode.llm.scripted import ScriptedClient

PROMPTS = Path(__file__).parents[2] / "viscode" / "prompts"
WRITER = InstructionWriter(settings(method="model"), "served:gpt-4o")
FACTS = figure(axes(series("line")))
CODE = """import numpy as np
import matplotlib.pyplot as plt

# Data Generation
np.random.seed(3)
t = np.linspace(0, 10, 200)  # seconds

for k in range(3):
    offset = k * 0.5
    signal = np.sin(t) + offset
fig, ax = plt.subplots()
ax.plot(t, signal, "r--", label="np.sin")
ax.legend()
ax.set_title("A numpy signal")
plt.show()
"""
CSV = "city,temp\nOslo,-3.5\nRome,14\nCairo,22.5\n"
CHART_CODE = """# data.csv
# city,temp
import pandas as pd
import matplotlib.pyplot as plt
df = pd.read_csv("data.csv")
plt.bar(df["city"], df["temp"])
plt.show()
"""
FILE = block(CODE, FACTS)
CHART = block(CHART_CODE, FACTS, source="charts", data_csv=CSV)

SETUP = "Use Python with matplotlib and numpy."
ABOUT = "The mock data are a signal over time."
DATA = """np.random.seed(3)
t = np.linspace(0, 10, 200)  # seconds

for k in range(3):
    offset = k * 0.5
    signal = np.sin(t) + offset"""
PLOT = "Generate a line plot with a legend and a grid."
STYLE = "The line is red and dashed."
FILE_INSTRUCTION = f"{PLOT}\n{SETUP}\n{ABOUT}\nThe mock data shows below:\n{DATA}\n{STYLE}"
CHART_INSTRUCTION = (
    f"{PLOT}\n{SETUP}\n{ABOUT}\nThe first two rows of the data are shown below:\n"
    f"city,temp\nOslo,-3.5\nRome,14\n{STYLE}"
)


def answer(text: str) -> Answer:
    return Answer(text=text, finish="stop", prompt_tokens=0, new_tokens=0)


def numbered(*parts: str) -> str:
    return "\n".join(f"{number}. {part}" for number, part in enumerate(parts, start=1))


def read(text: str, of: ValidatedBlock = FILE) -> Kept[InstructionSample] | Rejected | AskAgain:
    return WRITER.read_answer(of, answer(text))


def kept(text: str, of: ValidatedBlock = FILE) -> str:
    result = read(text, of)
    assert isinstance(result, Kept), result
    return result.records[0].instruction


def reason(text: str, of: ValidatedBlock = FILE) -> str:
    result = read(text, of)
    assert isinstance(result, AskAgain), result
    return result.reason.reason


def request(of: ValidatedBlock = FILE, sample: int = 0) -> Request:
    made = WRITER.request_of(of, sample)
    assert isinstance(made, Request), made
    return made


GOOD = numbered(SETUP, ABOUT, DATA, PLOT, STYLE)
GOOD_CHART = numbered(SETUP, ABOUT, PLOT, STYLE)
FILE_FORMS = {
    "numbers": GOOD,
    "brackets": f"1) {SETUP}\n\n2) {ABOUT}\n\n3) {DATA}\n\n4) {PLOT}\n\n5) {STYLE}\n",
    "numbers and labels": f"1. Setup: {SETUP}\n2. Data Description: {ABOUT}\n"
    f"3. Data Generation:\n{DATA}\n4. Plot Description: {PLOT}\n"
    f"5. Plot Style Description: {STYLE}",
    "bold with colons inside": f"**1. Setup:** {SETUP}\n\n**2. Data Description:** {ABOUT}\n\n"
    f"**3. Data Generation:**\n```python\n{DATA}\n```\n\n**4. Plot Description:** {PLOT}\n\n"
    f"**5. Plot Style Description:** {STYLE}",
    "bold with colons outside": f"1. **Setup**: {SETUP}\r\n2. **data description**: {ABOUT}\r\n"
    f"3. **Data Generation**: ```python\r\n{DATA}\r\n```\r\n4. **Plot Description**: {PLOT}\r\n"
    f"5. **Plot Style Description**: {STYLE}",
    "headings": f"Here is the general task:\n\n### 1. Setup\n{SETUP}\n### 2. Data Description\n"
    f"{ABOUT}\n### 3. Data Generation\n{DATA}\n---\n### 4. Plot Description\n{PLOT}\n"
    f"### 5. Plot Style Description\n{STYLE}\n---",
    "labels": f"Setup:\n{SETUP}\nData Description:\n{ABOUT}\nData Generation:\n{DATA}\n"
    f"Plot Description:\n{PLOT}\nPlot Style Description:\n{STYLE}",
    "bold labels without numbers": f"**Setup**\n{SETUP}\n**Data Description**\n{ABOUT}\n"
    f"**Data Generation**\n{DATA}\n**Plot Description**\n{PLOT}\n"
    f"**Plot Style Description**\n{STYLE}",
    "echo of the prompt": f"1. Setup (describe programming language and libraries): {SETUP}\n"
    f"2. Data Description - {ABOUT}\n3. Data Generation. {DATA}\n"
    f"4. Plot Description: {PLOT}\n5. Plot Style Description: {STYLE}",
    "some labels": f"1. Setup: {SETUP}\n2. {ABOUT}\n3. {DATA}\n4. {PLOT}\n5. {STYLE}",
    "bold lines": f"**1.** {SETUP}\n**2.** {ABOUT}\n3. {DATA}\n**4. {PLOT}**\n__5.__ {STYLE}",
    "a fence around all": f"```plaintext\n{GOOD}\n```",
    "two fences": f"```\n1. {SETUP}\n2. {ABOUT}\n3.\n```python\n{DATA}\n```\n4. {PLOT}\n"
    f"5. {STYLE}\n```",
    "indented copy": numbered(SETUP, ABOUT, "\n   " + DATA.replace("\n", "\n   "), PLOT, STYLE),
    "lost comment, blanks and indentation": numbered(
        SETUP,
        ABOUT,
        "np.random.seed(3)  \nt = np.linspace(0, 10, 200)\nfor k in range(3):\n"
        "offset = k * 0.5\nsignal = np.sin(t) + offset",
        PLOT,
        STYLE,
    ),
}


@pytest.mark.parametrize("form", FILE_FORMS)
def test_golden_files(form: str) -> None:
    assert kept(FILE_FORMS[form]) == FILE_INSTRUCTION


@pytest.mark.parametrize(
    "text",
    [
        GOOD_CHART,
        f"1. Setup: {SETUP}\n2. Data Description: {ABOUT}\n3. Plot Description: {PLOT}\n"
        f"4. Plot Style Description: {STYLE}",
        f"**Setup:** {SETUP}\n\n**Data Description:** {ABOUT}\n\n**Plot Description:** {PLOT}\n\n"
        f"**Plot Style Description:** {STYLE}",
        f"## 1) Setup\n\n{SETUP}\n\n## 2) Data Description\n\n{ABOUT}\n\n"
        f"## 3) Plot Description\n\n{PLOT}\n\n## 4) Plot Style Description\n\n{STYLE}",
    ],
)
def test_golden_charts(text: str) -> None:
    assert kept(text, CHART) == CHART_INSTRUCTION


@pytest.mark.parametrize("heads", [("", ""), ("Plot Description: ", "Plot Style Description: ")])
def test_lists_inside_a_part_stay_there(heads: tuple[str, str]) -> None:
    plot = "Generate two panels:\n1. a line plot\n2. a bar plot\n  7. with a legend"
    style = "Colours:\n1. red\n2. blue\nMarkers:\n1. none"
    text = kept(f"1. {SETUP}\n2. {ABOUT}\n3. {DATA}\n4. {heads[0]}{plot}\n\n5. {heads[1]}{style}")
    assert text.startswith(plot.replace("  7.", "7.") + f"\n{SETUP}\n")
    assert text.endswith(f"\n{style}")


def test_with_labels_a_list_may_reach_the_next_number() -> None:
    items = "Three series:\n1. a\n2. b\n3. c"
    text = FILE_FORMS["numbers and labels"].replace(ABOUT, items)
    assert f"\n{items}\nThe mock data shows below:\n" in kept(text)


def test_a_decimal_is_no_number_of_a_part() -> None:
    assert kept(GOOD.replace(STYLE, "The line is\n2.5 points wide.")).endswith("\n2.5 points wide.")


def test_comment_of_the_code_that_reads_like_a_label_is_data() -> None:
    text = FILE_FORMS["headings"].replace(DATA, f"# Data Generation\n{DATA}")
    assert f"shows below:\n# Data Generation\n{DATA}\n" in kept(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot help with that.",
        numbered(SETUP, ABOUT, DATA, PLOT),  # one missing
        numbered(SETUP, ABOUT, DATA, PLOT, STYLE, "Enjoy."),  # one too many
        GOOD.replace("3. ", "Data: "),
        GOOD.replace("2. ", f"2. {ABOUT}\n2. "),  # doubled
        GOOD.replace("\n5. ", "\n4. Create another one.\n5. "),
        GOOD + "\n4. Create another one.",
        FILE_FORMS["labels"] + f"\nSetup:\n{SETUP}",
        FILE_FORMS["labels"].replace("Data Description", "Data"),
        f"2. {SETUP}\n1. {ABOUT}\n3. {DATA}\n4. {PLOT}\n5. {STYLE}",  # out of order
        FILE_FORMS["numbers and labels"]
        .replace("4. Plot Description", "4. Plot Style Description:")
        .replace("5. Plot Style Description", "5. Plot Description"),
        FILE_FORMS["numbers and labels"].replace("2. Data D", "3. Data D"),
        GOOD + "\n1. Setup: again",
        GOOD.replace(ABOUT, "Three series:\n1. a\n2. b\n3. c"),  # which 3 is the part?
        GOOD.replace(ABOUT, "Two series:\n1. a\n2. b"),  # which 1 and 2 are?
        numbered(SETUP, "", DATA, PLOT, STYLE),  # empty
        numbered(SETUP, ABOUT, DATA, PLOT, ""),
        numbered(SETUP, ABOUT, "```python\n```", PLOT, STYLE),
        GOOD.replace("\n", " "),  # not on lines of their own
        GOOD.replace("3. ", "3. ```python\n"),  # a fence that never ends
        GOOD_CHART,
    ],
)
def test_wrong_parts(text: str) -> None:
    assert reason(text) == InstructReason.WRONG_PARTS


def test_charts_have_no_data_generation() -> None:
    assert reason(FILE_FORMS["labels"], CHART) == InstructReason.WRONG_PARTS
    assert reason(GOOD, CHART) == InstructReason.WRONG_PARTS


@pytest.mark.parametrize(
    "data",
    [
        "t = np.linspace(0, 10, 100)",
        "t = np.linspace(0, 10, 200)\nnp.random.seed(3)",  # in another order
        "np.random.seed(3)\nnp.random.seed(3)",  # once in the code
        "np.random.seed(3); t = np.linspace(0, 10, 200)",  # joined
        "t = np.linspace(",
        "t = np.linspace(0, 10, 200)  # minutes",
        "None",  # there are data lines
    ],
)
def test_data_that_is_not_copied(data: str) -> None:
    assert reason(numbered(SETUP, ABOUT, data, PLOT, STYLE)) == InstructReason.DATA_NOT_VERBATIM


@pytest.mark.parametrize("code", [CODE, CODE.split("\n", 3)[3]])
def test_the_script_itself_is_not_its_data(code: str) -> None:
    text = numbered(SETUP, ABOUT, code, PLOT, STYLE)
    assert reason(text) == InstructReason.DATA_IS_WHOLE_CODE


@pytest.mark.parametrize("none", ["None", "N/A", "None.", "There are no data-generation lines."])
def test_no_data_lines_are_believed_where_we_find_none(none: str) -> None:
    bare = block("import matplotlib.pyplot as plt\nplt.plot(range)\n", FACTS)
    text = kept(numbered(SETUP, ABOUT, none, PLOT, STYLE), bare)
    assert text == f"{PLOT}\n{SETUP}\n{ABOUT}\n{STYLE}"
    lines = numbered(SETUP, ABOUT, "x = [1]", PLOT, STYLE)
    assert reason(lines, bare) == InstructReason.DATA_NOT_VERBATIM


def test_data_inside_a_function_come_dedented_and_with_windows_lines() -> None:
    body = "import numpy as np\ndef main():\n    x = [\n        1]\n    plt.plot(x)\n"
    code = body.replace("\n", "\r\n")
    text = kept(numbered(SETUP, ABOUT, "x = [\n    1]", PLOT, STYLE), block(code, FACTS))
    assert "below:\nx = [\n    1]\n" in text


@pytest.mark.parametrize(
    "phrase",
    [
        "Drawn with Matplotlib",
        "as in pyplot",
        "using a seaborn theme",
        "an array of NumPy",
        "made by plt",
        "use sns to draw",
        "call plot()",
        "call ax.legend for it",
        "use axes.legend",
        "use signal.plot",
        "the figures' matplotlib look and the lines' colours",
        "with plot(t, signal)",
        "with legend(loc)",
        "use set_title for the title",
        "as `set_title`",
        "as 'set_title'",
        'as "ax.legend"',
        "with an axhline",
        "set the xlim",
    ],
)
@pytest.mark.parametrize("part", [PLOT, STYLE])
def test_names_of_libraries_and_functions(phrase: str, part: str) -> None:
    text = GOOD.replace(part, f"{part[:-1]}, {phrase}.")
    assert reason(text) == InstructReason.NAMES_LIBRARY


def test_classes_of_the_code_are_names() -> None:
    text = GOOD.replace(STYLE, "Ticks by PercentFormatter.")
    code = CODE + "ax.xaxis.set_major_formatter(PercentFormatter())\n"
    assert reason(text, block(code, FACTS)) == InstructReason.NAMES_LIBRARY
    assert kept(text).endswith("PercentFormatter.")  # not a word of this code


@pytest.mark.parametrize("part", [PLOT, STYLE])
def test_names_of_libraries_in_charts(part: str) -> None:
    text = GOOD_CHART.replace(part, f"{part[:-1]}, drawn with pandas.")
    assert reason(text, CHART) == InstructReason.NAMES_LIBRARY


@pytest.mark.parametrize(
    "phrase",
    [
        "a bar plot, a scatter plot and a heatmap in subplots with a legend, a grid and a title",
        "the plot (red) and the subplot(s) with their legend(s)",
        "the curves sin(t) and f(x)",
        'the title "A numpy signal" and the label "np.sin"',
        "the title 'Pandas and bamboo' over the plot's axes",
        "the file signal.csv",
        "the column total_bill of data.csv, e.g. 0.5 per 10 px",
        "an hour_of_day axis",
    ],
)
def test_english_is_no_name(phrase: str) -> None:
    text = kept(GOOD.replace(STYLE, f"Show {phrase}."))
    assert text.endswith(f"\nShow {phrase}.")


@pytest.mark.parametrize("plot", ["A line plot.", "Generates a plot.", "generate it.", "Draw it."])
def test_wrong_beginning(plot: str) -> None:
    assert reason(GOOD.replace(PLOT, plot)) == InstructReason.WRONG_BEGINNING
    assert kept(GOOD.replace(PLOT, "Create it.")).startswith("Create it.\n")


def test_sample_carries_its_block_and_its_prompt() -> None:
    of = block(CODE, None, FACTS, FACTS)
    result = read(GOOD, of)
    assert isinstance(result, Kept)
    sample = result.records[0]
    assert (sample.parent_id, sample.code, sample.method) == (of.id, of.code, "model")
    assert sample.image == b"png-1" == request(of).images[0]  # the first known to show something
    assert sample.prompt_hash == "e6867bb9dbd2e59b75d8446695b9547e"
    other = read(GOOD.replace(STYLE, "The line is blue."), of)
    assert isinstance(other, Kept) and other.records[0].id != sample.id


@pytest.mark.parametrize(("of", "name"), [(FILE, "instruct/files"), (CHART, "instruct/charts")])
def test_prompt_is_the_file_with_the_field_replaced(of: ValidatedBlock, name: str) -> None:
    head, tail = (PROMPTS / f"{name}.txt").read_text(encoding="utf-8").split("{code}")
    made = request(of)
    (message,) = made.messages
    assert message.role == "user"
    assert message.content == head + of.code + tail.removesuffix("\n")
    assert (made.images, made.model, made.purpose) == ((b"png-0",), "served:gpt-4o", "instruct")
    assert (made.sampling.temperature, made.sampling.max_new_tokens) == (0.0, 1024)
    assert made.sampling.stop == "end"


def test_braces_and_placeholders_in_the_code_are_left_alone() -> None:
    code = 'x = {"a": 1}\nprint(f"{code} {x} {{}} \\1 {used_libs}")\n'
    content = request(block(code, FACTS)).messages[0].content
    assert content.count(code) == 1 and content.count("{code}") == 1


@pytest.mark.parametrize(
    "changed",
    [
        request(sample=1),
        request(block(CODE, FACTS, images=(b"png-other",))),
        request(block(CODE + "\n", FACTS)),
        request(block(CODE, FACTS, source="charts", data_csv=CSV)),
    ],
)
def test_key_changes_with(changed: Request) -> None:
    assert changed.key != request().key
    assert request(block(CODE, FACTS, id="block-2")).key == request().key


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (block(CODE, facts="[]"), InstructReason.NO_IMAGE),
        (block(CODE, FACTS, facts="{"), InstructReason.MALFORMED_FACTS),
        (block(CODE, FACTS, source="charts", data_csv=" \n"), InstructReason.NO_DATA),
    ],
)
def test_blocks_that_are_not_asked_about(of: ValidatedBlock, why: InstructReason) -> None:
    made = WRITER.request_of(of, 0)
    assert isinstance(made, Rejected)
    assert made.reason == why


def test_an_image_of_which_nothing_is_known_is_shown_all_the_same() -> None:
    assert request(block(CODE, None)).images == (b"png-0",)


def asked(*replies: str | Failure) -> tuple[list[Request], Kept[InstructionSample] | Rejected]:
    """What is asked about FILE, and its verdict, when the model says these in turn."""
    client = ScriptedClient(lambda request: replies[request.sample])
    ((_, verdict),) = list(WRITER.verdicts([FILE], client))
    return client.asked, verdict


def test_asked_once_more_then_rejected_with_the_last_reason() -> None:
    requests, verdict = asked(GOOD.replace(STYLE, "Use seaborn."), GOOD.replace(PLOT, "Draw."))
    assert [request.sample for request in requests] == [0, 1]
    assert isinstance(verdict, Rejected)
    assert verdict.reason == InstructReason.WRONG_BEGINNING


def test_second_answer_counts() -> None:
    requests, verdict = asked("1. What?", GOOD)
    assert len(requests) == 2
    assert isinstance(verdict, Kept) and verdict.records[0].instruction == FILE_INSTRUCTION


def test_good_answers_and_refusals_are_final() -> None:
    assert len(asked(GOOD, "unused")[0]) == 1
    requests, verdict = asked(Failure(kind=FailureKind.REFUSED), GOOD)
    assert len(requests) == 1
    assert isinstance(verdict, Rejected) and verdict.reason == ModelReason.REFUSED


def test_the_stage_writes_what_the_model_says(tmp_path: Path) -> None:
    client = ScriptedClient(lambda request: GOOD if "seconds" in str(request) else "No.")
    bad = block(CODE.replace("seconds", "hours"), FACTS, id="block-2")
    write_table(tmp_path / "in", ValidatedBlock, [FILE, bad])
    with WorkStore(tmp_path / "work.sqlite") as store:
        opened = OpenedModel(CachedClient(client, store), "served:it")
        tally = write_by_model(tmp_path / "in", tmp_path / "out", settings(method="model"), opened)
    assert (tally.inputs, tally.kept, dict(tally.rejected)) == (2, 1, {"wrong_parts": 1})
    (sample,) = read_table(tmp_path / "out", InstructionSample)
    assert sample.instruction == FILE_INSTRUCTION
    assert [row.kept for row in read_outcomes(tmp_path / "out")] == [True, False]


def test_code_with_secrets_stays_here() -> None:
    secret = block(f"# ask jane.doe@host.org\n{CODE}", FACTS)
    verdict = InstructionWriter(settings(method="model"), "served:it").request_of(secret, 0)
    assert verdict == Rejected(InstructReason.HOLDS_SECRETS, "email 1")
