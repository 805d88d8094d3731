# SPDX-License-Identifier: Apache-2.0
"""The cases of back-channel logout: logout tokens, and the key sets of providers."""

import hashlib
import hmac

import logout
import signatures
from browser import EC, OTHER_EC, RSA, jwk_of, proof_of, text_of
from case import NOW
from logout import EVENT, key_set
from ring import base64url
from token_outcome import Refused

ISSUER, CLIENT = "https://op.example", "shop"
EC_JWK, RSA_JWK = jwk_of(EC) | {"kid": "ec"}, jwk_of(RSA) | {"kid": "rsa"}
KEYS = key_set(EC_JWK, RSA_JWK)
CLAIMS = {"iss": ISSUER, "aud": CLIENT, "iat": NOW - 5, "exp": NOW + 115, "jti": "bWJq",
          "events": {EVENT: {}}, "sid": "08a5019c-17e1", "sub": "248289761001"}  # fmt: skip
FAULTS = ("iss", "aud", "iat", "exp", "jti", "events")


def header(signer=EC, **members) -> dict:
    kid = "rsa" if signer is RSA else "ec"
    made = {"alg": signer.algorithm, "typ": "logout+jwt", "kid": kid} | members
    return {name: value for name, value in made.items() if value != "-"}


def claims(change=None, without=()) -> dict:
    return {name: value for name, value in (CLAIMS | (change or {})).items() if name not in without}


def case(name, description, token, jwk_set=KEYS, issuer=ISSUER, client=CLIENT) -> dict:
    head = {"name": f"logout_token_{name}", "description": description, "format": "logout-token",
            "jwk_set": jwk_set, "issuer": issuer, "client": client, "now": NOW, "token": token}  # fmt: skip
    try:
        return head | {"expect": "ok"} | logout.open_token(jwk_set, issuer, client, NOW, token)
    except Refused as refusal:
        return head | {"expect": refusal.reason}


def good(signer=EC, change=None, without=(), **members) -> str:
    return proof_of(header(signer, **members), claims(change, without), signer)


