# SPDX-License-Identifier: Apache-2.0
"""The cases of format apache-legacy, in rings of their own and in mixed rings."""

import hashlib
from base64 import b64decode, b64encode
from itertools import count

import apache_legacy
from case import (
    BINARY, HOUR, NOW, OTHER_PASSPHRASE, PASSPHRASE, SECRET_A, Cases, Token, apache_jwk,
    apache_key, flip, jwk, legacy_jwk,
)
from cases_s1 import S1Cases

PAYLOAD = b"user=alice&expiry=1800003600000000"


class ApacheToken:
    """A token that opens, and its random parts: fixed, and different in each case."""

    def __init__(self, name, payload=PAYLOAD, key=None, padded=None, attempt=0):
        key = key or apache_key()
        block = apache_legacy.block_size(key)
        drawn = hashlib.sha256(f"apache {name} {attempt}".encode()).digest()
        self.payload, self.salt, self.iv = payload, drawn[:16], drawn[16 : 16 + block]
        self.text = (
            apache_legacy.seal(key, self.salt, self.iv, payload) if padded is None
            else b64encode(apache_legacy.binary(key, self.salt, self.iv, padded))
        )

    @property
    def body(self) -> bytes:
        return b64decode(self.text)


class ApacheCases(Cases):
    def __init__(self):
        super().__init__("apache-legacy")

    def opens(
        self, name, description, payload=PAYLOAD, key=None, ring=None, now=NOW, context="",
        seal=True, kid="", space=b"",
    ):
        token = ApacheToken(name, payload, key)
        known = {"payload_hex": payload.hex(), "issued_at": 0, "expires_at": 0, "kid": kid}
        if seal:
            known |= {
                "salt_hex": token.salt.hex(), "iv_hex": token.iv.hex(), "seal": True,
                "seal_now": NOW, "lifetime": HOUR,
            }
        self.add(name, description, "ok", token.text + space, ring or apache_jwk(), context, now, **known)

    def refused(self, name, description, reason, text, ring=None, now=NOW):
        self.add(name, description, reason, text, ring or apache_jwk(), "", now)


def white_space_behind(add: ApacheCases) -> None:
    for name, space in (("space", b" "), ("tab", b"\t"), ("spaces_and_tabs", b" \t ")):
        add.opens(f"apache_legacy_{name}_appended", "Not part of the token.", seal=False,
                  space=space)
    add.opens("apache_legacy_space_appended_beside_nginx_legacy",
              "It is still not read as a token of the old nginx module.", seal=False, space=b" ",
              ring=[apache_jwk(), legacy_jwk()])


