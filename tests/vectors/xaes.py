# SPDX-License-Identifier: Apache-2.0
"""XAES-256-GCM as C2SP specifies it, on top of AES-256-GCM and single AES-256 blocks."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def _block(key: bytes, block: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b))


def derive(key: bytes, nonce: bytes) -> tuple[bytes, bytes]:
    """The AES-256-GCM key and nonce for a 32-byte key and a 24-byte nonce."""
    zero = int.from_bytes(_block(key, bytes(16)), "big")
    k1 = (zero << 1) & ((1 << 128) - 1)
    if zero >> 127:
        k1 ^= 0b10000111
    k1 = k1.to_bytes(16, "big")
    m1 = b"\x00\x01X\x00" + nonce[:12]
    m2 = b"\x00\x02X\x00" + nonce[:12]
    return _block(key, _xor(m1, k1)) + _block(key, _xor(m2, k1)), nonce[12:]


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, ad: bytes) -> bytes:
    """ciphertext || tag."""
    derived, short_nonce = derive(key, nonce)
    return AESGCM(derived).encrypt(short_nonce, plaintext, ad)


def decrypt(key: bytes, nonce: bytes, ciphertext: bytes, ad: bytes) -> bytes:
    """Raises cryptography.exceptions.InvalidTag."""
    derived, short_nonce = derive(key, nonce)
    return AESGCM(derived).decrypt(short_nonce, ciphertext, ad)
