# SPDX-License-Identifier: Apache-2.0
"""The cases of the key ring file. Each starts from a ring that loads, and changes one thing."""

import json

import ring
from case import (
    HOUR, NOW, OTHER_LEGACY_SECRET, PASSPHRASE, SECRET_A, SECRET_B, SECRET_C, apache_jwk, jwk,
    legacy_jwk,
)
from ring import base64url, thumbprint_kid


def text(*keys, **members) -> str:
    return json.dumps({"keys": list(keys)} | members)


def listed(key: ring.Key) -> dict:
    """A key as `keyring list` shows it."""
    return {
        "kid": key.kid,
        "alg": key.algorithm,
        "seal_from": key.seal_from,
        "open_until": key.open_until,
        "open_only": key.open_only,
    }


def without(key: dict, member: str) -> dict:
    return {name: value for name, value in key.items() if name != member}


class KeyringCases:
    def __init__(self):
        self.cases = []

    def _add(self, name, description, keyring_text, outcome):
        head = {"name": name, "description": description, "format": "keyring"}
        self.cases.append(head | {"keyring_text": keyring_text} | outcome)

    def valid(self, name, description, keyring_text, primary=(NOW,)):
        """The keys as `keyring list` shows them, and the primary key at each of these times."""
        keys = ring.parse(keyring_text)
        primaries = []
        for now in primary:
            sealing = ring.primary(keys, now)
            primaries.append({"now": now, "kid": sealing.kid if sealing else None})
        self._add(name, description, keyring_text,
                  {"expect": "ok", "keys": [listed(key) for key in keys], "primary": primaries})

    def invalid(self, name, description, keyring_text):
        self._add(name, description, keyring_text, {"expect": "invalid_keyring"})


def valid(add: KeyringCases) -> None:
    a, b, c = jwk(SECRET_A), jwk(SECRET_B), jwk(SECRET_C)
    around = (NOW - 1, NOW, NOW + 1)
    add.valid("keyring_valid_one_key", "As keyring init writes it, bounds absent.", text(a))
    add.valid("keyring_valid_two_keys", "The later seal_from seals as soon as it has come.",
              text(a, b | {"seal_from": NOW}), around)
    add.valid("keyring_valid_older_key_last", "seal_from decides, not the place in the file.",
              text(b | {"seal_from": NOW}, a), around)
    add.valid("keyring_valid_tie_later_in_file_seals", "Equal seal_from: the later in the file.",
              text(b | {"seal_from": NOW}, a | {"seal_from": NOW}), around)
    add.valid("keyring_valid_tie_without_seal_from", "An absent seal_from is 0, also for a tie.",
              text(a, b, c | {"key_ops": ["decrypt"]}))
    add.valid("keyring_valid_open_until_ends_sealing", "A key that opens no more seals no more.",
              text(a, b | {"open_until": NOW}), around)
    add.valid("keyring_valid_seal_from_in_future_only", "Nothing seals yet; opening works.",
              text(a | {"seal_from": NOW + HOUR}), (NOW, NOW + HOUR))
    add.valid("keyring_valid_open_only", "No key may encrypt: the ring only opens.",
              text(a | {"key_ops": ["decrypt"]}))
    add.valid("keyring_valid_open_until_zero", "0 is no bound, as if it were absent.",
              text(a | {"open_until": 0, "seal_from": 0}))
    add.valid("keyring_valid_latest_time", "2^40 - 1 is the latest time.",
              text(a | {"open_until": (1 << 40) - 1}))
    minimal = {"kty": "oct", "alg": "XAES-256-GCM", "k": base64url(SECRET_A)}
    add.valid("keyring_valid_minimal_key", "kty, alg and k; the kid is computed.", text(minimal))
    add.valid("keyring_valid_unknown_members", "In a key and beside keys: ignored.",
              text(a | {"x5c": ["x"], "note": {"by": "ops"}}, comment=[1, {"deep": None}]))
    add.valid("keyring_valid_white_space", "As an editor leaves it.",
              "\n " + json.dumps({"keys": [a]}, indent=8) + "\r\n\t\n")
    add.valid("keyring_valid_escaped_text", "JSON escapes are undone before anything is compared.",
              text(a).replace('"kty"', '"\\u006bty"').replace('"oct"', '"\\u006fct"'))
    add.valid("keyring_valid_surrogates", "Two escapes that stand for one character.",
              text(a | {"note": "?"}).replace("?", "\\ud83d\\ude00"))
    jose = jwk(SECRET_B, alg="A256GCM")
    add.valid("keyring_valid_a256gcm", "Keys of both kinds; the later one seals.", text(a, jose))
    add.valid("keyring_valid_a256gcm_any_kid", "A backend's key keeps the name it has there.",
              text(jose | {"kid": "https://login.example/keys#1"}))
    add.valid("keyring_valid_a256gcm_without_kid", "The kid is computed.",
              text(without(jose, "kid")))
    old = legacy_jwk(key_ops=["decrypt"], open_until=NOW + HOUR)
    add.valid("keyring_valid_mixed", "A ring in migration.", text(a, old), (NOW, NOW + HOUR))
    add.valid("keyring_valid_legacy_without_kid", "No kid is computed: a weak secret would leak.",
              text(legacy_jwk()))
    add.valid("keyring_valid_legacy_two_without_kid", "No kid is not the same kid.",
              text(legacy_jwk(), legacy_jwk(OTHER_LEGACY_SECRET)))
    add.valid("keyring_valid_legacy_any_kid", "An old format's kid may be any name.",
              text(legacy_jwk(kid="old-site:" + "x" * 119)))
    add.valid("keyring_valid_legacy_iv_16_bytes", "The longest.",
              text(legacy_jwk(iv=base64url(bytes(range(16))))))
    add.valid("keyring_valid_legacy_iv_empty", "Zero bytes are allowed.", text(legacy_jwk(iv="")))
    add.valid("keyring_valid_legacy_same_secret_other_iv", "Two old sites, told apart by kid.",
              text(legacy_jwk(kid="one"), legacy_jwk(kid="two", iv="")))
    add.valid("keyring_valid_apache_all_ciphers", "One passphrase may serve all four.",
              text(*(apache_jwk(cipher=cipher)
                     for cipher in ("aes256", "aes192", "aes128", "3des192"))))
    add.valid("keyring_valid_apache_passphrase_one_byte", "The shortest.", text(apache_jwk(b"x")))
    add.valid("keyring_valid_apache_passphrase_8192_bytes", "The longest.",
              text(apache_jwk(b"x" * 8192)))


