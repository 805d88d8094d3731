# SPDX-License-Identifier: Apache-2.0
"""Reads a key ring file if it can be trusted (spec/keyring.md section 4, rules 1 and 2)."""

from __future__ import annotations

import os

from ._errors import InvalidKeyringError
from ._file import opened

MAX_SIZE = 1 << 20


def read_keyring_file(path: str | os.PathLike[str]) -> tuple[bytes, os.stat_result]:
    """The file's content, and its status when it was read."""
    how_to_make = f"sealring keyring init {os.fspath(path)}"
    with opened(path, InvalidKeyringError, how_to_make) as (file, status):
        _check(path, status)
        text = file.read(status.st_size + 1)
    if len(text) != status.st_size:
        raise InvalidKeyringError("it changed while it was read; replace it by renaming a new file")
    return text, status


def _check(path: str | os.PathLike[str], status: os.stat_result) -> None:
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
