# SPDX-License-Identifier: Apache-2.0
"""The cases of device binding: header fields, the two requests of a browser, and bound cookies."""

import json

import apache_legacy
import binding
import ring
from browser import EC, OTHER_EC, OTHER_SID, RSA, SID, bound_of, jwk_of, proof, sid_token
from case import HOUR, NOW, SECRET_A, SECRET_B, apache_jwk, apache_key, jwk
from ring import base64url

KEYRING = {"keys": [jwk(SECRET_A)]}


# ---- Header fields


def string_case(name: str, description: str, value: str) -> dict:
    text = binding.read_string(value)
    found = {"expect": "malformed"} if text is None else {"expect": "ok", "text": text}
    return {"name": f"binding_string_{name}", "description": description, "format": "binding-string",
            "value": value} | found  # fmt: skip


def strings():
    for case in (
        ("quoted", "A String.", '"abc"'),
        ("empty", "An empty String.", '""'),
        ("escapes", "A quotation mark and a backslash.", r'"a\"b\\c"'),
        ("other_escape", "Nothing else can be escaped.", r'"a\nb"'),
        ("escape_at_end", "A backslash at the end.", '"abc\\'),
        ("printable", "All that a String can hold but what is escaped.",
         '"' + "".join(chr(c) for c in range(32, 127) if c not in (34, 92)) + '"'),
        ("tab", "A tab is not printable.", '"a\tb"'),
        ("delete", "DEL is not printable.", '"a\x7fb"'),
        ("not_ascii", "A letter beyond ASCII.", '"ä"'),
        ("not_closed", "A String without an end.", '"abc'),
        ("spaces_around", "Spaces around the Item.", '  "abc"  '),
        ("tab_around", "A tab around the Item.", '"abc"\t'),
        ("two", "Two Items.", '"abc" "def"'),
        ("list", "A List of two.", '"abc", "def"'),
        ("text_behind", "Something behind the String.", '"abc"d'),
        ("bare", "Without quotation marks, as Chromium sends it.", "abc_-9.def"),
        ("bare_other_character", "The same with a character of no base64url.", "abc=def"),
        ("bare_space", "The same with a space.", "abc def"),
        ("bare_with_parameter", "The same with a parameter.", "abc;a=1"),
        ("nothing", "An empty value.", ""),
        ("spaces", "Spaces alone.", "   "),
        ("token", "A Token with a character that base64url lacks.", "abc/def"),
        ("number_with_sign", "A negative number is no String, but base64url.", "-12"),
        ("bytes", "A Byte Sequence.", ":YWJj:"),
        ("boolean", "A Boolean.", "?1"),
        ("inner_list", "An Inner List.", '("abc")'),
        ("parameter", "A parameter is ignored.", '"abc";a="d"'),
        ("parameters", "All kinds of parameters.",
         '"abc";a;b=1;c=-1.5;d=tok/en:*;e="x\\"y";f=:YQ==:;g=?0;*h_-.*9=*t'),
        ("parameter_twice", "A parameter that is there twice.", '"abc";a=1;a=2'),
        ("parameter_space_before_key", "Spaces are allowed before a key.", '"abc";  a=1'),
        ("parameter_space_before_semicolon", "But not before the semicolon.", '"abc" ;a=1'),
        ("parameter_space_before_equals", "Nor before the equals sign.", '"abc";a =1'),
        ("parameter_space_after_equals", "Nor behind it.", '"abc";a= 1'),
        ("parameter_without_key", "A semicolon alone.", '"abc";'),
        ("parameter_key_upper_case", "A key begins with a small letter.", '"abc";A=1'),
        ("parameter_key_digit", "A key does not begin with a digit.", '"abc";1=1'),
        ("parameter_without_value", "An equals sign without a value.", '"abc";a='),
        ("parameter_string_not_closed", "A String without an end in a parameter.", '"abc";a="b'),
        ("parameter_longest_integer", "Fifteen digits.", '"abc";a=123456789012345'),
        ("parameter_too_long_integer", "Sixteen digits.", '"abc";a=1234567890123456'),
        ("parameter_longest_decimal", "Twelve digits and three.", '"abc";a=-123456789012.125'),
        ("parameter_too_long_decimal", "Thirteen digits before the point.", '"abc";a=1234567890123.1'),
        ("parameter_fine_decimal", "Four digits behind the point.", '"abc";a=1.1234'),
        ("parameter_decimal_without_fraction", "None behind the point.", '"abc";a=1.'),
        ("parameter_minus", "A minus sign alone.", '"abc";a=-'),
        ("parameter_boolean_two", "A Boolean that is neither 0 nor 1.", '"abc";a=?2'),
        ("parameter_bytes_not_closed", "A Byte Sequence without an end.", '"abc";a=:YQ=='),
        ("parameter_bytes_of_other_characters", "base64url in a Byte Sequence.", '"abc";a=:_w:'),
        ("parameter_date", "A Date.", '"abc";a=@1659578233'),
        ("parameter_display_string", "A Display String.", '"abc";a=%"f%c3%bc"'),
        ("parameter_inner_list", "An Inner List in a parameter.", '"abc";a=(1)'),
    ):
        yield string_case(*case)


