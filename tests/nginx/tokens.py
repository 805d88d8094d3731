# SPDX-License-Identifier: Apache-2.0
"""Key rings and tokens for the tests of the modules, made by the independent reader and writer
in tests/vectors, so that a test of the module never relies on the module itself."""

import json
import os
import time

import reference
from ring import Key, base64url, thumbprint_kid

OLD_KEY = "abcdefghijklmnopqrstuvwxyz123456"
OLD = Key("nginx-legacy", OLD_KEY.encode(), "")


def new_key(**fields) -> Key:
    secret = os.urandom(32)
    return Key("XAES-256-GCM", secret, base64url(thumbprint_kid(secret)), **fields)


def jwk_set(*keys: Key) -> str:
    """The text of a key ring file."""
    jwks = []
    for key in keys:
        jwk = {"kty": "oct", "alg": key.algorithm, "use": "enc", "k": base64url(key.secret)}
        jwk["key_ops"] = ["decrypt"] if key.open_only else ["encrypt", "decrypt"]
        if key.kid:
            jwk["kid"] = key.kid
        if key.seal_from:
            jwk["seal_from"] = key.seal_from
        if key.open_until:
            jwk["open_until"] = key.open_until
        jwks.append(jwk)
    return json.dumps({"keys": jwks})


def write_ring(nginx, *keys: Key, name="session.keys") -> None:
    """Replaces a key ring file in nginx's folder as a whole, as the tool does."""
    nginx.write(f"{name}.new", jwk_set(*keys), mode=0o640)
    os.rename(nginx.folder / f"{name}.new", nginx.folder / name)


def now() -> int:
    return int(time.time())


def wait_out_midnight() -> None:
    """Makes sure that what follows happens on one day, UTC."""
    left = 86400 - time.time() % 86400
    if left < 30:
        time.sleep(left + 1)


def s1(key: Key, payload: bytes, *, at: int | None = None, lifetime=86400, context=b"") -> str:
    """An s1 token, sealed at the second `at` (now)."""
    at = now() if at is None else at
    return reference.s1_seal(key, os.urandom(24), at, lifetime, context, payload).decode()


def legacy(payload: bytes, *, key: Key = OLD, at: int | None = None, lifetime=86400) -> bytes:
    """A token of the old format."""
    return reference.nginx_legacy_seal(key, now() if at is None else at, lifetime, payload)


def opened(token: str | bytes, *keys: Key, context=b"", at: int | None = None):
    """The content of the token for a ring of `keys`: payload, issued_at, expires_at, kid."""
    token = token.encode("latin-1") if isinstance(token, str) else token
    return reference.open_token(list(keys), now() if at is None else at, context, token)
