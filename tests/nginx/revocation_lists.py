# SPDX-License-Identifier: Apache-2.0
"""Revocation lists for the tests of the modules, written from spec/revocations.md alone; and an agent
that keeps what it is told."""

import contextlib
import hashlib
import os
import socket
import time
from pathlib import Path
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from ring import base64url

FOR_EVER = (1 << 40) - 1


class RevocationList:
    """A list's file, which each write replaces as a whole."""

    def __init__(self, path: Path, *, max_staleness=0):
        self.path = path
        self.salt = os.urandom(16)
        self.generation = 0
        self.max_staleness = max_staleness
        self.entries: dict[bytes, tuple[int, int]] = {}
        self.names: list[str] = []
        self.write()

    def hash(self, name: str, value: str) -> bytes:
        text = name.lower().encode()
        return hashlib.sha256(self.salt + bytes([len(text)]) + text + value.encode()).digest()[:16]

    def add(self, name: str, value: str, at: int, until: int = FOR_EVER) -> None:
        self.add_hash(name, self.hash(name, value), at, until)

    def add_hash(self, name: str, hash: bytes, at: int, until: int = FOR_EVER) -> None:
        if name not in self.names:
            self.names.append(name)
        self.entries[hash] = (at, until)

    def revoke(self, name: str = "", value: str = "", *, at: int | None = None) -> None:
        """Without a name: everything."""
        self.add(name, value, int(time.time()) if at is None else at)
        self.write()

    def bytes(self) -> bytes:
        names = b"".join(bytes([len(name)]) + name.encode() for name in self.names)
        entries = b"".join(
            hash + at.to_bytes(5, "big") + until.to_bytes(5, "big")
            for hash, (at, until) in sorted(self.entries.items())
        )
        header = b"sealrev\x01" + self.salt + self.generation.to_bytes(8, "big")
        header += int(time.time()).to_bytes(8, "big") + self.max_staleness.to_bytes(4, "big")
        header += len(self.entries).to_bytes(4, "big") + len(names).to_bytes(2, "big") + bytes(14)
        tag = AESGCM(hashlib.sha256(header).digest()).encrypt(bytes(12), b"", names + entries)
        return header + tag + names + entries

    def write(self) -> None:
        self.generation += 1
        self.put(self.bytes())

    def put(self, content: bytes, mode=0o644) -> None:
        new = self.path.with_name(self.path.name + ".new")
        new.write_bytes(content)
        new.chmod(mode)
        new.rename(self.path)

    def confirmed(self, at: float) -> None:
        """Sets when an agent confirmed it."""
        os.utime(self.path, (at, at))


class Agent:
    """The socket that servers send datagrams to."""

    def __init__(self, path: Path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        path.chmod(0o666)
        self._socket.settimeout(30)

    def receive(self, *, wait=True) -> dict[str, str]:
        """The next datagram's fields. Without `wait` it must be there."""
        usual = self._socket.gettimeout()
        self._socket.settimeout(usual if wait else 0)
        fields = parse_qsl(self._socket.recv(65536).decode(), strict_parsing=True)
        self._socket.settimeout(usual)
        assert [name for name, _ in fields] == ["list", "name", "hash", "revoked_at", "until"]
        return dict(fields)

    def quiet(self, seconds: float, said: dict[str, str]) -> None:
        """Waits until nothing came for so long. What comes before is only what was said."""
        self._socket.settimeout(seconds)
        with contextlib.suppress(TimeoutError):
            while True:
                assert self.receive() == said
        self._socket.settimeout(30)

    def close(self) -> None:
        self._socket.close()
        self.path.unlink()


def told(revocations: RevocationList, sid: str) -> dict[str, str]:
    """What an agent is told of a session, without its times."""
    return {
        "list": str(revocations.path),
        "name": "sid",
        "hash": base64url(revocations.hash("sid", sid)),
    }