def with_secret(secret: bytes) -> str:
    signed = ".".join(base64url(text_of(part)) for part in (header(alg="HS256"), claims()))
    return f"{signed}.{base64url(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def signatures_and_headers():
    token = good()
    head, body, signature = token.split(".")
    yield case("es256", "As a provider makes it.", token)
    yield case("rs256", "The same with RSA.", good(RSA))
    yield case("typ_jwt", "The typ of older providers.", good(typ="JWT"))
    yield case("without_typ", "Without a typ.", good(typ="-"))
    for name, description, change in (
        ("typ_upper_case", "The typ in other letters.", {"typ": "LOGOUT+JWT"}),
        ("typ_access_token", "The typ of an access token.", {"typ": "at+jwt"}),
        ("typ_dbsc", "The typ of a proof.", {"typ": "dbsc+jwt"}),
        ("typ_null", "A typ that is no text.", {"typ": None}),
        ("alg_none", "The alg that proves nothing, with a good signature.", {"alg": "none"}),
        ("alg_lower_case", "The alg in other letters.", {"alg": "es256"}),
        ("alg_ps256", "An alg with other padding.", {"alg": "PS256"}),
        ("alg_number", "An alg that is no text.", {"alg": 256}),
        ("alg_missing", "No alg.", {"alg": "-"}),
        ("crit", "A header that demands to be understood.", {"crit": ["b64"], "b64": True}),
        ("kid_unknown", "A kid that no key has.", {"kid": "new"}),
        ("kid_of_another_alg", "The kid of a key for another alg.", {"kid": "rsa"}),
        ("kid_empty", "An empty kid.", {"kid": ""}),
        ("kid_number", "A kid that is no text.", {"kid": 1}),
        ("kid_missing", "No kid, and one key for this alg.", {"kid": "-"}),
        ("key_in_header", "A key in the header is not used.", {"jwk": jwk_of(OTHER_EC)}),
    ):
        yield case(name, description, good(**change))
    yield case("key_in_header_signs", "Signed by the key in the header.",
               proof_of(header(jwk=jwk_of(OTHER_EC)), claims(), OTHER_EC))
    yield case("alg_none_unsigned", "Not signed.", proof_of(header(alg="none"), claims()).rsplit(".", 1)[0] + ".")
    yield case("alg_hs256_key", "HS256 with the public key as the secret.", with_secret(EC.public))
    yield case("alg_hs256_jwk", "HS256 with the JWK as the secret.", with_secret(text_of(EC_JWK)))
    yield case("alg_hs256_empty", "HS256 with an empty secret.", with_secret(b"\0"))
    yield case("alg_by_name", "RS256 in name, ES256 in fact.", good(alg="RS256"))
    yield case("other_key", "Signed by another key.", proof_of(header(), claims(), OTHER_EC))
    yield case("kid_missing_two_keys", "No kid, and two keys for this alg.", good(kid="-"),
               key_set(EC_JWK, jwk_of(OTHER_EC)))
    yield case("kid_twice", "Two keys with this kid.", token, key_set(EC_JWK, jwk_of(OTHER_EC) | {"kid": "ec"}))
    yield case("kid_of_two_algs", "Two keys with this kid, for two algs.", token,
               key_set(EC_JWK, jwk_of(RSA) | {"kid": "ec"}))
    yield case("kid_escaped", "A kid with escapes.",
               proof_of(rb'{"alg":"ES256","kid":"\u0065c"}', claims()), KEYS)
    off = EC_JWK | {"y": base64url(EC.public[32:63] + bytes([EC.public[63] ^ 1]))}
    yield case("key_not_on_curve", "The point of the key is not on the curve.", token, key_set(off))
    yield case("payload_exchanged", "The signature is of another payload.",
               f"{head}.{good(change={'sub': 'admin'}).split('.')[1]}.{signature}")
    yield case("signature_zero", "r and s are 0.", f"{head}.{body}.{base64url(bytes(64))}")
    infinity = EC.signature_at_infinity(f"{head}.{body}".encode())
    yield case("signature_at_infinity", "A signature that leads to the point at infinity.",
               f"{head}.{body}.{base64url(infinity)}")
    high = base64url(int(signatures.ORDER).to_bytes(32, "big") * 2)
    yield case("signature_order", "r and s are the order of the curve.", f"{head}.{body}.{high}")
    for name, size in (("short", 63), ("long", 65), ("der", 70)):
        yield case(f"signature_{name}", f"A signature of {size} bytes.",
                   f"{head}.{body}.{base64url(bytes(range(1, size + 1)))}")
    head, body, _ = good(RSA).split(".")
    for name, size in (("rs256_short", 255), ("rs256_long", 513)):
        yield case(f"signature_{name}", f"An RSA signature of {size} bytes.",
                   f"{head}.{body}.{base64url(b'x' * size)}")
    head, body, _ = token.split(".")
    yield case("signature_other_rsa", "An RSA signature of something else.",
               good(RSA).rsplit(".", 1)[0] + "." + good(RSA, {"jti": "x"}).rsplit(".", 1)[1])
    for name, description, text in (
        ("empty", "Nothing.", ""), ("dots", "Empty parts.", ".."), ("two_parts", "Unsigned.", f"{head}.{body}"),
        ("four_parts", "A part too many.", token + "."), ("padded", "Padding.", token + "="),
        ("percent", "An escape of forms.", token.replace(".", "%2E", 1)), ("space", "A space.", token + " "),
        ("nul", "A byte 0 at the end.", token + "\0"),
    ):  # fmt: skip
        yield case(name, description, text)
    for name, extra in (("header_duplicate", b',"alg":"ES256"}'), ("header_duplicate_escaped", rb',"\u0061lg":"none"}')):
        yield case(name, "Two alg.", proof_of(text_of(header())[:-1] + extra, claims()))
    yield case("header_17_members", "One member too many in the header.",
               good(**{f"m{i}": 1 for i in range(14)}))


