# SPDX-License-Identifier: Apache-2.0
"""Revocation lists for tests, made here byte for byte (spec/revocations.md section 2)."""

import hashlib
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from ring_files import NOW

SALT = bytes([7]) * 16


def list_of(entries, *, salt=SALT, names=None, generation=1) -> bytes:
    """The content of a list. `entries`: (name, value, revoked_at) of each."""
    if names is None:
        names = dict.fromkeys(name for name, _, _ in entries)
    table = sorted(
        hashlib.sha256(salt + _sized(name) + _bytes(value)).digest()[:16]
        + revoked_at.to_bytes(5, "big")
        + b"\xff" * 5
        for name, value, revoked_at in entries
    )
    in_use = b"".join(map(_sized, names))
    numbers = struct.pack(">QQIIH14x16x", generation, NOW, 0, len(table), len(in_use))
    return whole(b"sealrev\x01" + salt + numbers + in_use + b"".join(table))


def whole(content: bytes) -> bytes:
    """The same list with the checksum that fits the rest of it."""
    key = hashlib.sha256(content[:64]).digest()
    return content[:64] + AESGCM(key).encrypt(bytes(12), b"", content[80:]) + content[80:]


def _sized(name) -> bytes:
    return bytes([len(_bytes(name))]) + _bytes(name)


def _bytes(value) -> bytes:
    return value.encode() if isinstance(value, str) else value
