"""The program in an answer: every malformed kind has a defined result and none is an error."""

import json
import random
from pathlib import Path

import pytest

from viscode.bench.answer_code import Form, Trait, answer_code, program_in
from viscode.text.python_text import PARSED_CHARS

IN_STRING = 'x = """\n```python\nprint(1)\n```\n"""\nprint(x)\n'


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("```python\nx = 1\n```", "x = 1\n"),
        ("Sure!\n```py\nx = 1\n```\nDone.", "x = 1\n"),
        ("```python3\nx = 1\n```", "x = 1\n"),
        ("```Python\nx = 1\n```", "x = 1\n"),
        ("```\nx = 1\n```", "x = 1\n"),
        ("Here: ```python\nx = 1\n```", "x = 1\n"),
        ("```python\r\nx = 1\r\n```", "x = 1\r\n"),
        # drafts first, the last complete block counts
        ("```python\ndraft\n```\nBetter:\n```python\nfinal\n```", "final\n"),
        ("```python\ncode\n```\nOutput:\n```\n1 2 3 apples\n```", "code\n"),
        ("```bash\npip install x\n```\n```python\ncode\n```", "code\n"),
        ("```python\ncode\n```\n```bash\npython a.py\n```", "code\n"),
        ("```python\ncomplete\n```\n```python\nunclosed", "complete\n"),
        ("```python\ncode\n```\n```python\n\n```", "code\n"),
        # a block that does not parse is still the answer
        ("```python\nx = (\n```", "x = (\n"),
        # unclosed: cut at the length limit
        ("```python\nx = 1\nplt.plot(", "x = 1\nplt.plot("),
        ("```\nx = 1", "x = 1"),
        # a fence inside a string
        (f"```python\n{IN_STRING}```", IN_STRING),
        (f"```python\n{IN_STRING}```\nThen:\n```python\nlast\n```", "last\n"),
        ("```python\ns = '```'\nt = 1\n```", "s = '```'\nt = 1\n"),
        # the fence behind the last line of code
        ("```python\nx = 1\nplt.show()```", "x = 1\nplt.show()"),
        ("```python\nx = 1\nplt.show()```\nThat is all.\n```\nnone\n```", "x = 1\nplt.show()"),
        ("```python\nx = (\nplt.show()```", "x = (\nplt.show()"),
        ('```python\ns = """\n```a```\n"""\n```', 's = """\n```a```\n"""\n'),
        # a stop token behind the fence
        ("```python\nx = 1\n```<|im_end|>", "x = 1\n"),
        ("```python\nx = 1\n```</s>", "x = 1\n"),
        # a draft that was never closed, a label that prose mentions
        ("```python\ndraft = (\nWait.\n```python\nx = 1\n```", "x = 1\n"),
        ("<think>\n```python\nplt.\n</think>\nSo:\n```py\nx = 1\n```\nDone.", "x = 1\n"),
        ("In a ```python block:\n```python\nx = 1\n```", "x = 1\n"),
        ("Say ```pip install x```\nfirst.\n```python\nx = 1\n```", "x = 1\n"),
        ("```markdown\n# Plot\n```python\nx = 1\n```\n```", "x = 1\n"),
        ("```bash\npip install x\n```python\nx = 1\n```", "x = 1\n"),
        ('1. ```python title="plot.py"\nx = 1\n```', "x = 1\n"),
        # no fence
        ("x = 1\nprint(x)", "x = 1\nprint(x)"),
        ("I am sorry, but I cannot help with that.", ""),
        ("Sorry", "Sorry"),
        ("", ""),
        ("   \n\n", ""),
        ("```", ""),
        ("```python", ""),
        ("```python\n", ""),
        ("``````", ""),
        ("\x00\x01\x02", ""),
        ("```python\nx = 1\x00\n```", "x = 1\x00\n"),
        ("\ud800", ""),
        ('```json\n{"a": 1}\n```', ""),
    ],
)
def test_answer_code(answer, code):
    assert answer_code(answer) == code