def file(add: KeyringCases) -> None:
    good = text(jwk(SECRET_A))
    add.invalid("keyring_file_empty", "No bytes.", "")
    add.invalid("keyring_torn", "The last character is missing.", good[:-1])
    add.invalid("keyring_trailing_garbage", "A character follows.", good + "x")
    add.invalid("keyring_byte_order_mark", "RFC 8259 section 8.1: none is to be added.", "\ufeff" + good)
    add.invalid("keyring_trailing_document", "A second ring follows.", good + good)
    add.invalid("keyring_trailing_comma", "Not JSON, though some readers take it.",
                good[:-2] + ",]}")
    add.invalid("keyring_comment", "Not JSON, though some readers take it.", "// ring\n" + good)
    noted = text(jwk(SECRET_A, note="?"))
    add.invalid("keyring_lone_surrogate", "An escape that stands for no character, in a member that "
                "nobody reads.", noted.replace("?", "\\ud800"))
    add.invalid("keyring_lone_surrogate_in_a_name", "The same in a name.",
                noted.replace('"note"', '"note\\udc00"'))
    add.invalid("keyring_lone_surrogate_of_the_set", "Beside keys.",
                text(jwk(SECRET_A), note="?").replace("?", "\\udfff!"))
    add.invalid("keyring_surrogates_reversed", "The two halves of a character, the second first.",
                noted.replace("?", "\\udc00\\ud800"))
    add.invalid("keyring_top_level_array", "A list of keys, not a JWK Set.", good[9:-1])
    add.invalid("keyring_single_jwk", "A key, not a JWK Set.", json.dumps(jwk(SECRET_A)))
    add.invalid("keyring_empty", "A set without a key.", text())
    add.invalid("keyring_keys_missing", "An object without keys.", "{}")
    add.invalid("keyring_keys_object", "keys is not an array.", '{"keys":{}}')
    add.invalid("keyring_key_not_object", "A key is text.", '{"keys":["oct"]}')
    add.invalid("keyring_second_key_bad", "One bad key refuses the whole ring.",
                text(jwk(SECRET_A), jwk(SECRET_B, use=1)))


