# SPDX-License-Identifier: Apache-2.0
"""The errors, and the reasons for refusing a token."""

from __future__ import annotations

from typing import Literal

Reason = Literal[
    "malformed",
    "unsupported",
    "unknown_key",
    "authentication_failed",
    "expired",
    "not_yet_valid",
    "revoked",
    "unbound",
]
End = Literal["idle", "absolute", ""]


class RefusedError(Exception):
    """The token is refused. The reason is for the log, never for the client.

    `kid` is the key that the token names, not authenticated. The times are set if they are the reason,
    or if that is revoked.
    `end` says which end an expired session reached; "" unless open_session refused it.
    """

    def __init__(
        self,
        reason: Reason,
        kid: str = "",
        issued_at: int = 0,
        expires_at: int = 0,
        end: End = "",
    ):
        super().__init__(f"token refused: {reason}")
        self.reason: Reason = reason
        self.kid = kid
        self.issued_at = issued_at
        self.expires_at = expires_at
        self.end: End = end


class InvalidKeyringError(Exception):
    """The key ring cannot be read, trusted or understood. The message is for the operator."""


class InvalidRevocationListError(Exception):
    """The revocation list cannot be read, trusted or understood. The message is for the operator."""


class NoPrimaryKeyError(Exception):
    """No key of the ring may seal an s1 token now."""
