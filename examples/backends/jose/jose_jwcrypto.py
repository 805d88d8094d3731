# SPDX-License-Identifier: Apache-2.0
"""Makes the JWE tokens that nginx and Apache open, and opens theirs, with jwcrypto (Debian:
python3-jwcrypto)."""

import json
import time
from pathlib import Path

from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jwt import JWT


def keys(ring):
    """The ring's keys for JWE that open now."""
    jwks = json.loads(Path(ring).read_text())["keys"]
    return [
        jwk for jwk in jwks
        if jwk["alg"] == "A256GCM" and not 0 < jwk.get("open_until", 0) <= time.time()
    ]  # fmt: skip


def seal(ring, context, claims, lifetime=3600):
    """`claims` is the user's data, or {"payload": "text"} for a server that expects no JSON."""
    now = int(time.time())
    sealing = [key for key in keys(ring) if key.get("seal_from", 0) <= now
               and "encrypt" in key.get("key_ops", ["encrypt"])]  # fmt: skip
    key = max(reversed(sealing), key=lambda key: key.get("seal_from", 0))
    header = {"alg": "dir", "enc": "A256GCM", "kid": key["kid"]}
    jwt = JWT(header, {"iat": now, "exp": now + lifetime, "aud": context} | claims)
    jwt.make_encrypted_token(JWK(**key))
    return jwt.serialize()


def open_token(ring, context, token):
    """Raises an exception if the token is not valid: altered, expired or for another context."""
    known = JWKSet()
    for key in keys(ring):
        known.add(JWK(**key))
    jwt = JWT(jwt=token, key=known, algs=["dir", "A256GCM"], check_claims={"aud": context})
    return json.loads(jwt.claims)
