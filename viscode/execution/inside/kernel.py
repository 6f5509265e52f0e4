"""Starts ipykernel inside the sandbox with the probe installed: `python kernel.py SPEC.json`.

It is `ipykernel_launcher` in all that a script can see (argv, `__main__`, the shell), except that
history and debugger stay out, which no script of ours can use and which cost start-up time.
"""

import importlib.util
import json
import sys
from pathlib import Path

OPTIONAL = ("debugpy", "jedi")  # a debugger and completion: 0.2 s that no script can use


def load(name):
    """A module of this folder, outside of sys.path, so that a script's imports cannot meet it."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"_viscode_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main():
    del sys.path[0]  # this folder; IPython adds the working folder where a notebook has it
    given = json.loads(Path(sys.argv[1]).read_text())
    arguments = [
        "-f",
        given["connection_file"],
        "--HistoryManager.enabled=False",
        "--InteractiveShell.colors=nocolor",
    ]
    sys.argv = [importlib.util.find_spec("ipykernel_launcher").origin, *arguments[:2]]
    for name in OPTIONAL:
        sys.modules[name] = None
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(arguments)
    for name in OPTIONAL:
        del sys.modules[name]
    load("probe").install(app.shell, given["seed"], load("mpl_facts"))
    app.start()


if __name__ == "__main__":
    main()
