# SPDX-License-Identifier: Apache-2.0
"""Seeds of the target binding_proof beside the vectors: a proof's JSON in two lines, and keys. And those of
bound_session: the requests of a browser and a thief, in the bytes that bound_session.cc reads."""

JWK = (b'{"kty":"EC","crv":"P-256","x":"6_GB2voQ0qroMh6OlDFCFS_SJriQi1PTvvBOhGZ3bHI",'
       b'"y":"IegOJULyE7SxH_Cd1KCER7lWBvGFHQ-h0xyjzUjEIWE"}')  # fmt: skip
MODULUS = b"gA" + 338 * b"A" + b"AQ"  # 256 bytes, of which the first is 128 and the last is 1

PARTS = {
    "parts_of_a_refresh": b'{"alg":"ES256","typ":"dbsc+jwt"}\n{"jti":"cv"}',
    "parts_of_a_registration": b'{"alg":"ES256","jwk":' + JWK + b',"typ":"dbsc+jwt"}\n{"jti":"cv"}',
    "parts_of_rs256": b'{"alg":"RS256","typ":"dbsc+jwt"}\n{"jti":"cv"}',
    "parts_escaped": b'{"al\\u0067":"ES256","typ":"dbsc\\u002bjwt"}\n{"jt\\u0069":"\\ud83d\\ude00\\/"}',
    "parts_with_a_member_twice": b'{"alg":"ES256","typ":"dbsc+jwt","typ":"x"}\n{"jti":"a","jti":"b"}',
    "parts_with_crit": b'{"alg":"ES256","crit":["b64"],"typ":"dbsc+jwt"}\n{"jti":"cv"}',
    "parts_without_typ": b'{"alg":"ES256"}\n{"jti":"cv"}',
    "parts_nested": b'{"alg":"ES256","typ":"dbsc+jwt","x":[{"y":[]}]}\n{"jti":"cv","x":' + 16 * b"[" + 16 * b"]",
    "jwk_es256": JWK,
    "jwk_rs256": b'{"kty":"RSA","n":"' + MODULUS + b'","e":"AQAB"}',
    "jwk_private": JWK[:-1] + b',"d":"AA"}',
    "bound_es256": b"ES256." + 86 * b"A",
    "bound_rs256": b"RS256." + MODULUS,
}

WAIT, VISIT, SIGN_IN, SIGN_OUT, REGISTER, REFRESH, DROP_BOUND, REPLACE_BOUND = (bytes([i]) for i in range(8))
ALICE, BOB = b"\0", b"\1"
NOTHING, NOISE, OF_THIEF, OF_DEVICE, OF_OTHER_KIND = b"\0", b"\1\4a.b.", b"\2", b"\3", b"\4"
NOISE_ID, QUOTED_ID, ID, NO_ID = b"\0\3\"a\"", b"\1", b"\2", b"\3"


def wait(seconds: int) -> bytes:
    return WAIT + bytes([seconds // 10])


BIND = SIGN_IN + ALICE + REGISTER + OF_DEVICE + VISIT
CHALLENGED = REFRESH + ID + NOTHING
REFRESHED = CHALLENGED + REFRESH + ID + OF_DEVICE + VISIT

BOUND_SESSIONS = {
    "bind_and_refresh": BIND + wait(190) + REFRESHED + wait(190) + REFRESHED,
    "late_refresh": BIND + wait(210) + VISIT + wait(100) + VISIT + REFRESHED,
    "renewed": BIND + wait(190) + REFRESHED + VISIT + wait(100) + VISIT,
    "changed": BIND + SIGN_IN + b"\2" + VISIT,
    "same_proof_twice": BIND + REFRESHED + wait(100) + REFRESH + QUOTED_ID + OF_DEVICE
    + wait(30) + REFRESH + ID + OF_DEVICE,
    "forged": BIND + CHALLENGED + REFRESH + ID + OF_THIEF + VISIT + SIGN_IN + ALICE,
    "forged_late": BIND + CHALLENGED + wait(130) + REFRESH + ID + OF_THIEF + VISIT,
    "wrong_ids": BIND + REFRESH + NOISE_ID + NOTHING + REFRESH + NO_ID + NOTHING + VISIT,
    "wrong_proofs": SIGN_IN + ALICE + REGISTER + NOTHING + REGISTER + NOISE + REGISTER + OF_OTHER_KIND
    + REGISTER + OF_DEVICE + REFRESH + ID + NOISE + REFRESH + ID + OF_OTHER_KIND + VISIT,
    "registered_twice": BIND + REGISTER + OF_DEVICE + REGISTER + OF_THIEF + VISIT,
    "registered_by_a_thief": SIGN_IN + ALICE + REGISTER + OF_THIEF + VISIT + REFRESHED,
    "registered_late": SIGN_IN + ALICE + wait(120) + REGISTER + OF_DEVICE + REFRESH + ID + NOTHING + VISIT,
    "of_the_session_before": BIND + SIGN_IN + BOB + REFRESH + ID + OF_DEVICE + VISIT,
    "sign_out": BIND + SIGN_OUT + REFRESH + ID + NOTHING + VISIT,
    "without_bound_cookie": BIND + DROP_BOUND + VISIT + REFRESHED,
    "bound_cookie_of_noise": BIND + REPLACE_BOUND + b"\3\3s1." + VISIT + REPLACE_BOUND + b"\2" + VISIT,
    "other_tokens": BIND + REPLACE_BOUND + b"\0" + VISIT + REPLACE_BOUND + b"\1" + VISIT + REFRESHED,
    "bound_cookie_alone": REPLACE_BOUND + b"\3\3s1." + VISIT + REFRESH + ID + NOTHING,
    "over": BIND + wait(2550) + wait(2550) + REFRESH + ID + NOTHING + VISIT,
    "never": REGISTER + OF_DEVICE + REFRESH + ID + OF_DEVICE + VISIT + SIGN_OUT,
}