def claims_cases():
    yield case("sid_alone", "Without a sub.", good(without=("sub",)))
    yield case("sub_alone", "Without a sid.", good(without=("sid",)))
    yield case("neither", "Without sid and sub.", good(without=("sid", "sub")))
    for name in FAULTS:
        yield case(f"without_{name}", f"Without {name}.", good(without=(name,)))
        yield case(f"{name}_null", f"{name} is null.", good(change={name: None}))
    event = {EVENT: {}}
    for name, description, change in (
        ("others_ignored", "Other claims.", {"x": {"y": [1, None]}, "toe": NOW, "trace_id": "t"}),
        ("iss_other", "Of another provider.", {"iss": "https://evil.example"}),
        ("iss_slash", "An iss with a slash more.", {"iss": ISSUER + "/"}),
        ("iss_upper_case", "The iss in other letters.", {"iss": ISSUER.upper()}),
        ("iss_list", "An iss that is a list.", {"iss": [ISSUER]}),
        ("aud_other", "For another application.", {"aud": "blog"}),
        ("aud_list", "For several applications.", {"aud": ["blog", CLIENT]}),
        ("aud_list_first", "The first of several.", {"aud": [CLIENT, "blog"]}),
        ("aud_list_other", "For several others.", {"aud": ["blog", "wiki"]}),
        ("aud_list_empty", "For nobody.", {"aud": []}),
        ("aud_list_number", "A list with a number.", {"aud": [CLIENT, 1]}),
        ("aud_object", "An aud that is an object.", {"aud": {CLIENT: 1}}),
        ("aud_prefix", "A longer name.", {"aud": CLIENT + "s"}),
        ("nonce", "A nonce, which an ID token has.", {"nonce": "n"}),
        ("nonce_null", "A nonce that is null.", {"nonce": None}),
        ("events_empty", "No event.", {"events": {}}),
        ("events_other", "Another event.", {"events": {"http://schemas.openid.net/event/other": {}}}),
        ("events_more", "Another event beside it.", {"events": event | {"urn:x": {"a": 1}}}),
        ("events_list", "A list of events.", {"events": [EVENT]}),
        ("events_text", "Events that are text.", {"events": EVENT}),
        ("event_null", "An event that is null.", {"events": {EVENT: None}}),
        ("event_true", "An event that is true.", {"events": {EVENT: True}}),
        ("event_text", "An event that is text.", {"events": {EVENT: "{}"}}),
        ("event_with_members", "An event that has members.", {"events": {EVENT: {"reason": "x"}}}),
        ("exp_last_second", "In the last second.", {"exp": NOW - 59}),
        ("exp_passed", "A second later.", {"exp": NOW - 60}),
        ("exp_far", "An exp in many years: an hour after iat it ends.", {"exp": NOW + 10**9}),
        ("exp_before_iat", "An exp before iat, but not passed.", {"exp": NOW - 10}),
        ("exp_fraction", "An exp with a fraction, which is rounded up.", {"exp": NOW - 59.5}),
        ("exp_text", "An exp that is text.", {"exp": str(NOW)}),
        ("exp_negative", "An exp that is negative.", {"exp": -1}),
        ("exp_huge", "An exp beyond all bounds.", {"exp": 10**30}),
        ("iat_tolerated", "From a clock that is a minute ahead.", {"iat": NOW + 60}),
        ("iat_future", "A second more.", {"iat": NOW + 61}),
        ("iat_old_last_second", "As old as it may be.", {"iat": NOW - 3659, "exp": NOW + 100}),
        ("iat_old", "A second older.", {"iat": NOW - 3660, "exp": NOW + 100}),
        ("iat_text", "An iat that is text.", {"iat": str(NOW)}),
        ("iat_zero", "An iat of 0.", {"iat": 0}),
        ("nbf_tolerated", "An nbf in a minute.", {"nbf": NOW + 60}),
        ("nbf_future", "A second more.", {"nbf": NOW + 61}),
        ("nbf_zero", "An nbf of 0, as some providers write it.", {"nbf": 0}),
        ("nbf_text", "An nbf that is text.", {"nbf": "0"}),
        ("jti_empty", "An empty jti.", {"jti": ""}),
        ("jti_number", "A jti that is a number.", {"jti": 7}),
        ("jti_longest", "The longest jti.", {"jti": "j" * 256}),
        ("jti_too_long", "A longer one.", {"jti": "j" * 257}),
        ("sid_empty", "An empty sid.", {"sid": ""}),
        ("sid_null", "A sid that is null.", {"sid": None}),
        ("sid_number", "A sid that is a number.", {"sid": 7}),
        ("sid_longest", "The longest sid.", {"sid": "s" * 1024}),
        ("sid_too_long", "A longer one.", {"sid": "s" * 1025}),
        ("sub_empty", "An empty sub.", {"sub": ""}),
        ("sub_number", "A sub that is a number.", {"sub": 7}),
        ("sub_too_long", "A sub that is too long.", {"sub": "s" * 1025}),
        ("sub_unicode", "A sub beyond ASCII.", {"sub": "äöü 日本"}),
    ):  # fmt: skip
        yield case(name, description, good(change=change))
    whole = text_of(claims())
    for name, description, text in (
        ("escapes", "Escapes in names and values.",
         whole.replace(b'"sid"', rb'"\u0073id"').replace(b"08a5", rb"0\u00385\/a5")),
        ("duplicate_aud", "Two aud.", whole[:-1] + b',"aud":"blog"}'),
        ("duplicate_escaped", "Two sub, one of them escaped.", whole[:-1] + rb',"\u0073ub":"admin"}'),
        ("duplicate_other", "Two of a name that does not matter.", whole[:-1] + b',"x":1,"x":1}'),
        ("duplicate_event", "Two events of one name.",
         whole.replace(b"{}", b'{},"%s":{}' % EVENT.encode())),
        ("payload_array", "A payload that is an array.", b"[%s]" % whole),
        ("payload_empty", "An empty payload.", b""),
        ("payload_trailing", "Text behind the payload.", whole + b"x"),
        ("payload_not_utf8", "A payload that is not UTF-8.", whole[:-1] + b',"x":"\xff"}'),
        ("payload_64_members", "As many claims as there may be.",
         whole[:-1] + b"".join(b',"m%d":1' % i for i in range(56)) + b"}"),
        ("payload_65_members", "One claim too many.",
         whole[:-1] + b"".join(b',"m%d":1' % i for i in range(57)) + b"}"),
        ("nested_17_levels", "One level too deep.", whole[:-1] + b',"x":' + b"[" * 16 + b"]" * 16 + b"}"),
    ):
        yield case(name, description, proof_of(header(), text))
    frame = len(proof_of(header(), whole[:-1] + b',"x":""}'))
    most = (logout.MAX_TOKEN - frame) // 4 * 3
    for name, more in (("longest", 0), ("too_long", 3)):
        filled = proof_of(header(), whole[:-1] + b',"x":"%s"}' % (b"x" * (most + more)))
        yield case(name, f"{len(filled)} characters.", filled)
    yield case("claims_after_signature", "Order: a wrong signature and wrong claims.",
               proof_of(header(), claims(without=("aud",)), OTHER_EC))


