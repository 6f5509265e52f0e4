"""Scripts run for a user who is not root and has no rights over the project."""

import shutil

import pytest
from ordinary_user import USER

pytestmark = pytest.mark.sandbox
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
SPY = "from pathlib import Path\nprint(Path({!r}).read_text())"


@pytest.mark.parametrize("engine", ["warm", "notebook"])
@pytest.mark.parametrize("mode", ["A", "B"])
def test_an_ordinary_user_has_the_same_walls(as_user, tmp_path, mode, engine):
    secret = tmp_path / "home/secret.txt"
    secret.write_text("mine")
    shutil.chown(secret, USER, USER)
    (tmp_path / "plot.py").write_text(PLOT)
    (tmp_path / "spy.py").write_text(SPY.format(str(secret)))
    scripts = (tmp_path / "plot.py", tmp_path / "spy.py")
    out = tmp_path / "home/out"
    drawn, spied = as_user("--isolation", mode, "--engine", engine, "--out", out, *scripts)
    assert (drawn["status"], len(drawn["images"])) == ("ok", 1)
    assert drawn["isolation"][0] == spied["isolation"][0] == mode
    assert spied["status"] == "error"
    assert spied["error_type"] in ("FileNotFoundError", "PermissionError")
