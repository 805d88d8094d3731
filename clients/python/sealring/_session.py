# SPDX-License-Identifier: Apache-2.0
"""Opens the session that a client sent in its cookies (spec/session.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ._base64url import from_base64url
from ._cookies import MAX_PARTS, bound_cookies, candidates
from ._errors import End, RefusedError
from ._fields import Fields, is_reserved, parse
from ._keyring import Keyring
from ._live import LiveKeyring
from ._live_revocations import Revocations, list_in_use
from ._revocation_list import RevocationList
from ._time import check_seconds, now_or_clock

_LATEST = (1 << 63) - 1
_GRACE = 60  # seconds that a bound cookie counts after its end


@dataclass(frozen=True)
class Session:
    """A session. Times are seconds since 1970."""

    fields: Fields  # without the reserved ones
    subject: str  # the value of the field that says whose session it is; "" if there is none
    sid: str  # stays the same until the next sign-in; "" if there is none
    auth_time: int  # when the user signed in
    issued_at: int
    expires_at: int  # 0: never


@dataclass(frozen=True)
class _Settings:
    context: bytes | str
    subject: str
    idle: int
    lifetime: int
    revoked: RevocationList | None
    now: int


@dataclass(frozen=True)
class _Opened:
    session: Session
    kid: str  # of its token
    is_bound: bool


def open_session(
    cookie_header: str | Iterable[str] | None,
    ring: Keyring | LiveKeyring,
    *,
    cookie: str = "__Host-session",
    context: bytes | str | None = None,
    parts: int = 2,
    subject: str = "user",
    idle: int = 0,
    lifetime: int = 0,
    revocations: Revocations | None = None,
    now: int | None = None,
) -> Session | None:
    """Opens the session in a request's Cookie header, or in several; None if there is no such cookie.

    The arguments are the configuration of the server that makes the sessions. `context` is the
    cookie's name if None. `parts`: how many cookies a session may use. `subject`: the field that says
    whose session it is. `idle` and `lifetime`, in seconds, 0 if off: the idle timeout, which only
    matters for tokens that were sealed without an end, and the time from sign-in to the absolute end.
    A session on the list of `revocations` is refused. Raises RefusedError.
    """
    now = now_or_clock(now)
    check_seconds("idle", idle)
    check_seconds("lifetime", lifetime)
    if not isinstance(parts, int) or not 1 <= parts <= MAX_PARTS:
        raise ValueError(f"parts must be a whole number from 1 to {MAX_PARTS}")
    keyring = ring.current(now) if isinstance(ring, LiveKeyring) else ring
    headers = [cookie_header] if isinstance(cookie_header, str) else list(cookie_header or [])
    context = cookie if context is None else context
    revoked = list_in_use(revocations, now)
    settings = _Settings(context, subject, idle, lifetime, revoked, now)
    sessions: list[_Opened] = []
    refusals: list[RefusedError] = []
    for token in candidates(cookie, parts, headers):
        try:
            sessions.append(_open_one(token, keyring, settings))
        except RefusedError as refusal:
            refusals.append(refusal)
    if sessions:
        newest = max(sessions, key=lambda opened: opened.session.issued_at)
        if newest.is_bound and not _has_bound_cookie(newest, keyring, bound_cookies(cookie, headers), now):
            raise RefusedError("unbound", newest.kid)
        return newest.session
    if refusals:
        raise refusals[0]
    return None


def _has_bound_cookie(opened: _Opened, ring: Keyring, cookies: list[str], now: int) -> bool:
    """spec/device-binding.md section 7.1"""
    sid = opened.session.sid.encode()
    for token in cookies:
        try:
            cookie = ring._open_expired(token, b"dbsc-cookie", now)
        except RefusedError:
            continue
        if sid and cookie.payload == sid and now < cookie.expires_at + _GRACE:
            return True
    return False


def _open_one(token: str | None, ring: Keyring, settings: _Settings) -> _Opened:
    if token is None:
        raise RefusedError("malformed")
    opened = ring._open_expired(token, settings.context, settings.now)
    pairs = parse(opened.payload)
    if pairs is None:
        raise RefusedError("malformed", opened.kid)

    values = Fields(pairs)
    issued_at = opened.issued_at
    auth_time = _number(values.get("auth_time", ""), issued_at)
    expiry = _number(values.get("expiry", ""), 0) // 1_000_000
    expires_at = min(filter(None, (opened.expires_at, expiry)), default=0)
    end = _end_reached(auth_time, issued_at, expires_at, settings)
    if end:
        raise RefusedError("expired", opened.kid, issued_at, expires_at, end)
    sid = _sid(values.get("sid", ""))
    if settings.revoked is not None:
        known = {name.lower(): value for name, value in pairs} | {b"sid": sid.encode()}
        if settings.revoked._refuses_session(auth_time, lambda name: known.get(name, b"")):
            raise RefusedError("revoked", opened.kid, issued_at, expires_at)
    session = Session(
        fields=Fields((name, value) for name, value in pairs if not is_reserved(name)),
        subject=values.get(settings.subject, ""),
        sid=sid,
        auth_time=auth_time,
        issued_at=issued_at,
        expires_at=expires_at,
    )
    return _Opened(session, opened.kid, "bound" in values)


def _end_reached(auth_time: int, issued_at: int, expires_at: int, settings: _Settings) -> End:
    if settings.lifetime and settings.now >= auth_time + settings.lifetime:
        return "absolute"
    if not expires_at and settings.idle:
        expires_at = issued_at + settings.idle
    return "idle" if expires_at and settings.now >= expires_at else ""


def _number(text: str, default: int) -> int:
    match = re.fullmatch("0*([0-9]{1,19})", text)
    return int(match[1]) if match and int(match[1]) <= _LATEST else default


def _sid(text: str) -> str:
    data = from_base64url(text)
    return text if data is not None and len(data) == 16 else ""
