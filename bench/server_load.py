# SPDX-License-Identifier: Apache-2.0
"""Loads servers with several kinds of request in blocks, and reads the CPU time that each block took them.

CPU time and not requests a second: these say nothing where client and server share two processors with
others. Requests come as from 16 clients at once, over connections that stay open.
"""

import contextlib
import random
import re
import socket
import struct
from collections.abc import Callable, Mapping
from typing import NamedTuple

from servers import Server

CONNECTIONS = 16
WAVES = 25  # of requests over all connections: a block
SECONDS = 60  # without an answer


class Request(NamedTuple):
    server: Server
    path: str
    headers: Mapping[str, str] | Callable[[], Mapping[str, str]] = {}  # or what makes them for each block
    method: str = "GET"
    waves: int = WAVES

    def text(self) -> bytes:
        headers = self.headers() if callable(self.headers) else self.headers
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: localhost",
                 *(f"{name}: {value}" for name, value in headers.items())]
        if self.method == "POST":
            lines.append("Content-Length: 0")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Client:
    """The connections to one port."""

    def __init__(self, port: int, connections: int = CONNECTIONS):
        self.sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
        for connection in self.sockets:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SECONDS, 0))

    def close(self) -> None:
        for connection in self.sockets:
            connection.close()

    def size_of_response(self, text: bytes) -> int:
        connection = self.sockets[0]
        connection.sendall(text)
        received = b""
        while b"\r\n\r\n" not in received:
            received += (piece := connection.recv(65536))
            if not piece:
                raise RuntimeError("the server closed the connection")
        head = received.partition(b"\r\n\r\n")[0]
        body = re.search(rb"\r\nContent-Length: (\d+)", head, re.I)
        if body is None and not head.startswith(b"HTTP/1.1 204"):
            raise RuntimeError(f"an answer without a length: {head}")
        size = len(head) + 4 + (int(body[1]) if body else 0)
        connection.recv(size - len(received), socket.MSG_WAITALL)
        return size

    def load(self, text: bytes, size: int, waves: int) -> None:
        """Sends the request over each connection, then reads all answers, which are of one size. Each is
        a 2xx or 3xx."""
        for _ in range(waves):
            for connection in self.sockets:
                connection.sendall(text)
            for connection in self.sockets:
                answer = connection.recv(size, socket.MSG_WAITALL)
                if len(answer) != size or not answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3")):
                    raise RuntimeError(f"asked {text[:2000]}, answered {answer[:2000]}")


def block(client: Client, request: Request) -> float:
    """Nanoseconds of CPU that a request took the server."""
    text = request.text()
    size = client.size_of_response(text)
    client.load(text, size, 1)
    before = request.server.cpu_nanoseconds()
    client.load(text, size, request.waves)
    return (request.server.cpu_nanoseconds() - before) / (request.waves * len(client.sockets))


def measure(requests: Mapping[str, Request], rounds: int) -> dict[str, list[float]]:
    """Nanoseconds by name, one of each round. The first round, in which servers make what they keep for the
    others, does not count."""
    taken: dict[str, list[float]] = {name: [] for name in requests}
    with contextlib.ExitStack() as stack:
        clients = {port: stack.enter_context(contextlib.closing(Client(port)))
                   for port in {request.server.port for request in requests.values()}}
        for _ in range(rounds + 1):
            for name in random.sample(list(requests), len(requests)):
                taken[name].append(block(clients[requests[name].server.port], requests[name]))
    return {name: values[1:] for name, values in taken.items()}
