# SPDX-License-Identifier: Apache-2.0
"""Free ports for the servers of tests."""

import os
import random
import socket

# Tests may run in several processes side by side: each gives out ports of its own.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_SHARE = 12000 // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_PORTS = range(20000 + _WORKER * _SHARE, 20000 + (_WORKER + 1) * _SHARE)

given: set[int] = set()


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(count: int = 1) -> int:
    """The first of `count` free ports in a row, each of which is given out once.

    Below those that the system gives to clients: a client that asks one of those before its server
    listens may come from the very same port, and then it is connected with itself.
    """
    while True:
        first = random.choice(_PORTS[: len(_PORTS) - count + 1])
        ports = range(first, first + count)
        if given.isdisjoint(ports) and all(map(is_free, ports)):
            given.update(ports)
            return first
