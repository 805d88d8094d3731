# SPDX-License-Identifier: Apache-2.0
"""Reads a key ring file if it can be trusted (spec/keyring.md section 4, rules 1 and 2)."""

from __future__ import annotations

import os
import stat

from ._errors import InvalidKeyringError

MAX_SIZE = 1 << 20


def read_file(path: str | os.PathLike[str]) -> tuple[bytes, os.stat_result]:
    """The file's content, and its status when it was read."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            status = os.fstat(file.fileno())
            _check(path, status)
            text = file.read(status.st_size + 1)
    except OSError as error:
        raise InvalidKeyringError(f"{error.strerror}{_advice(path, error)}") from None
    if len(text) != status.st_size:
        raise InvalidKeyringError("it changed while it was read; replace it by renaming a new file")
    return text, status


def _open_at_once(path: str, flags: int) -> int:
    # O_NONBLOCK so that a FIFO does not hang a server; it has no effect on a regular file.
    return os.open(path, flags | os.O_NONBLOCK)


def _advice(path: str | os.PathLike[str], error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"; make one: sealring keyring init {os.fspath(path)}"
    if isinstance(error, PermissionError):
        return "; let a group that this user is in read it (chgrp, chmod 640)"
    return ""


def _check(path: str | os.PathLike[str], status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InvalidKeyringError("it is not a regular file")
    if status.st_mode & 0o037:
        raise InvalidKeyringError(
            "others may read or change it (a secret in a container: see docs/containers.md); "
            f"run: chmod 640 {os.fspath(path)}"
        )
    if status.st_uid not in (0, os.geteuid()):
        raise InvalidKeyringError(
            f"its owner (uid {status.st_uid}) could change it, and is neither root nor the user "
            f"who reads it (uid {os.geteuid()}); run: chown root {os.fspath(path)}"
        )
    if status.st_size == 0:
        raise InvalidKeyringError("it is empty; restore it from a backup")
    if status.st_size > MAX_SIZE:
        raise InvalidKeyringError("it is larger than 1 MiB")
