# SPDX-License-Identifier: Apache-2.0
"""A key: its algorithm, when it seals, and until when it opens (spec/keyring.md)."""

from __future__ import annotations

from dataclasses import dataclass, field

S1 = "XAES-256-GCM"
MAX_KEYS = 4096


@dataclass(frozen=True)
class Algorithm:
    min_secret: int = 32
    max_secret: int = 32
    max_iv: int | None = None  # None: has none
    modern: bool = False  # its secret has no other use; its kid can be derived from it
    kid_is_derived: bool = False  # from the secret; no other kid is accepted


# Keys for all of them are read and checked; this package seals and opens with those for s1.
ALGORITHMS = {
    S1: Algorithm(modern=True, kid_is_derived=True),
    "A256GCM": Algorithm(modern=True),
    "nginx-legacy": Algorithm(max_iv=16),
    "apache-aes256": Algorithm(min_secret=1, max_secret=8192),
    "apache-aes192": Algorithm(min_secret=1, max_secret=8192),
    "apache-aes128": Algorithm(min_secret=1, max_secret=8192),
    "apache-3des192": Algorithm(min_secret=1, max_secret=8192),
}


@dataclass(frozen=True, eq=False)
class Key:
    kid: str  # "": none
    algorithm: str
    secret: bytes = field(repr=False)
    seal_from: int = 0  # 0: no bound
    open_until: int = 0  # 0: no bound
    open_only: bool = False

    def opens(self, now: int) -> bool:
        return self.open_until == 0 or now < self.open_until

    def seals(self, now: int) -> bool:
        return not self.open_only and self.seal_from <= now and self.opens(now)