def valid(add: ApacheCases) -> None:
    for cipher in ("aes256", "aes192", "aes128", "3des192"):
        add.opens(f"apache_legacy_valid_{cipher}", "A session of the form login.",
                  key=apache_key(cipher=cipher), ring=apache_jwk(cipher=cipher))
    triple_des = {"key": apache_key(cipher="3des192"), "ring": apache_jwk(cipher="3des192")}
    add.opens("apache_legacy_valid_minimal", "An empty payload and blocks of 8 bytes.",
              payload=b"", **triple_des)
    add.opens("apache_legacy_valid_empty_payload", "Nothing but padding.", payload=b"")
    add.opens("apache_legacy_valid_full_padding_block", "16 bytes: the padding fills a block.",
              payload=b"k=v&name=literal")
    add.opens("apache_legacy_valid_full_padding_block_3des192", "8 bytes: likewise.",
              payload=b"k=v&n=42", **triple_des)
    add.opens("apache_legacy_valid_one_byte_of_padding", "15 bytes.", payload=b"k=v&name=litera")
    add.opens("apache_legacy_valid_binary_payload", "All 256 byte values, NUL first.",
              payload=BINARY)
    add.opens("apache_legacy_valid_3000_byte_payload", "As large as cookies get.",
              payload=(BINARY * 12)[:3000])
    for padding, size in ((0, 32), (1, 16), (2, 48)):
        add.opens(f"apache_legacy_valid_base64_padding_{padding}",
                  f"{padding} characters of padding.", payload=b"p" * (size - 1))
    for name, description, passphrase in (
        ("one_byte", "The shortest.", b"x"),
        ("65_bytes", "Longer than a block of SHA-1, so that HMAC hashes it first.", b"x" * 65),
        ("8192_bytes", "The longest.", b"x" * 8192),
        ("utf_8", "Bytes are bytes.", "pässphrase ☂".encode()),
        ("with_nul", "Bytes are bytes.", b"pass\x00phrase"),
    ):
        add.opens(f"apache_legacy_valid_passphrase_{name}", description,
                  key=apache_key(passphrase), ring=apache_jwk(passphrase))
    add.opens("apache_legacy_valid_context_ignored", "The format cannot bind a context.",
              context="session")
    add.opens("apache_legacy_valid_never_expires", "The format has no times.", now=NOW * 2)
    add.opens("apache_legacy_valid_key_open_only", "As in a migration.",
              ring=apache_jwk(key_ops=["decrypt"]), seal=False)
    add.opens("apache_legacy_valid_key_with_kid",
              "The token names no key; the kid is that of the key which opens it.",
              ring=[apache_jwk(OTHER_PASSPHRASE, kid="other-site"),
                    apache_jwk(kid="old-site", key_ops=["decrypt"])],
              seal=False, kid="old-site")
    add.opens("apache_legacy_valid_second_passphrase", "Tokens name no key: all are tried.",
              ring=[apache_jwk(OTHER_PASSPHRASE), apache_jwk(key_ops=["decrypt"])], seal=False)
    add.opens("apache_legacy_valid_second_cipher",
              "The MAC tells the passphrase, not the cipher: the next key is tried.",
              key=apache_key(cipher="3des192"),
              ring=[apache_jwk(), apache_jwk(cipher="3des192", key_ops=["decrypt"])], seal=False)
    add.opens("apache_legacy_valid_key_last_second_of_open_until", "now < open_until.",
              ring=apache_jwk(open_until=NOW + 1))


def authentication(add: ApacheCases) -> None:
    def fails(name, description, body, **members):
        add.refused(name, description, "authentication_failed", b64encode(body), **members)

    good = ApacheToken("apache authentication").body
    for name, description, bit in (
        ("mac_first_bit_flipped", "All 8 bytes count: the first.", 0),
        ("mac_last_bit_flipped", "All 8 bytes count: the last.", 63),
        ("salt_bit_flipped", "The MAC covers the salt.", 64),
        ("iv_bit_flipped", "The MAC covers the IV.", 24 * 8),
        ("ciphertext_first_bit_flipped", "In the first block.", 40 * 8),
        ("ciphertext_last_bit_flipped", "In the block with the padding.", len(good) * 8 - 1),
    ):
        fails(f"apache_legacy_{name}", description, flip(good, bit))
    fails("apache_legacy_mac_zero", "8 zero bytes.", bytes(8) + good[8:])
    fails("apache_legacy_last_block_missing", "Still a multiple of 16 bytes.", good[:-16])
    fails("apache_legacy_block_appended", "A block of zeros follows.", good + bytes(16))
    fails("apache_legacy_half_block_appended", "A multiple of 8 bytes, as with another cipher.",
          good + bytes(8))
    fails("apache_legacy_other_passphrase", "Sealed with one that the ring does not hold.", good,
          ring=apache_jwk(OTHER_PASSPHRASE))
    fails("apache_legacy_passphrase_prefix", "All of the passphrase counts.", good,
          ring=apache_jwk(PASSPHRASE[:-1]))