def keys_case(name: str, description: str, text: str) -> dict:
    head = {"name": f"logout_keys_{name}", "description": description, "format": "logout-keys",
            "jwk_set": text}
    try:
        keys = logout.read_keys(text)
    except ValueError:
        return head | {"expect": "invalid_keyring"}
    asked = {(algorithm, kid) for algorithm in ("ES256", "RS256") for kid in ("ec", "rsa", None)}
    lookups = [{"alg": algorithm, "kid": kid, "found": logout.find(keys, algorithm, kid) is not None}
               for algorithm, kid in sorted(asked, key=str)]
    return head | {"expect": "ok", "keys": len(keys), "lookups": lookups}


def key_sets():
    yield keys_case("two", "One of each kind.", KEYS)
    for name, description, jwks in (
        ("without_kid", "Keys without a kid.", (jwk_of(EC), jwk_of(RSA))),
        ("kid_null", "A kid that is no text.", (EC_JWK | {"kid": None},)),
        ("same_kid", "Two keys of one kid.", (EC_JWK, EC_JWK)),
        ("same_kid_two_algs", "Two keys of one kid, for two algs.", (EC_JWK, RSA_JWK | {"kid": "ec"})),
        ("as_published", "With the members that providers publish.",
         (RSA_JWK | {"alg": "RS256", "use": "sig", "key_ops": ["verify"], "x5t": "x", "x5c": ["MII"]},)),
        ("for_encryption", "A key for encryption is not used.", (EC_JWK, RSA_JWK | {"use": "enc"})),
        ("other_alg", "Keys for other algs are not used.",
         (EC_JWK, RSA_JWK | {"alg": "PS256"}, RSA_JWK | {"alg": "RSA-OAEP"})),
        ("other_operations", "A key that may not verify is not used.",
         (EC_JWK, RSA_JWK | {"key_ops": ["encrypt"]})),
        ("operations_text", "key_ops that are no list.", (EC_JWK, RSA_JWK | {"key_ops": "verify"})),
        ("other_kinds", "Keys of other kinds are not used.",
         (EC_JWK, {"kty": "OKP", "crv": "Ed25519", "x": "x"}, EC_JWK | {"crv": "P-384"}, {"kty": 1}, {})),
        ("rsa_small", "A small RSA key is not used.", (EC_JWK, RSA_JWK | {"n": base64url(RSA.public[:128])})),
        ("rsa_exponent", "A key with another exponent is not used.", (EC_JWK, RSA_JWK | {"e": "Aw"})),
        ("none", "No key.", ()),
        ("none_used", "No key that is used.", (EC_JWK | {"use": "enc"},)),
        ("private", "A private key.", (EC_JWK, RSA_JWK | {"d": "AQAB"})),
        ("private_other", "A private key that would not be used.", (EC_JWK, {"kty": "OKP", "d": "AA"})),
        ("secret", "A secret.", (EC_JWK, {"kty": "oct", "k": "AA"})),
        ("64_keys", "As many keys as there may be.", 63 * ({},) + (EC_JWK,)),
        ("65_keys", "One more.", 64 * ({},) + (EC_JWK,)),
        ("16_members", "As many members as there may be.", (EC_JWK | {f"m{i}": 1 for i in range(11)},)),
        ("17_members", "One more.", (EC_JWK | {f"m{i}": 1 for i in range(12)},)),
        ("number", "A key that is a number.", (EC_JWK, 1)),
        ("text", "A key that is text.", (EC_JWK, "{}")),
        ("null", "A key that is null.", (EC_JWK, None)),
    ):
        yield keys_case(name, description, key_set(*jwks))
    yield keys_case("others_ignored", "Other members of the set.", key_set(EC_JWK, issuer="x"))
    whole = text_of(EC_JWK).decode()
    for name, description, text in (
        ("empty", "Nothing.", ""), ("one_key", "A key, and no set.", whole), ("list", "A list.", f"[{whole}]"),
        ("keys_object", "keys is an object.", '{"keys":%s}' % whole), ("torn", "Torn.", KEYS[:-2]),
        ("keys_twice", "Two lists.", '{"keys":[],"keys":[%s]}' % whole),
        ("member_twice", "Two kid.", '{"keys":[%s,"kid":"x"}]}' % whole[:-1]),
        ("html", "A page of an error.", "<html>502</html>"), ("trailing", "Text behind it.", KEYS + "x"),
    ):  # fmt: skip
        yield keys_case(name, description, text)


def make():
    yield from signatures_and_headers()
    yield from claims_cases()
    yield from key_sets()
