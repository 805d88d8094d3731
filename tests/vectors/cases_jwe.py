# SPDX-License-Identifier: Apache-2.0
"""The cases of JWE tokens that this library seals, and of alterations of them: the five parts, keys,
context and times. The JSON of header and claims is in cases_jwe_json.py."""

import hashlib
import json
from itertools import count

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import jwe
from case import (
    BINARY, HOUR, NOW, SECRET_A, SECRET_B, SECRET_C, Cases, flip, jwk, legacy_jwk, legacy_key,
)
from cases_s1_syntax import canonical, with_trailing_bit
from reference import UINT40_MAX, nginx_legacy_seal, s1_seal
from ring import Key, base64url, from_base64url, thumbprint_kid

OTHER_SECRET = bytes(range(0x60, 0x80))


def jwe_jwk(secret: bytes = SECRET_C, **members) -> dict:
    return jwk(secret, **({"alg": "A256GCM"} | members))


def jwe_key(secret: bytes = SECRET_C, kid: str = "") -> Key:
    return Key("A256GCM", secret, kid or base64url(thumbprint_kid(secret)))


KID = jwe_key().kid


def iv_for(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:12]


class Jwe:
    """A token that opens, and what is known about it."""

    def __init__(self, name, payload=b"user=alice", lifetime=HOUR, context="", now=NOW,
                 secret=SECRET_C, kid=""):
        key = jwe_key(secret, kid)
        self.iv, self.kid = iv_for(name), key.kid
        self.text = jwe.seal(key, self.iv, now, lifetime, context, payload)
        self.payload, self.lifetime, self.context = payload, lifetime, context
        self.issued_at, self.seal_now = min(now, UINT40_MAX), now
        self.expires_at = min(now + lifetime, UINT40_MAX) if lifetime else 0

    @property
    def parts(self) -> list[bytes]:
        return self.text.split(b".")

    def with_part(self, index: int, part: bytes) -> bytes:
        return b".".join(part if i == index else old for i, old in enumerate(self.parts))

    def with_bytes(self, index: int, change) -> bytes:
        """One part changed in its decoded bytes."""
        changed = change(from_base64url(self.parts[index].decode()))
        return self.with_part(index, base64url(changed).encode())


def encoded(name: str, header: str | bytes | dict, claims: str | bytes | dict, secret=SECRET_C):
    """A token as another program might make it, with any header and any plaintext."""
    def to_bytes(value):
        value = json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else value
        return value.encode() if isinstance(value, str) else value
    return jwe.encrypt(secret, iv_for(name), to_bytes(header), to_bytes(claims))


class JweCases(Cases):
    def __init__(self):
        super().__init__("jwe")

    def opens(self, name, description, token, ring=None, now=NOW, seal=True):
        """The token opens; with `seal`, sealing the same again gives the same token."""
        known = {
            "payload_hex": token.payload.hex(),
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
            "kid": token.kid,
            "id": base64url(token.iv),
            "nonce_hex": token.iv.hex(),
        }
        if seal:
            known |= {"seal": True, "seal_now": token.seal_now, "lifetime": token.lifetime}
        self.add(name, description, "ok", token.text, ring or jwe_jwk(), token.context, now, **known)

    def refused(self, name, description, reason, text, ring=None, now=NOW, context="", **known):
        self.add(name, description, reason, text, ring or jwe_jwk(), context, now, **known)


def white_space_behind(add: JweCases) -> None:
    for name, space in (("space", b" "), ("tab", b"\t"), ("spaces_and_tabs", b"\t  \t")):
        token = Jwe(f"jwe_{name}_appended")
        token.text += space
        add.opens(f"jwe_{name}_appended", "Not part of the token.", token, seal=False)


def valid(add: JweCases) -> None:
    def opens(name, description, now=NOW, **members):
        add.opens(name, description, Jwe(name, **members), now=now)

    opens("jwe_valid_minimal", "An empty payload.", payload=b"")
    opens("jwe_valid_text_payload", "A short text.")
    opens("jwe_valid_binary_payload", "All 256 byte values: not UTF-8, so it is payload_b64.",
          payload=BINARY)
    opens("jwe_valid_utf8_payload", "Text beyond ASCII stands as it is.",
          payload="Zoë, 東京, 🔑".encode())
    opens("jwe_valid_escaped_payload", "What JSON escapes, DEL and slash, which it need not.",
          payload=b'{"path":"C:\\new\x08\x0c\r\n\t/\x7f"}')
    opens("jwe_valid_nul_payload", "A control character without a short escape: payload_b64.",
          payload=b"a\x00b")
    opens("jwe_valid_incomplete_utf8_payload", "The last character is cut off: payload_b64.",
          payload="東".encode()[:-1])
    opens("jwe_valid_surrogate_payload", "A surrogate in what would be UTF-8: payload_b64.",
          payload=b"\xed\xa0\x80")
    opens("jwe_valid_3000_byte_payload", "A payload as large as cookies get.",
          payload=b"0123456789" * 300)
    opens("jwe_valid_context", "The context that it was sealed with.", context="download")
    opens("jwe_valid_context_utf8", "A context beyond ASCII.", context="Sitzung/Zürich")
    opens("jwe_valid_context_escaped", "A context with what JSON escapes.", context='a"b\\c\td')
    opens("jwe_valid_context_1024_bytes", "The longest context.", context="c" * 1024)
    opens("jwe_never_expires", "Without exp it is good for ever.", lifetime=0, now=UINT40_MAX)
    add.opens("jwe_one_second_before_expiry", "now = exp - 1.",
              Jwe("jwe_one_second_before_expiry"), now=NOW + HOUR - 1)
    opens("jwe_expiry_saturated", "An expiry past the year 36812.", lifetime=1 << 52)
    add.opens("jwe_valid_60_seconds_ahead", "iat = now + 60: clocks differ.",
              Jwe("jwe_valid_60_seconds_ahead", now=NOW + 60))


