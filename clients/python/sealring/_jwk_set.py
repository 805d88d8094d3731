# SPDX-License-Identifier: Apache-2.0
"""The keys in a key ring file, each checked on its own (spec/keyring.md sections 2 to 4)."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter
from typing import Any

from ._base64url import from_base64url, to_base64url
from ._errors import InvalidKeyringError
from ._key import ALGORITHMS, MAX_KEYS, Algorithm, Key
from ._time import MAX_TIME

_MAX_KID = 128


def parse_jwk_set(text: bytes) -> list[Key]:
    document = _parse_json(text)
    jwks = document.get("keys") if isinstance(document, _Object) else None
    if not isinstance(jwks, list):
        raise InvalidKeyringError('it is not a JWK Set: a JSON object with a list "keys"')
    _check_members(document)
    _need(len(jwks) <= MAX_KEYS, f"it holds more than {MAX_KEYS} keys")
    keys: list[Key] = []
    for place, jwk in enumerate(jwks, 1):
        try:
            if not _is_foreign(jwk):
                keys.append(_parse_key(jwk))
        except InvalidKeyringError as error:
            raise InvalidKeyringError(f"key {place}: {error}") from None
    return keys


class _Object(dict[str, Any]):
    """A JSON object, and the names that it has twice."""

    def __init__(self, pairs: list[tuple[str, Any]]):
        super().__init__(pairs)
        counts = Counter(name for name, _ in pairs)
        self.twice = {name for name, count in counts.items() if count > 1}


def _parse_json(text: bytes) -> Any:
    # The library's exception contains the text with all its secrets, so it is not passed on.
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_Object,
            parse_int=_whole_number,
            parse_constant=_no_constant,
        )
    raise InvalidKeyringError("it is not JSON, or torn; restore it from a backup")


def _check_members(members: _Object) -> None:
    _need(not members.twice, "it has a duplicate member")
    texts = [*members, *(value for value in members.values() if isinstance(value, str))]
    # The library accepts an escape for half a character.
    halves = any("\ud800" <= character <= "\udfff" for text in texts for character in text)
    _need(not halves, "it has an escape for half a character")


def _is_foreign(jwk: Any) -> bool:
    """Whether it is for other programs (RFC 7517 section 5). Fails if that is not certain."""
    _need(isinstance(jwk, _Object), "it is not an object")
    ours = {"kty": {"oct"}, "use": {"enc"}, "alg": ALGORITHMS.keys()}
    _need(not jwk.twice & ours.keys(), 'it has "kty", "use" or "alg" twice')
    return any(isinstance(jwk.get(name), str) and jwk[name] not in ours[name] for name in ours)


def _whole_number(literal: str) -> int:
    """-1 for every number that is out of bounds, including -0."""
    return int(literal) if literal.isdecimal() and len(literal) <= len(str(MAX_TIME)) else -1


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _parse_key(jwk: _Object) -> Key:
    _check_members(jwk)
    _need(jwk.get("kty") == "oct", '"kty" must be "oct"')
    _need(jwk.get("use", "enc") == "enc", '"use" must be "enc"')
    name = jwk.get("alg")
    if not isinstance(name, str) or name not in ALGORITHMS:
        raise InvalidKeyringError('it has no "alg"')
    algorithm = ALGORITHMS[name]

    secret = _base64url(jwk, "k")
    low, high = algorithm.min_secret, algorithm.max_secret
    bounds = str(low) if low == high else f"{low} to {high}"
    _need(low <= len(secret) <= high, f"its secret must be {bounds} bytes long")
    if "iv" in jwk:
        _need(algorithm.max_iv is not None, 'its algorithm has no "iv"')
        _need(len(_base64url(jwk, "iv")) <= (algorithm.max_iv or 0), "its IV is too long")
    return Key(
        kid=_kid(jwk, algorithm, secret),
        algorithm=name,
        secret=secret,
        seal_from=_time(jwk, "seal_from"),
        open_until=_time(jwk, "open_until"),
        open_only=_open_only(jwk),
    )


def _need(condition: bool, problem: str) -> None:
    if not condition:
        raise InvalidKeyringError(problem)


def _base64url(jwk: dict[str, Any], name: str) -> bytes:
    value = jwk.get(name)
    data = from_base64url(value) if isinstance(value, str) else None
    if data is None:
        raise InvalidKeyringError(f'"{name}" must be in base64url without padding')
    return data


def _time(jwk: dict[str, Any], name: str) -> int:
    value = jwk.get(name, 0)
    if type(value) is not int or not 0 <= value <= MAX_TIME:
        raise InvalidKeyringError(f'"{name}" must be a whole number of seconds since 1970')
    return value


def _open_only(jwk: dict[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["encrypt", "decrypt"])
    if not isinstance(operations, list):
        raise InvalidKeyringError('"key_ops" must be a list')
    _need(all(isinstance(operation, str) for operation in operations),
          '"key_ops" must be a list of text')
    _need("decrypt" in operations, '"key_ops" must hold "decrypt"')
    return "encrypt" not in operations


def _derived_kid(secret: bytes) -> str:
    """The first 6 bytes of the RFC 7638 thumbprint."""
    jwk = b'{"k":"%s","kty":"oct"}' % to_base64url(secret).encode()
    return to_base64url(hashlib.sha256(jwk).digest()[:6])


def _kid(jwk: dict[str, Any], algorithm: Algorithm, secret: bytes) -> str:
    derived = _derived_kid(secret) if algorithm.modern else ""
    if "kid" not in jwk:
        return derived
    kid = jwk["kid"]
    if not isinstance(kid, str) or not 1 <= len(kid) <= _MAX_KID:
        raise InvalidKeyringError(f'"kid" must be text of 1 to {_MAX_KID} characters')
    printable = all(" " < character <= "~" for character in kid)
    _need(printable, "its kid must be of printable characters without spaces")
    if algorithm.kid_is_derived and kid != derived:
        raise InvalidKeyringError(
            f"its kid must be {derived}, which follows from its secret; one of the two was altered"
        )
    return kid
