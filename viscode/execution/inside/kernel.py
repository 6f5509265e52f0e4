"""Starts ipykernel inside the sandbox with the probe installed: `python kernel.py SPEC.json`.

It is `ipykernel_launcher` in all that a script can see (argv, `__main__`, the shell), except that
history and debugger stay out, which no script of ours can use and which cost start-up time.
"""

import importlib.util
import json
import os
import socket
import sys
from contextlib import contextmanager
from pathlib import Path

UNUSED = ("debugpy", "jedi")  # a debugger and completion: 0.2 s that no script can use
OPTIONS = ("--HistoryManager.enabled=False", "--InteractiveShell.colors=nocolor")


def load(name):
    """A module of this folder, outside of sys.path, so that a script's imports cannot meet it."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"_viscode_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def without_unused():
    """While ipykernel starts, what it can do without is not there."""
    for name in UNUSED:
        sys.modules[name] = None
    try:
        yield
    finally:
        for name in UNUSED:
            del sys.modules[name]


def main():
    del sys.path[0]  # this folder; IPython adds the working folder where a notebook has it
    given = json.loads(Path(sys.argv[1]).read_text())
    arguments = ["-f", given["connection_file"], *OPTIONS]
    sys.argv = [importlib.util.find_spec("ipykernel_launcher").origin, *arguments[:2]]
    with without_unused():
        from ipykernel.kernelapp import IPKernelApp

        app = IPKernelApp.instance()
        app.initialize(arguments)
    frames, confine = load("frames"), load("confine")
    line, owner = socket.socket(fileno=given["render_fd"]), os.getpid()

    def ask_renderer(request):
        if os.getpid() != owner:
            raise ValueError("image export works in the script's own process only")
        frames.send(line, frames.RENDER, request)
        return frames.receive(line)[1]

    load("probe").Probe(app.shell, load("mpl_facts")).start(given["seed"], ask_renderer)
    if given["walls"]:  # the kernel's own sockets are open: from here on there are no new ones
        confine.seccomp(sockets=False)
    app.start()


if __name__ == "__main__":
    main()
