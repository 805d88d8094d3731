# SPDX-License-Identifier: Apache-2.0
"""The cases of format s1. Each starts from a token that opens, and changes one thing."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from case import (
    BINARY, HOUR, NOW, SECRET_A, SECRET_B, SECRET_C, Cases, Token, flip, jwk, key, nonce_for,
)
from reference import UINT40_MAX, s1_ad, s1_body, s1_text
from ring import base64url, thumbprint_kid


class S1Cases(Cases):
    def __init__(self):
        super().__init__("s1")

    def opens(self, name, description, token, ring=None, now=NOW, seal=True):
        """The token opens; with `seal`, sealing the same again gives the same token."""
        known = {
            "payload_hex": token.payload.hex(),
            "id": base64url(token.nonce),
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
            "kid": token.kid,
            "nonce_hex": token.nonce.hex(),
        }
        if seal:
            known |= {"seal": True, "seal_now": token.seal_now, "lifetime": token.lifetime}
        ring = ring or jwk(SECRET_A)
        self.add(name, description, "ok", token.text, ring, token.context, now, **known)

    def refused(self, name, description, reason, text, ring=None, now=NOW, context="", **known):
        self.add(name, description, reason, text, ring or jwk(SECRET_A), context, now, **known)


def valid(add: S1Cases) -> None:
    add.opens("s1_valid_minimal", "An empty payload gives the shortest token: 78 characters.",
              Token("s1_valid_minimal", payload=b""))
    add.opens("s1_valid_text_payload", "A short text.", Token("s1_valid_text_payload"))
    add.opens("s1_valid_one_byte_payload", "No bits are left over in the last character.",
              Token("s1_valid_one_byte_payload", payload=b"x"))
    add.opens("s1_valid_two_byte_payload", "Four bits are left over in the last character.",
              Token("s1_valid_two_byte_payload", payload=b"xy"))
    add.opens("s1_valid_binary_payload", "A payload of all 256 byte values, NUL first.",
              Token("s1_valid_binary_payload", payload=BINARY))
    add.opens("s1_valid_3000_byte_payload", "A payload as large as cookies get.",
              Token("s1_valid_3000_byte_payload", payload=(BINARY * 12)[:3000]))
    add.opens("s1_valid_context", "The context that it was sealed with.",
              Token("s1_valid_context", context="download"))
    add.opens("s1_valid_context_utf8", "A context is bytes: here UTF-8.",
              Token("s1_valid_context_utf8", context="Sitzung/Zürich"))
    add.opens("s1_valid_context_1024_bytes", "The longest context.",
              Token("s1_valid_context_1024_bytes", context="c" * 1024))
    add.opens("s1_never_expires", "expires_at 0 is good for ever.",
              Token("s1_never_expires", lifetime=0), now=UINT40_MAX)
    add.opens("s1_one_second_before_expiry", "now = expires_at - 1.",
              Token("s1_one_second_before_expiry"), now=NOW + HOUR - 1)
    add.opens("s1_expiry_saturated", "An expiry past what 40 bits hold becomes 2^40 - 1.",
              Token("s1_expiry_saturated", lifetime=1 << 52))
    add.opens("s1_issued_now_saturated", "A clock past what 40 bits hold is written as 2^40 - 1.",
              Token("s1_issued_now_saturated", lifetime=0, now=1 << 41), now=1 << 41)
    add.opens("s1_valid_60_seconds_ahead", "issued_at = now + 60: clocks differ.",
              Token("s1_valid_60_seconds_ahead", now=NOW + 60))


def keys(add: S1Cases) -> None:
    two = [jwk(SECRET_A), jwk(SECRET_B, seal_from=NOW)]
    add.opens("s1_two_keys_newer_seals", "Of two keys the one with the later seal_from seals.",
              Token("s1_two_keys_newer_seals", secret=SECRET_B), ring=two)
    add.opens("s1_two_keys_older_still_opens", "The other one only opens.",
              Token("s1_two_keys_older_still_opens", secret=SECRET_A), ring=two, seal=False)
    add.opens("s1_two_keys_older_seals_before_seal_from", "The newer one's seal_from lies ahead.",
              Token("s1_two_keys_older_seals_before_seal_from", now=NOW - 1), ring=two)
    add.opens("s1_key_opens_before_seal_from", "seal_from bounds sealing, not opening.",
              Token("s1_key_opens_before_seal_from", secret=SECRET_B),
              ring=[jwk(SECRET_A), jwk(SECRET_B, seal_from=NOW + HOUR)], seal=False)
    add.opens("s1_key_open_only_opens", "key_ops without encrypt.",
              Token("s1_key_open_only_opens"), ring=jwk(SECRET_A, key_ops=["decrypt"]), seal=False)
    add.opens("s1_key_last_second_of_open_until", "A key opens while now < open_until.",
              Token("s1_key_last_second_of_open_until"), ring=jwk(SECRET_A, open_until=NOW + 1))
    t = Token("s1_key_past_open_until")
    add.refused("s1_key_past_open_until", "now = open_until: the key opens no more.",
                "unknown_key", t.text, ring=jwk(SECRET_A, open_until=NOW), kid=t.kid)
    t = Token("s1_kid_unknown", secret=SECRET_C)
    add.refused("s1_kid_unknown", "Sealed with a key that the ring does not hold.",
                "unknown_key", t.text, ring=two, kid=t.kid)
    t = Token("s1_kid_altered")
    altered = flip(t.body, 47)
    add.refused("s1_kid_altered", "The last bit of the kid is flipped.",
                "unknown_key", s1_text(altered), kid=base64url(altered[:6]))
    t = Token("s1_kid_of_other_key")
    add.refused("s1_kid_of_other_key", "The kid is replaced by that of another key of the ring.",
                "authentication_failed", s1_text(thumbprint_kid(SECRET_B) + t.body[6:]), ring=two,
                kid=key(SECRET_B).kid)


def authentication(add: S1Cases) -> None:
    def altered(name, description, change, **members):
        t = Token(name, **members)
        add.refused(name, description, "authentication_failed", s1_text(change(t.body)), kid=t.kid)

    altered("s1_nonce_first_bit_flipped", "In the half that the key is derived from.",
            lambda body: flip(body, 48))
    altered("s1_nonce_prefix_altered", "The whole half that the key is derived from is replaced.",
            lambda body: body[:6] + bytes(12) + body[18:])
    altered("s1_nonce_last_bit_flipped", "In the half that AES-GCM takes.",
            lambda body: flip(body, 239))
    altered("s1_issued_at_bit_flipped", "The first bit of the ciphertext.",
            lambda body: flip(body, 240))
    altered("s1_expires_at_bit_flipped", "The lowest bit of expires_at.",
            lambda body: flip(body, 319))
    altered("s1_ciphertext_bit_flipped", "The first bit of the payload.",
            lambda body: flip(body, 320))
    altered("s1_tag_first_bit_flipped", "All 16 bytes of the tag count: the first.",
            lambda body: flip(body, len(body) * 8 - 128))
    altered("s1_tag_last_bit_flipped", "All 16 bytes of the tag count: the last.",
            lambda body: flip(body, len(body) * 8 - 1))
    altered("s1_tag_zero", "The tag is 16 zero bytes.", lambda body: body[:-16] + bytes(16))
    altered("s1_tag_truncated_to_15_bytes", "A byte is taken from the end.",
            lambda body: body[:-1])
    altered("s1_byte_appended", "A zero byte follows the tag.", lambda body: body + b"\x00")

    def in_context(name, description, sealed, opened):
        t = Token(name, context=sealed)
        add.refused(name, description, "authentication_failed", t.text, context=opened, kid=t.kid)

    in_context("s1_other_context", "A download token is no session.", "download", "session")
    in_context("s1_context_given_vs_empty", "Sealed without, opened with.", "", "session")
    in_context("s1_context_empty_vs_given", "Sealed with, opened without.", "session", "")
    in_context("s1_context_prefix", "A context that the other begins with.", "session", "sess")
    in_context("s1_context_other_case", "Contexts are bytes: case matters.", "session", "Session")
    in_context("s1_context_nul_appended", "A context does not end at a NUL.",
               "session", "session\x00")

    name = "s1_plain_aes_gcm"
    t = Token(name)
    sealed = AESGCM(SECRET_A).encrypt(t.nonce[12:], bytes(10) + t.payload, s1_ad(t.body[:6], b""))
    body = t.body[:30] + sealed
    add.refused(name, "Sealed with AES-256-GCM under the ring's key itself, not a derived one.",
                "authentication_failed", s1_text(body), kid=t.kid)


def times(add: S1Cases) -> None:
    def at(name, description, reason, now, **members):
        t = Token(name, **members)
        add.refused(name, description, reason, t.text, now=now, kid=t.kid,
                    issued_at=t.issued_at, expires_at=t.expires_at)

    at("s1_expired_exactly_now", "now = expires_at.", "expired", NOW + HOUR)
    at("s1_expired_long_ago", "A year later.", "expired", NOW + 365 * 86400)
    at("s1_saturated_expiry_reached", "2^40 - 1 is a time like any other.",
       "expired", UINT40_MAX, lifetime=1 << 52)
    at("s1_not_yet_valid_61_seconds", "issued_at = now + 61.", "not_yet_valid", NOW - 61)
    at("s1_not_yet_valid_never_expires", "expires_at 0 does not lift the check of issued_at.",
       "not_yet_valid", NOW - 61, lifetime=0)


def order(add: S1Cases) -> None:
    """Two faults each: the check that comes first gives the reason."""
    t = Token("s1_order_malformed_before_unknown_key", secret=SECRET_C)
    add.refused("s1_order_malformed_before_unknown_key", "Bad base64url under an unknown key.",
                "malformed", t.text + b"=")
    t = Token("s1_order_unknown_key_before_authentication", secret=SECRET_C)
    add.refused("s1_order_unknown_key_before_authentication", "An altered tag, an unknown key.",
                "unknown_key", s1_text(flip(t.body, len(t.body) * 8 - 1)), kid=t.kid)
    t = Token("s1_order_authentication_before_expiry")
    add.refused("s1_order_authentication_before_expiry",
                "An altered tag on an expired token: times are not believed unproved.",
                "authentication_failed", s1_text(flip(t.body, len(t.body) * 8 - 1)),
                now=NOW + HOUR, kid=t.kid)
    name = "s1_order_not_yet_valid_before_expired"
    kid, nonce = thumbprint_kid(SECRET_A), nonce_for(name)
    body = s1_body(kid, SECRET_A, nonce, (NOW + 61, NOW - 1), b"", b"user=alice")
    add.refused(name, "Issued in the future and expired in the past.", "not_yet_valid",
                s1_text(body), kid=base64url(kid), issued_at=NOW + 61, expires_at=NOW - 1)


def make() -> list[dict]:
    add = S1Cases()
    for chapter in (valid, keys, authentication, times, order):
        chapter(add)
    return add.cases
