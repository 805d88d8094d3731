# SPDX-License-Identifier: Apache-2.0
"""The key ring: seals with the current key, opens with the key that the token names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from . import _s1
from ._errors import InvalidKeyringError, NoPrimaryKeyError, Reason, RefusedError
from ._jwk_set import parse_jwk_set
from ._key import ALGORITHMS, MAX_KEYS, S1, Key
from ._keyring_file import read_keyring_file
from ._live_revocations import Revocations, list_in_use
from ._time import check_seconds, now_or_clock

MAX_PAYLOAD = 1 << 24
MAX_CONTEXT = 1024
MAX_TOKEN = 1 << 25
CLOCK_SKEW = 60
_JWE_START = re.compile(r"[A-Za-z0-9_-]{16}")


class Keyring:
    """The keys of a ring, in the file's order. It does not change; a LiveKeyring follows its file.

    `now` is in seconds since 1970; the default is the current time.
    """

    def __init__(self, keys: Iterable[Key]):
        self.keys = tuple(keys)
        _check(self.keys)
        self._s1_keys = {key.kid: key for key in self.keys if key.algorithm == S1}

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Keyring:
        """The ring in a file. Raises InvalidKeyringError."""
        return load(path)[0]

    @classmethod
    def parse(cls, text: bytes) -> Keyring:
        """The ring in the content of a file. Raises InvalidKeyringError."""
        return cls(parse_jwk_set(text))

    def primary(self, now: int | None = None) -> Key | None:
        """The key that seals: of those that may, the last to have begun; of several the last in the file."""
        now = now_or_clock(now)
        sealing = [key for key in reversed(self.keys) if key.seals(now)]
        return max(sealing, key=lambda key: key.seal_from) if sealing else None

    def seal(
        self,
        payload: bytes | str,
        *,
        lifetime: int,
        context: bytes | str = b"",
        now: int | None = None,
    ) -> str:
        """Seals the payload. The token opens for `lifetime` seconds (0: for ever).

        Opening needs the same context. Text is encoded as UTF-8. Raises NoPrimaryKeyError.
        """
        now, context, payload = now_or_clock(now), _context(context), _bytes("payload", payload)
        check_seconds("lifetime", lifetime)
        if len(payload) > MAX_PAYLOAD:
            raise ValueError(f"the payload is longer than {MAX_PAYLOAD} bytes")
        key = self.primary(now)
        if key is None:
            raise NoPrimaryKeyError("no key may seal now; run: sealring keyring rotate")
        if key.algorithm != S1:
            raise NoPrimaryKeyError(
                f"the key that seals now is for {key.algorithm}, and this package seals with keys "
                f"for {S1} only"
            )
        # New random bytes for each token, so a fork cannot repeat them.
        return _s1.seal(key, os.urandom(_s1.NONCE_SIZE), now, lifetime, context, payload)

    def open(
        self,
        token: bytes | str,
        *,
        context: bytes | str = b"",
        revocations: Revocations | None = None,
        now: int | None = None,
    ) -> _s1.Opened:
        """Opens the token, unless it is on the list of revocations. Raises RefusedError."""
        now = now_or_clock(now)
        revoked = list_in_use(revocations, now)
        opened = self._open_expired(token, context, now)
        if opened.expires_at != 0 and now >= opened.expires_at:
            raise RefusedError("expired", opened.kid, opened.issued_at, opened.expires_at)
        if revoked is not None and revoked._refuses_token(opened.id, opened.issued_at):
            raise RefusedError("revoked", opened.kid, opened.issued_at, opened.expires_at)
        return opened

    def _open_expired(self, token: bytes | str, context: bytes | str, now: int) -> _s1.Opened:
        """Like open(), but also opens expired tokens."""
        context = _context(context)
        if not isinstance(token, (bytes, str)):
            raise TypeError("the token must be bytes or str")
        if len(token) > MAX_TOKEN:
            raise RefusedError("malformed")
        text = token.decode("latin-1") if isinstance(token, bytes) else token
        text = text.rstrip(" \t")  # in a Cookie header, they may be before the ";"
        if not self._s1_keys or not text.startswith(_s1.PREFIX):
            raise RefusedError(self._reason_for_other(text))
        body = _s1.parse(text)
        if body is None:
            raise RefusedError("malformed")

        kid = _s1.kid_of(body)
        key = self._s1_keys.get(kid)
        if key is None or not key.opens(now):
            raise RefusedError("unknown_key", kid)
        opened = _s1.open_body(key, context, body)
        if opened is None:
            raise RefusedError("authentication_failed", kid)
        if opened.issued_at > now + CLOCK_SKEW:
            raise RefusedError("not_yet_valid", kid, opened.issued_at, opened.expires_at)
        return opened

    def _reason_for_other(self, text: str) -> Reason:
        """A program that supports another format may be able to open what is not an s1 token."""
        looks_like_jwe = text.count(".") == 4 and _JWE_START.match(text) is not None
        # Tokens of old formats cannot be recognised.
        has_old_key = any(not ALGORITHMS[key.algorithm].modern for key in self.keys)
        other = looks_like_jwe or text.startswith(_s1.PREFIX) or has_old_key
        return "unsupported" if other else "malformed"


def load(
    path: str | os.PathLike[str], _in_use: Keyring | None = None
) -> tuple[Keyring, os.stat_result]:
    """The ring in a file, and the file's status when it was read."""
    try:
        text, status = read_keyring_file(path)
        return Keyring.parse(text), status
    except InvalidKeyringError as error:
        problem = str(error)
    raise InvalidKeyringError(f'key ring "{os.fspath(path)}": {problem}')


def _check(keys: tuple[Key, ...]) -> None:
    if not 1 <= len(keys) <= MAX_KEYS:
        raise InvalidKeyringError(f"it holds {len(keys)} keys, and must hold 1 to {MAX_KEYS}")
    kids: set[str] = set()
    algorithms: dict[bytes, str] = {}
    for key in keys:
        if key.kid in kids:
            raise InvalidKeyringError(f"it holds key {key.kid} twice; remove one of the two")
        if key.kid:
            kids.add(key.kid)
        other = algorithms.setdefault(key.secret, key.algorithm)
        if other != key.algorithm and (ALGORITHMS[other].modern or ALGORITHMS[key.algorithm].modern):
            raise InvalidKeyringError(
                "two keys of different algorithms share one secret, so the weaker endangers the "
                "other; start a new ring: sealring keyring init"
            )


def _bytes(name: str, value: bytes | str) -> bytes:
    if not isinstance(value, (bytes, str)):
        raise TypeError(f"the {name} must be bytes or str")
    return value.encode() if isinstance(value, str) else value


def _context(context: bytes | str) -> bytes:
    context = _bytes("context", context)
    if len(context) > MAX_CONTEXT:
        raise ValueError(f"the context is longer than {MAX_CONTEXT} bytes")
    return context
