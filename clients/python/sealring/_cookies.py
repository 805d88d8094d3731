# SPDX-License-Identifier: Apache-2.0
"""The tokens of a session in Cookie headers (spec/session.md section 3.1)."""

from __future__ import annotations

from collections.abc import Iterable

MAX_PARTS = 9
_MAX_CANDIDATES = 4
_BLANKS = " \t"


def bound_cookies(name: str, headers: Iterable[str]) -> list[str]:
    """The bound cookies of a session (spec/device-binding.md section 7.1)."""
    return _values([f"{name}-bound"], headers)[f"{name}-bound"][:_MAX_CANDIDATES]


def candidates(name: str, parts: int, headers: Iterable[str]) -> list[str | None]:
    """In the order in which they were sent; None for a malformed one."""
    names = [name, *(f"{name}-{number}" for number in range(1, parts))]
    values = _values(names, headers)
    first, *others = values.values()
    found: list[str | None] = []
    divided = 0
    for value in first[:_MAX_CANDIDATES]:
        if value[1:2] == "~":
            found.append(_join(value, [sent[divided : divided + 1] for sent in others]))
            divided += 1
        else:
            found.append(value)
    return found


def _values(names: list[str], headers: Iterable[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {name: [] for name in names}
    for header in headers:
        for part in header.split(";"):
            key, equals, value = part.partition("=")
            key = key.strip(_BLANKS)
            if equals and key in values:
                values[key].append(value.strip(_BLANKS))
    return values


def _join(first: str, others: list[list[str]]) -> str | None:
    count = int(first[0]) if first[0] in "23456789" else 0
    if not 1 <= count - 1 <= len(others) or not all(others[: count - 1]):
        return None
    return first[2:] + "".join(piece for [piece] in others[: count - 1])
