# SPDX-License-Identifier: Apache-2.0
"""The cases of format nginx-legacy, in rings of their own and in a ring with s1."""

import hashlib
from itertools import count

from case import (
    BINARY, HOUR, NOW, OTHER_LEGACY_SECRET, SECRET_A, SECRET_B, Cases, Token, apache_jwk, flip,
    jwk, legacy_jwk, legacy_key,
)
from cases_jwe import jwe_jwk
from cases_s1 import S1Cases
from reference import cbc_encrypt, nginx_legacy_seal, s1_text
from ring import base64url

# Its token begins with "s1.": a search over 2^24 digests found the number.
LOOKALIKE = b"looks like s1 19679245"


def build(plaintext: bytes, pad: bytes, digest: bytes | None = None) -> bytes:
    """A token with any plaintext, padding and digest."""
    digest = hashlib.md5(plaintext).digest() if digest is None else digest
    return digest + cbc_encrypt(legacy_key(), plaintext + pad)


def payload_with_digest(wanted) -> bytes:
    """A payload whose digest, with expires_at NOW + HOUR, is as wanted."""
    for attempt in count():
        payload = b"user=alice" + str(attempt).encode()
        if wanted(hashlib.md5(payload + (NOW + HOUR).to_bytes(8, "big")).digest()):
            return payload


class LegacyCases(Cases):
    def __init__(self):
        super().__init__("nginx-legacy")

    def opens(
        self, name, description, payload=b"user=alice", lifetime=HOUR, key=None, ring=None,
        now=NOW, context="", seal=True, kid="",
    ):
        token = nginx_legacy_seal(key or legacy_key(), NOW, lifetime, payload)
        known = {
            "payload_hex": payload.hex(),
            "issued_at": 0,
            "expires_at": NOW + lifetime if lifetime else 0,
            "kid": kid,
        }
        if seal:
            known |= {"seal": True, "seal_now": NOW, "lifetime": lifetime}
        self.add(name, description, "ok", token, ring or legacy_jwk(), context, now, **known)

    def refused(self, name, description, reason, token, ring=None, now=NOW, **known):
        self.add(name, description, reason, token, ring or legacy_jwk(), "", now, **known)


def token(payload=b"user=alice", lifetime=HOUR) -> bytes:
    return nginx_legacy_seal(legacy_key(), NOW, lifetime, payload)


def valid(add: LegacyCases) -> None:
    add.opens("nginx_legacy_valid_minimal", "An empty payload: 32 bytes.", payload=b"")
    add.opens("nginx_legacy_valid_text_payload", "A short text, the default IV.")
    add.opens("nginx_legacy_valid_full_padding_block", "8 bytes: the padding fills a block.",
              payload=b"12345678")
    add.opens("nginx_legacy_valid_seven_byte_payload", "7 bytes: one byte of padding.",
              payload=b"1234567")
    add.opens("nginx_legacy_valid_binary_payload", "All 256 byte values, NUL first.",
              payload=BINARY)
    add.opens("nginx_legacy_valid_3000_byte_payload", "As large as cookies get.",
              payload=(BINARY * 12)[:3000])
    add.opens("nginx_legacy_valid_never_expires", "expires_at 0.", lifetime=0, now=NOW * 2)
    add.opens("nginx_legacy_valid_one_second_before_expiry", "now = expires_at - 1.",
              now=NOW + HOUR - 1)
    add.opens("nginx_legacy_valid_expiry_beyond_uint40", "expires_at has 64 bits.",
              lifetime=1 << 52)
    add.opens("nginx_legacy_valid_context_ignored", "The format cannot bind a context.",
              context="session")
    for name, description, iv in (
        ("nginx_legacy_valid_iv_16_bytes", "An IV of the full length.", bytes(range(16))),
        ("nginx_legacy_valid_iv_short", "8 bytes: zeros follow.", b"shortiv8"),
        ("nginx_legacy_valid_iv_empty", "No bytes: all zeros, not the default.", b""),
    ):
        add.opens(name, description, key=legacy_key(iv=iv), ring=legacy_jwk(iv=base64url(iv)))
    add.opens("nginx_legacy_valid_key_open_only", "As in a migration.",
              ring=legacy_jwk(key_ops=["decrypt"]), seal=False)
    add.opens("nginx_legacy_valid_second_key", "Tokens name no key: all are tried, in order.",
              ring=[legacy_jwk(OTHER_LEGACY_SECRET), legacy_jwk(key_ops=["decrypt"])], seal=False)
    add.opens("nginx_legacy_valid_key_with_kid",
              "The token names no key; the kid is that of the key which opens it.",
              ring=[legacy_jwk(OTHER_LEGACY_SECRET, kid="other-site"),
                    legacy_jwk(kid="old-site", key_ops=["decrypt"])],
              seal=False, kid="old-site")
    add.opens("nginx_legacy_valid_key_last_second_of_open_until", "now < open_until.",
              ring=legacy_jwk(open_until=NOW + 1))


