# SPDX-License-Identifier: Apache-2.0
"""The key ring file (spec/keyring.md): its text, its keys, and which key may do what."""

import base64
import hashlib
import json
from dataclasses import dataclass, replace

MODERN = ("XAES-256-GCM", "A256GCM")
# The smallest and the largest secret of each algorithm, in bytes.
ALGORITHMS = {
    "XAES-256-GCM": (32, 32),
    "A256GCM": (32, 32),
    "nginx-legacy": (32, 32),
    "apache-aes256": (1, 8192),
    "apache-aes192": (1, 8192),
    "apache-aes128": (1, 8192),
    "apache-3des192": (1, 8192),
}
DEFAULT_IV = b"deadbeefdeadbeef"
MAX_FILE = 1 << 20
MAX_KEYS = 4096
MAX_TIME = (1 << 40) - 1


class InvalidKeyring(Exception):
    pass


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Strict and canonical: raises ValueError for text that does not encode back to itself."""
    if not text.isascii():
        raise ValueError("not ASCII")
    if len(text) % 4 == 1:
        raise ValueError("impossible length")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(data) != text:
        raise ValueError("not canonical base64url")
    return data


def thumbprint_kid(secret: bytes) -> bytes:
    """The first 6 bytes of the RFC 7638 SHA-256 thumbprint of the key as a JWK."""
    return hashlib.sha256(b'{"k":"%s","kty":"oct"}' % base64url(secret).encode()).digest()[:6]


@dataclass(frozen=True)
class Key:
    algorithm: str
    secret: bytes
    kid: str
    iv: bytes = DEFAULT_IV
    open_only: bool = False
    seal_from: int = 0
    open_until: int = 0

    def opens(self, now: int) -> bool:
        return self.open_until == 0 or now < self.open_until

    def seals(self, now: int) -> bool:
        return not self.open_only and self.seal_from <= now and self.opens(now)


def primary(keys: list[Key], now: int) -> Key | None:
    best = None
    for key in keys:
        if key.seals(now) and (best is None or key.seal_from >= best.seal_from):
            best = key
    return best


def rotate(
    keys: list[Key], now: int, activate_in: int, max_lifetime: int
) -> tuple[dict, list[Key]]:
    """What is not random in the new key, and the old keys after the rotation."""
    sealing = primary(keys, now)
    modern = sealing is not None and sealing.algorithm in MODERN
    begin = now + activate_in
    end = begin + max_lifetime
    new = {"alg": sealing.algorithm if modern else "XAES-256-GCM", "seal_from": begin}

    def after(key: Key) -> Key:
        if key.open_only and not key.seal_from:
            return key
        return replace(
            key,
            open_until=min(key.open_until or end, end),
            open_only=key.open_only or key.seal_from > begin,
        )

    return new, [after(key) for key in keys]


class _Object(dict):
    """A JSON object, and the names that it has twice."""

    def __init__(self, pairs: list):
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.twice = {name for name in names if names.count(name) > 1}


def _check_members(members: _Object) -> None:
    _need(not members.twice, "duplicate member")
    for text in [*members, *members.values()]:
        _need(not isinstance(text, str) or not any("\ud800" <= c <= "\udfff" for c in text),
              "half a character")


def _no_constant(name: str) -> None:
    raise InvalidKeyring(f"{name} is not JSON")


def _integer(digits: str) -> int | float:
    """`-0` is a number, but no time."""
    return -0.0 if digits == "-0" else int(digits)


def _need(condition: bool, problem: str) -> None:
    if not condition:
        raise InvalidKeyring(problem)


def _bytes(jwk: dict, member: str) -> bytes:
    value = jwk.get(member)
    _need(isinstance(value, str), f"{member} is missing or not a string")
    try:
        return from_base64url(value)
    except ValueError as error:
        raise InvalidKeyring(f"{member} is not base64url: {error}") from error


def _time(jwk: dict, member: str) -> int:
    value = jwk.get(member, 0)
    _need(type(value) is int and 0 <= value <= MAX_TIME, f"{member} is not a time")
    return value


def _open_only(jwk: dict) -> bool:
    if "key_ops" not in jwk:
        return False
    ops = jwk["key_ops"]
    _need(isinstance(ops, list) and all(isinstance(op, str) for op in ops), "key_ops")
    _need("decrypt" in ops, "key_ops without decrypt")
    return "encrypt" not in ops


def _kid(jwk: dict, secret: bytes) -> str:
    derived = base64url(thumbprint_kid(secret))
    if "kid" not in jwk:
        return derived if jwk["alg"] in MODERN else ""
    kid = jwk["kid"]
    _need(isinstance(kid, str) and 1 <= len(kid) <= 128, "kid")
    _need(all(" " < character <= "~" for character in kid), "kid is not printable")
    _need(jwk["alg"] != "XAES-256-GCM" or kid == derived, "kid is not that of k")
    return kid


def _is_foreign(jwk: object) -> bool:
    _need(isinstance(jwk, _Object), "a key is not an object")
    decide = {"kty": ("oct",), "use": ("enc",), "alg": tuple(ALGORITHMS)}
    _need(not jwk.twice & set(decide), "duplicate member")
    return any(isinstance(jwk.get(name), str) and jwk[name] not in ours
               for name, ours in decide.items())


def _key(jwk: _Object) -> Key:
    _check_members(jwk)
    _need(jwk.get("kty") == "oct", "kty")
    _need(isinstance(jwk.get("alg"), str), "alg")
    _need(jwk.get("use", "enc") == "enc", "use")
    secret = _bytes(jwk, "k")
    smallest, largest = ALGORITHMS[jwk["alg"]]
    _need(smallest <= len(secret) <= largest, "k has not its algorithm's size")
    iv = _bytes(jwk, "iv") if "iv" in jwk else DEFAULT_IV
    _need(len(iv) <= 16, "iv is longer than 16 bytes")
    _need("iv" not in jwk or jwk["alg"] == "nginx-legacy", "this algorithm takes no iv")
    return Key(
        algorithm=jwk["alg"],
        secret=secret,
        kid=_kid(jwk, secret),
        iv=iv,
        open_only=_open_only(jwk),
        seal_from=_time(jwk, "seal_from"),
        open_until=_time(jwk, "open_until"),
    )


def parse(text: str) -> list[Key]:
    """The keys of a ring file, in the file's order. Raises InvalidKeyring."""
    _need(len(text.encode()) <= MAX_FILE, "the file is larger than 1 MiB")
    try:
        document = json.loads(text, object_pairs_hook=_Object, parse_constant=_no_constant,
                              parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise InvalidKeyring(f"not JSON: {error}") from error
    _need(isinstance(document, _Object), "not an object")
    _check_members(document)
    jwks = document.get("keys")
    _need(isinstance(jwks, list) and 1 <= len(jwks) <= MAX_KEYS, "keys")
    keys = [_key(jwk) for jwk in jwks if not _is_foreign(jwk)]
    _need(keys != [], "all keys are foreign")
    kids = [key.kid for key in keys if key.kid]
    _need(len(set(kids)) == len(kids), "duplicate kid")
    algorithms = {}
    for key in keys:
        first = algorithms.setdefault(key.secret, key.algorithm)
        shared = first != key.algorithm and (first in MODERN or key.algorithm in MODERN)
        _need(not shared, "one secret serves a new algorithm and another")
    return keys
