# SPDX-License-Identifier: Apache-2.0
"""Seeds of the target logout beside the vectors: a token's JSON in two lines, key sets and forms."""

EVENT = b'"http://schemas.openid.net/event/backchannel-logout"'
HEADER = b'{"alg":"ES256","typ":"logout+jwt","kid":"ec"}'
CLAIMS = (b'{"iss":"https://op.example","aud":"shop","iat":1799999995,"exp":1800000115,"jti":"j",'
          b'"events":{' + EVENT + b':{}},"sid":"s","sub":"u"}')  # fmt: skip
EC = (b'{"kty":"EC","crv":"P-256","x":"6_GB2voQ0qroMh6OlDFCFS_SJriQi1PTvvBOhGZ3bHI",'
      b'"y":"IegOJULyE7SxH_Cd1KCER7lWBvGFHQ-h0xyjzUjEIWE"')  # fmt: skip
RSA = b'{"kty":"RSA","n":"gA' + 338 * b"A" + b'AQ","e":"AQAB"'

PARTS = {
    "parts": HEADER + b"\n" + CLAIMS,
    "parts_without_kid": b'{"alg":"ES256"}\n' + CLAIMS,
    "parts_of_hs256": b'{"alg":"HS256"}\n' + CLAIMS,
    "parts_of_none": b'{"alg":"none"}\n' + CLAIMS,
    "parts_with_crit": b'{"alg":"ES256","crit":["x"]}\n' + CLAIMS,
    "parts_with_nonce": HEADER + b"\n" + CLAIMS[:-1] + b',"nonce":"n"}',
    "parts_with_a_claim_twice": HEADER + b"\n" + CLAIMS[:-1] + b',"sub":"v"}',
    "parts_escaped": HEADER + b"\n" + CLAIMS.replace(b'"s"', rb'"\u0073\/"').replace(b'"sid"', rb'"s\u0069d"'),
    "parts_with_audiences": HEADER + b"\n" + CLAIMS.replace(b'"shop"', b'["blog","shop"]'),
    "parts_without_event": HEADER + b"\n" + CLAIMS.replace(EVENT, b'"x"'),
    "parts_with_fractions": HEADER + b"\n" + CLAIMS.replace(b"1799999995", b"1.799999995e9"),
    "parts_expired": HEADER + b"\n" + CLAIMS.replace(b"1800000115", b"1"),
    "parts_nbf": HEADER + b"\n" + CLAIMS[:-1] + b',"nbf":1900000000}',
    "keys": b'{"keys":[' + EC + b',"kid":"a","use":"sig"},' + RSA + b',"key_ops":["verify"]}]}',
    "keys_others": b'{"keys":[' + EC + b'},{"kty":"OKP"},' + EC + b',"use":"enc"},' + RSA + b',"alg":"PS256"}]}',
    "keys_private": b'{"keys":[' + EC + b',"d":"AA"}]}',
    "form": b"x=1&logout_token=a.b.c",
    "form_twice": b"logout_token=a&logout_token=b",
}