def authentication(add: LegacyCases) -> None:
    def fails(name, description, text, **members):
        add.refused(name, description, "authentication_failed", text, **members)

    good = token()
    fails("nginx_legacy_digest_first_bit_flipped", "All 16 bytes count: the first.", flip(good, 0))
    fails("nginx_legacy_digest_last_byte_altered", "All 16 bytes count: the last.",
          flip(good, 127))
    fails("nginx_legacy_ciphertext_first_bit_flipped", "In the first block.", flip(good, 128))
    fails("nginx_legacy_ciphertext_last_bit_flipped", "In the block with the padding.",
          flip(good, len(good) * 8 - 1))

    first_nul = token(payload_with_digest(lambda digest: digest[0] == 0))
    fails("nginx_legacy_zero_digest", "The digest is 16 zero bytes; the true one begins with one.",
          bytes(16) + first_nul[16:])
    inner_nul = token(payload_with_digest(lambda digest: digest[3] == 0 and 0 not in digest[:3]))
    fails("nginx_legacy_digest_altered_after_nul", "Equal up to a NUL byte, different after it.",
          inner_nul[:4] + bytes(byte ^ 0xFF for byte in inner_nul[4:16]) + inner_nul[16:])

    fails("nginx_legacy_other_key", "Sealed with a key that the ring does not hold.", good,
          ring=legacy_jwk(OTHER_LEGACY_SECRET))
    fails("nginx_legacy_other_iv", "Sealed with the default IV, opened with another.", good,
          ring=legacy_jwk(iv=base64url(bytes(16))))
    fails("nginx_legacy_last_block_missing", "Still a multiple of 16 bytes.",
          token(b"12345678")[:-16])
    fails("nginx_legacy_block_appended", "A block of zeros follows.", good + bytes(16))


def padding(add: LegacyCases) -> None:
    """The digest is right; the padding is not, or there is too little before it."""
    expires_at = (NOW + HOUR).to_bytes(8, "big")

    def fails(name, description, text):
        add.refused(name, description, "authentication_failed", text)

    fails("nginx_legacy_bad_padding_zero", "The last byte is 0.",
          build(b"user=" + expires_at, b"\x03\x03\x00"))
    fails("nginx_legacy_bad_padding_seventeen", "The last byte is more than a block.",
          build(b"1234567" + expires_at, b"\x11"))
    fails("nginx_legacy_bad_padding_unequal", "The bytes before the last differ from it.",
          build(b"user=" + expires_at, b"\x02\x03\x03"))
    fails("nginx_legacy_plaintext_empty", "Nothing but padding, and its digest.",
          build(b"", b"\x10" * 16))
    fails("nginx_legacy_plaintext_seven_bytes", "One byte less than expires_at takes.",
          build(bytes(7), b"\x09" * 9))


def size(add: LegacyCases) -> None:
    good = token()
    for name, description, text in (
        ("nginx_legacy_empty", "No bytes, as from a cookie without a value.", b""),
        ("nginx_legacy_short", "16 bytes: a digest and nothing else.", good[:16]),
        ("nginx_legacy_31_bytes", "One byte less than the shortest.", token(b"")[:31]),
        ("nginx_legacy_not_block_multiple", "One byte is missing at the end.", good[:-1]),
        ("nginx_legacy_byte_appended", "One byte too many.", good + b"\x00"),
        ("nginx_legacy_base64_not_decoded", "Base64 text: decoding is the caller's.",
         base64url(token(b"")).encode()),
    ):
        add.refused(name, description, "malformed", text)


def times_and_windows(add: LegacyCases) -> None:
    good = token()
    add.refused("nginx_legacy_expired", "now = expires_at.", "expired", good, now=NOW + HOUR,
                expires_at=NOW + HOUR)
    add.refused("nginx_legacy_expired_long_ago", "A year later.", "expired", good,
                now=NOW + 365 * 86400, expires_at=NOW + HOUR)
    add.refused("nginx_legacy_order_authentication_before_expiry",
                "An altered digest on an expired token.", "authentication_failed", flip(good, 0),
                now=NOW + HOUR)
    closed = legacy_jwk(open_until=NOW)
    add.refused("nginx_legacy_closed_by_open_until", "now = open_until of the only key.",
                "unsupported", good, ring=closed)
    add.refused("nginx_legacy_closed_all_keys", "The windows of both keys have ended.",
                "unsupported", good,
                ring=[closed, legacy_jwk(OTHER_LEGACY_SECRET, open_until=NOW - HOUR)])
    add.refused("nginx_legacy_closed_key_beside_open_key",
                "Its key's window has ended; another is tried and fails.",
                "authentication_failed", good, ring=[closed, legacy_jwk(OTHER_LEGACY_SECRET)])
    add.refused("nginx_legacy_order_malformed_before_unsupported",
                "Not the size of a token, in a ring that opens no more of them.",
                "malformed", good[:-1], ring=closed)