def keys(add: JweCases) -> None:
    name = "jwe_two_keys_newer_seals"
    two = [jwe_jwk(), jwe_jwk(OTHER_SECRET, seal_from=NOW)]
    add.opens(name, "Of two keys the one with the later seal_from seals.",
              Jwe(name, secret=OTHER_SECRET), ring=two)
    name = "jwe_two_keys_older_still_opens"
    add.opens(name, "The other one only opens.", Jwe(name), ring=two, seal=False)
    name = "jwe_kid_of_a_backend"
    kid = "https://login.example/keys#2026-11"
    add.opens(name, "A kid that does not follow from the secret.", Jwe(name, kid=kid),
              ring=jwe_jwk(kid=kid))
    name = "jwe_kid_escaped"
    add.opens(name, "A kid with characters that JSON escapes.", Jwe(name, kid='a"b\\c'),
              ring=jwe_jwk(kid='a"b\\c'))
    name = "jwe_kid_128_characters"
    add.opens(name, "The longest kid.", Jwe(name, kid="k" * 128), ring=jwe_jwk(kid="k" * 128))
    name = "jwe_kid_absent_in_ring"
    unnamed = {member: value for member, value in jwe_jwk().items() if member != "kid"}
    add.opens(name, "A key without a kid has the one that follows from its secret.", Jwe(name),
              ring=unnamed)
    name = "jwe_kid_unknown"
    t = Jwe(name, secret=OTHER_SECRET)
    add.refused(name, "Sealed with a key that the ring does not hold.", "unknown_key", t.text,
                kid=t.kid)
    name = "jwe_key_past_open_until"
    add.refused(name, "now = open_until: the key opens no more.", "unknown_key", Jwe(name).text,
                ring=jwe_jwk(open_until=NOW), kid=KID)
    name = "jwe_kid_of_s1_key"
    t = Jwe(name, secret=SECRET_A)
    add.refused(name, "Names an XAES-256-GCM key and is encrypted with it: the key has one format.",
                "unknown_key", t.text, ring=[jwe_jwk(), jwk(SECRET_A)], kid=t.kid)
    name = "jwe_kid_of_other_key"
    t = Jwe(name, secret=OTHER_SECRET, kid=KID)
    add.refused(name, "Sealed with another key of the ring than it names.",
                "authentication_failed", t.text, ring=[jwe_jwk(), jwe_jwk(OTHER_SECRET)], kid=KID)


def mixed(add: JweCases) -> None:
    both = [jwk(SECRET_A), jwe_jwk()]
    name = "mixed_ring_jwe_beside_s1"
    add.opens(name, "The later key of a tie seals: a JWE.", Jwe(name), ring=both)
    s1 = s1_seal(Key("XAES-256-GCM", SECRET_B, base64url(thumbprint_kid(SECRET_B))), bytes(24), NOW,
                 HOUR, b"", b"user=alice")
    add.refused("mixed_ring_s1_without_its_algorithm", "An s1 token, a ring of A256GCM alone.",
                "unsupported", s1)
    name = "mixed_ring_jwe_without_its_algorithm"
    add.refused(name, "A JWE, a ring of XAES-256-GCM alone.", "unsupported", Jwe(name).text,
                ring=jwk(SECRET_A))
    name = "mixed_ring_jws_without_its_algorithm"
    add.refused(name, "Three parts, as a signed token (JWS) has, are no JWE.", "malformed",
                b".".join(Jwe(name).parts[:3]), ring=jwk(SECRET_A))
    name = "mixed_ring_jwe_altered_beside_legacy"
    t = Jwe(name)
    add.refused(name, "A JWE is not tried as an old token.", "authentication_failed",
                t.with_bytes(4, lambda b: flip(b, 0)), ring=[jwe_jwk(), legacy_jwk()], kid=KID)
    legacy_beside_jwe(add)


