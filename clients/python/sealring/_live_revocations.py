# SPDX-License-Identifier: Apache-2.0
"""A revocation list that follows its file (spec/revocations.md section 3)."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Union

from ._errors import InvalidRevocationListError
from ._followed_file import FollowedFile
from ._revocation_list import RevocationList, load_list
from ._time import now_or_clock


class LiveRevocationList:
    """The list in a file that is replaced meanwhile. Checks it when used, at most once per second.

    If a changed file is refused, the list in use stays, and `on_problem` is called once. Threads may
    share one.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        on_problem: Callable[[str], object] = logging.getLogger("sealring").error,
    ):
        """Raises InvalidRevocationListError, because at the start there is no list to go on with."""

        def report(problem: str) -> None:
            on_problem(f"{problem} (the list loaded before stays in use)")

        self._file = FollowedFile(path, load_list, InvalidRevocationListError, report)

    def current(self, now: int | None = None) -> RevocationList:
        return self._file.current(now_or_clock(now))


Revocations = Union[RevocationList, LiveRevocationList]


def list_in_use(revocations: Revocations | None, now: int) -> RevocationList | None:
    if isinstance(revocations, LiveRevocationList):
        return revocations.current(now)
    if revocations is not None and not isinstance(revocations, RevocationList):
        raise TypeError("revocations must be a RevocationList or a LiveRevocationList")
    return revocations
