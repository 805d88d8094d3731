# SPDX-License-Identifier: Apache-2.0
"""Reads revocation lists byte for byte (spec/revocations.md section 2)."""

import hashlib
import struct

NEVER = 2**40 - 1


class RevocationList:
    def __init__(self, path):
        content = path.read_bytes()
        fields = struct.unpack(">8s16sQQIIH14s", content[:64])
        magic, self.salt, self.generation, self.written_at, self.max_staleness, count, size, zero = fields
        assert (magic, zero) == (b"sealrev\x01", bytes(14))
        self.names, names, table = [], content[80:80 + size], content[80 + size:]
        while names:
            self.names.append(names[1:1 + names[0]].decode())
            names = names[1 + names[0]:]
        entries = [table[start:start + 26] for start in range(0, len(table), 26)]
        assert len(entries) == count and entries == sorted(entries)
        self.entries = {entry[:16]: (int.from_bytes(entry[16:21], "big"),
                                     int.from_bytes(entry[21:], "big")) for entry in entries}

    def find(self, name, value):
        """(revoked_at, until), or None."""
        name, value = (text if isinstance(text, bytes) else text.encode() for text in (name, value))
        found = hashlib.sha256(self.salt + bytes([len(name)]) + name + value).digest()[:16]
        return self.entries.get(found)