SHOW = "\nplt.show()"
LOAD = 'import pandas as pd\ndf = pd.read_csv("data.csv")\n'
PLT = "import matplotlib.pyplot as plt\n"
LINE = f"{LOAD}{PLT}plt.plot(df['x'], df['y'])\nplt.title('A line')\nplt.show()\n"
FRAME = f"{LOAD}{PLT}ax = df.plot.bar(x='x')\nax.set_title('Bars')\nplt.show()\n"
SNS = f"import seaborn as sns\n{PLT}{LOAD}sns.lineplot(df, x='x', y='y')\nplt.show()\n"
PX = f"import plotly.express as px\n{LOAD}fig = px.line(df, x='x', y='y')\nfig.show()\n"
PROGRAMS = {"pyplot": LINE, "pandas": FRAME, "seaborn": SNS, "plotly": PX}


def fenced(code, label="python"):
    return f"```{label}\n{code}```\n"


# Each holds the program once; the program itself is the answer.
WRAPPINGS = {
    "closing fence only": lambda code: f"{code}```",
    "closing fence only, prose behind": lambda code: f"{code}```\nThis draws it. I'm done.",
    "closing fence only, behind code": lambda code: f"{code.rstrip()}```\n",
    "closing fence only, a tail": lambda code: f"{code}```\nTo save:\n{fenced('plt.savefig(1)')}",
    "closing fence of tildes only": lambda code: f"{code}~~~\nDone.",
    "closing fence only, prose before": lambda code: f"Sure! Here it is:\n\n{code}```\n",
    "label of the prompt's fence": lambda code: f"python\n{code}```\n",
    "label of the prompt's fence, no fence": lambda code: f"Python 3\n\n{code}",
    "bare, prose before": lambda code: f"Import what is needed:\n\n{code}",
    "tags of CodeLlama": lambda code: f"[PYTHON]\n{code}[/PYTHON]\n",
    "tags of an answer": lambda code: f"<answer>\n{code}</answer>\n",
    "tags of HTML": lambda code: f"Here:\n<pre><code>\n{code}</code></pre>\nDone.",
    "Markdown in a longer fence": lambda code: f"````markdown\nRun:\n{fenced(code)}````\n",
    "label with version": lambda code: fenced(code, "python3.11"),
    "label Python 3": lambda code: fenced(code, "Python 3"),
    "label ipython": lambda code: fenced(code, "ipython"),
    "label jupyter": lambda code: fenced(code, "jupyter"),
    "label in braces": lambda code: fenced(code, "{.python .numberLines}"),
    "label of another kind": lambda code: fenced(code, "text"),
    "attributes": lambda code: fenced(code, 'python title="a.py" linenums="1"'),
    "tildes": lambda code: f"Here:\n~~~python\n{code}~~~\n",
    "tildes, no label": lambda code: f"~~~\n{code}~~~",
    "longer fence": lambda code: f"````python\n{code}````\nDone.",
    "in a list": lambda code: "1. Run:\n   ```python\n   " + code.replace("\n", "\n   ") + "```",
    "in a list, not indented": lambda code: f"1. Run:\n{fenced(code)}2. Look.",
    "in a quotation": lambda code: "".join(f"> {x}\n" for x in fenced(code).splitlines()),
    "cut off": lambda code: f"Sure.\n```python\n{code}",
    "cut off, pip before": lambda code: f"```\npip install x\n```\nThen:\n```python\n{code}",
    "pip before": lambda code: f"```\npip install x\n```\n{fenced(code)}",
    "pip labelled bash": lambda code: f"{fenced('pip install x', 'bash')}{fenced(code)}",
    "pip behind, labelled so": lambda code: f"{fenced(code)}{fenced('pip install x')}",
    "output behind": lambda code: f"{fenced(code)}Output:\n```\n<Axes: >\n```\n",
    "output behind, labelled": lambda code: f"{fenced(code)}{fenced('0  1.5', 'text')}",
    "output that is Python": lambda code: f"{fenced(code)}Output:\n```\n[1, 2, 3]\n```\n",
    "tail that saves": lambda code: f"{fenced(code)}Or:\n{fenced('plt.savefig(1, dpi=300)')}",
    "tail that saves, imports": lambda code: f"{fenced(code)}{fenced(PLT + 'plt.savefig(1)')}",
    "tail of the figure": lambda code: f"{fenced(code)}{fenced('fig.write_image(1)')}",
    "tail of settings": lambda code: f"{fenced(code)}{fenced('plt.tight_layout()')}",
    "tail that is an excerpt": lambda code: f"{fenced(code)}{fenced('plt.plot(x, y, color=own)')}",
    "tail that draws more": lambda code: f"{fenced(code)}{fenced('plt.axhline(0)')}",
    "tail that draws and shows": lambda code: f"{fenced(code)}{fenced('df.plot()' + SHOW)}",
    "tail with dots": lambda code: f"{fenced(code)}{fenced('df.plot(..., lw=2)')}",
    "draft, then the program": lambda code: f"{fenced(PLT + 'plt.plot(1)')}Better:\n{fenced(code)}",
    "draft left open": lambda code: f"```python\nplt.plot(\nWait.\n{fenced(code)}",
    "reasoning": lambda code: f"<think>\n{fenced(LINE + 'x = 1')}no\n</think>\n{fenced(code)}",
    "reasoning, bare": lambda code: f"<think>I'd\n{fenced(LINE + 'x')}</think>\n\n{code}",
    "reasoning of Seed": lambda code: f"<seed:think>\n{fenced(SNS)}</seed:think>\n{code}",
    "reasoning in capitals": lambda code: f"<Thinking>\n{fenced(SNS)}</Thinking>\n{fenced(code)}",
    "thought, solution": lambda code: f"<|begin_of_thought|>\n{fenced(SNS)}<|end_of_thought|>\n"
    f"<|begin_of_solution|>\n{code}<|end_of_solution|>",
    "reasoning of Command": lambda code: f"<|START_THINKING|>{fenced(SNS)}<|END_THINKING|>"
    f"<|START_RESPONSE|>{code}<|END_RESPONSE|>",
    "reasoning of gpt-oss": lambda code: "<|channel|>analysis<|message|>Hm.<|end|><|start|>"
    f"assistant<|channel|>final<|message|>{fenced(code)}<|return|>",
    "byte order mark": lambda code: f"\ufeff{code}",
    "byte order mark, fenced": lambda code: f"\ufeff{fenced(code)}",
    "whole answer": lambda code: code,
    "a next turn": lambda code: f"{fenced(code)}<|im_end|>\n<|im_start|>user\nRed.\n{fenced(SNS)}",
    "a next turn of Mistral": lambda code: f"{code}</s> [INST] Red. [/INST]\n{fenced(SNS)}",
}  # fmt: skip
PLACES = {
    "bare": lambda code, stop: f"{code}{stop}",
    "bare, same line": lambda code, stop: f"{code.rstrip()}{stop}\n",
    "behind the fence": lambda code, stop: f"{fenced(code).rstrip()}{stop}",
    "below the fence": lambda code, stop: f"{fenced(code)}{stop}\n",
    "unclosed": lambda code, stop: f"Sure:\n```python\n{code}{stop}",
    "twice": lambda code, stop: f"{code}{stop}{stop}\n",
}