# ---- Requests


def request(name, description, session, fields, keyring=None) -> dict:
    """`fields`: the header fields that are there, `id` and `proof`."""
    keyring = keyring or KEYRING
    keys = ring.parse(json.dumps(keyring))
    case = {
        "name": f"binding_{name}", "description": description, "keyring": keyring, "now": NOW,
        "session": {"state": session.state, "sid": session.sid, "bound": session.bound}, **fields,
    }  # fmt: skip
    if name.startswith("register_"):
        outcome, bound = binding.register(keys, NOW, session, fields.get("proof"))
        found = {"bound": bound} if bound else {}
        return case | {"format": "binding-registration", "expect": outcome} | found
    outcome = binding.refresh(keys, NOW, session, fields.get("id"), fields.get("proof"))
    return case | {"format": "binding-refresh", "expect": outcome}


LIVE = binding.Session(SID)
BOUND = binding.Session(SID, bound_of(EC))


def registrations():
    def one(name, description, session=LIVE, challenge=None, keyring=None, **how):
        challenge = challenge or sid_token(name)
        sent = {"proof": proof(challenge, registers=True, **how)}
        return request(f"register_{name}", description, session, sent, keyring)

    yield one("good", "A registration as it should be.")
    yield one("rs256", "The same with RSA.", signer=RSA)
    quoted = f'"{proof(sid_token("quoted"), registers=True)}";a=1'
    yield request("register_quoted", "A proof in quotation marks, with a parameter.", LIVE, {"proof": quoted})
    yield request("register_without_proof", "A request without a proof.", LIVE, {})
    yield request("register_unreadable", "A field that is no String.", LIVE, {"proof": "a b"})
    large = '"%s"' % ("x" * binding.MAX_FIELD)
    yield request("register_large_field", "A field that is too large.", LIVE, {"proof": large})
    yield one("expired", "A challenge that has expired.", challenge=sid_token("expired", age=120))
    yield one("last_second", "The last second of a challenge.", challenge=sid_token("last", age=119))
    yield one("not_yet_valid", "A challenge from the future.", challenge=sid_token("future", age=-61))
    yield one("other_session", "A challenge for another session.", challenge=sid_token("o", OTHER_SID))
    yield one("not_a_token", "A challenge that is no token.", challenge="cv")
    yield one("unknown_key", "A challenge sealed with another key.", challenge=sid_token("u", secret=SECRET_B))
    yield one("bound_cookie", "A bound cookie instead of a challenge.",
              challenge=sid_token("cookie", context=binding.COOKIE))
    old = apache_legacy.seal(apache_key(), bytes(16), bytes(16), SID.encode()).decode()
    yield one("old_format", "A challenge of a format that is bound to no context.", challenge=old,
              keyring={"keys": [jwk(SECRET_A), apache_jwk()]})
    yield one("bound_already", "A session that is bound.", session=BOUND)
    yield one("without_sid", "A session without a sid, and a challenge for none.",
              session=binding.Session(""), challenge=sid_token("none", ""))
    yield one("no_session", "Without a session.", session=binding.Session("", state="over"))
    yield one("closed", "A session that does not open here.", session=binding.Session("", state="closed"))
    yield one("other_key", "A proof signed by another key than the one in it.", signer=OTHER_EC,
              header={"jwk": jwk_of(EC)})
    yield one("alg_none", "A proof without a signature algorithm.", header={"alg": "none"})


