"""From answer to cell as the published harness does it, the programs that it breaks included."""

import time

import pytest
from bench_fixtures import task

from viscode.bench.paper_code import cell, extracted, rewritten
from viscode.execution.session import WORK_AT

EXTRACTED = {
    "the first block": ("a\n```python\nx = 1\n```\nb\n```python\ny = 2\n```", "x = 1"),
    "no block": ("  x = 1\n", "x = 1"),
    "a block with another label": ("```py\nx = 1\n```", "```py\nx = 1\n```"),
    "a block without label": ("```\nx = 1\n```", "```\nx = 1\n```"),
    "python3 leaves its 3": ("```python3\nx = 1\n```", "3\nx = 1"),
    "a block that never closes": ("Here:\n```python\nx = 1\n", "x = 1"),
    "a fence in a string": ('```python\nx = "```"\n```', 'x = "'),
    "stop tokens without block": ("x = 1<|eot_id|><EOS>", "x = 1"),
    "stop tokens in a block stay": ("```python\nx = 1<|eot_id|>\n```", "x = 1<|eot_id|>"),
    "nothing": ("", ""),
}
REWRITTEN = {
    "reading, double quotes": ('df = pd.read_csv("data.csv")\nx', "#\nx"),
    "reading, single quotes": ("df = pd.read_csv('data.csv')", "#"),
    "reading, no blanks": ('df=pd.read_csv("data.csv")', "#"),
    "reading, no blanks, single": ("df=pd.read_csv('data.csv')", "#"),
    "reading, half a blank": ("df =pd.read_csv('data.csv')", "df =pd.read_csv('data.csv')"),
    "reading with options": (
        "df = pd.read_csv('data.csv', sep=';')",
        "df = pd.read_csv('data.csv', sep=';')",
    ),
    "part of a name": ("my_df = pd.read_csv('data.csv')", "my_#"),
    "numpy": ("x = np.pi", "import numpy as np\nx = np.pi"),
    "numpy by the end of a name": ("x = jnp.pi", "import numpy as np\nx = jnp.pi"),
    "numpy already there": (
        "import numpy as np\nnp.pi",
        "import numpy as np\nimport numpy as np\nnp.pi",
    ),
    "savefig": ("plt.savefig('a.png', dpi=300)", "plt.show()"),
    "savefig over lines": ("plt.savefig(\n    'a.png',\n)\nx", "plt.show()\nx"),
    "savefig with a call": ("plt.savefig(join('a', 'b'), dpi=3)", "plt.show(), dpi=3)"),
    "savefig that never closes": ("plt.savefig('a.png'", "plt.savefig('a.png'"),
    "savefig twice": ("a.savefig(1)\nb.savefig(2)", "a.show()\nb.show()"),
    "savefig by name": ("save = plt.savefig\nsave('a')", "save = plt.savefig\nsave('a')"),
    "write_image": ("fig.write_image('a.png')", "fig.show()"),
    "write_html stays": ("fig.write_html('a')", "fig.write_html('a')"),
    "try around show": ("try:\n    fig.show()\nexcept:\n    pass\nx", "fig.show()\n\nx"),
    "try around savefig": ("try:\n    f.savefig(1)\nexcept E:\n    pass", "f.show()\n"),
    "try around two lines": (
        "try:\n    a()\n    f.show()\nexcept E:\n    pass",
        "a()\n    f.show()\n",
    ),
    "try without pass": (
        "try:\n    f.show()\nexcept E:\n    b()",
        "try:\n    f.show()\nexcept E:\n    b()",
    ),
    "a pass far below": (
        "try:\n    f.show()\nexcept E:\n    b()\nbypass = 1",
        "f.show()\n = 1",
    ),
    "a show far below": (
        "try:\n    a()\nexcept E:\n    pass\nf.show()",
        "try:\n    a()\nexcept E:\n    pass\nf.show()",
    ),
    "two tries": (
        "try:\n  f.show()\nexcept:\n  pass\ntry:\n  g.show()\nexcept:\n  pass",
        "f.show()\n\ng.show()\n",
    ),
    "show with arguments": (
        "try:\n    f.show(block=True)\nexcept:\n    pass",
        "try:\n    f.show(block=True)\nexcept:\n    pass",
    ),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("answer", "code"), EXTRACTED.values(), ids=EXTRACTED)
def test_extracted(answer, code):
    assert extracted(answer) == code


@pytest.mark.parametrize(("code", "changed"), REWRITTEN.values(), ids=REWRITTEN)
def test_rewritten(code, changed):
    assert rewritten(code) == changed


@pytest.mark.parametrize(
    "part", ["try:", "try: x.show()", "x.savefig(", "try: x.show() except", "```python"]
)
def test_long_answers_take_linear_time(part):
    answer = part * (1_000_000 // len(part))
    began = time.process_time()
    rewritten(extracted(answer))
    rewritten(answer)
    assert time.process_time() - began < 2


BEFORE = {
    "matplotlib": ["%matplotlib inline"],
    "seaborn": ["%matplotlib inline"],
    "plotly": ["import plotly.io as pio", 'pio.renderers.default = "png"'],
}
AFTER = {
    "matplotlib": ["plt.rcParams.update(plt.rcParamsDefault)", "%reset -f"],
    "seaborn": ["plt.rcParams.update(plt.rcParamsDefault)", "sns.reset_orig()", "%reset -f"],
    "plotly": ["%reset -f"],
}


@pytest.mark.parametrize("library", BEFORE)
def test_a_cell_has_the_harness_s_lines_in_its_order(library):
    loads = ["import pandas as pd", "", f'df = pd.read_csv("{WORK_AT}/data-7.csv")']
    made = cell(task(7), "plot()", library)
    assert made.source.split("\n") == [
        "# id = 7",
        *BEFORE[library],
        *loads,
        "plot()",
        *AFTER[library],
    ]
    assert made.files == {"data-7.csv": task(7).data_csv.encode()}
    without = cell(task(7), "plot()", library, reset=False).source.split("\n")
    assert without == ["# id = 7", *BEFORE[library], *loads, "plot()"]


def test_only_the_task_s_own_reading_is_led_to_its_file():
    own = task(3, code_data="df = read('data.csv', 'other.csv')")
    source = cell(own, "open('data.csv')", "plotly").source
    assert f"df = read('{WORK_AT}/data-3.csv', 'other.csv')\nopen('data.csv')" in source
