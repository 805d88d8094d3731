# SPDX-License-Identifier: Apache-2.0
"""Sessions as spec/session.md has them, written from it alone: fields, ends, cookies."""

import re
import string

MAX_TEXT = 65536
MAX_FIELDS = 64
MAX_COOKIE = 4096
MAX_CANDIDATES = 4
PLAIN = (string.ascii_letters + string.digits + ".*_-").encode()


class Malformed(Exception):
    pass


def decode(text: bytes) -> bytes:
    if re.search(rb"[\x00-\x1f\x7f]", text) or re.search(rb"%(?![0-9a-fA-F]{2})|%00", text):
        raise Malformed
    text = text.replace(b"+", b" ")
    return re.sub(rb"%(..)", lambda match: bytes.fromhex(match[1].decode()), text)


def encode(text: bytes) -> str:
    return "".join(
        chr(byte) if byte in PLAIN else "+" if byte == 32 else f"%{byte:02x}" for byte in text
    )


def lower(name: bytes) -> bytes:
    return name.lower()  # of bytes: the ASCII letters


def parse(text: bytes) -> list[tuple[bytes, bytes]]:
    if len(text) > MAX_TEXT:
        raise Malformed
    fields: dict[bytes, tuple[bytes, bytes]] = {}
    for part in filter(None, text.split(b"&")):
        name, _, value = part.partition(b"=")
        name, value = decode(name), decode(value)
        if not name:
            raise Malformed
        if not value:
            fields.pop(lower(name), None)
            continue
        first_name = fields.get(lower(name), (name,))[0]
        fields[lower(name)] = (first_name, value)
        if len(fields) > MAX_FIELDS:
            raise Malformed
    return list(fields.values())


def write(fields: list[tuple[bytes, bytes]]) -> str:
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in fields)


def set_cookies(name: str, attributes: str, parts: int, token: str, max_age: int) -> list[str] | None:
    """What follows `Set-Cookie: `; None: it needs too many parts."""
    tail = attributes + (f"; Max-Age={max_age}" if max_age else "")
    whole = f"{name}={token}{tail}"
    if len(whole) <= MAX_COOKIE:
        return [whole]
    first = MAX_COOKIE - len(f"{name}=2~{tail}")
    other = MAX_COOKIE - len(f"{name}-1={tail}")
    pieces = [token[:first]]
    pieces += [token[at : at + other] for at in range(first, len(token), other)]
    if len(pieces) > parts:
        return None
    pieces[0] = f"{len(pieces)}~{pieces[0]}"
    names = [name] + [f"{name}-{number}" for number in range(1, len(pieces))]
    return [f"{name}={piece}{tail}" for name, piece in zip(names, pieces)]


def candidates(name: str, parts: int, header: str) -> list[str | None]:
    """The tokens of the candidates; None: malformed."""
    cookies: dict[str, list[str]] = {}
    for part in header.split(";"):
        key, equals, value = part.strip(" \t").partition("=")
        if equals and key:
            cookies.setdefault(key.strip(" \t"), []).append(value.strip(" \t"))
    found, divided = [], 0
    for value in cookies.get(name, [])[:MAX_CANDIDATES]:
        if value[1:2] != "~":
            found.append(value)
            continue
        nth, divided = divided, divided + 1
        if not "2" <= value[0] <= "9" or int(value[0]) > parts:
            found.append(None)
            continue
        others = [cookies.get(f"{name}-{i}", [])[nth : nth + 1] for i in range(1, int(value[0]))]
        found.append(value[2:] + "".join(o[0] for o in others) if all(others) else None)
    return found
