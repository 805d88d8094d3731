# SPDX-License-Identifier: Apache-2.0
"""The cases of JWE tokens that are about JSON: which headers and claims of other libraries are accepted,
and which are refused."""

import json

from case import HOUR, NOW, SECRET_A, jwk
from cases_jwe import KID, OTHER_SECRET, Jwe, JweCases, encoded, iv_for, jwe_jwk
from ring import base64url

HEADER = {"alg": "dir", "enc": "A256GCM", "kid": KID}
CLAIMS = {"iat": NOW, "exp": NOW + HOUR, "payload": "user=alice"}


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


class JsonCases(JweCases):
    def header(self, name, description, reason, header, ring=None, **known):
        """A token with this header, authentic."""
        text = encoded(name, header, CLAIMS)
        if reason == "ok":
            known |= {"payload_hex": b"user=alice".hex(), "issued_at": NOW, "expires_at": NOW + HOUR,
                      "kid": KID, "id": base64url(iv_for(name))} | known
        self.add(name, description, reason, text, ring or jwe_jwk(), "", NOW, **known)

    def claims(self, name, description, claims, payload=None, issued_at=NOW, expires_at=NOW + HOUR,
               now=NOW, context="", token_id=""):
        """A token with these claims, which opens. If `payload` is None, the claims are the payload."""
        text = encoded(name, HEADER, claims)
        if payload is None:
            payload = claims if isinstance(claims, str) else json.dumps(claims, separators=(",", ":"))
        self.add(name, description, "ok", text, jwe_jwk(), context, now,
                 payload_hex=payload.encode().hex(), issued_at=issued_at, expires_at=expires_at,
                 kid=KID, id=token_id or base64url(iv_for(name)))

    def bad_claims(self, name, description, claims, reason="malformed", context="", now=NOW, **known):
        self.add(name, description, reason, encoded(name, HEADER, claims), jwe_jwk(), context, now,
                 kid=KID, **known)


def members(count: int) -> str:
    """A header with this number of members."""
    more = "".join(f',"x{i}":0' for i in range(count - 3))
    return '{"alg":"dir","enc":"A256GCM","kid":"%s"%s}' % (KID, more)