def duplicates(add: KeyringCases) -> None:
    good = text(jwk(SECRET_A))
    again = f', "k": "{base64url(SECRET_A)}"}}]}}'
    add.invalid("keyring_duplicate_member", "k stands twice in a key.", good[:-3] + again)
    add.invalid("keyring_duplicate_member_escaped", "The second time with an escape.",
                good[:-3] + again.replace('"k"', '"\\u006b"'))
    add.invalid("keyring_duplicate_member_unknown", "A member that nobody reads is there twice.",
                good[:-3] + ', "note": 1, "note": 1}]}')
    add.invalid("keyring_duplicate_member_of_the_set", "Beside keys, where nobody reads it.",
                good[:-1] + ', "note": 1, "note": 1}')
    add.valid("keyring_valid_duplicate_member_inside", "Within the value of an unknown member.",
              good[:-3] + ', "note": {"a": 1, "a": 2}}], "more": [{"b": 1, "b": 1}]}')
    add.invalid("keyring_duplicate_keys_member", "keys stands twice.",
                good[:-1] + ', "keys": []}')
    add.invalid("keyring_duplicate_kid", "The same key twice.",
                text(jwk(SECRET_A), jwk(SECRET_A, seal_from=NOW)))
    bare = without(jwk(SECRET_A), "kid")
    add.invalid("keyring_duplicate_kid_computed", "The same key twice, both without kid.",
                text(bare, bare))
    add.invalid("keyring_duplicate_kid_across_algorithms", "An old key takes a new key's name.",
                text(jwk(SECRET_A), legacy_jwk(kid=jwk(SECRET_A)["kid"])))
    add.invalid("keyring_duplicate_kid_across_new_algorithms",
                "A backend's key has the name of an s1 key.",
                text(jwk(SECRET_A), jwk(SECRET_B, alg="A256GCM", kid=jwk(SECRET_A)["kid"])))
    add.invalid("keyring_secret_shared_by_new_algorithms", "One secret for s1 and JWE.",
                text(jwk(SECRET_A), jwk(SECRET_A, alg="A256GCM", kid="jose")))
    add.invalid("keyring_a256gcm_secret_shared_with_old", "One secret for JWE and an old format.",
                text(jwk(SECRET_A, alg="A256GCM"), legacy_jwk(SECRET_A, kid="old")))
    add.invalid("keyring_secret_shared_across_algorithms",
                "One secret for both formats: what is known of old tokens would forge new ones.",
                text(jwk(SECRET_A), legacy_jwk(SECRET_A, kid="old")))


