"""The limit for `bench/execution.py`: the same warm process without a fork and without walls
around each script, all scripts one after the other in it. Runs inside a sandbox (Service)."""

import json
import os
import socket
import sys
import time
from pathlib import Path


def main() -> None:
    inside, descriptor, box = sys.argv[1:4]
    sys.path.insert(0, inside)
    import frames

    os.chdir(f"{box}/work")
    sys.path.insert(0, inside)
    sys.path[0], here = inside, sys.path[0]
    import forks
    import shell

    del here
    server = forks.Server(f"{box}/run/kernel.json")
    line = socket.socket(fileno=int(descriptor))
    while True:
        try:
            request = json.loads(frames.receive(line)[1])
        except EOFError:
            return
        for name, text in request["files"].items():
            Path(name).write_text(text)
        said: list[bytes] = []
        server.probe.start(request["seed"], lambda _: b'{"code": 525, "message": "no renderer"}')
        began = time.perf_counter()
        reply = shell.execute(
            server.app,
            request["code"],
            lambda kind, content: said.append(shell.as_json({"type": kind, "content": content})),
        )
        spent = time.perf_counter() - began
        server.app.shell.reset(new_session=True)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
            sys.modules["matplotlib"].rcdefaults()
        answer = {"seconds": spent, "status": reply["status"], "bytes": sum(map(len, said))}
        frames.send(line, frames.DONE, json.dumps(answer).encode())


if __name__ == "__main__":
    main()
