"""The limit for `bench/execution.py`: the same warm process without a fork and without walls
around each script, all scripts one after the other in it. Runs inside a sandbox as a whole, with
the modules of `inside/` as the package `_viscode`: `python limit_process.py INSIDE DESCRIPTOR BOX`.
"""

import gc
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def collector(shell: Any, said: list[bytes]) -> Callable[[str, object], None]:
    """What takes a kernel's messages, at the cost of sending them."""
    return lambda kind, content: said.append(shell.as_json({"type": kind, "content": content}))


def no_renderer(_: bytes) -> bytes:
    return b'{"code": 525, "message": "no renderer"}'


def main() -> None:
    inside, descriptor, box = sys.argv[1:4]
    sys.path[0] = inside
    import start

    start.make_package()
    from _viscode import forks, frames, shell

    os.chdir(f"{box}/work")
    server = forks.Server(f"{box}/run/kernel.json")
    gc.collect()  # what importing has left; the engine's forks never meet it
    line = socket.socket(fileno=int(descriptor))
    while True:
        try:
            request = json.loads(frames.receive(line)[1])
        except EOFError:
            return
        for name, text in request["files"].items():
            Path(name).write_text(text)
        deliver = collector(shell, [])
        server.probe.start(request["seed"], no_renderer)
        began = time.perf_counter()
        reply = shell.execute(server.app, request["code"], deliver)
        spent = time.perf_counter() - began
        server.app.shell.reset(new_session=True)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
            sys.modules["matplotlib"].rcdefaults()
        answer = {"seconds": spent, "status": reply["status"]}
        frames.send(line, frames.DONE, json.dumps(answer).encode())


if __name__ == "__main__":
    main()