def legacy_beside_jwe(add: JweCases) -> None:
    """Old nginx tokens are binary, and some have four full stops."""
    name = "mixed_ring_legacy_with_four_full_stops"
    for attempt in count():
        payload = f"user=alice&attempt={attempt}&".encode() + b"." * 800
        token = nginx_legacy_seal(legacy_key(), NOW, HOUR, payload)
        if token.count(b".") == 4:
            break
    legacy = Cases("nginx-legacy")
    legacy.add(name, "Four full stops alone make no JWE.", "ok", token, [jwe_jwk(), legacy_jwk()],
               payload_hex=payload.hex(), issued_at=0, expires_at=NOW + HOUR, kid="")
    add.cases += legacy.cases


def parts(add: JweCases) -> None:
    def malformed(name, description, change):
        add.refused(name, description, "malformed", change(Jwe(name)))

    malformed("jwe_four_parts", "The tag is missing.", lambda t: b".".join(t.parts[:4]))
    malformed("jwe_six_parts", "One more part, empty.", lambda t: t.text + b".")
    malformed("jwe_three_parts", "As a signed token (JWS) has.", lambda t: b".".join(t.parts[:3]))
    malformed("jwe_header_only", "Nothing behind the header but a full stop.",
              lambda t: t.parts[0] + b".")
    malformed("jwe_without_full_stop", "Without any, it is no JWE by its looks.",
              lambda t: t.parts[0])
    malformed("jwe_iv_11_bytes", "An IV of 11 bytes.", lambda t: t.with_bytes(2, lambda b: b[1:]))
    malformed("jwe_iv_13_bytes", "An IV of 13 bytes.",
              lambda t: t.with_bytes(2, lambda b: b + b"\x00"))
    def unsupported(name, description, change):
        add.refused(name, description, "unsupported", change(Jwe(name)))

    unsupported("jwe_encrypted_key_not_empty", "dir has no encrypted key: another alg.",
                lambda t: t.with_part(1, b"AAAA"))
    unsupported("jwe_iv_16_bytes", "An IV as A256CBC-HS512 has it: another enc.",
                lambda t: t.with_bytes(2, lambda b: b + bytes(4)))
    malformed("jwe_iv_empty", "No IV.", lambda t: t.with_part(2, b""))
    malformed("jwe_tag_15_bytes", "A tag cut by a byte.",
              lambda t: t.with_bytes(4, lambda b: b[:-1]))
    malformed("jwe_tag_4_bytes", "A tag cut to 4 bytes.", lambda t: t.with_bytes(4, lambda b: b[:4]))
    malformed("jwe_tag_17_bytes", "A tag with a byte too many.",
              lambda t: t.with_bytes(4, lambda b: b + b"\x00"))
    malformed("jwe_tag_empty", "No tag.", lambda t: t.with_part(4, b""))
    malformed("jwe_tag_noncanonical_trailing_bits", "Left-over bits of the tag are set.",
              lambda t: with_trailing_bit(t.text))
    malformed("jwe_header_padding", "The header with base64's padding.",
              lambda t: t.with_part(0, t.parts[0] + b"=="))
    malformed("jwe_ciphertext_padding", "The ciphertext with base64's padding.",
              lambda t: t.with_part(3, t.parts[3] + b"="))
    malformed("jwe_base64_standard_alphabet", "A + in the IV.",
              lambda t: t.with_part(2, b"+" + t.parts[2][1:]))
    malformed("jwe_ciphertext_impossible_length", "4n + 1 characters encode nothing.",
              lambda t: t.with_part(3, t.parts[3][: len(t.parts[3]) // 4 * 4] + b"A"))
    malformed("jwe_space_before", "Leading white space is not skipped.", lambda t: b" " + t.text)
    malformed("jwe_newline_appended", "As a tool's output has it; the caller strips it.",
              lambda t: t.text + b"\n")
    malformed("jwe_nul_appended", "A token does not end at a NUL.", lambda t: t.text + b"\x00")
    malformed("jwe_json_serialization", "The general serialisation is JSON itself.",
              lambda t: json.dumps({"protected": t.parts[0].decode()}).encode())
    malformed("jwe_ciphertext_not_base64url", "A character outside of the alphabet.",
              lambda t: t.with_part(3, b"!" + t.parts[3][1:]))


def authentication(add: JweCases) -> None:
    def altered(name, description, change, **members):
        add.refused(name, description, "authentication_failed", change(Jwe(name, **members)), kid=KID)

    altered("jwe_iv_bit_flipped", "The first bit of the IV.",
            lambda t: t.with_bytes(2, lambda b: flip(b, 0)))
    altered("jwe_ciphertext_bit_flipped", "The first bit of the ciphertext.",
            lambda t: t.with_bytes(3, lambda b: flip(b, 0)))
    altered("jwe_ciphertext_truncated", "A byte is taken from the ciphertext.",
            lambda t: t.with_bytes(3, lambda b: b[:-1]))
    altered("jwe_ciphertext_extended", "A zero byte is added to the ciphertext.",
            lambda t: t.with_bytes(3, lambda b: b + b"\x00"))
    altered("jwe_ciphertext_empty", "Nothing is left of it.", lambda t: t.with_part(3, b""))
    altered("jwe_tag_first_bit_flipped", "All 16 bytes of the tag count: the first.",
            lambda t: t.with_bytes(4, lambda b: flip(b, 0)))
    altered("jwe_tag_last_bit_flipped", "All 16 bytes of the tag count: the last.",
            lambda t: t.with_bytes(4, lambda b: flip(b, 127)))
    altered("jwe_tag_zero", "The tag is 16 zero bytes.",
            lambda t: t.with_bytes(4, lambda b: bytes(16)))
    altered("jwe_header_reordered", "The same header in another order: its bytes are authenticated.",
            lambda t: t.with_bytes(0, lambda b: json.dumps(
                dict(reversed(json.loads(b).items())), separators=(",", ":")).encode()))
    altered("jwe_header_with_space", "The same header with a space in it.",
            lambda t: t.with_bytes(0, lambda b: b.replace(b",", b", ", 1)))

    def resealed(name, description, associated_data):
        t = Jwe(name)
        sealed = AESGCM(SECRET_C).encrypt(t.iv, b"{}", associated_data(t))
        body, tag = base64url(sealed[:-16]).encode(), base64url(sealed[-16:]).encode()
        text = b".".join([t.parts[0], b"", t.parts[2], body, tag])
        add.refused(name, description, "authentication_failed", text, kid=KID)

    resealed("jwe_without_associated_data", "The header was not authenticated.", lambda t: b"")
    resealed("jwe_associated_data_decoded", "The header's JSON was authenticated, not its text.",
             lambda t: from_base64url(t.parts[0].decode()))


def context_and_times(add: JweCases) -> None:
    def in_context(name, description, sealed, opened):
        add.refused(name, description, "authentication_failed", Jwe(name, context=sealed).text,
                    context=opened, kid=KID)

    in_context("jwe_other_context", "A download token is no session.", "download", "session")
    in_context("jwe_context_given_vs_empty", "Sealed without, opened with.", "", "session")
    in_context("jwe_context_empty_vs_given", "Sealed with, opened without.", "session", "")
    in_context("jwe_context_prefix", "A context that the other begins with.", "session", "sess")
    in_context("jwe_context_longer", "A context that begins with the other.", "sess", "session")
    in_context("jwe_context_other_case", "Case matters.", "session", "Session")
    in_context("jwe_context_nul_appended", "A context does not end at a NUL.",
               "session", "session\x00")
    in_context("jwe_context_escape_not_undone_twice", "The context is text, not JSON.",
               "a/b", "a\\/b")

    def at(name, description, reason, now, **members):
        t = Jwe(name, **members)
        add.refused(name, description, reason, t.text, now=now, kid=t.kid,
                    issued_at=t.issued_at, expires_at=t.expires_at)

    at("jwe_expired_exactly_now", "now = exp.", "expired", NOW + HOUR)
    at("jwe_saturated_expiry_reached", "2^40 - 1 is a time like any other.",
       "expired", UINT40_MAX, lifetime=1 << 52)
    at("jwe_not_yet_valid_61_seconds", "iat = now + 61.", "not_yet_valid", NOW - 61)
    at("jwe_not_yet_valid_never_expires", "Without exp iat is checked all the same.",
       "not_yet_valid", NOW - 61, lifetime=0)


def length(add: JweCases) -> None:
    name = "jwe_truncated_by_one_character"
    t = Jwe(name)
    assert not canonical(b"s1." + t.parts[4][:-1])
    add.refused(name, "The tag lacks its last character.", "malformed", t.text[:-1])
    name = "jwe_truncated_by_four_characters"
    add.refused(name, "Canonical perhaps, but too short for a tag.", "malformed",
                Jwe(name).text[:-4])
    name = "jwe_two_tokens"
    t = Jwe(name)
    add.refused(name, "Two tokens one after the other.", "malformed", t.text + t.text)
    add.refused("jwe_start_only", "The beginning of most headers, and nothing else.", "malformed",
                b"eyJ.")
    add.refused("jwe_shape_only", "What a JWE is recognised by, and nothing else.", "malformed",
                b"A" * 16 + b"....")


def make() -> list[dict]:
    add = JweCases()
    for chapter in (
        valid, keys, mixed, parts, authentication, context_and_times, length, white_space_behind,
    ):
        chapter(add)
    return add.cases
