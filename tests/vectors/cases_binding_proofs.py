# SPDX-License-Identifier: Apache-2.0
"""The cases of device binding: proofs."""

import json

import binding
import signatures
from browser import (
    CHROMIUM_REFRESH, CHROMIUM_REGISTRATION, EC, OTHER_EC, RSA, bound_of, jwk_of, proof, proof_of,
)  # fmt: skip
from ring import base64url
from token_outcome import Refused


def proof_case(name: str, description: str, text: str, registers=False, bound=bound_of(EC)) -> dict:
    """Steps 1 to 8, with the key of the proof or of the session."""
    head = {"name": f"binding_proof_{name}", "description": description, "format": "binding-proof",
            "purpose": "registration" if registers else "refresh", "proof": text,
            **({} if registers else {"bound": bound})}  # fmt: skip
    try:
        read = binding.read_proof(registers, text)
        if registers:
            found = binding.key_of_jwk(read.algorithm, read.jwk)
        else:
            found = binding.key_of_field(read.algorithm, bound)
        binding.verify(read, found)
    except Refused as refusal:
        return head | {"expect": refusal.reason}
    made = {"bound": f"{read.algorithm}.{base64url(found)}"} if registers else {}
    return head | {"expect": "ok", "algorithm": read.algorithm, "challenge": read.challenge} | made


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def proofs():
    good = proof("cv")
    header, payload, signature = good.split(".")
    chromium = proof_case("register_chromium", "Of a real browser.", CHROMIUM_REGISTRATION, True)
    yield chromium
    yield proof_case("chromium", "Of the same browser.", CHROMIUM_REFRESH, bound=chromium["bound"])
    yield proof_case("es256", "As a browser makes it for a refresh.", good)
    yield proof_case("rs256", "The same with RSA.", proof("cv", RSA), bound=bound_of(RSA))
    yield proof_case("rs256_by_name", "An RSA key and a proof that says ES256.",
                     proof("cv", RSA, header={"alg": "ES256"}), bound=bound_of(RSA))
    yield proof_case("es256_by_name", "The other way round.", proof("cv", header={"alg": "RS256"}))
    yield proof_case("other_algorithm", "A good proof of another kind than the session's key.",
                     proof("cv", RSA))
    yield proof_case("other_key", "Signed by another key.", proof("cv", OTHER_EC))
    yield proof_case("other_rsa_signature", "An RSA signature of something else.",
                     proof("cv", RSA).rsplit(".", 1)[0] + "." + proof("cw", RSA).rsplit(".", 1)[1],
                     bound=bound_of(RSA))
    yield proof_case("payload_exchanged", "The signature is of another payload.",
                     f"{header}.{proof('cw').split('.')[1]}.{signature}")
    yield proof_case("header_exchanged", "The signature is of another header.",
                     f"{proof('cv', header={'x': 1}).split('.')[0]}.{payload}.{signature}")
    infinity = base64url(EC.signature_at_infinity(f"{header}.{payload}".encode()))
    yield proof_case("at_infinity", "A signature that leads to the point at infinity.",
                     f"{header}.{payload}.{infinity}")
    yield proof_case("zero", "r and s are 0.", f"{header}.{payload}.{base64url(bytes(64))}")
    for name, size in (("short", 63), ("long", 65), ("der", 70), ("empty", 0)):
        yield proof_case(f"signature_{name}", f"A signature of {size} bytes.",
                         f"{header}.{payload}.{base64url(bytes(range(1, size + 1)))}")
    yield proof_case("signature_not_canonical", "Other last bits in the signature's base64url.",
                     good[:-1] + chr(ord(good[-1]) + 1))
    yield proof_case("signature_padded", "Padding behind the signature.", good + "==")
    yield proof_case("two_parts", "Without a signature.", f"{header}.{payload}")
    yield proof_case("four_parts", "A part too many.", good + ".")
    yield proof_case("five_parts", "As many parts as a JWE has.", f"{header}..{payload}..{signature}")
    yield proof_case("empty", "Nothing.", "")
    yield proof_case("dots", "Empty parts.", "..")
    yield proof_case("space", "A space in front.", " " + good)
    yield proof_case("nul", "A byte 0 at the end.", good + "\0")
    yield proof_case("standard_alphabet", "base64 that is not base64url.",
                     f"{header}.{payload}+/.{signature}")

    for name, description, change in (
        ("typ_jwt", "Another typ.", {"typ": "jwt"}),
        ("typ_upper_case", "The typ in other letters.", {"typ": "DBSC+JWT"}),
        ("typ_number", "A typ that is a number.", {"typ": 1}),
        ("alg_none", "The alg that proves nothing.", {"alg": "none"}),
        ("alg_hs256", "An alg with a secret.", {"alg": "HS256"}),
        ("alg_es384", "An alg of another curve.", {"alg": "ES384"}),
        ("alg_ps256", "An alg with other padding.", {"alg": "PS256"}),
        ("alg_lower_case", "The alg in other letters.", {"alg": "es256"}),
        ("alg_null", "An alg that is no text.", {"alg": None}),
        ("crit", "A header that demands to be understood.", {"crit": ["exp"]}),
        ("crit_empty", "The same without a demand.", {"crit": []}),
        ("others_ignored", "Other members.", {"kid": "k", "x": {"y": [1, None, "z"]}}),
        ("jwk_in_refresh", "A key, which only a registration has.", {"jwk": jwk_of(EC)}),
        ("jwk_null_in_refresh", "A key that is null.", {"jwk": None}),
    ):
        yield proof_case(name, description, proof("cv", header=change))
    yield proof_case("without_typ", "No typ.", proof("cv", without=("typ",)))
    yield proof_case("without_alg", "No alg.", proof("cv", without=("alg",)))
    for name, description, change in (
        ("payload_others_ignored", "Claims of older drafts.",
         {"aud": "https://example.com/", "iat": 1800000000, "authorization": "ac", "exp": 1}),
        ("jti_number", "A challenge that is a number.", {"jti": 1}),
        ("jti_null", "A challenge that is null.", {"jti": None}),
        ("jti_empty", "An empty challenge.", {"jti": ""}),
    ):
        yield proof_case(name, description, proof("cv", payload=change))
    yield proof_case("without_jti", "No challenge.", proof("cv", without=("jti",)))

    head, body = b'{"alg":"ES256","typ":"dbsc+jwt"}', b'{"jti":"cv"}'
    for name, description, head_text, body_text in (
        ("escapes", "Escapes in names and values.", rb'{"\u0061lg":"ES\u003256","typ":"dbsc+jwt"}',
         rb'{"\u006ati":"c\u0076\/\"\\"}'),
        ("white_space", "White space between the members.", b' {\r\n\t"alg" : "ES256" , "typ":"dbsc+jwt" } ',
         b'\n{ "jti" :\t"cv" }\n'),
        ("header_duplicate_alg", "Two alg.", head[:-1] + b',"alg":"ES256"}', body),
        ("header_duplicate_escaped", "Two typ, one of them escaped.", head[:-1] + rb',"\u0074yp":"x"}', body),
        ("header_duplicate_other", "Two of a name that does not matter.", head[:-1] + b',"x":1,"x":2}', body),
        ("payload_duplicate_jti", "Two challenges.", head, b'{"jti":"cv","jti":"cv"}'),
        ("payload_duplicate_other", "Two of a name that does not matter.", head, b'{"jti":"cv","x":1,"x":1}'),
        ("header_array", "A header that is an array.", b'["ES256"]', body),
        ("payload_array", "A payload that is an array.", head, b'["cv"]'),
        ("payload_text", "A payload that is text.", head, b'"cv"'),
        ("payload_empty", "An empty payload.", head, b""),
        ("header_trailing", "Text behind the header.", head + b"x", body),
        ("payload_trailing_comma", "A comma too many.", head, b'{"jti":"cv",}'),
        ("payload_not_utf8", "A payload that is not UTF-8.", head, b'{"jti":"cv","x":"\xff"}'),
        ("payload_half_surrogate", "Half of a surrogate pair.", head, rb'{"jti":"cv","x":"\ud800"}'),
        ("header_16_members", "As many members as there may be.",
         head[:-1] + b"".join(b',"m%d":1' % i for i in range(14)) + b"}", body),
        ("header_17_members", "One member too many.",
         head[:-1] + b"".join(b',"m%d":1' % i for i in range(15)) + b"}", body),
        ("payload_16_members", "As many claims as there may be.", head,
         body[:-1] + b"".join(b',"m%d":1' % i for i in range(15)) + b"}"),
        ("payload_17_members", "One claim too many.", head,
         body[:-1] + b"".join(b',"m%d":1' % i for i in range(16)) + b"}"),
        ("nested_16_levels", "As deep as it may be.", head, b'{"jti":"cv","x":%s}' % nested(15).encode()),
        ("nested_17_levels", "One level too deep.", head, b'{"jti":"cv","x":%s}' % nested(16).encode()),
    ):
        yield proof_case(name, description, proof_of(head_text, body_text))
    frame = len(proof_of(head, b'{"jti":"cv","x":""}'))
    most = (binding.MAX_PROOF - frame) // 4 * 3
    for name, more in (("longest", 0), ("too_long", 3)):
        filled = b'{"jti":"cv","x":"%s"}' % (b"x" * (most + more))
        yield proof_case(name, f"{len(proof_of(head, filled))} characters.", proof_of(head, filled))
    for name, description, bound in (
        ("bound_of_unknown_kind", "A session with a key of another kind.", "ES384." + base64url(EC.public)),
        ("bound_without_kind", "A session with a key that does not say what it is.", base64url(EC.public)),
        ("bound_too_short", "A session with a key that is too short.", "ES256." + base64url(EC.public[:63])),
        ("bound_too_long", "A session with a key that is too long.", "ES256." + base64url(EC.public + b"x")),
        ("bound_not_base64url", "A session with a key that is no base64url.", "ES256." + "+" * 86),
        ("bound_not_on_curve", "A session with a point that is not on the curve.",
         "ES256." + base64url(EC.public[:63] + bytes([EC.public[63] ^ 1]))),
        ("bound_even_modulus", "A session with an even modulus.", "RS256." + base64url(bytes([128]) * 256)),
    ):
        yield proof_case(name, description, proof("cv", RSA if "even" in name else EC), bound=bound)


