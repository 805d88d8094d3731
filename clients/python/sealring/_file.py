# SPDX-License-Identifier: Apache-2.0
"""Reads files that others replace while this program runs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def opened(
    path: str | os.PathLike[str], problem: type[Exception], how_to_make: str
) -> Iterator[tuple[BinaryIO, os.stat_result]]:
    """The file and its status. Raises a `problem`, which says how to make the file if there is none."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise problem("it is not a regular file")
            yield file, status
    except OSError as error:
        raise problem(f"{error.strerror}{_advice(error, how_to_make)}") from None


def _open_at_once(path: str, flags: int) -> int:
    # O_NONBLOCK so that a FIFO does not hang a server; it has no effect on a regular file.
    return os.open(path, flags | os.O_NONBLOCK)


def _advice(error: OSError, how_to_make: str) -> str:
    if isinstance(error, FileNotFoundError):
        return f"; make one: {how_to_make}"
    if isinstance(error, PermissionError):
        return "; let a group that this user is in read it (chgrp, chmod 640)"
    return ""