def refreshes():
    def one(name, description, session=BOUND, challenge=None, sid=SID, keyring=None, **how):
        challenge = challenge or sid_token(f"refresh {name}")
        sent = {"id": sid, "proof": proof(challenge, **how)}
        return request(f"refresh_{name}", description, session, sent, keyring)

    rsa_bound = binding.Session(SID, bound_of(RSA))
    yield one("good", "A refresh as it should be.")
    yield one("rs256", "The same with RSA.", rsa_bound, signer=RSA)
    yield one("quoted", "An ID in quotation marks.", sid=f'"{SID}"')
    yield request("refresh_without_proof", "The first request of a browser.", BOUND, {"id": SID})
    yield request("refresh_without_proof_not_bound", "The same for a session that is not bound.", LIVE,
                  {"id": SID})
    yield request("refresh_without_anything", "A request without header fields.", BOUND, {})
    yield one("not_bound", "A proof for a session that is not bound.", LIVE)
    yield one("other_id", "A request for another session, which the browser had before.", sid=OTHER_SID)
    yield one("unreadable_id", "An ID that is no String.", sid='"')
    yield one("without_sid", "A session without a sid.", binding.Session("", bound_of(EC)),
              challenge=sid_token("none", ""), sid='""')
    yield request("refresh_without_id", "A proof without an ID.", BOUND,
                  {"proof": proof(sid_token("no id"))})
    yield one("no_session", "Without a session.", binding.Session("", state="over"))
    yield one("closed", "A session that does not open here.", binding.Session("", state="closed"))
    yield one("expired", "A good signature over a challenge that has expired.",
              challenge=sid_token("old", age=120))
    yield one("other_session", "A good signature over a challenge for another session.",
              challenge=sid_token("other", OTHER_SID))
    yield one("unknown_key", "A good signature over a challenge of a key that has gone.",
              challenge=sid_token("gone", secret=SECRET_B))
    yield one("not_a_token", "A good signature over anything.", challenge="cv")
    yield one("bound_cookie", "A good signature over a bound cookie.",
              challenge=sid_token("cookie", context=binding.COOKIE))
    yield one("not_yet_valid", "A good signature over a challenge from the future.",
              challenge=sid_token("future", age=-61))
    yield one("forged", "Another key has signed a challenge of this session.", signer=OTHER_EC)
    yield one("forged_expired", "Another key has signed an old challenge of this session.",
              challenge=sid_token("old forged", age=HOUR), signer=OTHER_EC)
    yield one("forged_other_session", "Another key has signed a challenge of another session.",
              challenge=sid_token("other forged", OTHER_SID), signer=OTHER_EC)
    yield one("forged_not_a_token", "Another key has signed anything.", challenge="cv", signer=OTHER_EC)
    yield one("forged_not_yet_valid", "Another key has signed a challenge from the future.",
              challenge=sid_token("future forged", age=-61), signer=OTHER_EC)
    at_infinity = proof(sid_token("infinity")).rsplit(".", 1)[0]
    signature = base64url(EC.signature_at_infinity(at_infinity.encode()))
    yield request("refresh_forged_at_infinity", "A signature that leads to the point at infinity.", BOUND,
                  {"id": SID, "proof": f"{at_infinity}.{signature}"})
    yield one("jwk", "A proof that brings its own key, by which it is signed.", signer=OTHER_EC,
              header={"jwk": jwk_of(OTHER_EC)})
    yield one("alg_none", "A proof with the alg none.", header={"alg": "none"})
    yield one("other_algorithm", "A proof of another kind than the session's key.", signer=RSA)
    yield one("typ", "A proof that is another JWT.", header={"typ": "JWT"})
    yield one("key_of_unknown_kind", "A session with a key of another kind.", binding.Session(SID, "x"))
    yield request("refresh_cut_off", "A proof that was cut off.", BOUND,
                  {"id": SID, "proof": proof(sid_token("cut"))[:-9]})
    yield request("refresh_large_field", "A field that is too large.", BOUND,
                  {"id": SID, "proof": '"%s"' % ("x" * binding.MAX_FIELD)})


