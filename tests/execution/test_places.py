"""The environment may lie where scripts have a folder of their own."""

import os
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[2]
PLOT = "import matplotlib.pyplot as plt, seaborn\nplt.plot([1, 2])\nplt.show()\nprint('drawn')"
LOOK = """
import os, sys
for folder, _, names in os.walk('/tmp'):
    assert not names or folder.startswith(sys.prefix), folder
open('/tmp/mine', 'w').write('x')
try: open(sys.prefix + '/theirs', 'w')
except OSError: print('read-only')
"""


@pytest.fixture(scope="module")
def below_tmp(tmp_path_factory):
    """The scripts' environment below /tmp; links where they are possible, else copies."""
    folder = tmp_path_factory.mktemp("place").resolve() / "env"
    if not folder.is_relative_to("/tmp"):
        pytest.skip("the temporary folder does not lie below /tmp")

    def place(source, target):
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)

    shutil.copytree(ROOT / ".venv-plots", folder, symlinks=True, copy_function=place)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("engine", ["warm", "notebook"])
@pytest.mark.parametrize("mode", ["A", "B"])
def test_environment_below_tmp(execute, below_tmp, mode, engine):
    chosen = {"python": below_tmp / "bin/python", "isolation": mode, "engine": engine}
    drawn = execute(PLOT, **chosen)
    assert (drawn.status, drawn.stdout_head) == ("ok", "drawn\n"), drawn.error
    assert len(drawn.images) == 1
    if mode == "A":
        looked = execute(LOOK, **chosen)
        assert (looked.status, looked.stdout_head) == ("ok", "read-only\n"), looked.error