def members(add: KeyringCases) -> None:
    good = jwk(SECRET_A)

    def key(name, description, **changed):
        add.invalid(name, description, text(good | changed))

    for member in ("kty", "alg", "k"):
        add.invalid(f"keyring_{member}_missing", f"A key without {member}.",
                    text(without(good, member)))
    key("keyring_kty_rsa", "Not a symmetric key.", kty="RSA")
    key("keyring_kty_uppercase", "Case matters.", kty="OCT")
    key("keyring_alg_unknown", "An algorithm that no version has.", alg="XAES-512-GCM")
    key("keyring_alg_lowercase", "Case matters.", alg="xaes-256-gcm")
    key("keyring_alg_not_text", "A number.", alg=256)
    key("keyring_use_sig", "A key for signatures.", use="sig")
    key("keyring_use_null", "null is not absent.", use=None)
    key("keyring_key_ops_without_decrypt", "It would seal what it cannot open.",
        key_ops=["encrypt"])
    key("keyring_key_ops_empty", "It may do nothing.", key_ops=[])
    key("keyring_key_ops_sign", "Neither encrypt nor decrypt.", key_ops=["sign", "verify"])
    key("keyring_key_ops_number", "Not text.", key_ops=["decrypt", 1])
    key("keyring_kty_not_text", "A number.", kty=1)
    key("keyring_key_ops_text", "Not an array.", key_ops="decrypt")
    key("keyring_kid_wrong", "Not what follows from k.",
        kid=base64url(thumbprint_kid(SECRET_B)))
    key("keyring_kid_empty", "Not what follows from k.", kid="")
    key("keyring_kid_null", "null is not absent.", kid=None)
    key("keyring_iv_on_xaes_key", "This algorithm takes no IV.", iv=base64url(bytes(16)))
    key("keyring_iv_on_a256gcm_key", "Nor does this.", alg="A256GCM", iv=base64url(bytes(12)))
    key("keyring_a256gcm_key_16_bytes", "Half a key.", alg="A256GCM", kid="half",
        k=base64url(bytes(16)))
    key("keyring_a256gcm_kid_129_characters", "One more than the most.", alg="A256GCM", kid="x" * 129)
    key("keyring_alg_dir", "What stands in tokens, not in keys.", alg="dir")
    for name, description, changed in (
        ("keyring_legacy_kid_129_characters", "One more than the most.", {"kid": "x" * 129}),
        ("keyring_legacy_kid_control_character", "A newline.", {"kid": "old\nkey"}),
        ("keyring_legacy_kid_space", "A space.", {"kid": "old key"}),
        ("keyring_legacy_kid_empty", "Empty text.", {"kid": ""}),
        ("keyring_legacy_kid_not_ascii", "A character outside of ASCII.", {"kid": "schlüssel"}),
        ("keyring_legacy_iv_17_bytes", "One more than the most.", {"iv": base64url(bytes(17))}),
        ("keyring_legacy_iv_not_text", "A number.", {"iv": 0}),
        ("keyring_legacy_key_16_bytes", "Half a key.", {"k": base64url(bytes(16))}),
    ):
        add.invalid(name, description, text(legacy_jwk(**changed)))


def apache(add: KeyringCases) -> None:
    for name, description, key in (
        ("keyring_apache_passphrase_empty", "Anyone knows it.", apache_jwk(b"")),
        ("keyring_apache_passphrase_8193_bytes", "One more than the most.", apache_jwk(b"x" * 8193)),
        ("keyring_apache_iv", "Each token has its own.", apache_jwk(iv=base64url(bytes(16)))),
        ("keyring_apache_alg_unknown", "No such cipher.", apache_jwk(cipher="rc4128")),
        ("keyring_apache_passphrase_as_text", "k is base64url, not the passphrase itself.",
         apache_jwk() | {"k": PASSPHRASE.decode()}),
    ):
        add.invalid(name, description, text(key))
    add.invalid("keyring_apache_passphrase_is_xaes_secret", "It would be guessed offline.",
                text(jwk(SECRET_A), apache_jwk(SECRET_A)))


def secrets(add: KeyringCases) -> None:
    bare = without(jwk(SECRET_A), "kid")

    def k(name, description, value):
        add.invalid(name, description, text(bare | {"k": value}))

    good = base64url(b"\xff" * 32)
    k("keyring_key_31_bytes", "One byte too few.", base64url(bytes(31)))
    k("keyring_key_33_bytes", "One byte too many.", base64url(bytes(33)))
    k("keyring_k_empty", "No bytes.", "")
    k("keyring_k_null", "null.", None)
    k("keyring_k_padding", "With =.", good + "=")
    k("keyring_k_noncanonical", "A left-over bit is set.", good[:-1] + "9")
    k("keyring_k_standard_alphabet", "/ in place of _.", good.replace("_", "/"))
    k("keyring_k_hex", "64 hexadecimal digits are 48 bytes of base64url.", "ff" * 32)
    k("keyring_k_space", "A space at the end.", good + " ")


