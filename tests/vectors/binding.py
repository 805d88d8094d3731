# SPDX-License-Identifier: Apache-2.0
"""Device binding according to spec/device-binding.md, independent of the core."""

import re
from dataclasses import dataclass

import signatures
from jwe import Pairs, parse_object
from reference import open_token
from ring import Key, base64url, from_base64url
from token_outcome import Refused

MAX_PROOF = 4096
MAX_FIELD = 2 * MAX_PROOF
MAX_MEMBERS = 16
CHALLENGE, COOKIE = b"dbsc-challenge", b"dbsc-cookie"

STRING = r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"'
NUMBER = r"-?(?:[0-9]{1,12}\.[0-9]{1,3}|[0-9]{1,15}(?![0-9.]))"
TOKEN = r"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*"
BARE = rf"(?:{STRING.replace('(', '(?:', 1)}|{NUMBER}|{TOKEN}|:[A-Za-z0-9+/=]*:|\?[01])"
ITEM = re.compile(rf" *{STRING}(?:; *[a-z*][a-z0-9_\-.*]*(?:={BARE})?)* *")


def read_string(value: str) -> str | None:
    """The String of a header field as browsers send it; None: malformed."""
    if re.fullmatch(r"[A-Za-z0-9_.-]+", value):
        return value
    item = ITEM.fullmatch(value)
    return re.sub(r"\\(.)", r"\1", item[1]) if item else None


@dataclass(frozen=True)
class Proof:
    algorithm: str
    challenge: str
    jwk: Pairs | None
    signed: bytes
    signature: bytes


def object_of(data: bytes) -> dict:
    try:
        return parse_object(data, MAX_MEMBERS)
    except ValueError:
        raise Refused("malformed") from None


def bytes_of(text: str) -> bytes:
    try:
        return from_base64url(text)
    except ValueError:
        raise Refused("malformed") from None


def read_proof(is_registration: bool, text: str) -> Proof:
    """Steps 1 to 6."""
    parts = text.split(".")
    if len(text) > MAX_PROOF or len(parts) != 3:
        raise Refused("malformed")
    header_json, payload_json = bytes_of(parts[0]), bytes_of(parts[1])
    header = object_of(header_json)
    kind, algorithm = header.get("typ"), header.get("alg")
    if not isinstance(kind, str) or not isinstance(algorithm, str):
        raise Refused("malformed")
    if kind != "dbsc+jwt" or algorithm not in ("ES256", "RS256") or "crit" in header:
        raise Refused("unsupported")
    jwk = header.get("jwk")
    if not isinstance(jwk, Pairs) if is_registration else "jwk" in header:
        raise Refused("malformed")
    challenge = object_of(payload_json).get("jti")
    if not isinstance(challenge, str) or not challenge:
        raise Refused("malformed")
    signature = bytes_of(parts[2])
    if not (len(signature) == 64 if algorithm == "ES256" else 256 <= len(signature) <= 512):
        raise Refused("malformed")
    return Proof(algorithm, challenge, jwk, f"{parts[0]}.{parts[1]}".encode(), signature)


def key_of_jwk(algorithm: str, jwk: Pairs) -> bytes:
    members = dict(jwk)
    if len(jwk) > MAX_MEMBERS or len(members) != len(jwk) or "d" in members:
        raise Refused("malformed")
    expected = {"kty": "EC", "crv": "P-256"} if algorithm == "ES256" else {"kty": "RSA", "e": "AQAB"}
    parts = [members.get(name) for name in ("xy" if algorithm == "ES256" else "n")]
    if any(members.get(name) != value for name, value in expected.items()):
        raise Refused("malformed")
    if not all(isinstance(part, str) for part in parts):
        raise Refused("malformed")
    decoded = [bytes_of(part) for part in parts]
    if algorithm == "ES256" and [len(part) for part in decoded] != [32, 32]:
        raise Refused("malformed")
    if algorithm == "RS256" and not is_modulus(decoded[0]):
        raise Refused("malformed")
    return b"".join(decoded)


