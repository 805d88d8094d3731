# SPDX-License-Identifier: Apache-2.0
"""Requests in the background: those that show when a session is refused, and those that must not
become slower."""

import threading
import time

from site_of_fleet import Client


class Thread(threading.Thread):
    """Works on a machine until it is stopped; what went wrong there is raised by stop()."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node, self.client = node, Client(node)
        self.error = None
        self.stopped = threading.Event()

    def run(self):
        try:
            with self.node.machine.inside():
                while not self.stopped.is_set():
                    self.work()
        except BaseException as error:  # noqa: BLE001
            self.error = error

    def stop(self):
        self.stopped.set()
        self.join()
        if self.error is not None:
            raise self.error


class Watcher(Thread):
    """Asks about sessions that were ended until the server refuses them."""

    def __init__(self, node):
        super().__init__(node)
        self.open: dict[str, float] = {}  # since when
        self.seconds: dict[str, float] = {}  # how long it took

    def watch(self, token: str, since: float) -> None:
        self.open[token] = since

    def work(self):
        for token, since in list(self.open.items()):
            if not self.client.is_good(token):
                self.seconds[token] = time.monotonic() - since
                del self.open[token]
        time.sleep(0.02)


class Visitor(Thread):
    """Somebody with a good session, who comes back all the time."""

    def __init__(self, node, token):
        super().__init__(node)
        self.token = token
        self.times: list[float] = []

    def work(self):
        before = time.monotonic()
        assert self.client.is_good(self.token), f"{self.node.name} refuses a good session"
        self.times.append(time.monotonic() - before)
        time.sleep(0.01)

    def take(self) -> list[float]:
        """How long the requests since the last call took."""
        taken = len(self.times)
        times, self.times = sorted(self.times[:taken]), self.times[taken:]
        return times


def share(ordered: list[float], part: float) -> float:
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]
