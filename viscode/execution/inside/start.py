"""Runs a module of this folder: `python start.py NAME ARGUMENT ...` calls its `main`.

The modules are a package of a name that no script imports, so that neither meets the other's, and
this folder is not on `sys.path`. Standard library only.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib is slow to import
PACKAGE = "_viscode"


def make_package() -> None:
    sys.path[:] = [place for place in sys.path if place != HERE]
    package = sys.modules[PACKAGE] = type(sys)(PACKAGE)
    package.__path__ = [HERE]


def main() -> None:
    make_package()
    del sys.argv[0]
    module = f"{PACKAGE}.{sys.argv[0]}"
    __import__(module)
    sys.modules[module].main()


if __name__ == "__main__":
    main()
