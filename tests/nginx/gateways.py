# SPDX-License-Identifier: Apache-2.0
"""Applications that answer the same to each connection, and what nginx sent to them, byte for byte."""

import contextlib
import socket
import struct
import threading


def record(kind: int, content: bytes) -> bytes:
    """Of FastCGI."""
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


@contextlib.contextmanager
def gateway(nginx, port, answer):
    """Answers `answer` to each connection; yields what nginx sent on each."""
    pieces: list[bytes] = []
    with socket.create_server(("127.0.0.1", nginx.port(port))) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(30)
                    piece = connection.recv(65536)
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)
                    # What was not read would reset the connection before nginx has read the answer.
                    while more := connection.recv(65536):
                        piece += more
                    pieces.append(piece)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield pieces
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
