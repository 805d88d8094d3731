# SPDX-License-Identifier: Apache-2.0
"""The s1 token, sealed and opened, without a ring or a clock (spec/token-s1.md)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ._base64url import from_base64url, to_base64url
from ._key import Key
from ._time import MAX_TIME

PREFIX = "s1."
NONCE_SIZE = 24
_MIN_TOKEN = 78
_KID = slice(0, 6)
_NONCE = slice(6, 30)
_SEALED = slice(30, None)  # ciphertext || tag
_XAES_PREFIX = slice(0, 12)
_XAES_SUFFIX = slice(12, 24)


@dataclass(frozen=True)
class Opened:
    """An opened token."""

    payload: bytes
    issued_at: int
    expires_at: int  # 0: never
    kid: str
    id: str  # tells this token from all others; for a log, and to revoke it


def seal(key: Key, nonce: bytes, now: int, lifetime: int, context: bytes, payload: bytes) -> str:
    kid = from_base64url(key.kid) or b""
    issued_at = min(now, MAX_TIME)
    expires_at = min(now + lifetime, MAX_TIME) if lifetime else 0
    plaintext = issued_at.to_bytes(5, "big") + expires_at.to_bytes(5, "big") + payload
    sealed = _gcm(key.secret, nonce).encrypt(
        nonce[_XAES_SUFFIX], plaintext, _associated_data(kid, context)
    )
    return PREFIX + to_base64url(kid + nonce + sealed)


def parse(token: str) -> bytes | None:
    """The body of a token, or None if it is malformed."""
    if len(token) < _MIN_TOKEN or not token.startswith(PREFIX):
        return None
    return from_base64url(token[len(PREFIX) :])


def kid_of(body: bytes) -> str:
    return to_base64url(body[_KID])


def open_body(key: Key, context: bytes, body: bytes) -> Opened | None:
    """None if it is not authentic for this key and this context. Does not check the times."""
    nonce = body[_NONCE]
    try:
        plaintext = _gcm(key.secret, nonce).decrypt(
            nonce[_XAES_SUFFIX], body[_SEALED], _associated_data(body[_KID], context)
        )
    except InvalidTag:
        return None
    issued_at = int.from_bytes(plaintext[:5], "big")
    expires_at = int.from_bytes(plaintext[5:10], "big")
    return Opened(plaintext[10:], issued_at, expires_at, key.kid, to_base64url(nonce))


def _associated_data(kid: bytes, context: bytes) -> bytes:
    return b"sealring.s1\x00" + kid + context


def _gcm(secret: bytes, nonce: bytes) -> AESGCM:
    """XAES-256-GCM is AES-256-GCM with a key derived from the nonce's first half (section 6)."""

    def aes(blocks: bytes) -> bytes:
        return Cipher(algorithms.AES(secret), modes.ECB()).encryptor().update(blocks)

    k1 = int.from_bytes(aes(bytes(16)), "big") << 1
    if k1 >> 128:
        k1 ^= 1 << 128 | 0x87

    def input_block(counter: int) -> bytes:
        block = bytes([0, counter]) + b"X\x00" + nonce[_XAES_PREFIX]
        return (int.from_bytes(block, "big") ^ k1).to_bytes(16, "big")

    return AESGCM(aes(input_block(1) + input_block(2)))
