# SPDX-License-Identifier: Apache-2.0
"""The parts of the cases: fixed keys and times, tokens that open, the schema of the case files."""

import hashlib
from itertools import count

from reference import PREFIX, UINT40_MAX, s1_seal
from ring import DEFAULT_IV, Key, base64url, from_base64url, thumbprint_kid

NOW = 1_800_000_000
HOUR = 3600
SECRET_A = bytes(range(0x00, 0x20))
SECRET_B = bytes(range(0x20, 0x40))
SECRET_C = bytes(range(0x40, 0x60))
LEGACY_SECRET = b"abcdefghijklmnopqrstuvwxyz123456"
OTHER_LEGACY_SECRET = b"0123456789abcdefghijklmnopqrstuv"
BINARY = bytes(range(256))


def jwk(secret: bytes, **members) -> dict:
    return {
        "kty": "oct",
        "use": "enc",
        "alg": "XAES-256-GCM",
        "key_ops": ["encrypt", "decrypt"],
        "kid": base64url(thumbprint_kid(secret)),
        "k": base64url(secret),
    } | members


def key(secret: bytes) -> Key:
    return Key("XAES-256-GCM", secret, base64url(thumbprint_kid(secret)))


def legacy_jwk(secret: bytes = LEGACY_SECRET, **members) -> dict:
    """Without a kid: the tokens of this format name none."""
    members = {"alg": "nginx-legacy"} | members
    return {name: value for name, value in jwk(secret).items() if name != "kid"} | members


def legacy_key(secret: bytes = LEGACY_SECRET, iv: bytes = DEFAULT_IV) -> Key:
    return Key("nginx-legacy", secret, "", iv)


PASSPHRASE = b"correct horse battery staple"
OTHER_PASSPHRASE = b"Tr0ub4dor&3 is easier to guess"


def apache_jwk(passphrase: bytes = PASSPHRASE, cipher: str = "aes256", **members) -> dict:
    return legacy_jwk(passphrase, alg=f"apache-{cipher}") | members


def apache_key(passphrase: bytes = PASSPHRASE, cipher: str = "aes256") -> Key:
    return Key(f"apache-{cipher}", passphrase, "")


def nonce_for(name: str, attempt: int = 0) -> bytes:
    """Fixed, and different in each case."""
    return hashlib.sha256(f"{name} {attempt}".encode()).digest()[:24]


class Token:
    """An s1 token that opens, and what is known about it."""

    def __init__(
        self, name, payload=b"user=alice", lifetime=HOUR, context="", now=NOW, secret=SECRET_A,
        wanted=lambda token: True,
    ):
        for attempt in count():
            self.nonce = nonce_for(name, attempt)
            self.text = s1_seal(key(secret), self.nonce, now, lifetime, context.encode(), payload)
            if wanted(self.text):
                break
        self.payload, self.lifetime, self.context = payload, lifetime, context
        self.issued_at = min(now, UINT40_MAX)
        self.seal_now = now
        self.expires_at = min(now + lifetime, UINT40_MAX) if lifetime else 0
        self.kid = key(secret).kid

    @property
    def body(self) -> bytes:
        return from_base64url(self.text[len(PREFIX) :].decode())


def flip(body: bytes, bit: int) -> bytes:
    changed = bytearray(body)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)


class Cases:
    def __init__(self, token_format: str):
        self.token_format = token_format
        self.cases = []

    def add(self, name, description, expect, token, ring, context="", now=NOW, **known):
        """`known` is what opening returns besides `expect`, and what sealing again needs."""
        binary = self.token_format == "nginx-legacy"
        self.cases.append(
            {
                "name": name,
                "description": description,
                "format": self.token_format,
                "keyring": {"keys": ring if isinstance(ring, list) else [ring]},
                "context": context,
                "now": now,
                **({"token_hex": token.hex()} if binary else {"token": token.decode()}),
                "expect": expect,
                **known,
            }
        )
