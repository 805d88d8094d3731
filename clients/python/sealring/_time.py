# SPDX-License-Identifier: Apache-2.0
"""Times: seconds since 1970."""

from __future__ import annotations

import time

MAX_TIME = (1 << 40) - 1


def now_or_clock(now: int | None) -> int:
    if now is None:
        return int(time.time())
    check_seconds("now", now)
    return now


def check_seconds(name: str, value: int) -> None:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be a whole number of seconds, 0 or more")