def registration_proofs():
    def with_jwk(change: dict, signer=EC, without=()) -> str:
        members = {name: value for name, value in (jwk_of(signer) | change).items() if name not in without}
        return proof("cv", signer, True, header={"jwk": members})

    yield proof_case("register_es256", "As a browser makes it for a registration.",
                     proof("cv", registers=True), True)
    yield proof_case("register_rs256", "The same with RSA.", proof("cv", RSA, True), True)
    yield proof_case("register_without_jwk", "A registration without a key.", proof("cv"), True)
    yield proof_case("register_jwk_text", "A key that is text.", proof("cv", header={"jwk": "x"}), True)
    yield proof_case("register_jwk_null", "A key that is null.", proof("cv", header={"jwk": None}), True)
    yield proof_case("register_other_key", "Signed by another key than the one in it.",
                     proof("cv", OTHER_EC, header={"jwk": jwk_of(EC)}), True)
    x, y = EC.public[:32], EC.public[32:]
    off = base64url(y[:31] + bytes([y[31] ^ 1]))
    large = base64url((signatures.P + 5).to_bytes(32, "big"))  # 5 is the x of a point
    for name, description, change in (
        ("kty_rsa", "Another kty.", {"kty": "RSA"}),
        ("crv_p384", "Another curve.", {"crv": "P-384"}),
        ("crv_number", "A curve that is a number.", {"crv": 256}),
        ("not_on_curve", "A point that is not on the curve.", {"y": off}),
        ("point_zero", "A point of zeros.", {"x": base64url(bytes(32)), "y": base64url(bytes(32))}),
        ("x_above_prime", "An x that is not below the prime.", {"x": large}),
        ("x_too_short", "An x of 31 bytes.", {"x": base64url(x[1:])}),
        ("x_too_long", "An x of 33 bytes.", {"x": base64url(b"\0" + x)}),
        ("y_empty", "An empty y.", {"y": ""}),
        ("y_padded", "A y with padding.", {"y": base64url(y) + "="}),
        ("y_number", "A y that is a number.", {"y": 1}),
        ("private", "A private key.", {"d": base64url(x)}),
        ("jwk_others_ignored", "Other members of the key.",
         {"kid": "k", "use": "sig", "alg": "none", "key_ops": ["verify"], "n": 1, "e": None}),
    ):
        yield proof_case(f"register_{name}", description, with_jwk(change), True)
    for missing in ("kty", "crv", "x", "y"):
        yield proof_case(f"register_without_{missing}", f"No {missing}.", with_jwk({}, EC, (missing,)), True)
    for name, description, change in (
        ("exponent_3", "Another exponent.", {"e": "Aw"}),
        ("exponent_with_zero", "The exponent with a byte 0 in front.", {"e": "AAEAAQ"}),
        ("modulus_small", "A modulus of 255 bytes.", {"n": base64url(RSA.public[:255])}),
        ("modulus_zero_in_front", "A modulus with a byte 0 in front.", {"n": base64url(b"\0" + RSA.public)}),
        ("modulus_even", "An even modulus.", {"n": base64url(RSA.public[:255] + b"\2")}),
        ("modulus_large", "A modulus of 513 bytes.", {"n": base64url(RSA.public * 2 + b"\1")}),
        ("modulus_other", "Another modulus.", {"n": base64url(b"\xff" + RSA.public[1:])}),
        ("modulus_other_size", "A modulus of another size than the signature.",
         {"n": base64url(RSA.public + b"\1")}),
    ):
        yield proof_case(f"register_{name}", description, with_jwk(change, RSA), True)
    key_text = json.dumps(jwk_of(EC), separators=(",", ":"))
    for name, description, text in (
        ("jwk_duplicate", "Two x in the key.", key_text[:-1] + ',"x":"%s"}' % base64url(x)),
        ("jwk_duplicate_escaped", "Two kty in the key, one escaped.", key_text[:-1] + r',"k\u0074y":"EC"}'),
        ("jwk_16_members", "A key of 16 members.",
         key_text[:-1] + "".join(f',"m{i}":1' for i in range(12)) + "}"),
        ("jwk_17_members", "A key of 17 members.",
         key_text[:-1] + "".join(f',"m{i}":1' for i in range(13)) + "}"),
        ("jwk_escaped_value", "A kty with an escape.", key_text.replace('"EC"', r'"\u0045C"')),
        ("jwk_escaped_x", "A coordinate with an escape.",
         key_text.replace(base64url(x), rf"\u{ord(base64url(x)[0]):04x}{base64url(x)[1:]}")),
        ("jwk_empty", "An empty key.", "{}"),
    ):
        header = '{"alg":"ES256","jwk":%s,"typ":"dbsc+jwt"}' % text
        yield proof_case(f"register_{name}", description, proof_of(header.encode(), {"jti": "cv"}), True)


def make() -> list[dict]:
    return [*proofs(), *registration_proofs()]
