# SPDX-License-Identifier: Apache-2.0
"""What a browser with keys sends, for the cases of device binding."""

import json

import binding
import signatures
from case import NOW, SECRET_A, key, nonce_for
from reference import s1_seal
from ring import base64url

SID = base64url(bytes(range(16)))
OTHER_SID = base64url(bytes(range(16, 32)))
EC = signatures.EcKey(0x5EA1 << 200 | 15)
OTHER_EC = signatures.EcKey(0x5EA1 << 200 | 16)
RSA = signatures.RsaKey(
    int(
        "e037c9afb5c825b6156b241b91af87b8b62e96b990d757b65f7778231cd47c5b1b577bfe095162ee8890c886bd"
        "7320353e8e74bceeb66874d11d7ef57508cd5c5ff000a3f2b549c89614972c29e01148d96a8cb9ed2ad8fec4d7"
        "df6a2d8e0a9f45e8431bfbceee42801a6c0f87ff89415e86b84d9d29992a3313d4421b692189",
        16,
    ),
    int(
        "d76e3f5d32bdbf7e1662e5854f2a25bb58e6a1b114ef05fda658e907d7e84e74a129c82d63e6ecdd5fd3ab62fd"
        "44a555788dc23abc83536bec41bab54fa29907264dd313b1d868fa8673c050639be5f6278223bd2babd9c41678"
        "5eeb9f710df171cddf6fe73e3652df562895f00ba21e6207765432eb6ab00c17ab647f47c98b",
        16,
    ),
)

# By Chromium 156, with a key in software.
CHROMIUM_REGISTRATION = (
    "eyJhbGciOiJFUzI1NiIsImp3ayI6eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6IlhsQXU5clVSUG1u"
    "LU5BLTRSSXVTbFEzV0o1LU5SVXdEWmU0UzNzR09LR0kiLCJ5IjoiRHc0SmFQXzE5T1Z4WDdMNTAwQUhkeWdx"
    "RGZvaDlSTV9fVXo3amcya2tDTSJ9LCJ0eXAiOiJkYnNjK2p3dCJ9.eyJqdGkiOiJzMS5XcWpQUFJ2QTBMWGs"
    "4ZTBCdk00elZ0TTBBczRMRV92UXRPWURIZW90T0kxQlc0VDFyaS1pdmlQd2ZIb29kMF9Dam0wWFVCbGU3RU9"
    "yZmhQQjNCQXlXNWpraDh1V2lJWElXemFMelZ3ZyJ9.sMnItZPs7QcFD_Z1y4GpFZby6ry0OmohCmbrNNnwzJ"
    "axGblJwvAYneB5vuOkPZE9gFpUgnisPBNmRng6izWHeg"
)
CHROMIUM_REFRESH = (
    "eyJhbGciOiJFUzI1NiIsInR5cCI6ImRic2Mrand0In0.eyJqdGkiOiJzMS5XcWpQUFJ2QU1xX0dOcTUyQVZP"
    "eVIwT0FJSHVaV25aSzF1elkxYW1jaTRmcmpuVGUzWk5NcjJ4aVU4LXRiTGU3T0kwZGtKb29JWW5LelEwMFBv"
    "aXRuNi01c2dSWk1FS2h4MGpJZzRtQSJ9.KSF_86htuF3pPYcLGTG7OILtZUEkZwmVk0TB0D5EFYXOnJZaca1"
    "P6pUej9oWi_4boCDxIMJEefga4HG9EqkHsg"
)


def sid_token(name, sid=SID, context=binding.CHALLENGE, age=10, lifetime=120, secret=SECRET_A) -> str:
    nonce = nonce_for(f"binding {name}")
    return s1_seal(key(secret), nonce, NOW - age, lifetime, context, sid.encode()).decode()


def jwk_of(signer) -> dict:
    if signer.algorithm == "RS256":
        return {"kty": "RSA", "n": base64url(signer.public), "e": "AQAB"}
    return {"kty": "EC", "crv": "P-256", "x": base64url(signer.public[:32]),
            "y": base64url(signer.public[32:])}


def bound_of(signer) -> str:
    return f"{signer.algorithm}.{base64url(signer.public)}"


def text_of(value) -> bytes:
    """JSON as Chromium writes it, or what is given as bytes."""
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()


def proof_of(header, payload, signer=EC) -> str:
    signed = f"{base64url(text_of(header))}.{base64url(text_of(payload))}"
    return f"{signed}.{base64url(signer.sign(signed.encode()))}"


def proof(challenge: str, signer=EC, registers=False, header=None, payload=None, without=()) -> str:
    """As a browser makes it; `header` and `payload` change and add members."""
    head = {"alg": signer.algorithm, "typ": "dbsc+jwt"} | (header or {})
    if registers:
        head = {"jwk": jwk_of(signer)} | head
    body = {"jti": challenge} | (payload or {})
    head, body = ({name: value for name, value in members.items() if name not in without}
                  for members in (head, body))  # fmt: skip
    return proof_of(head, body, signer)
