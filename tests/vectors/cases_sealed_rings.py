# SPDX-License-Identifier: Apache-2.0
"""The cases of key rings that travel sealed through a fleet's store (spec/fleet.md section 8)."""

import json
import re
import struct

from case import HOUR, NOW, SECRET_A, SECRET_B, SECRET_C, flip, jwk, key, nonce_for
from reference import open_token, s1_seal, s1_text
from ring import InvalidKeyring, base64url, from_base64url, parse
from token_outcome import Refused

CONTEXT = b"sealring-ring"
NAME = "session.keys"
LAST_GENERATION = (1 << 53) - 1
RING = json.dumps({"keys": [jwk(SECRET_B), jwk(SECRET_C, seal_from=NOW + HOUR)]}, indent=2) + "\n"
FLEET_KEY = [jwk(SECRET_A)]


def payload(generation=7, name: bytes = NAME.encode(), text: bytes = RING.encode(), size=None) -> bytes:
    return struct.pack(">QB", generation, len(name) if size is None else size) + name + text


def open_sealed(fleet_key: list[dict], now: int, name: str, sealed: bytes) -> tuple[int, str, list[str]]:
    """Generation, text and kids. Raises Refused or InvalidKeyring."""
    if len(sealed) > 2 << 20 or not sealed.startswith(b"s1."):
        raise Refused("malformed")
    inside = open_token(parse(json.dumps({"keys": fleet_key})), now, CONTEXT, sealed).payload
    if len(inside) < 9:
        raise Refused("malformed")
    generation, size = struct.unpack(">QB", inside[:9])
    found, text = inside[9:9 + size], inside[9 + size:]
    if (not 1 <= generation <= LAST_GENERATION or len(found) != size
            or not re.fullmatch(rb"[A-Za-z0-9._-]{1,64}", found) or found.decode() != name):
        raise Refused("malformed")
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        raise InvalidKeyring("not UTF-8") from error
    return generation, decoded, [each.kid for each in parse(decoded) if each.kid]


class SealedRingCases:
    def __init__(self):
        self.cases = []

    def add(self, name, description, inside=None, expect="ok", sealed=None, wanted=NAME,
            fleet_key=None, context=CONTEXT, secret=SECRET_A, now=NOW):
        name = f"sealed_ring_{name}"
        sealed = sealed or s1_seal(key(secret), nonce_for(name), NOW, 0, context,
                                   payload() if inside is None else inside)
        fleet_key = fleet_key or FLEET_KEY
        case = {
            "name": name,
            "description": description,
            "format": "sealed-ring",
            "fleet_key": {"keys": fleet_key},
            "ring": wanted,
            "now": now,
            "sealed": sealed.decode(),
            "expect": expect,
        }
        try:
            generation, text, kids = open_sealed(fleet_key, now, wanted, sealed)
            case |= {"generation": generation, "text": text, "kids": kids}
            outcome = "ok"
        except InvalidKeyring:
            outcome = "invalid_keyring"
        except Refused as refused:
            outcome = refused.reason
        assert outcome == expect, (name, outcome)
        self.cases.append(case)


def valid(add) -> None:
    add("valid", "A ring of two keys, of which one waits to seal.")
    add("valid_first", "The first generation.", payload(1))
    add("valid_last", "The last generation, 2^53 - 1.", payload(LAST_GENERATION))
    add("valid_long_name", "A name of 64 bytes.", payload(name=b"n" * 64), wanted="n" * 64)
    add("valid_name_of_all_kinds", "Letters, digits and the three other characters.",
        payload(name=b"Az09._-"), wanted="Az09._-")
    add("valid_old", "It does not expire.", now=NOW + 100 * 365 * 24 * HOUR)
    add("valid_rotated_fleet_key", "The fleet key is a ring: an older key of it opens.",
        fleet_key=[jwk(SECRET_A, open_until=NOW + HOUR), jwk(SECRET_C)])


def refused(add) -> None:
    token = s1_seal(key(SECRET_A), nonce_for("sealed_ring"), NOW, 0, CONTEXT, payload())
    altered = s1_text(flip(from_base64url(token[3:].decode()), 400))
    add("altered", "A bit of it was changed.", expect="authentication_failed", sealed=altered)
    add("other_fleet_key", "Sealed under a key that is not this fleet's.", expect="unknown_key",
        secret=SECRET_B)
    add("retired_fleet_key", "Sealed under a fleet key that opens no more.", expect="unknown_key",
        fleet_key=[jwk(SECRET_A, open_until=NOW), jwk(SECRET_C)])
    add("other_context", "A token under the fleet key that is for something else.",
        expect="authentication_failed", context=b"sealring-ring2")
    add("other_name", "The ring of another name.", payload(name=b"other.keys"), "malformed")
    add("other_case", "A name in another case is another name.", payload(name=b"Session.keys"),
        "malformed")
    add("generation_0", "There is no generation 0.", payload(0), "malformed")
    add("generation_too_great", "Generation 2^53.", payload(LAST_GENERATION + 1), "malformed")
    add("no_name", "An empty name.", payload(name=b""), "malformed", wanted="")
    add("name_too_long", "A name of 65 bytes.", payload(name=b"n" * 65), "malformed", wanted="n" * 65)
    add("name_with_slash", "A name with a character that no name has.", payload(name=b"a/b"),
        "malformed", wanted="a/b")
    add("name_past_the_end", "The name has more bytes than there are.",
        payload(name=NAME.encode(), text=b"", size=13), "malformed")
    add("too_short", "A payload of eight bytes.", payload()[:8], "malformed")
    add("empty", "A payload of no bytes.", b"", "malformed")
    add("no_ring", "No text.", payload(text=b""), "invalid_keyring")
    add("text_is_no_ring", "The text is no JSON.", payload(text=RING.encode()[:-3]), "invalid_keyring")
    add("ring_without_keys", "A ring has keys.", payload(text=b'{"keys": []}'), "invalid_keyring")
    add("ring_with_a_kid_twice", "A ring that servers refuse.",
        payload(text=json.dumps({"keys": [jwk(SECRET_B), jwk(SECRET_B)]}).encode()), "invalid_keyring")
    add("not_s1", "A JWE under the fleet key.", expect="malformed",
        sealed=b"eyJhbGciOiJkaXIifQ.." + base64url(bytes(12)).encode() + b".AA." +
        base64url(bytes(16)).encode())


def make() -> list[dict]:
    made = SealedRingCases()
    valid(made.add)
    refused(made.add)
    return made.cases
