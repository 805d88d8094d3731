# SPDX-License-Identifier: Apache-2.0
"""Seeds of the target binding_proof beside the vectors: a proof's JSON in two lines, and keys."""

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
