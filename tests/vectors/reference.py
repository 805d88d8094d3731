# SPDX-License-Identifier: Apache-2.0
"""A second, independent reader and writer of tokens: spec/token-s1.md, spec/nginx-legacy.md and, with
jwe.py and apache_legacy.py, spec/token-jwe.md and spec/apache-legacy.md."""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import apache_legacy
import jwe
import xaes
from token_outcome import CLOCK_SKEW, MAX_TOKEN, Opened, Refused
from ring import Key, base64url, from_base64url

PREFIX = b"s1."
MIN_BODY = 6 + 24 + 10 + 16
UINT40_MAX = (1 << 40) - 1


def open_token(keys: list[Key], now: int, context: bytes, token: bytes) -> Opened:
    """Opens a token. The ring's algorithms and the token's looks decide the format."""
    held = {key.algorithm for key in keys}
    if len(token) > MAX_TOKEN:
        raise Refused("malformed")
    text = token.rstrip(b" \t")
    if "XAES-256-GCM" in held and text.startswith(PREFIX):
        return s1_open(keys, now, context, text)
    is_jwe = jwe.looks(text)
    if "A256GCM" in held and is_jwe:
        return jwe.open_token(keys, now, context, text)
    if held.intersection(apache_legacy.CIPHERS) and apache_legacy.looks(text):
        return apache_legacy_open(keys, now, text)
    if "nginx-legacy" in held:
        return nginx_legacy_open(keys, now, token)
    raise Refused("unsupported" if is_jwe or text.startswith(PREFIX) else "malformed")


# ---- s1 ----


def s1_ad(kid: bytes, context: bytes) -> bytes:
    return b"sealring.s1\x00" + kid + context


def s1_body(kid: bytes, secret: bytes, nonce: bytes, times: tuple, context: bytes, payload: bytes):
    issued_at, expires_at = times
    plaintext = issued_at.to_bytes(5, "big") + expires_at.to_bytes(5, "big") + payload
    return kid + nonce + xaes.encrypt(secret, nonce, plaintext, s1_ad(kid, context))


def s1_text(body: bytes) -> bytes:
    return PREFIX + base64url(body).encode()


def s1_seal(key: Key, nonce: bytes, now: int, lifetime: int, context: bytes, payload: bytes):
    issued_at = min(now, UINT40_MAX)
    expires_at = min(now + lifetime, UINT40_MAX) if lifetime else 0
    kid = from_base64url(key.kid)
    return s1_text(s1_body(kid, key.secret, nonce, (issued_at, expires_at), context, payload))


def s1_open(keys: list[Key], now: int, context: bytes, token: bytes) -> Opened:
    if len(token) > MAX_TOKEN:
        raise Refused("malformed")
    try:
        body = from_base64url(token[len(PREFIX) :].decode("latin-1"))
    except ValueError:
        raise Refused("malformed") from None
    if len(body) < MIN_BODY:
        raise Refused("malformed")

    kid, nonce, ciphertext = body[:6], body[6:30], body[30:]
    name = base64url(kid)
    named = [key for key in keys if key.algorithm == "XAES-256-GCM" and key.kid == name]
    if not named or not named[0].opens(now):
        raise Refused("unknown_key", name)

    try:
        plaintext = xaes.decrypt(named[0].secret, nonce, ciphertext, s1_ad(kid, context))
    except InvalidTag:
        raise Refused("authentication_failed", name) from None

    issued_at = int.from_bytes(plaintext[:5], "big")
    expires_at = int.from_bytes(plaintext[5:10], "big")
    if issued_at > now + CLOCK_SKEW:
        raise Refused("not_yet_valid", name, issued_at, expires_at)
    if expires_at != 0 and expires_at <= now:
        raise Refused("expired", name, issued_at, expires_at)
    return Opened(plaintext[10:], issued_at, expires_at, name, base64url(nonce))


# ---- nginx-legacy ----


def cbc(key: Key):
    return Cipher(algorithms.AES(key.secret), modes.CBC(key.iv.ljust(16, b"\x00")))


def cbc_encrypt(key: Key, padded: bytes) -> bytes:
    return cbc(key).encryptor().update(padded)


def nginx_legacy_seal(key: Key, now: int, lifetime: int, payload: bytes) -> bytes:
    plaintext = payload + (now + lifetime if lifetime else 0).to_bytes(8, "big")
    padder = padding.PKCS7(128).padder()
    padded = padder.update(plaintext) + padder.finalize()
    return hashlib.md5(plaintext).digest() + cbc_encrypt(key, padded)


def nginx_legacy_decrypt(key: Key, token: bytes) -> bytes | None:
    """payload || expires_at, or None if the padding, the digest or the size is wrong."""
    padded = cbc(key).decryptor().update(token[16:])
    unpadder = padding.PKCS7(128).unpadder()
    try:
        plaintext = unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        return None
    if not hmac.compare_digest(hashlib.md5(plaintext).digest(), token[:16]):
        return None
    return plaintext if len(plaintext) >= 8 else None


def nginx_legacy_open(keys: list[Key], now: int, token: bytes) -> Opened:
    if len(token) < 32 or len(token) % 16 or len(token) > MAX_TOKEN:
        raise Refused("malformed")
    legacy = [key for key in keys if key.algorithm == "nginx-legacy" and key.opens(now)]
    if not legacy:
        raise Refused("unsupported")
    for key in legacy:
        plaintext = nginx_legacy_decrypt(key, token)
        if plaintext is None:
            continue
        expires_at = int.from_bytes(plaintext[-8:], "big")
        if expires_at != 0 and expires_at <= now:
            raise Refused("expired", "", 0, expires_at)
        return Opened(plaintext[:-8], 0, expires_at, key.kid)
    raise Refused("authentication_failed")


# ---- apache-legacy ----


def apache_legacy_open(keys: list[Key], now: int, token: bytes) -> Opened:
    body = apache_legacy.decode(token) if len(token) <= MAX_TOKEN else None
    if body is None:
        raise Refused("malformed")
    legacy = [key for key in keys if key.algorithm in apache_legacy.CIPHERS and key.opens(now)]
    if not legacy:
        raise Refused("unsupported")
    for key in legacy:
        payload = apache_legacy.decrypt(key, body)
        if payload is not None:
            return Opened(payload, 0, 0, key.kid)
    raise Refused("authentication_failed")
