# SPDX-License-Identifier: Apache-2.0
"""What a revocation list revokes (spec/revocations.md sections 3 and 4)."""

from __future__ import annotations

import hashlib
import operator
import os
import struct
from collections.abc import Callable
from itertools import islice

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ._errors import InvalidRevocationListError
from ._file import opened
from ._revocation_header import (
    ENTRY_SIZE,
    HASH_SIZE,
    HEADER_SIZE,
    Header,
    need,
    parse_header,
    parse_names,
)

_MAX_VALUE = 1024
_TIME_SIZE = 5
_HASH_OF_ENTRY = struct.Struct(f"{HASH_SIZE}s{ENTRY_SIZE - HASH_SIZE}x")
_EVERYTHING = b""


class RevocationList:
    """What is revoked: the content of a file. It does not change; a LiveRevocationList follows it."""

    def __init__(self, header: Header, body: bytes):
        is_whole = _checksum(header.covered, body) == header.checksum
        need(is_whole, "it is torn or damaged: its checksum is wrong")
        self._header = header
        self._names = parse_names(body[: header.names_size])
        self._entries = memoryview(body)[header.names_size :]
        need(_is_in_order(self._entries), "its entries are not in order")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> RevocationList:
        """The list in a file. Raises InvalidRevocationListError."""
        return load_list(path)[0]

    @classmethod
    def parse(cls, content: bytes) -> RevocationList:
        """The list in the content of a file. Raises InvalidRevocationListError."""
        if not isinstance(content, bytes):
            raise TypeError("the content of a revocation list must be bytes")
        return cls(parse_header(content[:HEADER_SIZE], len(content)), content[HEADER_SIZE:])

    @property
    def size(self) -> int:
        """The number of its entries."""
        return self._header.size

    @property
    def written_at(self) -> int:
        return self._header.written_at

    def revoked_at(self, name: str | bytes, value: str | bytes) -> int | None:
        """Sessions whose field `name` is `value` are revoked if they signed in at this time or before.

        None: none is revoked. A token's ID has the name "token", and everything has an empty name and
        value. Text is encoded as UTF-8.
        """
        return self._revoked_at(_bytes("name", name).lower(), _bytes("value", value))

    def _refuses_session(self, auth_time: int, value_of: Callable[[bytes], bytes]) -> bool:
        for name in self._names:
            value = value_of(name)
            # All that has this sid is this session, whatever the clock was when it began.
            if value and self._refuses(name, value, 0 if name == b"sid" else auth_time):
                return True
        return self._refuses(_EVERYTHING, b"", auth_time)

    def _refuses_token(self, token_id: str, issued_at: int) -> bool:
        if self._revoked_at(b"token", token_id.encode()) is not None:
            return True
        return self._refuses(_EVERYTHING, b"", issued_at)

    def _refuses(self, name: bytes, value: bytes, since: int) -> bool:
        revoked_at = self._revoked_at(name, value)
        return revoked_at is not None and since <= revoked_at

    def _revoked_at(self, name: bytes, value: bytes) -> int | None:
        if name not in self._names or len(value) > _MAX_VALUE:
            return None
        named = self._header.salt + bytes([len(name)]) + name
        wanted = hashlib.sha256(named + value).digest()[:HASH_SIZE]
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            start = middle * ENTRY_SIZE + HASH_SIZE
            found = bytes(self._entries[start - HASH_SIZE : start])
            if found == wanted:
                return int.from_bytes(self._entries[start : start + _TIME_SIZE], "big")
            if found < wanted:
                low = middle + 1
            else:
                high = middle
        return None


def load_list(
    path: str | os.PathLike[str], in_use: RevocationList | None = None
) -> tuple[RevocationList, os.stat_result]:
    """The list in a file, and the file's status when it was read. `in_use`: the list that it replaces."""
    try:
        return _load(path, in_use)
    except InvalidRevocationListError as error:
        problem = str(error)
    raise InvalidRevocationListError(f'revocation list "{os.fspath(path)}": {problem}')


def _load(
    path: str | os.PathLike[str], in_use: RevocationList | None
) -> tuple[RevocationList, os.stat_result]:
    how_to_make = f"sealring revocations {os.fspath(path)} --create"
    with opened(path, InvalidRevocationListError, how_to_make) as (file, status):
        if status.st_mode & 0o022:
            raise InvalidRevocationListError(
                f"others than its owner can change it; run: chmod go-w {os.fspath(path)}"
            )
        header = parse_header(file.read(HEADER_SIZE), status.st_size)
        if in_use is not None and not _is_newer(header, in_use._header):
            return in_use, status
        body = file.read(status.st_size - HEADER_SIZE + 1)
    if HEADER_SIZE + len(body) != status.st_size:
        raise InvalidRevocationListError(
            "it changed while it was read; replace it by renaming a new file"
        )
    return RevocationList(header, body), status


def _is_newer(header: Header, in_use: Header) -> bool:
    """Whether it is another list than the one in use. Raises if it must not replace that."""
    # An agent only sets the file's modification time when nothing changed.
    if header.data == in_use.data:
        return False
    if header.salt != in_use.salt:
        raise InvalidRevocationListError(
            "it is not the list that was there when this program started, but one that was made "
            "anew, with which all that was revoked would be good again; restart the program to use it"
        )
    if header.generation <= in_use.generation:
        raise InvalidRevocationListError(
            f"its generation is {header.generation}, and that of the list in use is "
            f"{in_use.generation}; did somebody put an old copy back?"
        )
    return True


def _is_in_order(entries: memoryview) -> bool:
    """An entry that is not in order would not be found."""
    hashes = [found for (found,) in _HASH_OF_ENTRY.iter_unpack(entries)]
    return all(map(operator.lt, hashes, islice(hashes, 1, None)))


def _checksum(covered: bytes, body: bytes) -> bytes:
    return AESGCM(hashlib.sha256(covered).digest()).encrypt(bytes(12), b"", body)


def _bytes(what: str, value: str | bytes) -> bytes:
    if not isinstance(value, (bytes, str)):
        raise TypeError(f"the {what} must be bytes or str")
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