def is_modulus(number: bytes) -> bool:
    return 256 <= len(number) <= 512 and number[0] >= 0x80 and number[-1] % 2 == 1


def key_of_field(algorithm: str, bound: str) -> bytes:
    name, _, text = bound.partition(".")
    key = bytes_of(text)
    if name != algorithm or not (len(key) == 64 if name == "ES256" else is_modulus(key)):
        raise Refused("malformed")
    return key


def verify(proof: Proof, key: bytes) -> None:
    if proof.algorithm == "RS256":
        good = signatures.verifies_rs256(key, proof.signed, proof.signature)
    elif not signatures.is_on_curve(int.from_bytes(key[:32], "big"), int.from_bytes(key[32:], "big")):
        raise Refused("malformed")
    else:
        good = signatures.verifies_es256(key, proof.signed, proof.signature)
    if not good:
        raise Refused("authentication_failed")


@dataclass(frozen=True)
class Session:
    """What came with a request."""

    sid: str
    bound: str = ""
    state: str = "live"  # or "over", or "closed": it does not open here


@dataclass(frozen=True)
class OpenedSid:
    is_ours: bool
    is_valid: bool = False
    expires_at: int = 0


def open_sid(keys: list[Key], now: int, context: bytes, sid: str, token: str) -> OpenedSid:
    """Opens a challenge or a bound cookie and compares the sid."""
    try:
        opened = open_token(keys, now, context, token.encode())
        is_valid = True
    except Refused as refusal:
        if refusal.reason != "expired":
            return OpenedSid(False)
        opened = open_token(keys, refusal.issued_at, context, token.encode())
        is_valid = False
    is_ours = bool(opened.id) and bool(sid) and opened.payload == sid.encode()
    return OpenedSid(is_ours, is_ours and is_valid, opened.expires_at if is_ours else 0)


def without_session(session: Session) -> str:
    return {"live": "", "over": "gone", "closed": "unavailable"}[session.state]


def register(keys: list[Key], now: int, session: Session, sent: str | None) -> tuple[str, str]:
    """The outcome and the field `bound`."""
    if none := without_session(session):
        return none, ""
    text = read_string(sent) if sent is not None and len(sent) <= MAX_FIELD else None
    if not session.sid or session.bound or text is None:
        return "refused", ""
    try:
        proof = read_proof(True, text)
        key = key_of_jwk(proof.algorithm, proof.jwk)
        verify(proof, key)
    except Refused:
        return "refused", ""
    if not open_sid(keys, now, CHALLENGE, session.sid, proof.challenge).is_valid:
        return "refused", ""
    return "registered", f"{proof.algorithm}.{base64url(key)}"


def refresh(keys: list[Key], now: int, session: Session, sid: str | None, sent: str | None) -> str:
    if none := without_session(session):
        return none
    named = read_string(sid) if sid is not None else None
    if not session.sid or named != session.sid or not session.bound:
        return "gone"
    if sent is None:
        return "challenged"
    text = read_string(sent) if len(sent) <= MAX_FIELD else None
    if text is None:
        return "refused"
    try:
        proof = read_proof(False, text)
        key = key_of_field(proof.algorithm, session.bound)
    except Refused:
        return "refused"
    is_forged = False
    try:
        verify(proof, key)
    except Refused as refusal:
        if refusal.reason == "malformed":
            return "refused"
        is_forged = True
    challenge = open_sid(keys, now, CHALLENGE, session.sid, proof.challenge)
    if is_forged:
        return "forged" if challenge.is_ours else "refused"
    return "refreshed" if challenge.is_valid else "challenged"


def standing(keys: list[Key], now: int, grace: int, session: Session, cookies: list[str]) -> str:
    """Of a request with a session that opened."""
    if not session.bound:
        return "unbound"
    opened = [open_sid(keys, now, COOKIE, session.sid, cookie) for cookie in cookies[:4]]
    ends = [cookie.expires_at for cookie in opened if cookie.is_ours]
    if not ends:
        return "refused"
    if now < max(ends):
        return "bound"
    return "grace" if now < max(ends) + grace else "refused"