def looks(add: LegacyCases) -> None:
    """Tokens that look like s1, with a ring that has no XAES-256-GCM key."""
    lookalike = token(LOOKALIKE)
    assert lookalike.startswith(b"s1.")
    add.opens("nginx_legacy_valid_begins_with_s1_prefix",
              "The digest begins with s1. by chance; a ring of old keys alone does not mind.",
              payload=LOOKALIKE)
    add.refused("nginx_legacy_given_s1_token",
                "An s1 token's size is never a multiple of 16, so it is no old token.",
                "malformed", Token("nginx_legacy_given_s1_token").text)


def ends_with(byte: bytes) -> bytes:
    """A payload whose token ends with this byte."""
    payloads = (b"user=alice" + str(attempt).encode() for attempt in count())
    return next(payload for payload in payloads if token(payload).endswith(byte))


def white_space_behind(add: LegacyCases) -> None:
    """The format is binary, so that every byte of the input is one of the token."""
    both = [jwk(SECRET_A), jwe_jwk(), apache_jwk(), legacy_jwk(key_ops=["decrypt"])]
    for name, byte in (("space", b" "), ("tab", b"\t")):
        payload = ends_with(byte)
        add.opens(f"nginx_legacy_ends_with_{name}", "This byte is part of it.", payload=payload)
        add.opens(f"mixed_ring_legacy_ends_with_{name}", "Beside keys of other formats, too.",
                  payload=payload, ring=both, seal=False)
        add.refused(f"nginx_legacy_{name}_appended", "And so is this one, which is too much.",
                    "malformed", token() + byte)


def mixed(add: LegacyCases) -> None:
    """A ring with both algorithms."""
    both = [jwk(SECRET_A), legacy_jwk(key_ops=["decrypt"])]
    closed = [jwk(SECRET_A), legacy_jwk(key_ops=["decrypt"], open_until=NOW)]
    add.opens("mixed_ring_legacy_opens", "No s1 prefix: the old key opens it.",
              ring=both, seal=False)
    add.refused("mixed_ring_legacy_closed", "The old key's window has ended.", "unsupported",
                token(), ring=closed)
    add.refused("mixed_ring_legacy_begins_with_s1_prefix",
                "The digest begins with s1. by chance: read as s1, and never as an old token.",
                "malformed", token(LOOKALIKE), ring=both)


def mixed_s1(add: S1Cases) -> None:
    """The same rings with s1 tokens. No token is tried in two formats."""
    both = [jwk(SECRET_A), legacy_jwk(key_ops=["decrypt"])]
    closed = [jwk(SECRET_A), legacy_jwk(key_ops=["decrypt"], open_until=NOW)]
    add.opens("mixed_ring_s1_opens", "The s1 prefix: the new key opens it.",
              Token("mixed_ring_s1_opens"), ring=both)
    add.opens("mixed_ring_s1_opens_after_legacy_closed", "The old key's window is its own.",
              Token("mixed_ring_s1_opens_after_legacy_closed"), ring=closed)
    t = Token("mixed_ring_s1_tag_altered")
    add.refused("mixed_ring_s1_tag_altered", "Refused as s1, and not tried as an old token.",
                "authentication_failed", s1_text(flip(t.body, len(t.body) * 8 - 1)), ring=both,
                kid=t.kid)
    t = Token("mixed_ring_s1_kid_unknown", secret=SECRET_B)
    add.refused("mixed_ring_s1_kid_unknown", "The old key is not tried in its place.",
                "unknown_key", t.text, ring=both, kid=t.kid)
    t = Token("mixed_ring_s1_key_past_open_until")
    add.refused("mixed_ring_s1_key_past_open_until", "Windows do not change how a token is read.",
                "unknown_key", t.text, ring=[jwk(SECRET_A, open_until=NOW), legacy_jwk()],
                kid=t.kid)
    t = Token("mixed_ring_s1_prefix_uppercase")
    add.refused("mixed_ring_s1_prefix_uppercase", "Read as an old token, whose size it has not.",
                "malformed", b"S" + t.text[1:], ring=both)


def make() -> list[dict]:
    old, new = LegacyCases(), S1Cases()
    for chapter in (
        valid, authentication, padding, size, times_and_windows, looks, white_space_behind, mixed,
    ):
        chapter(old)
    mixed_s1(new)
    return old.cases + new.cases
