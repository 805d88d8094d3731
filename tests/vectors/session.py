# SPDX-License-Identifier: Apache-2.0
"""Sessions according to spec/session.md, independent of the core: fields, ends, cookies."""

import re
import string
from dataclasses import dataclass

import binding
from reference import open_token
from ring import Key, from_base64url
from token_outcome import Opened, Refused

MAX_TEXT = 65536
MAX_FIELDS = 64
MAX_COOKIE = 4096
MAX_CANDIDATES = 4
RESERVED = (b"sid", b"auth_time", b"expiry", b"bound", b"prior")
MAX_NUMBER = (1 << 63) - 1
BINDING_GRACE = 60
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
    """What follows `Set-Cookie: `. None: too many parts would be needed."""
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


def cookies_of(header: str) -> dict[str, list[str]]:
    cookies: dict[str, list[str]] = {}
    for part in header.split(";"):
        key, equals, value = part.strip(" \t").partition("=")
        if equals and key:
            cookies.setdefault(key.strip(" \t"), []).append(value.strip(" \t"))
    return cookies


def candidates(name: str, parts: int, header: str) -> list[str | None]:
    """The tokens of the candidates; None: malformed."""
    cookies = cookies_of(header)
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


@dataclass(frozen=True)
class Profile:
    """How a server is configured."""

    cookie: str = "__Host-session"
    parts: int = 2
    context: str = "__Host-session"
    subject: str = "user"
    idle: int = 1800  # 0: off
    lifetime: int = 43200  # 0: off


@dataclass(frozen=True)
class Session:
    fields: list[tuple[bytes, bytes]]
    subject: bytes
    sid: str
    auth_time: int
    issued_at: int
    expires_at: int
    kid: str


class Ended(Refused):
    def __init__(self, end: str, kid: str, issued_at: int, expires_at: int):
        super().__init__("expired", kid, issued_at, expires_at)
        self.end = end


def open_sessions(keys: list[Key], now: int, profile: Profile, headers: list[str]) -> Session | None:
    """The session of the Cookie headers; None: there is no cookie. Raises Refused."""
    opened, refusals = [], []
    for token in candidates(profile.cookie, profile.parts, ";".join(headers)):
        try:
            opened.append(open_session(keys, now, profile, token))
        except Refused as refusal:
            refusals.append(refusal)
    if not opened and refusals:
        raise refusals[0]
    newest = max(opened, key=lambda session: session.issued_at, default=None)
    if newest is not None:
        check_bound(keys, now, newest, cookies_of(";".join(headers)).get(f"{profile.cookie}-bound", []))
    return newest


def check_bound(keys: list[Key], now: int, session: Session, cookies: list[str]) -> None:
    bound = dict((lower(name), value) for name, value in session.fields).get(b"bound", b"")
    state = binding.Session(session.sid, bound.decode("latin-1"))
    if binding.standing(keys, now, BINDING_GRACE, state, cookies) == "refused":
        raise Refused("unbound", session.kid)


def open_session(keys: list[Key], now: int, profile: Profile, token: str | None) -> Session:
    if token is None:
        raise Refused("malformed")
    opened = open_expired(keys, now, profile, token.encode())
    if not opened.id:  # of the formats that are bound to a context
        raise Refused("unsupported", opened.kid)
    try:
        fields = parse(opened.payload)
    except Malformed:
        raise Refused("malformed", opened.kid) from None
    values = {lower(name): value for name, value in fields}

    auth_time = number(values.get(b"auth_time"), opened.issued_at)
    expiry = number(values.get(b"expiry"), 0) // 1_000_000
    expires_at = min(filter(None, (opened.expires_at, expiry)), default=0)
    absolute = auth_time + profile.lifetime if profile.lifetime else MAX_NUMBER
    idle = expires_at or (opened.issued_at + profile.idle if profile.idle else MAX_NUMBER)
    if now >= absolute or now >= idle:
        end = "absolute" if now >= absolute else "idle"
        raise Ended(end, opened.kid, opened.issued_at, expires_at)
    subject = values.get(lower(profile.subject.encode()), b"")
    sid = sid_of(values.get(b"sid", b"").decode("latin-1"))
    return Session(fields, subject, sid, auth_time, opened.issued_at, expires_at, opened.kid)


def open_expired(keys: list[Key], now: int, profile: Profile, token: bytes) -> Opened:
    """As if its end was not yet."""
    context = profile.context.encode()
    try:
        return open_token(keys, now, context, token)
    except Refused as refusal:
        if refusal.reason != "expired":
            raise
        return open_token(keys, refusal.issued_at, context, token)


def number(value: bytes | None, default: int) -> int:
    if value is None or not re.fullmatch(rb"[0-9]+", value):
        return default
    digits = value.lstrip(b"0") or b"0"
    return int(digits) if len(digits) < 20 and int(digits) <= MAX_NUMBER else default


def sid_of(value: str) -> str:
    try:
        return value if len(from_base64url(value)) == 16 else ""
    except ValueError:
        return ""
