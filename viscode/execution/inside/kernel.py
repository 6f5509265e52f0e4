"""Starts ipykernel inside the sandbox with the probe installed: `python kernel.py SPEC.json`.

It is `ipykernel_launcher` in all that a script can see (argv, `__main__`, the shell), except that
history and debugger stay out, which no script of ours can use and which cost start-up time.
"""

import functools
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


class RenderLine:
    """Asks the program for image exports. Code that is interrupted while it waits leaves its
    answer behind: the next request drops it."""

    def __init__(self, line, frames):
        self.line, self.frames, self.owner = line, frames, os.getpid()
        self.reader = frames.Reader(sys.maxsize)
        self.unanswered = 0

    def ask(self, request):
        if os.getpid() != self.owner:
            raise ValueError("image export works in the script's own process only")
        while self.unanswered:
            self.answer()
        self.unanswered += 1
        self.frames.send(self.line, self.frames.RENDER, request)
        return self.answer()

    def answer(self):
        while True:
            data = self.line.recv(1 << 20)
            if not data:
                raise EOFError
            for _, body in self.reader.feed(data):
                self.unanswered -= 1
                return body


def packer(limit):
    """How the parts of a message become JSON; one of more than `limit` bytes is left out."""
    from jupyter_client.jsonutil import json_default

    outgoing, read = load("outgoing"), load("forms").READ

    def pack(value):
        packed = outgoing.as_json(outgoing.trimmed(value, read), json_default)
        return packed if len(packed) <= limit else b"{}"

    return pack


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
    app.session.pack = packer(frames.LIMIT)
    desk = RenderLine(socket.socket(fileno=given["render_fd"]), frames)
    program = given["program"]
    hooks = load("mpl_tags").hooks() | (load("showing").HOOKS if program is not None else {})
    read = functools.partial(load("mpl_facts").read, looks=load("mpl_looks"))
    load("probe").Probe(app.shell, read, hooks).start(given["seed"], desk.ask)
    if program is not None:
        load("program").begin(app.shell, **program)
    if given["walls"]:  # the kernel's own sockets are open: from here on there are no new ones
        confine.seccomp(sockets=False, alone=given["alone"])
    app.start()


if __name__ == "__main__":
    main()
