# SPDX-License-Identifier: Apache-2.0
"""The keys of a key ring file's text, each checked by itself (spec/keyring.md sections 2 to 4)."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import Any

from ._base64url import from_base64url, to_base64url
from ._errors import InvalidKeyringError
from ._key import ALGORITHMS, MAX_TIME, Algorithm, Key

_MAX_KID = 128


def parse_jwk_set(text: bytes) -> list[Key]:
    document = _parse_json(text)
    jwks = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(jwks, list):
        raise InvalidKeyringError('it is not a JWK Set: a JSON object with a list "keys"')
    keys: list[Key] = []
    for jwk in jwks:
        try:
            keys.append(_parse_key(jwk))
        except InvalidKeyringError as error:
            raise InvalidKeyringError(f"key {len(keys) + 1}: {error}") from None
    return keys


def _parse_json(text: bytes) -> Any:
    # What the library raises holds the text with all its secrets, and so goes no further.
    with contextlib.suppress(ValueError, RecursionError):
        document = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_unique_members,
            parse_int=_whole_number,
            parse_constant=_no_constant,
        )
        # An escape may stand for half a character, which the library lets pass.
        json.dumps(document, ensure_ascii=False).encode("utf-8")
        return document
    raise InvalidKeyringError("it is not JSON, or torn; restore it from a backup")


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    _need(len(members) == len(pairs), "a member stands twice in one object")
    return members


def _whole_number(literal: str) -> int:
    """-1 for what is out of every bound, -0 among it."""
    return int(literal) if literal.isdecimal() and len(literal) <= len(str(MAX_TIME)) else -1


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _parse_key(jwk: Any) -> Key:
    _need(isinstance(jwk, dict), "it is not an object")
    _need(jwk.get("kty") == "oct", '"kty" must be "oct"')
    _need(jwk.get("use", "enc") == "enc", '"use" must be "enc"')
    name = jwk.get("alg")
    algorithm = ALGORITHMS.get(name) if isinstance(name, str) else None
    if algorithm is None:
        raise InvalidKeyringError('"alg" is missing, or not known to this version')

    secret = _base64url(jwk, "k")
    low, high = algorithm.min_secret, algorithm.max_secret
    bounds = str(low) if low == high else f"{low} to {high}"
    _need(low <= len(secret) <= high, f"its secret must be {bounds} bytes long")
    if "iv" in jwk:
        _need(algorithm.max_iv is not None, 'its algorithm takes no "iv"')
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
    known = all(operation in ("encrypt", "decrypt") for operation in operations)
    _need(known, '"key_ops" may hold "encrypt" and "decrypt" only')
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
