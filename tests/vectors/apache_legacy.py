# SPDX-License-Identifier: Apache-2.0
"""The reader and writer of spec/apache-legacy.md in the reference."""

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import siphash
from ring import Key

# Cipher, key size and block size, in bytes.
CIPHERS = {
    "apache-aes256": (algorithms.AES, 32, 16),
    "apache-aes192": (algorithms.AES, 24, 16),
    "apache-aes128": (algorithms.AES, 16, 16),
    "apache-3des192": (algorithms.TripleDES, 24, 8),
}
ITERATIONS = 4096
MIN_BINARY = 8 + 16 + 8 + 8
ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def looks(token: bytes) -> bool:
    return len(token) >= 32 and ALPHABET.issuperset(token[:32])


def cipher_key(key: Key, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha1", key.secret, salt, ITERATIONS, CIPHERS[key.algorithm][1])


def cbc(key: Key, salt: bytes, iv: bytes):
    return Cipher(CIPHERS[key.algorithm][0](cipher_key(key, salt)), modes.CBC(iv))


def mac(key: Key, rest: bytes) -> bytes:
    return siphash.mac(hashlib.md5(key.secret).digest(), rest)


def block_size(key: Key) -> int:
    return CIPHERS[key.algorithm][2]


def binary(key: Key, salt: bytes, iv: bytes, padded: bytes) -> bytes:
    """A token of any padded plaintext."""
    rest = salt + iv + cbc(key, salt, iv).encryptor().update(padded)
    return mac(key, rest) + rest


def seal(key: Key, salt: bytes, iv: bytes, payload: bytes) -> bytes:
    padder = padding.PKCS7(block_size(key) * 8).padder()
    padded = padder.update(payload) + padder.finalize()
    return base64.b64encode(binary(key, salt, iv, padded))


def decode(token: bytes) -> bytes | None:
    """Strict: None unless encoding gives the same text again, and a token can have this size."""
    try:
        body = base64.b64decode(token, validate=True)
    except ValueError:
        return None
    if base64.b64encode(body) != token or len(body) < MIN_BINARY or len(body) % 8:
        return None
    return body


def decrypt(key: Key, body: bytes) -> bytes | None:
    """The payload, or None if MAC, size or padding is wrong."""
    if not hmac.compare_digest(mac(key, body[8:]), body[:8]):
        return None
    block = block_size(key)
    salt, iv, ciphertext = body[8:24], body[24 : 24 + block], body[24 + block :]
    if not ciphertext or len(ciphertext) % block:
        return None
    padded = cbc(key, salt, iv).decryptor().update(ciphertext)
    unpadder = padding.PKCS7(block * 8).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        return None
