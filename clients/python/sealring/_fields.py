# SPDX-License-Identifier: Apache-2.0
"""The fields of a session and their text (spec/session.md section 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

_MAX_TEXT = 65536
_MAX_FIELDS = 64
_RESERVED = {b"sid", b"auth_time", b"expiry", b"bound", b"prior"}
_FAULT = re.compile(rb"[\x00-\x1f\x7f]|%(?![0-9a-fA-F]{2})|%00")

Pair = tuple[bytes, bytes]


class Fields(Mapping[str, str]):
    """The fields of a session, in order.

    The case of ASCII letters in names does not matter. Bytes that are not UTF-8 become lone
    surrogates, as in file names.
    """

    def __init__(self, pairs: Iterable[Pair]):
        self._by_name = {name.lower(): (_text(name), _text(value)) for name, value in pairs}

    def __getitem__(self, name: str) -> str:
        return self._by_name[_bytes(name).lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"Fields({dict(self)})"


def parse(text: bytes) -> list[Pair] | None:
    """None if the text is malformed."""
    if len(text) > _MAX_TEXT:
        return None
    fields: dict[bytes, Pair] = {}
    for part in filter(None, text.split(b"&")):
        if _FAULT.search(part):
            return None
        name, value = map(_decode, part.partition(b"=")[::2])
        if not name:
            return None
        key = name.lower()
        if not value:
            fields.pop(key, None)
            continue
        fields[key] = (fields.get(key, (name,))[0], value)
        if len(fields) > _MAX_FIELDS:
            return None
    return list(fields.values())


def write(pairs: Iterable[Pair]) -> str:
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs)


def is_reserved(name: bytes) -> bool:
    return name.lower() in _RESERVED


def session_header(fields: Mapping[str, str]) -> str:
    """Returns the value of an X-Replace-Session header, which makes these the fields of the session.

    Without fields it is empty, and ends the session. Fields with an empty value are left out. Raises
    ValueError for a reserved name, for names that differ only in case, and for what does not fit.
    """
    pairs: list[Pair] = []
    names: set[bytes] = set()
    for name, value in fields.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError("names and values of fields must be str")
        pair = _bytes(name), _bytes(value)
        key = pair[0].lower()
        _need(key != b"", "a field has no name")
        _need(key not in _RESERVED, f"the field {name} is reserved; the server sets it")
        _need(key not in names, f"there are two fields {name}")
        _need(b"\0" not in pair[0] + pair[1], "a field contains U+0000")
        names.add(key)
        if value:  # a session has no fields without a value
            pairs.append(pair)
    text = write(pairs)
    _need(len(pairs) <= _MAX_FIELDS, f"a session has at most {_MAX_FIELDS} fields")
    _need(len(text) <= _MAX_TEXT, f"the fields are longer than {_MAX_TEXT} bytes")
    return text


def _need(condition: bool, problem: str) -> None:
    if not condition:
        raise ValueError(problem)


def _decode(text: bytes) -> bytes:
    return re.sub(
        rb"%(..)", lambda match: bytes.fromhex(match[1].decode()), text.replace(b"+", b" ")
    )


def _encode(data: bytes) -> str:
    return re.sub(
        r"[^A-Za-z0-9.*_-]",
        lambda match: "+" if match[0] == " " else f"%{ord(match[0]):02x}",
        data.decode("latin-1"),
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