def headers_taken(add: JsonCases) -> None:
    def taken(name, description, header, ring=None):
        add.header(name, description, "ok", header, ring)

    good = '"alg":"dir","enc":"A256GCM","kid":"%s"' % KID
    for name, space in (("space", " "), ("tab", "\t"), ("line_feed", "\n"), ("return", "\r")):
        taken(f"jwe_header_begins_with_{name}", "White space before the object.",
              space + "{" + good + "}")
    taken("jwe_header_space_in_front", "White space behind the brace.", "{ " + good + " }")
    taken("jwe_header_begins_with_escape", "The first member's name begins with an escape.",
          r'{"\u0061lg":"dir","enc":"A256GCM","kid":"%s"}' % KID)
    taken("jwe_header_begins_with_empty_name", "The first member's name is empty.",
          '{"":0,%s}' % good)
    taken("jwe_header_begins_with_other_letters", "The first member's name is not ASCII.",
          '{"äé":0,%s}' % good)
    key = {"kty": "oct", "alg": "A256GCM", "kid": "k1",
           "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}
    add.add("jwe_header_of_another_library", "As a report had it: not made by this generator.", "ok",
            b"eyAiYWxnIjoiZGlyIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6ImsxIiB9..AAAAAAAAAAAAAAAA."
            b"dZ7Fv8xA7NxsipMXYA7s.srJX5xoJx93p4TwPXSj21w", key, payload_hex=b"x".hex(), issued_at=0,
            expires_at=0, kid="k1", id="A" * 16)
    taken("jwe_header_16_members", "As many as there may be.", members(16))
    named_none = {"alg": "dir", "enc": "A256GCM"}
    taken("jwe_header_without_kid", "The one A256GCM key of the ring is meant.", named_none)
    taken("jwe_header_without_kid_one_opens", "The one A256GCM key is meant that opens now.",
          named_none, [jwe_jwk(OTHER_SECRET, open_until=NOW), jwe_jwk(), jwk(SECRET_A)])

    taken("jwe_header_other_order", "The order of members means nothing.",
          dict(reversed(HEADER.items())))
    taken("jwe_header_typ_and_cty", "Members that mean nothing here, as many libraries write them.",
          HEADER | {"typ": "JWT", "cty": "json"})
    taken("jwe_header_white_space", "White space between the tokens of JSON.",
          '{"alg" : "dir",\r\n\t"enc": "A256GCM" , "kid":"%s" }\n' % KID)
    taken("jwe_header_escapes", "Escapes in names and values are undone.",
          r'{"\u0061lg":"d\u0069r","enc":"A256GC\u004D","k\u0069d":"%s"}' % KID)
    taken("jwe_header_nested_16_levels", "Of a member that means nothing here.",
          '{"alg":"dir","enc":"A256GCM","kid":"%s","x":%s}' % (KID, nested(15)))
    taken("jwe_header_1024_characters", "The longest header.",
          '{"alg":"dir","enc":"A256GCM","kid":"%s","x":"%s"}' % (KID, "x" * 715))
    taken("jwe_header_nested_duplicates", "Of objects in the header nobody reads the members.",
          '{"alg":"dir","enc":"A256GCM","kid":"%s","x":{"a":1,"a":2}}' % KID)
    taken("jwe_header_names_in_other_case", "ALG is not alg.",
          HEADER | {"ALG": "none", "Zip": "DEF", "CRIT": ["x"]})


def headers_refused(add: JsonCases) -> None:
    def malformed(name, description, header):
        add.header(name, description, "malformed", header)

    good = '"alg":"dir","enc":"A256GCM","kid":"%s"' % KID
    malformed("jwe_header_1028_characters", "One group of base64url too long.",
              '{%s,"x":"%s"}' % (good, "x" * 718))
    malformed("jwe_header_not_json", "Begins like an object and is none.", "{%s" % good)
    malformed("jwe_header_17_members", "One too many.", members(17))
    malformed("jwe_header_trailing_comma", "A comma before the brace.", "{%s,}" % good)
    malformed("jwe_header_trailing_text", "A second object behind the first.", "{%s}{}" % good)
    malformed("jwe_header_without_quotes", "As in JavaScript.",
              '{alg:"dir",enc:"A256GCM",kid:"%s"}' % KID)
    malformed("jwe_header_duplicate_alg", "A member stands twice.", '{%s,"alg":"dir"}' % good)
    malformed("jwe_header_duplicate_kid", "A member stands twice.", '{%s,"kid":"other"}' % good)
    malformed("jwe_header_duplicate_escaped", "One name is written with an escape.",
              r'{%s,"\u0061lg":"dir"}' % good)
    malformed("jwe_header_duplicate_unknown", "A member that means nothing, twice.",
              '{%s,"x":1,"x":1}' % good)
    malformed("jwe_header_nested_17_levels", "One level too deep.",
              '{%s,"x":%s}' % (good, nested(16)))
    malformed("jwe_header_not_utf8", "A byte that is not UTF-8.",
              b'{%s,"x":"\xff"}' % good.encode())
    malformed("jwe_header_overlong_utf8", "A slash in two bytes.",
              b'{%s,"x":"\xc0\xaf"}' % good.encode())
    malformed("jwe_header_lone_surrogate", "Half of an escaped pair.", r'{%s,"x":"\ud800"}' % good)
    malformed("jwe_header_control_character", "A line feed in a string.", '{%s,"x":"\n"}' % good)
    malformed("jwe_header_bad_escape", "An escape that JSON has not.", r'{%s,"x":"\x41"}' % good)
    malformed("jwe_header_leading_zero", "01 is no number.", '{%s,"x":01}' % good)
    malformed("jwe_header_nan", "NaN is no number.", '{%s,"x":NaN}' % good)
    malformed("jwe_header_without_alg", "alg is missing.", {"enc": "A256GCM", "kid": KID})
    malformed("jwe_header_without_enc", "enc is missing.", {"alg": "dir", "kid": KID})
    named_none = {"alg": "dir", "enc": "A256GCM"}
    add.header("jwe_header_without_kid_two_open", "Two keys could be meant.", "unknown_key",
               named_none, [jwe_jwk(), jwe_jwk(OTHER_SECRET)])
    add.header("jwe_header_without_kid_none_opens", "The only A256GCM key opens no more.",
               "unknown_key", named_none, [jwe_jwk(open_until=NOW), jwk(SECRET_A)])
    malformed("jwe_header_kid_null", "null is not absence.", HEADER | {"kid": None})
    malformed("jwe_header_alg_number", "alg is no string.", HEADER | {"alg": 1})
    malformed("jwe_header_enc_null", "enc is no string.", HEADER | {"enc": None})
    malformed("jwe_header_kid_number", "kid is no string.", HEADER | {"kid": 12345678})
    malformed("jwe_header_kid_empty", "kid names nothing.", HEADER | {"kid": ""})
    malformed("jwe_header_kid_129_characters", "No ring holds such a kid.", HEADER | {"kid": "k" * 129})
    malformed("jwe_header_kid_with_space", "No ring holds such a kid.", HEADER | {"kid": "a b"})
    malformed("jwe_header_kid_not_ascii", "No ring holds such a kid.", HEADER | {"kid": "schlüssel"})

    def unsupported(name, description, **members):
        add.header(name, description, "unsupported", HEADER | members)

    for alg in ("A256KW", "A256GCMKW", "RSA-OAEP", "ECDH-ES", "PBES2-HS256+A128KW", "none"):
        unsupported(f"jwe_alg_{alg.lower().replace('-', '_').replace('+', '_')}",
                    "Another key management.", alg=alg)
    unsupported("jwe_alg_other_case", "DIR is not dir.", alg="DIR")
    for enc in ("A128GCM", "A192GCM", "A256CBC-HS512", "XC20P"):
        unsupported(f"jwe_enc_{enc.lower().replace('-', '_')}", "Another encryption.", enc=enc)
    unsupported("jwe_zip_def", "Compressed before encrypting.", zip="DEF")
    unsupported("jwe_zip_null", "zip is there, whatever it says.", zip=None)
    unsupported("jwe_crit_exp", "An extension to be understood.", crit=["exp"], exp=NOW + HOUR)
    unsupported("jwe_crit_empty", "crit is there, whatever it says.", crit=[])


    name = "mixed_ring_jwe_begins_with_space"
    add.refused(name, "A JWE whose header begins with white space, a ring of XAES-256-GCM alone.",
                "unsupported", encoded(name, " {" + good + "}", CLAIMS), ring=jwk(SECRET_A))


def claims_taken(add: JsonCases) -> None:
    take = add.claims
    session = {"sub": "alice", "iat": NOW, "exp": NOW + HOUR, "roles": ["admin", {"on": None}]}
    take("jwe_claims_of_a_backend", "Without payload the claims set is the payload.", session)
    take("jwe_claims_white_space", "It stays as it was written.",
         '\n{ "sub" : "alice" ,\t"exp" : %d }\r\n' % (NOW + HOUR), issued_at=0)
    take("jwe_claims_empty", "An empty claims set.", "{}", issued_at=0, expires_at=0)
    take("jwe_claims_without_iat", "issued_at is not known.",
         {"exp": NOW + HOUR, "payload": "p"}, "p", issued_at=0)
    take("jwe_claims_others_ignored", "Beside a payload, other claims are dropped.",
         CLAIMS | {"sub": "alice", "jti": "1"}, "user=alice", token_id="1")
    take("jwe_claims_escaped_payload", "Every escape of JSON, and a pair of surrogates.",
         r'{"payload":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\uD83D\uDD11","iat":%d}' % NOW,
         '"\\/\b\f\n\r\tA\u00e9\u20ac\U0001f511', expires_at=0)
    take("jwe_claims_payload_with_escaped_nul", "Other libraries escape what here is payload_b64.",
         r'{"payload":"a\u0000b"}', "a\x00b", issued_at=0, expires_at=0)
    take("jwe_claims_escaped_names", "Names with escapes, as some libraries write all slashes.",
         r'{"pay\u006coad":"p","https:\/\/login.example\/roles":[],"\u0065xp":%d}' % (NOW + HOUR), "p",
         issued_at=0)
    take("jwe_claims_payload_b64_empty", "An empty payload as payload_b64.",
         CLAIMS_B64 | {"payload_b64": ""}, "")
    take("jwe_claims_payload_b64_escaped", "Escapes are undone in it, too.",
         r'{"iat":%d,"exp":%d,"payload_b64":"\u0063A"}' % (NOW, NOW + HOUR), "p")
    take("jwe_claims_256_members", "As many as there may be.",
         {f"claim{i}": i for i in range(256)}, issued_at=0, expires_at=0)
    take("jwe_claims_nested_16_levels", "As deep as they may be.",
         '{"x":%s}' % nested(15), issued_at=0, expires_at=0)

    take("jwe_payload_object", "Its JSON text is the payload.",
         CLAIMS | {"payload": {"user": "alice", "roles": ["admin"]}},
         '{"user":"alice","roles":["admin"]}')
    take("jwe_payload_array", "Its JSON text is the payload.", CLAIMS | {"payload": ["alice", 1]},
         '["alice",1]')
    take("jwe_payload_object_as_written", "White space, escapes and order stay as they are.",
         r'{"payload" : { "b" : "\u00e9\/", "a":[ ], "a":1 } , "iat":%d,"exp":%d}' % (NOW, NOW + HOUR),
         r'{ "b" : "\u00e9\/", "a":[ ], "a":1 }')
    take("jwe_payload_object_empty", "An empty object.", CLAIMS | {"payload": {}}, "{}")

    take("jwe_jti", "The token's ID.", CLAIMS | {"jti": "0b7f-42"}, "user=alice", token_id="0b7f-42")
    take("jwe_jti_128_characters", "The longest ID.", CLAIMS | {"jti": "j" * 128}, "user=alice",
         token_id="j" * 128)
    take("jwe_jti_129_characters", "Too long for an ID: that is the IV.", CLAIMS | {"jti": "j" * 129},
         "user=alice")
    take("jwe_jti_with_space", "Not printable without space: the ID is the IV.",
         CLAIMS | {"jti": "a b"}, "user=alice")
    take("jwe_jti_empty", "Names nothing: the ID is the IV.", CLAIMS | {"jti": ""}, "user=alice")
    take("jwe_jti_escaped", "Escapes are undone in the ID, and stay in the payload.",
         r'{"jti":"a\/b\u0063","iat":%d,"exp":%d}' % (NOW, NOW + HOUR), token_id="a/bc")
    take("jwe_jti_escaped_beside_payload_b64", "Escapes are undone in the ID, in either case.",
         r'{"jti":"a\/b","iat":%d,"exp":%d,"payload_b64":"cA"}' % (NOW, NOW + HOUR), "p",
         token_id="a/b")

    aud = CLAIMS | {"aud": ["mail", "session"]}
    take("jwe_aud_array", "One of the array is the context.", aud, "user=alice", context="session")
    take("jwe_aud_array_of_one", "An array of one.", CLAIMS | {"aud": ["session"]}, "user=alice",
         context="session")
    take("jwe_aud_escaped", "Escapes in an audience are undone.",
         r'{"iat":%d,"exp":%d,"aud":"a\/b\u00fc","payload":"p"}' % (NOW, NOW + HOUR), "p",
         context="a/bü")
    take("jwe_aud_empty_string", "An empty audience is the empty context.", CLAIMS | {"aud": ""},
         "user=alice")

    def timed(name, description, now, issued_at=NOW, expires_at=NOW + HOUR, **members):
        take(name, description, CLAIMS | members, "user=alice", issued_at, expires_at, now)

    timed("jwe_exp_fraction_not_reached", "Half a second is left.", NOW + HOUR,
          exp=NOW + HOUR + 0.5, expires_at=NOW + HOUR + 1)
    take("jwe_exp_exponent", "A number with an exponent.",
         '{"iat":1.8e9,"exp":18000036E+2,"payload":"p"}', "p")
    timed("jwe_iat_fraction", "Rounded up.", NOW, iat=NOW + 0.25, issued_at=NOW + 1)
    timed("jwe_iat_negative", "Before 1970: as if it were not there.", NOW, iat=-1, issued_at=0)
    timed("jwe_exp_beyond_all_times", "A time past the year 36812 counts as that.", NOW,
          exp=1e300, expires_at=(1 << 40) - 1)
    timed("jwe_nbf_past", "Not before now.", NOW, nbf=NOW)
    timed("jwe_nbf_60_seconds_ahead", "nbf = now + 60: clocks differ.", NOW, nbf=NOW + 60)


CLAIMS_B64 = {"iat": NOW, "exp": NOW + HOUR}


def claims_refused(add: JsonCases) -> None:
    bad = add.bad_claims
    bad("jwe_plaintext_text", "A plaintext that is not JSON.", "user=alice")
    bad("jwe_plaintext_empty", "No plaintext at all.", "")
    bad("jwe_plaintext_array", "JSON, but no object.", "[]")
    bad("jwe_plaintext_string", "JSON, but no object.", '"user=alice"')
    bad("jwe_claims_truncated", "The last brace is missing.", '{"payload":"p"')
    bad("jwe_claims_trailing_text", "Something follows.", '{"payload":"p"}x')
    bad("jwe_claims_byte_order_mark", "No JSON text begins with one.", '\ufeff{"payload":"p"}')
    bad("jwe_claims_not_utf8", "A byte that is not UTF-8.", b'{"payload":"\xff"}')
    bad("jwe_claims_lone_surrogate", "Half of an escaped pair is no UTF-8.",
        r'{"payload":"\udd11"}')
    bad("jwe_claims_surrogates_reversed", "The second half first.",
        r'{"payload":"\udd11\ud83d"}')
    bad("jwe_claims_duplicate_exp", "A claim stands twice.",
        '{"exp":1,"payload":"p","exp":%d}' % (NOW + HOUR))
    bad("jwe_claims_duplicate_escaped", "One name is written with an escape.",
        r'{"payload":"p","p\u0061yload":"q"}')
    bad("jwe_claims_duplicate_unknown", "A claim that means nothing here, twice.",
        '{"payload":"p","x":1,"x":1}')
    bad("jwe_claims_257_members", "One too many.", {f"claim{i}": i for i in range(257)})
    bad("jwe_claims_nested_17_levels", "One level too deep.", '{"x":%s}' % nested(16))
    bad("jwe_claims_both_payloads", "Which of the two?", CLAIMS | {"payload_b64": "cA"})
    bad("jwe_payload_number", "A number is no payload.", CLAIMS | {"payload": 1})
    bad("jwe_payload_true", "Nor is true.", CLAIMS | {"payload": True})
    bad("jwe_payload_object_beside_payload_b64", "Which of the two?",
        CLAIMS | {"payload": {}, "payload_b64": "cA"})
    bad("jwe_jti_number", "A jti is a string.", CLAIMS | {"jti": 1})
    bad("jwe_payload_null", "null is not absence.", CLAIMS | {"payload": None})
    bad("jwe_payload_b64_number", "payload_b64 is a string.", CLAIMS_B64 | {"payload_b64": 1})
    bad("jwe_payload_b64_padding", "With padding.", CLAIMS_B64 | {"payload_b64": "cA=="})
    bad("jwe_payload_b64_standard_alphabet", "With a + in it.", CLAIMS_B64 | {"payload_b64": "+AAA"})
    bad("jwe_payload_b64_noncanonical", "Left-over bits are set.", CLAIMS_B64 | {"payload_b64": "cB"})
    for claim in ("iat", "exp", "nbf"):
        bad(f"jwe_{claim}_string", "A time is a number.", CLAIMS | {claim: str(NOW)})
    bad("jwe_exp_null", "null is not absence.", CLAIMS | {"exp": None})
    bad("jwe_exp_true", "A time is a number.", CLAIMS | {"exp": True})
    bad("jwe_exp_leading_zero", "01 is no number.", '{"exp":0%d,"payload":"p"}' % (NOW + HOUR))
    bad("jwe_exp_hexadecimal", "Nor is 0x.", '{"exp":0x7fffffff,"payload":"p"}')
    bad("jwe_exp_without_fraction", "Nor is one with a point and nothing behind it.",
        '{"exp":%d.,"payload":"p"}' % (NOW + HOUR))
    bad("jwe_aud_number", "An audience is a string, or several.", CLAIMS | {"aud": 1})
    bad("jwe_aud_null", "null is not absence.", CLAIMS | {"aud": None})
    bad("jwe_aud_array_with_number", "All of them are strings.", CLAIMS | {"aud": ["session", 1]},
        context="session")

    def other_context(name, description, aud, context):
        bad(name, description, CLAIMS | {"aud": aud}, "authentication_failed", context)

    other_context("jwe_aud_array_empty", "For nobody.", [], "session")
    other_context("jwe_aud_array_empty_without_context", "For nobody, not for everybody.", [], "")
    other_context("jwe_aud_array_without_it", "None of them.", ["mail", "Session"], "session")
    other_context("jwe_aud_array_opened_without_context", "For somebody else.", ["session"], "")

    def timed(name, description, reason, now, issued_at=NOW, expires_at=NOW + HOUR, **members):
        bad(name, description, CLAIMS | members, reason, now=now, issued_at=issued_at,
            expires_at=expires_at)

    timed("jwe_exp_fraction_passed", "Half a second ago.", "expired", NOW + HOUR + 1,
          exp=NOW + HOUR + 0.5, expires_at=NOW + HOUR + 1)
    timed("jwe_exp_zero", "1970 has passed; in this format 0 is not never.", "expired", NOW, exp=0,
          expires_at=1)
    timed("jwe_exp_negative", "So has what was before.", "expired", NOW, exp=-1.5, expires_at=1)
    timed("jwe_nbf_61_seconds_ahead", "nbf = now + 61.", "not_yet_valid", NOW, nbf=NOW + 61)
    timed("jwe_nbf_fraction_ahead", "nbf = now + 60.5.", "not_yet_valid", NOW, nbf=NOW + 60.5)
    timed("jwe_iat_beyond_all_times", "A time past the year 36812 counts as that.", "not_yet_valid",
          NOW, iat=1e300, issued_at=(1 << 40) - 1)


def order(add: JsonCases) -> None:
    """Two faults each: the check that comes first gives the reason."""
    def both(name, description, reason, text, **known):
        add.refused(name, description, reason, text, **known)

    name = "jwe_order_count_of_parts_before_unsupported"
    both(name, "Six parts, and another alg.", "malformed",
         encoded(name, HEADER | {"alg": "A256KW"}, CLAIMS) + b".")
    name = "jwe_order_header_before_unsupported"
    both(name, "A member twice, and another alg.", "malformed",
         encoded(name, '{"alg":"A256KW","enc":"A256GCM","kid":"%s","x":1,"x":1}' % KID, CLAIMS))
    name = "jwe_order_unsupported_before_kid"
    both(name, "Another alg, and no kid.", "unsupported",
         encoded(name, {"alg": "A256KW", "enc": "A256GCM"}, CLAIMS))
    name = "jwe_order_encrypted_key_before_tag_size"
    both(name, "An encrypted key, and a tag of 32 bytes, as A256KW with A256CBC-HS512 has them.",
         "unsupported", encoded(name, HEADER, CLAIMS).replace(b"..", b".AAAA.", 1) + b"A" * 21)
    name = "jwe_order_encrypted_key_before_header"
    both(name, "An encrypted key, and a header that is not JSON.", "unsupported",
         encoded(name, "no header, but long enough", CLAIMS).replace(b"..", b".AAAA.", 1))
    name = "jwe_order_sizes_before_unsupported"
    both(name, "A tag that is cut off, and another alg.", "malformed",
         encoded(name, HEADER | {"alg": "A256KW"}, CLAIMS)[:-1])
    name = "jwe_order_unsupported_before_base64"
    both(name, "Another alg, and a tag that is not base64url.", "unsupported",
         encoded(name, HEADER | {"alg": "A256KW"}, CLAIMS)[:-1] + b"!")
    name = "jwe_order_parts_before_unknown_key"
    both(name, "A tag that is not base64url, and a kid that is not in the ring.", "malformed",
         encoded(name, HEADER | {"kid": "unknown"}, CLAIMS)[:-1] + b"!")
    name = "jwe_order_unknown_key_before_authentication"
    t = Jwe(name, secret=OTHER_SECRET)
    both(name, "An altered tag, an unknown key.", "unknown_key",
         t.with_bytes(4, lambda b: bytes(16)), kid=t.kid)
    name = "jwe_order_authentication_before_claims"
    text = encoded(name, HEADER, "no claims", OTHER_SECRET)
    both(name, "Another key's ciphertext of what is no claims set.", "authentication_failed", text,
         kid=KID)
    name = "jwe_order_claims_before_context"
    both(name, "A payload that is no string, another context.", "malformed",
         encoded(name, HEADER, CLAIMS | {"payload": 1}), context="session", kid=KID)
    name = "jwe_order_context_before_expiry"
    both(name, "Expired, for another context.", "authentication_failed",
         encoded(name, HEADER, CLAIMS | {"exp": NOW - 1, "aud": "other"}), kid=KID)
    name = "jwe_order_not_yet_valid_before_expired"
    both(name, "Issued in the future and expired in the past.", "not_yet_valid",
         encoded(name, HEADER, CLAIMS | {"iat": NOW + 61, "exp": NOW - 1}), kid=KID,
         issued_at=NOW + 61, expires_at=NOW - 1)


def make() -> list[dict]:
    add = JsonCases()
    for chapter in (headers_taken, headers_refused, claims_taken, claims_refused, order):
        chapter(add)
    return add.cases
