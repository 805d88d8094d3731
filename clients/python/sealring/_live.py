# SPDX-License-Identifier: Apache-2.0
"""A key ring that follows its file (spec/keyring.md section 8)."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from ._errors import InvalidKeyringError
from ._keyring import Keyring, load, now_or_clock
from ._s1 import Opened


class LiveKeyring:
    """The ring in a file that may be rotated meanwhile. Checks it when used, at most once per second.

    If a changed file is refused, the ring in use stays, and `on_problem` is called once. Threads may
    share one.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        on_problem: Callable[[str], object] = logging.getLogger("sealring").error,
    ):
        """Raises InvalidKeyringError, because at the start there is no ring to go on with."""
        self._path = os.path.abspath(path)  # the process may change its working directory
        self._on_problem = on_problem
        self._ring, status = load(self._path)
        self._seen = _identity(status)
        self._refusal = ""
        self._looked_at: int | None = None
        self._lock, self._process = threading.Lock(), os.getpid()

    def current(self, now: int | None = None) -> Keyring:
        now = now_or_clock(now)
        if self._process != os.getpid():  # forked, perhaps while another thread had the lock
            self._lock, self._process = threading.Lock(), os.getpid()
        # One thread checks the file; the others go on with the ring in use.
        lock = self._lock
        if now != self._looked_at and lock.acquire(blocking=False):
            try:
                self._looked_at = now
                self._look()
            finally:
                lock.release()
        return self._ring

    def seal(
        self,
        payload: bytes | str,
        *,
        lifetime: int,
        context: bytes | str = b"",
        now: int | None = None,
    ) -> str:
        """Keyring.seal with the current ring."""
        now = now_or_clock(now)
        return self.current(now).seal(payload, lifetime=lifetime, context=context, now=now)

    def open(
        self, token: bytes | str, *, context: bytes | str = b"", now: int | None = None
    ) -> Opened:
        """Keyring.open with the current ring."""
        now = now_or_clock(now)
        return self.current(now).open(token, context=context, now=now)

    def _look(self) -> None:
        try:
            identity = _identity(os.stat(self._path))
        except OSError as error:
            identity = (error.errno or 0,)
        if identity == self._seen and not self._refusal:
            return
        try:
            self._ring, status = load(self._path)
            self._seen, self._refusal = _identity(status), ""
        except InvalidKeyringError as error:
            # Tried again every second, because the cause may be elsewhere, but reported only once.
            news = identity != self._seen or str(error) != self._refusal
            self._seen, self._refusal = identity, str(error)
            if news:
                self._on_problem(f"{error} (the keys loaded before stay in use)")


def _identity(status: os.stat_result) -> tuple[int, ...]:
    """Distinguishes a replaced or rewritten file from the one that was seen last."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