def other_cipher(add: ApacheCases) -> None:
    """The MAC is right. Uses the first attempt in which the wrong plaintext has no valid padding."""
    def fails(name, description, sealed_with, ring, payload=PAYLOAD):
        for attempt in count():
            token = ApacheToken(name, payload, apache_key(cipher=sealed_with), attempt=attempt)
            if apache_legacy.decrypt(apache_key(cipher=ring), token.body) is None:
                break
        add.refused(name, description, "authentication_failed", token.text,
                    ring=apache_jwk(cipher=ring))

    fails("apache_legacy_other_cipher_same_block", "Sealed with aes256, opened with aes128.",
          "aes256", "aes128")
    fails("apache_legacy_other_cipher_smaller_block", "Sealed with aes256, opened with 3des192.",
          "aes256", "3des192")
    fails("apache_legacy_other_cipher_larger_block", "Sealed with 3des192, and of a size that is "
          "one of aes256's.", "3des192", "aes256", b"16 byte payload.")
    fails("apache_legacy_other_cipher_size", "Sealed with 3des192, and of no size of aes256's.",
          "3des192", "aes256", b"a payload of 24 bytes...")
    fails("apache_legacy_other_cipher_no_block", "Sealed with 3des192, and too small for aes256.",
          "3des192", "aes256", b"")


def padding(add: ApacheCases) -> None:
    """The MAC is right; the padding is not."""
    for name, description, padded in (
        ("zero", "The last byte is 0.", b"user=alice&k=v" + b"\x02\x00"),
        ("seventeen", "The last byte is more than a block.", b"p" * 15 + b"\x11"),
        ("unequal", "The bytes before the last differ from it.", b"user=alice&k=" + b"\x02\x03\x03"),
        ("nine_of_3des192", "The last byte is more than this cipher's block.", b"\x09" * 16),
    ):
        cipher = "3des192" if name.endswith("3des192") else "aes256"
        token = ApacheToken(name, key=apache_key(cipher=cipher), padded=padded)
        add.refused(f"apache_legacy_bad_padding_{name}", description, "authentication_failed",
                    token.text, ring=apache_jwk(cipher=cipher))
    # The IV comes before the padding of an empty payload.
    alone = next(token for token in (ApacheToken(f"apache iv alone {i}", padded=b"")
                                     for i in count()) if token.body[-1] == 1)
    add.refused("apache_legacy_iv_alone", "No ciphertext, and an IV that ends like a padding.",
                "authentication_failed", alone.text)


def text(add: ApacheCases) -> None:
    def refused(name, description, token):
        add.refused(f"apache_legacy_{name}", description, "malformed", token)

    one = ApacheToken("apache text one", b"p" * 15).text
    two = ApacheToken("apache text two", b"p" * 47).text
    assert one.endswith(b"=") and not one.endswith(b"==") and two.endswith(b"==")
    none = next(token for token in (ApacheToken(f"apache text none {i}", b"p" * 31).text
                                    for i in count()) if b"+" in token[32:] and b"/" in token[32:])
    refused("empty", "No characters, as from a cookie without a value.", b"")
    refused("short", "31 characters.", none[:31])
    refused("junk_appended", "As the old module takes it.", none + b".junk")
    refused("junk_appended_after_padding", "As the old module takes it.", two + b".junk")
    refused("padding_missing", "As the old module takes it.", two.rstrip(b"="))
    refused("padding_half_missing", "One character of two.", two[:-1])
    refused("padding_too_much", "As the old module takes it.", one + b"=")
    refused("padding_where_none_belongs", "Four characters that say nothing.", none + b"====")
    refused("padding_inside", "Two tokens in one text.", two + none)
    refused("noncanonical_two_bits", "A left-over bit of two is set.", noncanonical(one))
    refused("noncanonical_four_bits", "A left-over bit of four is set.", noncanonical(two))
    refused("alphabet_minus", "base64url's.", none.replace(b"+", b"-"))
    refused("alphabet_underscore", "base64url's.", none.replace(b"/", b"_"))
    refused("percent_encoded", "Undoing that is the caller's.", one.replace(b"=", b"%3D"))
    refused("newline_appended", "No other white space is removed.", none + b"\n")
    refused("line_break_inside", "As MIME has them.", none[:76] + b"\r\n" + none[76:])
    refused("space_before", "No white space.", b" " + none)
    refused("nul_appended", "Not the end of a text in C.", none + b"\x00")
    refused("truncated_by_one_character", "The size is not a multiple of 4.", none[:-1])
    body = ApacheToken("apache text", b"").body
    for name, description, size in (
        ("no_ciphertext", "MAC, salt and an IV.", 40 - 8), ("39_bytes", "One less than the least.", 39),
        ("byte_missing", "Not a multiple of 8 bytes.", len(body) - 1),
    ):
        refused(name, description, b64encode(body[:size]))
    refused("byte_appended", "Not a multiple of 8 bytes.", b64encode(body + b"\x00"))


