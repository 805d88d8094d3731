# SPDX-License-Identifier: Apache-2.0
"""base64url, canonical and without padding (spec/token-s1.md section 3)."""

from __future__ import annotations

import base64
import contextlib


def to_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes | None:
    """None for text that does not encode back to itself: the library ignores unknown characters."""
    with contextlib.suppress(ValueError):
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if to_base64url(data) == text:
            return data
    return None
