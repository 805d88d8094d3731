# SPDX-License-Identifier: Apache-2.0
"""Logout tokens according to spec/backchannel-logout.md, independent of the core."""

import json
from dataclasses import dataclass

import binding
import signatures
from binding import bytes_of
from jwe import Pairs, numeric_date, parse_object
from token_outcome import Refused

MAX_TOKEN = 8192
MAX_KEY_SET = 1 << 18
MAX_KEYS = 64
EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOLERANCE = 60
MAX_AGE = 3600


@dataclass(frozen=True)
class ProviderKey:
    algorithm: str
    kid: str | None
    public: bytes


def object_of(data: bytes, max_members: int) -> dict:
    try:
        return parse_object(data, max_members)
    except ValueError:
        raise Refused("malformed") from None


def members_of(value, max_members: int) -> dict:
    """Of an object in an object."""
    if not isinstance(value, Pairs) or len(value) > max_members or len(dict(value)) != len(value):
        raise Refused("malformed")
    return dict(value)


def names(value, text: str) -> bool:
    """The value of an aud; raises if it is none."""
    if isinstance(value, str):
        return value == text
    if isinstance(value, Pairs) or not isinstance(value, list):
        raise Refused("malformed")
    if not all(isinstance(one, str) for one in value):
        raise Refused("malformed")
    return text in value


def algorithm_of(jwk: dict) -> str | None:
    algorithm = {"EC": "ES256", "RSA": "RS256"}.get(jwk.get("kty") if isinstance(jwk.get("kty"), str) else "")
    if algorithm is None or (algorithm == "ES256" and jwk.get("crv") != "P-256"):
        return None
    if jwk.get("alg", algorithm) != algorithm or jwk.get("use", "sig") != "sig":
        return None
    operations = jwk.get("key_ops", ["verify"])
    if isinstance(operations, str | Pairs) or not isinstance(operations, list):
        return None
    if not all(isinstance(one, str) for one in operations) or "verify" not in operations:
        return None
    return algorithm


def read_keys(text: str) -> list[ProviderKey]:
    """Raises ValueError if the file is refused."""
    try:
        found = object_of(text.encode(), 16).get("keys")
        if len(text.encode()) > MAX_KEY_SET or isinstance(found, Pairs) or not isinstance(found, list):
            raise Refused("malformed")
        jwks = [members_of(one, 16) for one in found]
    except Refused as refusal:
        raise ValueError(refusal.reason) from None
    if len(jwks) > MAX_KEYS or any({"d", "k"} & set(jwk) for jwk in jwks):
        raise ValueError("too many, or a secret")
    keys = []
    for jwk in jwks:
        algorithm = algorithm_of(jwk)
        if algorithm is None:
            continue
        try:
            public = binding.key_of_jwk(algorithm, Pairs(jwk.items()))
        except Refused:
            continue
        kid = jwk.get("kid")
        keys.append(ProviderKey(algorithm, kid if isinstance(kid, str) else None, public))
    if not keys:
        raise ValueError("no key can be used")
    return keys


def find(keys: list[ProviderKey], algorithm: str, kid: str | None) -> ProviderKey | None:
    fitting = [key for key in keys if key.algorithm == algorithm and kid in (None, key.kid)]
    return fitting[0] if len(fitting) == 1 else None


def payload_of(keys: list[ProviderKey], token: str) -> bytes:
    """Steps 1 to 5."""
    parts = token.split(".")
    if len(token) > MAX_TOKEN or len(parts) != 3:
        raise Refused("malformed")
    header_json, payload = bytes_of(parts[0]), bytes_of(parts[1])
    header = object_of(header_json, 16)
    if not all(isinstance(header.get(name, ""), str) for name in ("typ", "kid")):
        raise Refused("malformed")
    if not isinstance(header.get("alg"), str):
        raise Refused("malformed")
    algorithm = header["alg"]
    if header.get("typ", "JWT") not in ("JWT", "logout+jwt"):
        raise Refused("unsupported")
    if algorithm not in ("ES256", "RS256") or "crit" in header:
        raise Refused("unsupported")
    signature = bytes_of(parts[2])
    if not (len(signature) == 64 if algorithm == "ES256" else 256 <= len(signature) <= 512):
        raise Refused("malformed")
    key = find(keys, algorithm, header.get("kid"))
    if key is None:
        raise Refused("unknown_key")
    signed = f"{parts[0]}.{parts[1]}".encode()
    if algorithm == "RS256":
        good = signatures.verifies_rs256(key.public, signed, signature)
    else:
        x, y = (int.from_bytes(half, "big") for half in (key.public[:32], key.public[32:]))
        if not signatures.is_on_curve(x, y):
            raise Refused("malformed")
        good = signatures.verifies_es256(key.public, signed, signature)
    if not good:
        raise Refused("authentication_failed")
    return payload


def check_times(claims: dict, now: int) -> int:
    try:
        times = {name: numeric_date(claims, name) for name in ("iat", "exp", "nbf") if name in claims}
    except ValueError:
        raise Refused("malformed") from None
    if "iat" not in times or "exp" not in times:
        raise Refused("malformed")
    if max(times["iat"], times.get("nbf", 0)) > now + TOLERANCE:
        raise Refused("not_yet_valid")
    end = min(times["exp"], times["iat"] + MAX_AGE)
    if now >= end + TOLERANCE:
        raise Refused("expired")
    return end + TOLERANCE


def text_in(claims: dict, name: str, most: int) -> str:
    if name not in claims:
        return ""
    value = claims[name]
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= most:
        raise Refused("malformed")
    return value


def open_token(jwk_set: str, issuer: str, client: str, now: int, token: str) -> dict:
    """Steps 1 to 10, and what the token says."""
    claims = object_of(payload_of(read_keys(jwk_set), token), 64)
    if "nonce" in claims:
        raise Refused("malformed")
    if not isinstance(members_of(claims.get("events"), 64).get(EVENT), Pairs):
        raise Refused("malformed")
    if not isinstance(claims.get("iss"), str):
        raise Refused("malformed")
    is_for_client = names(claims.get("aud"), client)
    if claims["iss"] != issuer or not is_for_client:
        raise Refused("authentication_failed")
    accepted_before = check_times(claims, now)
    jti = text_in(claims, "jti", 256)
    sid, sub = text_in(claims, "sid", 1024), text_in(claims, "sub", 1024)
    if not jti or not (sid or sub):
        raise Refused("malformed")
    return {"jti": jti, "sid": sid, "sub": sub, "accepted_before": accepted_before}


def key_set(*jwks: dict, **members) -> str:
    return json.dumps({"keys": list(jwks)} | members)
