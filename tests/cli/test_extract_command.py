"""`viscode extract`: what a person reads of a file, a folder, and a figure without a block."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from viscode.cli.extract_told import Examined, Told
from viscode.cli.main import main
from viscode.core.outcomes import Rejected
from viscode.libraries.selection import SelectReason

GOOD = "import matplotlib.pyplot as plt\n\nplt.bar(['a', 'b'], [3, 4])\nplt.title('Two bars')\n"
UNEQUAL = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2], [1, 2, 3])\nplt.show()\n"


@pytest.fixture
def extract(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "good.py": GOOD,
        "unequal.py": UNEQUAL,
        "helper.py": "def f(x):\n    return x\n",
        "hostile.py": "import matplotlib.pyplot as plt\nplt.plot(\x1b[2J",
    }.items():
        Path("code").mkdir(exist_ok=True)
        Path("code", name).write_text(text)

    def run(*arguments):
        return CliRunner().invoke(main, ["extract", "--no-store", *arguments])

    return run


@pytest.mark.sandbox
def test_a_file_is_shown_with_its_block_and_its_image(extract):
    done = extract("code/good.py")
    assert done.exit_code == 0, done.output
    head, _, code = done.stdout.partition("  image  ")
    assert head.startswith("good.py: 1 block (as_is 1); 1 run\n")
    assert "block 1: as_is, " in head
    assert "runs and draws 1 image" in head
    assert "Two bars" in code
    (image,) = Path(".viscode/extract").glob("*.png")
    assert Image.open(image).width > 100


@pytest.mark.sandbox
def test_a_figure_without_a_block_is_explained(extract):
    told, explained = extract("code/unequal.py"), extract("--explain", "code/unequal.py")
    assert told.exit_code == explained.exit_code == 0
    assert "unequal.py: 0 blocks, 1 figure without one" in told.stdout
    assert "Traceback" not in told.stdout
    assert "x and y must have same first dimension" in explained.stdout
    assert "plt.plot([1, 2], [1, 2, 3])" in explained.stdout.partition("tried last")[2]


@pytest.mark.sandbox
def test_a_folder_is_counted_by_reason_and_written_out(extract):
    done = extract("--out", "blocks", "code")
    assert done.exit_code == 0, done.output
    assert "1 of 2 files that plot gave 1 block (as_is 1)" in done.stdout
    rows = [line.split() for line in done.stdout.partition("that plot gave")[2].splitlines()[1:]]
    assert [row[0] for row in rows] == ["1", "1", "1"]
    assert {"no_plotting", "syntax_error"} <= {word for row in rows for word in row}
    assert "\x1b" not in done.stdout
    (code,) = Path("blocks").glob("*.py")
    assert "plt.bar" in code.read_text()
    assert len(list(Path("blocks").glob("*.png"))) == 1


def test_where_nothing_plots_the_exit_status_says_so(extract):
    done = extract("code/helper.py")
    assert done.exit_code == 1
    assert "no plot to extract: no_plotting" in done.stdout


def test_a_file_beyond_the_limit_is_not_read_on(extract):
    Path("long.py").write_text(GOOD + "# filler\n" * 200_000)
    done = extract("long.py")
    assert (done.exit_code, "too_large" in done.stdout) == (1, True)


def test_what_is_not_there_is_one_line(extract):
    assert extract("code/nothing.py").exit_code == 2


def test_counts_of_a_folder_add_up(capsys):
    told = Told(explain=False, out=None, whole=False)
    for number in range(3):
        told.add(Examined(f"{number}.py", Rejected(SelectReason.NO_PLOTTING)))
    told.end()
    assert "0 of 0 files" in capsys.readouterr().out
    assert told.reasons == {"not selected: no_plotting": 3}