def same(found, code):
    return found.strip() == code.strip()


@pytest.mark.parametrize("library", PROGRAMS)
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_program_in_any_wrapping(wrapping, library):
    code = PROGRAMS[library]
    assert same(answer_code(WRAPPINGS[wrapping](code)), code)


STOPS = [
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|eot|>",
    "<|EOT|>",
    "<|eos|>",
    "<|endofturn|>",
    "<|end_of_turn|>",
    "<|end_of_sentence|>",
    "<|END_OF_TURN_TOKEN|>",
    "<|eo_turn|>",
    "<｜end▁of▁sentence｜>",
    "<|end▁of▁sentence|>",
    "<|endofmessage|>",
    "<|message_end|>",
    "<|end_of_message|>",
    "<|file_separator|>",
    "<|im_user|>",
    "<|user|>",
    "<|im_start|>user",
    "<|start_header_id|>user",
    "<start_of_turn>user",
    "</s>",
    "<eos>",
    "<EOS>",
    "<eot>",
    "<EOT>",
    "<eod>",
    "<EOD>",
    "[/INST]",
    "[INST]",
    "<end_of_turn>",
    "<end_of_utterance>",
    "<end_of_text>",
    "<pad>",
    "[|endofturn|]",
    "<turn|>",
    "</S>",
    "[EOS]",
    "<|END_RESPONSE|>",
    "<|end_of_role|>",
    "<|role_end|>",
    "<|assistant|>",
    "<|observation|>",
    "<｜User｜>",
    "<|hy_place▁holder▁no▁2|>",
    "<|fim_pad|>",
    "<|im_end|>\n<|im_start|>assistant\n",
    "</s><s>[INST]",
    "<unused0>",
    "<|END|>",
    "<|endofdocument|>",
]


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("place", PLACES)
def test_stop_tokens(stop, place):
    program = program_in(PLACES[place](LINE, stop))
    assert same(program.code, LINE) and Trait.STOP_TOKEN in program.traits