def bounds(add: KeyringCases) -> None:
    for member in ("seal_from", "open_until"):
        for fault, description, value in (
            ("negative", "Before 1970.", -1),
            ("fraction", "Not a whole second.", 1800000000.5),
            ("text", "A date as text.", "2027-01-15"),
            ("null", "null is not absent.", None),
            ("boolean", "true is not 1.", True),
            ("2_to_40", "One second past the latest time.", 1 << 40),
            ("2_to_63", "Past what a signed 64-bit number holds.", 1 << 63),
            ("2_to_64", "Past what 64 bits hold.", 1 << 64),
        ):
            add.invalid(f"keyring_{member}_{fault}", description,
                        text(jwk(SECRET_A, **{member: value})))
    exponent = text(jwk(SECRET_A, seal_from=12)).replace("12}", "1e1}")
    add.invalid("keyring_seal_from_exponent", "A whole number, but not written as one.", exponent)
    for member in ("seal_from", "open_until"):
        minus_zero = text(jwk(SECRET_A, **{member: 12})).replace("12}", "-0}")
        add.invalid(f"keyring_{member}_minus_zero", "With a sign.", minus_zero)
    elsewhere = text(jwk(SECRET_A, alg="A256GCM", kid="-0", note=[12, 13])).replace("12, 13", "-0, 1e-0")
    add.valid("keyring_valid_minus_zero_elsewhere", "In a text, and in a member that is ignored.", elsewhere)


RSA = {"kty": "RSA", "kid": "rsa", "n": "AQAB", "e": "AQAB", "key_ops": 1, "k": None}


def foreign(add: KeyringCases) -> None:
    a = jwk(SECRET_A)
    good, rsa = json.dumps(a), json.dumps(RSA)

    def ignored(name, description, *jwks):
        add.valid(f"keyring_foreign_{name}", description, text(a, *jwks))

    def in_text(name, description, jwk_text, add_case=add.valid):
        add_case(f"keyring_foreign_{name}", description, f'{{"keys": [{jwk_text}, {good}]}}')

    ignored("kty", "Another kind of key, whatever its other members are.", RSA)
    ignored("kty_uppercase", "Case matters: it is not oct.", jwk(SECRET_B, kty="OCT"))
    ignored("alg", "An algorithm that is not of a ring.", jwk(SECRET_B, alg="HS256"))
    ignored("alg_lowercase", "Case matters, also for what may be misspelt.",
            jwk(SECRET_B, alg="xaes-256-gcm"))
    ignored("alg_empty", "Text, and none of ours.", jwk(SECRET_B, alg=""))
    ignored("use", "A key for signatures.", jwk(SECRET_B, use="sig", alg="HS256"))
    ignored("use_alone", "kty and alg are ours, and use is not.", jwk(SECRET_B, use="sig"))
    ignored("without_alg", "kty is enough.", without(RSA | {"use": None}, "k"))
    ignored("same_kid", "Rule 7 is about keys that are not foreign.", RSA | {"kid": a["kid"]})
    ignored("same_secret", "So is rule 8.", jwk(SECRET_A, alg="A256KW"))
    in_text("first", "Places do not matter.", rsa)
    in_text("duplicate_member", "Equal members of a foreign key are not judged.",
            rsa[:-1] + ', "n": "AQ", "\\u006e": "AQ"}')
    for member in ("kty", "use", "alg"):
        ours, other = a[member], {"kty": "RSA", "use": "sig", "alg": "HS256"}[member]
        for which, first, second in (("first", other, ours), ("last", ours, other)):
            in_text(f"{member}_twice_{which}", "Whether it is foreign cannot be said.",
                    json.dumps(without(jwk(SECRET_B), member))[:-1]
                    + f', "{member}": "{first}", "{member}": "{second}"}}', add.invalid)
    add.invalid("keyring_foreign_only", "No key is of a ring.", text(RSA, RSA))
    add.invalid("keyring_foreign_and_bad", "A foreign key excuses no other.",
                text(a, RSA, without(jwk(SECRET_B), "k")))
    ops = ["sign", "decrypt", "wrapKey", "encrypt"]
    add.valid("keyring_valid_key_ops_of_others", "More than ours.", text(a | {"key_ops": ops}))
    add.valid("keyring_valid_key_ops_of_others_open_only", "More than ours, without encrypt.",
              text(a | {"key_ops": ["unwrapKey", "decrypt"]}))


def make() -> list[dict]:
    add = KeyringCases()
    for chapter in (valid, file, duplicates, members, foreign, apache, secrets, bounds):
        chapter(add)
    return add.cases
