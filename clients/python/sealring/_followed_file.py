# SPDX-License-Identifier: Apache-2.0
"""A file that is read again when it changed (spec/keyring.md section 8)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class FollowedFile(Generic[T]):
    """What `load(path, in_use)` returns, with the file's status when it was read.

    `in_use` is what was loaded before. If `load` raises a `problem`, that stays, and `on_problem` is
    called once. Threads may share one.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        load: Callable[[str, T | None], tuple[T, os.stat_result]],
        problem: type[Exception],
        on_problem: Callable[[str], object],
    ):
        self._path = os.path.abspath(path)  # the process may change its working directory
        self._load, self._problem, self._on_problem = load, problem, on_problem
        self._in_use, status = load(self._path, None)
        self._seen = _identity(status)
        self._refusal = ""
        self._looked_at: int | None = None
        self._lock, self._process = threading.Lock(), os.getpid()

    def current(self, now: int) -> T:
        if self._process != os.getpid():  # forked, perhaps while another thread had the lock
            self._lock, self._process = threading.Lock(), os.getpid()
        # One thread checks the file; the others go on with what is in use.
        lock = self._lock
        if now != self._looked_at and lock.acquire(blocking=False):
            try:
                self._looked_at = now
                self._look()
            finally:
                lock.release()
        return self._in_use

    def _look(self) -> None:
        try:
            identity = _identity(os.stat(self._path))
        except OSError as error:
            identity = (error.errno or 0,)
        if identity == self._seen and not self._refusal:
            return
        try:
            self._in_use, status = self._load(self._path, self._in_use)
            self._seen, self._refusal = _identity(status), ""
        except self._problem as error:
            # Tried again every second, because the cause may be elsewhere, but reported only once.
            news = identity != self._seen or str(error) != self._refusal
            self._seen, self._refusal = identity, str(error)
            if news:
                self._on_problem(str(error))


def _identity(status: os.stat_result) -> tuple[int, ...]:
    """Distinguishes a replaced or rewritten file from the one that was seen last."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