def test_a_text_that_looks_like_a_stop_token_stays():
    code = LINE.replace("A line", "<s>old</s> [INST] new")
    assert answer_code(fenced(code)) == code


INSIDE = {
    "a comment that ends in a fence": f"{LOAD}{PLT}# drawn ```\nplt.plot(df['x'])\n",
    "a comment with both fences": f"{PLT}plt.plot([1])  # not ```python or ```\nplt.show()\n",
    "a long string with a block": f'{PLT}s = """\n```python\nx\n```\n"""\nplt.plot([1])\n',
    "a docstring with a fence": f"{PLT}def f():\n    '''\n    ```\n    '''\n    plt.plot(1)\nf()\n",
    "a short string": f"{PLT}plt.plot([1])\nplt.title('```')\nplt.show()\n",
    "a magic": f"%matplotlib inline\n{PLT}plt.plot([1])\n",
    "a command": f"!pip install -q x\n{PLT}if True:\n    !ls\nplt.plot([1])\n",
    "a cell magic": f"%%time\n{PLT}plt.plot([1])\n",
}


@pytest.mark.parametrize("code", INSIDE.values(), ids=INSIDE)
def test_what_a_program_may_hold(code):
    assert answer_code(f"Here:\n{fenced(code)}Done.\n") == code
    assert answer_code(f"{fenced(code)}{fenced('x = 1')}") == code
    assert answer_code(f"{code}```\n") == code
    assert answer_code(f"```python\n{code}") == code


DATA = 'df = pd.read_csv("data.csv")\n'
CHAINS = {
    "set-up, plot": [LOAD + PLT, "plt.plot(df['x'])\nplt.show()\n"],
    "set-up, frame's plot": [LOAD, "df.plot()\n"],
    "imports, data, plot": ["import pandas as pd\n" + PLT, DATA, "plt.bar(df['x'], df['y'])\n"],
    "the plot imports its own": [LOAD, f"{PLT}plt.plot(df['x'])\n"],
    "data bound anew": [LOAD + PLT, "df = df.dropna()\n", "plt.plot(df['x'])\n"],
    "bound anew and drawn": [LOAD + PLT, "df = df.dropna()\ndf.plot()\nplt.show()\n"],
    "a function, its call": [f"{PLT}def draw(d):\n    plt.plot(d)\n", LOAD + "draw(df['x'])\n"],
    "axes, then what is drawn": [LOAD + PLT + "fig, ax = plt.subplots()\n", "ax.plot(df['x'])\n"],
    "plotly's figure shown apart": [PX.replace("fig.show()\n", ""), "fig.show()\n"],
    "figure, layout, show": [
        PX.replace("fig.show()\n", ""), "fig.update_layout(title='a')\n", "fig.show()\n"],
    "a star import": ["from pylab import *\n", "plot([1, 2])\nshow()\n"],
    "seaborn": ["import seaborn as sns\n" + LOAD, "sns.histplot(df['x'])\n"],
    "a column set between": [LOAD + PLT, "df['z'] = df['x'] * 2\n", "plt.plot(df['z'])\n"],
    "sorted in place between": [LOAD + PLT, "df.sort_values('x', inplace=True)\n", "df.plot()\n"],
    "a style between": [LOAD + PLT, "plt.style.use('ggplot')\n", "plt.plot(df['x'])\n"],
    "drawn in two steps": [
        LOAD + PLT + "fig, ax = plt.subplots()\n", "ax.plot(df['x'])\n", "ax.bar(df['x'], 1)\n"],
    "columns set in a loop": [LOAD, "for c in df:\n    df[c] *= 2\n", "df.plot()\n"],
    "a loop": [LOAD + PLT, "for name in df:\n    plt.plot(df[name])\nplt.show()\n"],
}  # fmt: skip