def standing_case(name, description, *cookies, session=BOUND, grace=60, keyring=None) -> dict:
    keyring = keyring or KEYRING
    keys = ring.parse(json.dumps(keyring))
    return {
        "name": f"binding_standing_{name}", "description": description, "format": "binding-standing",
        "keyring": keyring, "now": NOW, "grace": grace, "sid": session.sid, "bound": session.bound,
        "cookies": list(cookies),
        "expect": binding.standing(keys, NOW, grace, session, list(cookies)),
    }  # fmt: skip


def standings():
    def cookie(name, sid=SID, age=10, lifetime=600, context=binding.COOKIE, secret=SECRET_A) -> str:
        return sid_token(f"standing {name}", sid, context, age, lifetime, secret)

    yield standing_case("bound", "A bound cookie of this session.", cookie("bound"))
    yield standing_case("unbound", "A session that is not bound.", session=LIVE)
    yield standing_case("unbound_with_cookie", "The same with a bound cookie.", cookie("u"), session=LIVE)
    yield standing_case("no_cookie", "A bound session without a bound cookie.")
    yield standing_case("last_second", "The last second of a bound cookie.", cookie("last", age=599))
    yield standing_case("grace", "A bound cookie that has just expired.", cookie("grace", age=600))
    yield standing_case("last_second_of_grace", "The last second of grace.", cookie("lg", age=659))
    yield standing_case("after_grace", "The end of grace.", cookie("after", age=660))
    yield standing_case("no_grace", "Without any grace.", cookie("none", age=600), grace=0)
    yield standing_case("other_session", "A bound cookie of another session.", cookie("o", OTHER_SID))
    yield standing_case("challenge", "A challenge as a bound cookie.", cookie("c", context=binding.CHALLENGE))
    yield standing_case("unknown_key", "A key that the ring does not have.", cookie("k", secret=SECRET_B))
    yield standing_case("not_yet_valid", "A bound cookie from the future.", cookie("f", age=-61))
    yield standing_case("without_end", "A bound cookie without an end, which no server seals.",
                        cookie("w", lifetime=0))
    yield standing_case("not_a_token", "Something else as a bound cookie.", "x", "")
    yield standing_case("several", "Of several, the one that ends last counts.", cookie("s1", age=900), "x",
                        cookie("s2", age=10), cookie("s3", OTHER_SID))
    yield standing_case("several_in_other_order", "The same if it comes first.", cookie("s4", age=10),
                        cookie("s5", age=900))
    yield standing_case("fifth", "The fifth does not count.", "a", "b", "c", "d", cookie("5"))
    yield standing_case("without_sid", "A session without a sid, and a cookie for none.", cookie("n", ""),
                        session=binding.Session("", bound_of(EC)))
    yield standing_case("key_of_unknown_kind", "A session is bound whatever is in the field.",
                        session=binding.Session(SID, "x"))
    old = apache_legacy.seal(apache_key(), bytes(16), bytes(16), SID.encode()).decode()
    yield standing_case("old_format", "A bound cookie of a format that is bound to no context.", old,
                        keyring={"keys": [jwk(SECRET_A), apache_jwk()]})


def make() -> list[dict]:
    return [*strings(), *registrations(), *refreshes(), *standings()]
