# SPDX-License-Identifier: Apache-2.0
"""A key ring that follows its file."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from ._errors import InvalidKeyringError
from ._followed_file import FollowedFile
from ._keyring import Keyring, load
from ._live_revocations import Revocations
from ._s1 import Opened
from ._time import now_or_clock


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

        def report(problem: str) -> None:
            on_problem(f"{problem} (the keys loaded before stay in use)")

        self._file = FollowedFile(path, load, InvalidKeyringError, report)

    def current(self, now: int | None = None) -> Keyring:
        return self._file.current(now_or_clock(now))

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
        self,
        token: bytes | str,
        *,
        context: bytes | str = b"",
        revocations: Revocations | None = None,
        now: int | None = None,
    ) -> Opened:
        """Keyring.open with the current ring."""
        now = now_or_clock(now)
        ring = self.current(now)
        return ring.open(token, context=context, revocations=revocations, now=now)
