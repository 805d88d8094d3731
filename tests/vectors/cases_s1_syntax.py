# SPDX-License-Identifier: Apache-2.0
"""The cases of format s1 that are about its text: alphabet, padding, length, prefix."""

from case import SECRET_A, Token, apache_jwk, jwk, legacy_jwk
from cases_s1 import S1Cases
from reference import s1_text
from ring import from_base64url

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def canonical(text: bytes) -> bool:
    try:
        from_base64url(text[3:].decode())
        return True
    except ValueError:
        return False


def with_trailing_bit(text: bytes) -> bytes:
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) + 1 :][:1]


def base64(add: S1Cases) -> None:
    def malformed(name, description, change, **members):
        add.refused(name, description, "malformed", change(Token(name, **members).text))

    malformed("s1_base64_padding", "Canonical base64url, and then the padding it must not have.",
              lambda text: text + b"=", payload=b"")
    malformed("s1_base64_padding_of_two", "The same with two.",
              lambda text: text + b"==", payload=b"xy")
    malformed("s1_base64_standard_alphabet_plus", "+ in place of -.",
              lambda text: text.replace(b"-", b"+", 1), wanted=lambda text: b"-" in text)
    malformed("s1_base64_standard_alphabet_slash", "/ in place of _.",
              lambda text: text.replace(b"_", b"/", 1), wanted=lambda text: b"_" in text)
    malformed("s1_base64_noncanonical_trailing_bits", "The lowest of two left-over bits is set.",
              with_trailing_bit, payload=b"")
    malformed("s1_base64_noncanonical_four_trailing_bits",
              "The lowest of four left-over bits is set.", with_trailing_bit, payload=b"xy")
    malformed("s1_base64_impossible_length", "4n + 1 characters encode nothing.",
              lambda text: text + b"A", payload=b"x")
    malformed("s1_space_inside", "White space is not skipped.",
              lambda text: text[:40] + b" " + text[41:])
    malformed("s1_newline_appended", "As a tool's output has it; the caller strips it.",
              lambda text: text + b"\n")
    malformed("s1_nul_appended", "A token does not end at a NUL.", lambda text: text + b"\x00")
    malformed("s1_nul_inside", "Nor is it one inside.",
              lambda text: text[:40] + b"\x00" + text[41:])
    malformed("s1_percent_encoded", "URL decoding is the caller's.",
              lambda text: text.replace(b"-", b"%2D", 1), wanted=lambda text: b"-" in text)
    malformed("s1_two_tokens", "Two tokens one after the other.", lambda text: text + text)


def length(add: S1Cases) -> None:
    """One character more or less: the reason depends on what is left."""
    name = "s1_truncated_by_one_character"
    t = Token(name, payload=b"x", wanted=lambda text: not canonical(text[:-1]))
    add.refused(name, "Bits are left over that are not zero.", "malformed", t.text[:-1])
    name = "s1_truncated_to_impossible_length"
    t = Token(name, payload=b"xy")
    add.refused(name, "4n + 1 characters are left.", "malformed", t.text[:-1])
    name = "s1_truncated_by_one_character_canonical"
    t = Token(name, payload=b"x", wanted=lambda text: canonical(text[:-1]))
    add.refused(name, "What is left is canonical: a token that lacks its last byte.",
                "authentication_failed", t.text[:-1], kid=t.kid)
    name = "s1_extended_by_one_character"
    t = Token(name, payload=b"")
    add.refused(name, "The two left-over bits are no longer the last.",
                "authentication_failed", t.text + b"A", kid=t.kid)
    t = Token("s1_too_short", payload=b"")
    add.refused("s1_too_short", "55 bytes: one less than an empty payload has.",
                "malformed", s1_text(t.body[:-1]))
    add.refused("s1_prefix_only", "Nothing after the prefix.", "malformed", b"s1.")
    add.refused("s1_empty", "No characters at all, as from a cookie without a value.",
                "malformed", b"")
    t = Token("s1_truncated_to_kid")
    add.refused("s1_truncated_to_kid", "Prefix and kid only.", "malformed", t.text[:11])


def prefix(add: S1Cases) -> None:
    def malformed(name, description, change):
        add.refused(name, description, "malformed", change(Token(name).text))

    malformed("s1_uppercase_prefix", "S1. is not s1.", lambda text: b"S" + text[1:])
    malformed("s1_prefix_s2", "No later version is guessed at.", lambda text: b"s2" + text[2:])
    malformed("s1_prefix_without_dot", "s1 and a dash.", lambda text: b"s1-" + text[3:])
    malformed("s1_prefix_missing", "The base64url part alone.", lambda text: text[3:])
    malformed("s1_prefix_twice", "The prefix, and then a token.", lambda text: b"s1." + text)
    malformed("s1_space_before_prefix", "Leading white space is not skipped.",
              lambda text: b" " + text)


def white_space_behind(add: S1Cases) -> None:
    def opens(name, description, space, ring=None):
        token = Token(name)
        token.text += space
        add.opens(name, description, token, ring, seal=False)

    def refused(name, description, change, reason="malformed", **known):
        add.refused(name, description, reason, change(Token(name).text), **known)

    opens("s1_space_appended", "As in the header Cookie: session=TOKEN ; b=1.", b" ")
    opens("s1_tab_appended", "A tab is not part of it either.", b"\t")
    opens("s1_spaces_and_tabs_appended", "Several of both.", b" \t\t  ")
    opens("mixed_ring_s1_space_appended", "It is still not read as an old token.", b" ",
          [jwk(SECRET_A), legacy_jwk(key_ops=["decrypt"])])
    refused("s1_space_and_newline_appended", "No other white space is removed.",
            lambda text: text + b" \n")
    refused("s1_newline_and_space_appended", "Nor is what is before them.",
            lambda text: text + b"\n ")
    refused("s1_carriage_return_appended", "Neither is this.", lambda text: text + b"\r")
    refused("s1_spaces_alone", "Nothing is left.", lambda text: b" \t ")
    refused("s1_without_its_key_space_appended", "It still looks like s1.",
            lambda text: text + b" ", "unsupported", ring=apache_jwk())


def make() -> list[dict]:
    add = S1Cases()
    for chapter in (base64, length, prefix, white_space_behind):
        chapter(add)
    return add.cases
