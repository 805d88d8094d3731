# SPDX-License-Identifier: Apache-2.0
"""The header of a revocation list, and the names in use (spec/revocations.md section 2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from ._errors import InvalidRevocationListError
from ._time import MAX_TIME

HEADER_SIZE = 80
HASH_SIZE = 16
ENTRY_SIZE = 26
_FORMAT = b"sealrev\x01"
_LAYOUT = struct.Struct(">8s16sQQIIH14s16s")
_COVERED = slice(0, 64)
_MAX_ENTRIES = 1 << 24
_MAX_NAMES = 16
_MAX_NAME = 64
_MAX_NAMES_SIZE = _MAX_NAMES * (1 + _MAX_NAME)


@dataclass(frozen=True)
class Header:
    data: bytes
    salt: bytes
    generation: int
    written_at: int
    size: int
    names_size: int
    checksum: bytes

    @property
    def covered(self) -> bytes:
        """What the checksum covers."""
        return self.data[_COVERED]


def parse_header(data: bytes, file_size: int) -> Header:
    """Checks what the header says against the file's size."""
    need(len(data) == HEADER_SIZE, "it is torn: it ends within its header")
    known, salt, generation, written_at, _, size, names_size, zero, checksum = _LAYOUT.unpack(data)
    need(known == _FORMAT, "it is not a revocation list of version 1")
    need(
        written_at <= MAX_TIME
        and size <= _MAX_ENTRIES
        and names_size <= _MAX_NAMES_SIZE
        and not any(zero),
        "it is damaged: its header has values that are out of bounds",
    )
    expected = HEADER_SIZE + names_size + size * ENTRY_SIZE
    need(file_size == expected, f"it is torn: it has {file_size} bytes, and its header says {expected}")
    return Header(data, salt, generation, written_at, size, names_size, checksum)


def parse_names(data: bytes) -> frozenset[bytes]:
    names: list[bytes] = []
    while data:
        end = 1 + data[0]
        need(data[0] <= _MAX_NAME and end <= len(data), "its list of names is damaged")
        name, data = data[1:end], data[end:]
        need(name == name.lower(), "a name in it is not in lower case")
        names.append(name)
    need(len(set(names)) == len(names), "it has a name twice")
    need(len(names) <= _MAX_NAMES, f"it has more than {_MAX_NAMES} names")
    return frozenset(names)


def need(condition: bool, problem: str) -> None:
    if not condition:
        raise InvalidRevocationListError(
            f"{problem}; restore it from a backup or from another server"
        )
