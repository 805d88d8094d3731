# SPDX-License-Identifier: Apache-2.0
"""People who use a site without a pause, each in a browser of their own."""

import threading
import time

from sessions import NAME, Browser

IDLE = 10  # seconds that sessions last at least without activity


class Visitor(threading.Thread):
    """Signs in and asks for /fields, which answers $session_fields, again and again.

    lost       what was answered instead of the session's fields
    answered   how many were right
    kids       of the cookies that came
    """

    def __init__(self, server, user: str, end: threading.Event):
        super().__init__()
        self.lost: list[str] = []
        self.answered = 0
        self.kids: set[str] = set()
        self._browser = Browser(server)
        self._user, self._end = user, end

    def run(self):
        fields, active = "", 0.0
        while not self._end.is_set() and not self.lost:
            try:
                # A busy machine may let a session wait for longer than it lasts.
                if time.monotonic() > active + IDLE / 2:
                    self._browser.cookies = {}
                    self._browser.get(f"/sign-in?user={self._user}")
                    fields = ""
                asked = time.monotonic()
                response = self._browser.get("/fields")
            except Exception as error:
                self.lost.append(repr(error))
                return
            if time.monotonic() < asked + IDLE / 2:
                self._look_at(response, fields)
                fields, active = response.text, asked

    def _look_at(self, response, fields):
        start = fields or f"user={self._user}&sid="
        if response.status != 200 or not response.text.startswith(start):
            self.lost.append(f"{response.status} {response.text!r} instead of {start!r}")
        self.answered += 1
        if NAME in self._browser.set:
            self.kids.add(self._browser.cookies[NAME].removeprefix("s1.")[:8])


class Visitors:
    """A few of them, for as long as the block lasts. None may lose a session."""

    def __init__(self, server, count=4):
        self._end = threading.Event()
        self._all = [Visitor(server, f"user{i}", self._end) for i in range(count)]

    def __enter__(self):
        for visitor in self._all:
            visitor.start()
        return self

    def __exit__(self, kind, *_):
        self._end.set()
        for visitor in self._all:
            visitor.join()
        assert kind or self.lost == []

    @property
    def lost(self) -> list[str]:
        return [each for visitor in self._all for each in visitor.lost]

    @property
    def answered(self) -> int:
        return sum(visitor.answered for visitor in self._all)

    @property
    def kids(self) -> set[str]:
        return set().union(*(visitor.kids for visitor in self._all))
