# SPDX-License-Identifier: Apache-2.0
"""An independent reader and writer of JWE tokens: spec/token-jwe.md."""

import json
import math

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ring import MAX_TIME, Key, base64url, from_base64url
from token_outcome import CLOCK_SKEW, MAX_TOKEN, Opened, Refused

LOOKS_SIZE = 16
BASE64URL = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
MAX_HEADER = 1024
MAX_DEPTH = 16
MAX_HEADER_MEMBERS = 16
MAX_CLAIMS = 256
MAX_ID = 128
ESCAPES = '"\\\b\f\n\r\t'


def looks(token: bytes) -> bool:
    first = token[:LOOKS_SIZE]
    return token.count(b".") == 4 and len(first) == LOOKS_SIZE and BASE64URL.issuperset(first)


class Pairs(list):
    """The members of a JSON object, including duplicates, which a dict would lose."""


def depth(value) -> int:
    """How deep objects and arrays are nested."""
    if isinstance(value, Pairs):
        return 1 + max((depth(inner) for _, inner in value), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def no_constant(name: str):
    raise ValueError(f"{name} is not JSON")


def parse_object(data: bytes, max_members: int) -> dict:
    """Raises ValueError unless it is an object within bounds."""
    text = data.decode()
    value = json.loads(text, object_pairs_hook=Pairs, parse_constant=no_constant)
    if not isinstance(value, Pairs) or depth(value) > MAX_DEPTH or len(value) > max_members:
        raise ValueError("not an object within bounds")
    json.dumps(value, ensure_ascii=False).encode()  # refuses lone surrogates
    members = dict(value)
    if len(members) != len(value):
        raise ValueError("two members of one name")
    return members


def is_text(text: str) -> bool:
    return all(c >= " " or c in ESCAPES for c in text)


def quoted(text: str) -> str:
    """As a sealer writes it: with short escapes only."""
    return json.dumps(text, ensure_ascii=False)


def header(kid: str) -> bytes:
    return b'{"alg":"dir","enc":"A256GCM","kid":%s}' % quoted(kid).encode()


def claims(issued_at: int, expires_at: int, context: str, payload: bytes) -> bytes:
    members = [f'"iat":{issued_at}']
    if expires_at:
        members.append(f'"exp":{expires_at}')
    if context:
        if not is_text(context):
            raise ValueError("no audience can be this context")
        members.append(f'"aud":{quoted(context)}')
    try:
        text = payload.decode()
        if not is_text(text):
            raise ValueError("control characters")
        members.append(f'"payload":{quoted(text)}')
    except ValueError:
        members.append(f'"payload_b64":"{base64url(payload)}"')
    return ("{" + ",".join(members) + "}").encode()


def encrypt(secret: bytes, iv: bytes, header_bytes: bytes, plaintext: bytes) -> bytes:
    first = base64url(header_bytes).encode()
    sealed = AESGCM(secret).encrypt(iv, plaintext, first)
    parts = base64url(iv), base64url(sealed[:-16]), base64url(sealed[-16:])
    return first + b".." + ".".join(parts).encode()


def seal(key: Key, iv: bytes, now: int, lifetime: int, context: str, payload: bytes) -> bytes:
    expires_at = min(now + lifetime, MAX_TIME) if lifetime else 0
    inside = claims(min(now, MAX_TIME), expires_at, context, payload)
    return encrypt(key.secret, iv, header(key.kid), inside)


def is_name(value: object, longest: int) -> bool:
    """Whether it is printable ASCII without space."""
    return (isinstance(value, str) and 1 <= len(value) <= longest
            and all("!" <= c <= "~" for c in value))


def read_header(part: str) -> str:
    """The kid, or "" if it names none."""
    try:
        members = parse_object(from_base64url(part), MAX_HEADER_MEMBERS)
    except ValueError:
        raise Refused("malformed") from None
    alg, enc, kid = members.get("alg"), members.get("enc"), members.get("kid", "")
    if not isinstance(alg, str) or not isinstance(enc, str):
        raise Refused("malformed")
    if (alg, enc) != ("dir", "A256GCM") or "zip" in members or "crit" in members:
        raise Refused("unsupported")
    if "kid" in members and not is_name(kid, 128):
        raise Refused("malformed")
    return kid


def numeric_date(members: dict, name: str, earliest: int = 0) -> int:
    if name not in members:
        return 0
    value = members[name]
    if type(value) not in (int, float):
        raise ValueError(f"{name} is not a number")
    return max(earliest, min(math.ceil(value), MAX_TIME))


def raw_member(plaintext: bytes, name: str) -> bytes:
    """The text of a member's value, unchanged, found by where it begins and ends."""
    text, decoder = plaintext.decode(), json.JSONDecoder(parse_constant=no_constant)
    at = text.index("{") + 1
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        found, at = decoder.raw_decode(text, at)
        at = text.index(":", at) + 1
        while text[at] in " \t\r\n":
            at += 1
        _, end = decoder.raw_decode(text, at)
        if found == name:
            return text[at:end].encode()
        at = end


def read_claims(plaintext: bytes, context: bytes) -> tuple[bytes, int, int, int, str, bool]:
    """payload, issued_at, expires_at, not_before, the jti if it is an ID, and whether the token is
    meant for the context."""
    members = parse_object(plaintext, MAX_CLAIMS)
    times = (numeric_date(members, "iat"), numeric_date(members, "exp", 1),
             numeric_date(members, "nbf"))
    audience = members.get("aud", "")
    audience = audience if type(audience) is list else [audience]
    if not all(isinstance(name, str) for name in audience):
        raise ValueError("aud")
    payload = plaintext
    if "payload" in members and "payload_b64" in members:
        raise ValueError("two payloads")
    if isinstance(members.get("payload"), list):  # or an object, which is a Pairs
        payload = raw_member(plaintext, "payload")
    elif "payload" in members:
        if not isinstance(members["payload"], str):
            raise ValueError("payload")
        payload = members["payload"].encode()
    if "payload_b64" in members:
        if not isinstance(members["payload_b64"], str):
            raise ValueError("payload_b64")
        payload = from_base64url(members["payload_b64"])
    jti = members.get("jti", "")
    if not isinstance(jti, str):
        raise ValueError("jti")
    token_id = jti if is_name(jti, MAX_ID) else ""
    return payload, *times, token_id, context in [name.encode() for name in audience]


def open_token(keys: list[Key], now: int, context: bytes, token: bytes) -> Opened:
    text = token.decode("latin-1")
    parts = text.split(".")
    if len(token) > MAX_TOKEN or len(parts) != 5 or len(parts[0]) > MAX_HEADER:
        raise Refused("malformed")
    if parts[1] or len(parts[2]) == 22:
        raise Refused("unsupported")
    if len(parts[2]) != 16 or len(parts[4]) != 22:
        raise Refused("malformed")
    kid = read_header(parts[0])
    try:
        iv, ciphertext, tag = map(from_base64url, parts[2:])
    except ValueError:
        raise Refused("malformed") from None

    named = [key for key in keys
             if key.algorithm == "A256GCM" and key.kid == (kid or key.kid) and key.opens(now)]
    if len(named) != 1:
        raise Refused("unknown_key", kid)
    try:
        plaintext = AESGCM(named[0].secret).decrypt(iv, ciphertext + tag, parts[0].encode())
    except InvalidTag:
        raise Refused("authentication_failed", kid) from None

    try:
        payload, issued_at, expires_at, not_before, jti, meant = read_claims(plaintext, context)
    except (ValueError, OverflowError):
        raise Refused("malformed", kid) from None
    if not meant:
        raise Refused("authentication_failed", kid)
    if max(issued_at, not_before) > now + CLOCK_SKEW:
        raise Refused("not_yet_valid", kid, issued_at, expires_at)
    if expires_at != 0 and expires_at <= now:
        raise Refused("expired", kid, issued_at, expires_at)
    return Opened(payload, issued_at, expires_at, named[0].kid, jti or parts[2])
