# SPDX-License-Identifier: Apache-2.0
"""Revocation lists according to spec/revocations.md, independent of the core."""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"sealrev\x01"
HEADER, ENTRY = 80, 26
MAX_ENTRIES, MAX_NAMES, MAX_NAME, MAX_NAMES_SIZE, MAX_VALUE = 1 << 24, 16, 64, 1040, 1024
END_OF_TIME = (1 << 40) - 1


class InvalidList(Exception):
    pass


def hash_of(salt: bytes, name: bytes, value: bytes) -> bytes:
    return hashlib.sha256(salt + bytes([len(name)]) + name.lower() + value).digest()[:16]


def checksum(header: bytes, rest: bytes) -> bytes:
    return AESGCM(hashlib.sha256(header[:64]).digest()).encrypt(bytes(12), b"", rest)


@dataclass
class RevocationList:
    salt: bytes
    generation: int = 1
    written_at: int = 0
    max_staleness: int = 0
    names: list[bytes] = field(default_factory=list)
    entries: dict[bytes, tuple[int, int]] = field(default_factory=dict)  # revoked_at, until

    def add(self, name: bytes, value: bytes, revoked_at: int, until: int) -> None:
        name = name.lower()
        if name not in self.names:
            self.names.append(name)
        place = hash_of(self.salt, name, value)
        old = self.entries.get(place, (0, 0))
        self.entries[place] = (max(old[0], revoked_at), max(old[1], until))

    def change(self, now: int, added: list[tuple[bytes, bytes, int, int]]) -> None:
        for revocation in added:
            self.add(*revocation)
        self.entries = {place: times for place, times in self.entries.items() if times[1] > now}
        if not self.entries:
            self.names = []
        self.generation += 1
        self.written_at = now

    def body(self) -> bytes:
        entries = b"".join(
            place + revoked_at.to_bytes(5, "big") + until.to_bytes(5, "big")
            for place, (revoked_at, until) in sorted(self.entries.items())
        )
        return names_text(self.names) + entries

    def header(self, **changed) -> bytes:
        parts = {
            "magic": MAGIC,
            "salt": self.salt,
            "generation": self.generation.to_bytes(8, "big"),
            "written_at": self.written_at.to_bytes(8, "big"),
            "max_staleness": self.max_staleness.to_bytes(4, "big"),
            "count": len(self.entries).to_bytes(4, "big"),
            "names_size": len(names_text(self.names)).to_bytes(2, "big"),
            "zeros": bytes(14),
        }
        assert set(changed) <= set(parts)
        return b"".join((parts | changed).values())

    def file(self) -> bytes:
        return with_checksum(self.header(), self.body())

    def revoked_at(self, name: bytes, value: bytes) -> int | None:
        found = self.entries.get(hash_of(self.salt, name, value))
        return found[0] if found else None


def names_text(names: list[bytes]) -> bytes:
    return b"".join(bytes([len(name)]) + name for name in names)


def with_checksum(header: bytes, rest: bytes) -> bytes:
    return header + checksum(header, rest) + rest


def parse(file: bytes) -> RevocationList:
    if len(file) < HEADER or file[:8] != MAGIC or file[50:64] != bytes(14):
        raise InvalidList
    number = lambda start, size: int.from_bytes(file[start:start + size], "big")  # noqa: E731
    count, size = number(44, 4), number(48, 2)
    if number(32, 8) > END_OF_TIME or count > MAX_ENTRIES or size > MAX_NAMES_SIZE:
        raise InvalidList
    if len(file) != HEADER + size + count * ENTRY:
        raise InvalidList
    if file[64:80] != checksum(file[:64], file[80:]):
        raise InvalidList
    made = RevocationList(file[8:24], number(24, 8), number(32, 8), number(40, 4))
    names = file[80:80 + size]
    while names:
        name, rest = names[1:1 + names[0]], names[1 + names[0]:]
        if len(name) != names[0] or len(name) > MAX_NAME or name != name.lower():
            raise InvalidList
        made.names.append(name)
        names = rest
    if len(made.names) > MAX_NAMES or len(set(made.names)) != len(made.names):
        raise InvalidList
    last = b""
    for start in range(80 + size, len(file), ENTRY):
        place = file[start:start + 16]
        if place <= last and last:
            raise InvalidList
        made.entries[place] = (number(start + 16, 5), number(start + 21, 5))
        last = place
    return made