@pytest.mark.parametrize("blocks", CHAINS.values(), ids=CHAINS)
@pytest.mark.parametrize("label", ["python", "", "py"])
def test_blocks_that_need_each_other_are_one_program(blocks, label):
    program = program_in("Next:\n".join(fenced(block, label) for block in blocks))
    assert program.code == "\n\n".join(block.strip("\n") for block in blocks) + "\n"
    assert Trait.SEVERAL in program.traits and program.form == Form.CLOSED


NOT_NEEDED = {
    "a draft": [LINE, FRAME],
    "data of its own": [LOAD, LINE],
    "settings": ["import os\nos.environ['A'] = 'b'\n", PX],
    "a look at the data": [f"{LOAD}print(df.head())\n", LINE],
    "another program's names": [f"{PLT}z = 1\n", SNS],
}


@pytest.mark.parametrize("blocks", NOT_NEEDED.values(), ids=NOT_NEEDED)
def test_what_is_not_needed_is_left_out(blocks):
    assert answer_code("or\n".join(map(fenced, blocks))) == blocks[-1]


FOUND = {
    "closed": (fenced(LINE), Form.CLOSED, set()),
    "closed, py": (fenced(LINE, "py"), Form.CLOSED, {Trait.OTHER_LABEL}),
    "closed, no label": (fenced(LINE, ""), Form.CLOSED, {Trait.NO_LABEL}),
    "unclosed": (f"```python\n{LINE}", Form.UNCLOSED, set()),
    "bare": (LINE, Form.BARE, set()),
    "bare, closed": (f"{LINE}```", Form.BARE_CLOSED, set()),
    "bare, stop token": (f"{LINE}</s>", Form.BARE, {Trait.STOP_TOKEN}),
    "tail": (fenced(LINE) + fenced("plt.savefig(1)"), Form.CLOSED, {Trait.NOT_LAST}),
    "joined": (fenced(LOAD) + fenced("df.plot()"), Form.CLOSED, {Trait.SEVERAL}),
    "reasoning": (f"Hm.</think>{LINE}", Form.BARE, {Trait.REASONING}),
    "no plot": (fenced("x = 1"), Form.CLOSED, {Trait.DRAWS_NOTHING}),
    "no code": ("I'm sorry.", Form.NONE, set()),
}


@pytest.mark.parametrize(("answer", "form", "traits"), FOUND.values(), ids=FOUND)
def test_how_it_was_found_is_said(answer, form, traits):
    program = program_in(answer)
    assert (program.form, program.traits) == (form, traits)


SHARED = Path(__file__).parents[2].parent / "shared" / "cases" / "answers.jsonl"


@pytest.mark.skipif(not SHARED.is_file(), reason="../shared/cases is not on this machine")
def test_answers_that_failed():
    lines = SHARED.read_text(encoding="utf-8").splitlines()
    for row in map(json.loads, lines):
        code = answer_code(row["response"])
        assert code.startswith("import pandas as pd\n") and "plt.show()" in code, row["id"]
        assert "savefig" not in code and "nothing_here" not in code, row["id"]


FILLERS = [
    "a",
    "x = 1\n",
    "(",
    "```",
    "```\n",
    "```python\n(\n```\n",
    "```python\n",
    "```python ",
    "- ",
    "\x00",
    '```\n"""\n',
    "[" * 50 + "\n",
    "```python\n(",
    "(```\n",
    "```python\n(```\n",
    "a ```python ",
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("filler", FILLERS)
def test_the_longest_answers_that_are_parsed_are_no_trouble(filler):
    for text in ("```python\n", ""):
        answer_code(text + filler * ((PARSED_CHARS - 20) // len(filler)))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("filler", ["a", "```", "```\n", "```python\n", "(```\n", "a ```python "])
def test_huge_answers_are_no_trouble(filler):
    """Beyond what is parsed: what grows with the square of the length would take many minutes."""
    answer_code(filler * (3 * PARSED_CHARS // len(filler)))


def test_random_mixtures_never_fail():
    rng = random.Random(1)
    pieces = ["```", "```python\n", "\n", "`", "x = 1", '"""', "'", "(", " ", "\x00", "\ud800", "é"]
    for _ in range(2000):
        assert isinstance(answer_code("".join(rng.choices(pieces, k=rng.randint(0, 12)))), str)