def noncanonical(token: bytes) -> bytes:
    """The same bytes for a decoder that ignores unused bits."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    unpadded = token.rstrip(b"=")
    last = alphabet[alphabet.index(unpadded[-1]) + 1]
    return unpadded[:-1] + bytes([last]) + token[len(unpadded) :]


def windows(add: ApacheCases) -> None:
    good = ApacheToken("apache windows").text
    closed = apache_jwk(open_until=NOW)
    add.refused("apache_legacy_closed_by_open_until", "now = open_until of the only key.",
                "unsupported", good, ring=closed)
    add.refused("apache_legacy_closed_all_keys", "The windows of both keys have ended.",
                "unsupported", good,
                ring=[closed, apache_jwk(OTHER_PASSPHRASE, open_until=NOW - HOUR)])
    add.refused("apache_legacy_closed_key_beside_open_key",
                "Its key's window has ended; another is tried and fails.",
                "authentication_failed", good, ring=[closed, apache_jwk(OTHER_PASSPHRASE)])
    add.refused("apache_legacy_order_malformed_before_unsupported",
                "Not a token, in a ring that opens no more of them.", "malformed", good[:-1],
                ring=closed)
    add.refused("apache_legacy_given_s1_token", "In a ring that has no XAES-256-GCM key.",
                "unsupported", Token("apache_legacy_given_s1_token").text)


def mixed(add: ApacheCases) -> None:
    """A ring that also has keys for other formats."""
    old = apache_jwk(key_ops=["decrypt"])
    add.opens("mixed_ring_apache_opens", "Its looks are not those of s1: the old key opens it.",
              ring=[jwk(SECRET_A), old], seal=False)
    add.opens("mixed_ring_apache_beside_nginx_opens", "Its looks are not those of noise.",
              ring=[legacy_jwk(), old], seal=False)
    good = ApacheToken("mixed apache")
    add.refused("mixed_ring_apache_closed", "The old key's window has ended.", "unsupported",
                good.text, ring=[jwk(SECRET_A), old | {"open_until": NOW}])
    add.refused("mixed_ring_apache_mac_altered", "Refused, and not tried as a token of nginx.",
                "authentication_failed", b64encode(flip(good.body, 0)), ring=[legacy_jwk(), old])
    add.refused("mixed_ring_apache_unknown", "No key of the ring is for such a token.",
                "malformed", good.text, ring=jwk(SECRET_A))


def mixed_s1(add: S1Cases) -> None:
    old = apache_jwk(key_ops=["decrypt"])
    add.opens("mixed_ring_s1_beside_apache_opens", "The s1 prefix: the new key opens it.",
              Token("mixed_ring_s1_beside_apache_opens"), ring=[jwk(SECRET_A), old])


def make() -> list[dict]:
    old, new = ApacheCases(), S1Cases()
    for chapter in (
        valid, authentication, other_cipher, padding, text, white_space_behind, windows, mixed,
    ):
        chapter(old)
    mixed_s1(new)
    return old.cases + new.cases
