# SPDX-License-Identifier: Apache-2.0
"""The outcome of opening a token, for every format."""

from dataclasses import dataclass

MAX_TOKEN = 1 << 25
CLOCK_SKEW = 60


class Refused(Exception):
    """Why a token does not open, and what is known about it anyway."""

    def __init__(self, reason: str, kid: str = "", issued_at: int = 0, expires_at: int = 0):
        super().__init__(reason)
        self.reason = reason
        self.kid = kid
        self.issued_at = issued_at
        self.expires_at = expires_at


@dataclass(frozen=True)
class Opened:
    payload: bytes
    issued_at: int
    expires_at: int
    kid: str
    id: str = ""
