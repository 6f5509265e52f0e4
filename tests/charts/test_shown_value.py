"""How a call is written so that its chart is seen; that it is seen: test_rebuilt_scripts_draw."""

import pytest
from chart_examples import IMPORTS, rebuilt

PIL = "from io import BytesIO\nfrom PIL import Image\n"
SAVED = "    buf = BytesIO()\n    plt.savefig(buf)\n    plt.close()\n"
PLOTLY = "import plotly.express as px\n"

LAST = {
    "an open figure shows itself": ("    fig = plt.figure()\n    return fig, 1\n", "draw(df)"),
    "a buffer beside an open figure": (
        "    plt.savefig(b := BytesIO())\n    return b\n",
        "draw(df)",
    ),
    "an image": (f"{SAVED}    return Image.open(buf)\n", "draw(df)"),
    "a buffer": (f"{SAVED}    return buf\n", "Image.open(draw(df))"),
    "bytes": (f"{SAVED}    return buf.getvalue()\n", "Image.open(BytesIO(draw(df)))"),
    "bytes by name": (
        f"{SAVED}    raw = buf.read()\n    return raw\n",
        "Image.open(BytesIO(draw(df)))",
    ),
    "a buffer in a tuple": (f"{SAVED}    return 1, buf\n", "Image.open(draw(df)[1])"),
    "a figure in a tuple": ("    plt.close()\n    return 1, fig\n", "draw(df)[1]"),
    "a file by name": ("    plt.close()\n    return 'out.png'\n", "Image.open(draw(df))"),
    "the last return": (
        f"    if df.empty:\n        return None\n{SAVED}    return buf\n",
        "Image.open(draw(df))",
    ),
    "not that of an inner function": (
        f"    def inner():\n        return 'x.png'\n{SAVED}    return Image.open(buf)\n",
        "draw(df)",
    ),
    "an unknown name": ("    plt.close()\n    return something\n", "draw(df)"),
    "a name of itself": ("    plt.close()\n    x = x\n    return x\n", "draw(df)"),
}


@pytest.mark.parametrize(("body", "last"), LAST.values(), ids=LAST)
def test_the_last_line(body: str, last: str) -> None:
    code = f"{IMPORTS}{PIL}def draw(df):\n    plt.plot(df.Year)\n{body}"
    assert rebuilt(code).code.splitlines()[-1] == last


def test_missing_imports_are_added_without_new_names_for_old_ones() -> None:
    code = f"{PLOTLY}def draw(df):\n    fig = px.line(df)\n    return fig.to_image()\n"
    text = rebuilt(code).code
    head = "import pandas as pd\nfrom io import BytesIO\nimport PIL.Image\nimport plotly.express"
    assert head in text
    assert text.endswith("\nPIL.Image.open(BytesIO(draw(df)))\n")
