# SPDX-License-Identifier: Apache-2.0
"""Free ports for the servers of tests."""

import random
import socket

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
        first = random.randrange(20000, 32000)
        ports = range(first, first + count)
        if given.isdisjoint(ports) and all(map(is_free, ports)):
            given.update(ports)
            return first
