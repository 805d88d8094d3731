# SPDX-License-Identifier: Apache-2.0
"""Requests without a pause, from several clients at a time."""

import http.client
import threading
import time
from typing import NamedTuple


class Loss(NamedTuple):
    """A request without an answer: when it failed, and which process answered on its connection."""

    at: float
    server: str
    error: str


class Load:
    """Asks for `path` until it is stopped, `clients` at a time.

    Each request has its own connection or, with keep_alive, each client keeps one as long as possible.
    The response's header X-Process names the process that answered. `check` gets each response.
    """

    def __init__(self, port: int, path: str, check, *, clients=4, keep_alive=False, headers=None):
        self.answered = 0
        self.losses: list[Loss] = []
        self.wrong: list[str] = []
        self._port, self._path, self._check = port, path, check
        self._keep_alive, self._headers = keep_alive, headers or {}
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        connection, process = None, ""
        headers = self._headers if self._keep_alive else {"Connection": "close", **self._headers}
        while not self._stop.is_set():
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
                process = ""
            try:
                connection.request("GET", self._path, headers=headers)
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException) as error:
                with self._lock:
                    self.losses.append(Loss(time.monotonic(), process, repr(error)))
                connection.close()
                connection = None
                continue
            process = response.headers.get("X-Process", "")
            with self._lock:
                self.answered += 1
                if not self._check(response.status, body):
                    self.wrong.append(f"{response.status} {body[:100]!r}")
            if not self._keep_alive or response.will_close:
                connection.close()
                connection = None
