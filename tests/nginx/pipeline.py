# SPDX-License-Identifier: Apache-2.0
"""Many requests to a server in little time: pipelined, some hundreds to a connection."""

import socket

SECONDS = 60
AT_ONCE = 200


def send_pipelined(port: int, path: str, cookies: list[str], status: str) -> None:
    """Asks for `path` with each of `cookies` and makes sure that each answer is `status`.

    A server that needs the connection's thread or slot may close it early: what it did not answer is
    sent again.
    """
    requests = [f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n" for cookie in cookies]
    while requests:
        answered = _answers(port, requests[:AT_ONCE], f"HTTP/1.1 {status}\r\n".encode())
        assert answered, "the server answers"
        requests = requests[answered:]


def _answers(port: int, requests: list[str], wanted: bytes) -> int:
    answers = b""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as client:
        try:
            client.sendall(("\r\n".join(requests) + "Connection: close\r\n\r\n").encode())
            while piece := client.recv(1 << 20):
                answers += piece
        except ConnectionError:
            pass
    answered = answers.count(b"HTTP/1.1 ")
    assert answered == answers.count(wanted), answers[:1000]
    return answered
