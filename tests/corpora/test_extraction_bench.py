"""bench/extraction.py measures a folder of code and a list of source distributions."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from index_server import Index, sdist

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[2]
HEAD = "import matplotlib.pyplot as plt\n"
FILES = {
    "examples/alone.py": HEAD + "plt.plot([1, 2])\nplt.title('alone')\nplt.show()\n",
    "examples/frame.py": HEAD + "import pandas as pd\nd = pd.read_csv('d.csv')\n"
    "plt.plot(d['a'], d['b'])\nplt.title('frame')\n",
    "examples/unequal.py": HEAD + "plt.plot([1, 2], [1, 2, 3])\n",
    "examples/none.py": "x = 1\n",
    "examples/broken.py": HEAD + "def (:\n",
}


def measure(tmp_path, *arguments, **environment):
    hidden = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return subprocess.run(
        [sys.executable, "bench/extraction.py", *map(str, arguments)],
        cwd=ROOT,
        env={**hidden, "DVC_ROOT": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_folder_and_a_list_of_the_same_files_measure_the_same(tmp_path):
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    out = tmp_path / "out"
    of_folder = measure(tmp_path, "--corpus", tmp_path / "examples", "--out", out)
    with Index("json") as index:
        line = index.line("made-1.0.tar.gz", sdist(FILES))
        (tmp_path / "list.csv").write_text(f"name,version,sha256,licence\n{line}")
        settings = {"PIP_INDEX_URL": index.url, "PIP_CONFIG_FILE": os.devnull}
        of_list = measure(tmp_path, "--corpus", tmp_path / "list.csv", **settings)
    measured = []
    for done in (of_folder, of_list):
        assert done.returncode == 0, done.stderr
        row = json.loads(done.stdout.splitlines()[-1])
        measured.append({name: value for name, value in row.items() if "ms_per" not in name})
    assert measured[0] == measured[1]
    expected = {"files": 3, "blocks": 2, "yield": 0.667, "as_is_yield": 0.333}
    assert {name: measured[0][name] for name in expected} == expected
    assert measured[0]["methods"] == {"as_is": 1, "supplied": 1}
    assert measured[0]["reasons"] == {"ValueError": 1}
    assert len(list(out.glob("*-failed.py"))) == 1 and len(list(out.iterdir())) == 3


@pytest.mark.parametrize("place", ["none", "none.csv", "empty"])
def test_a_corpus_that_does_not_read_is_one_line(tmp_path, place):
    (tmp_path / "empty").mkdir()
    done = measure(tmp_path, "--corpus", tmp_path / place)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("viscode: extraction: ") and place in line
