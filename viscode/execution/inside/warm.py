"""The fork server: what can be done before a script comes is done once, and each script runs in a
fork of it. A warm one has imported everything, a bare one only the kernel.

`start.py warm SERVER.json CONTROL [USERS]`. CONTROL is the descriptor of a socket on which the
program asks for workers (a message with a socket attached); each worker is a fork of this process
with its own control socket, runs one script at a time, and forks for each:

    program -> worker   "prepare", with three sockets of the next script: its line, its raw output,
                        its saved images; "run" and the names of the script's files, when the script
                        is on its line; "interrupt"; "kill"; end of file: end
    worker -> program   JSON {"ended": exit status or -signal}

This file starts the nursery of cells while the process is still small, then the rest (forks.py).
"""

from __future__ import annotations

import json
import os
import socket
import sys

from . import cells


def main() -> None:
    with open(sys.argv[1]) as stream:  # noqa: PTH123 - pathlib would make the nursery larger
        config = json.load(stream)
    control = socket.socket(fileno=int(sys.argv[2]))
    users = [int(one) for argument in sys.argv[3:] for one in argument.split()]
    orders = cells.start_nursery(config) if config["namespaces"] else None

    from . import forks

    server = forks.Server(config["connection_file"], warm=config["warm"])
    forks.serve(server, config, control, orders, users)
    os._exit(0)
