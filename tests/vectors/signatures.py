# SPDX-License-Identifier: Apache-2.0
"""ES256 and RS256 (RFC 7518), with signatures that are always the same (RFC 6979)."""

import hashlib
import hmac

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int] | None  # None: the point at infinity


def is_on_curve(x: int, y: int) -> bool:
    return x < P and y < P and (y * y - (x**3 - 3 * x + B)) % P == 0


def add(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return a or b
    (ax, ay), (bx, by) = a, b
    if ax == bx and (ay + by) % P == 0:
        return None
    slope = (3 * ax * ax - 3) * pow(2 * ay, -1, P) if a == b else (by - ay) * pow(bx - ax, -1, P)
    x = (slope * slope - ax - bx) % P
    return x, (slope * (ax - x) - ay) % P


def multiply(number: int, point: Point) -> Point:
    product = None
    while number:
        if number & 1:
            product = add(product, point)
        point = add(point, point)
        number >>= 1
    return product


def digest(message: bytes) -> int:
    return int.from_bytes(hashlib.sha256(message).digest(), "big") % ORDER


def nonce(secret: int, hashed: int) -> int:
    """RFC 6979 section 3.2; the first candidate is below the order but once in 2^32 times."""
    seed = secret.to_bytes(32, "big") + hashed.to_bytes(32, "big")
    key, value = bytes(32), b"\1" * 32
    for step in (b"\0", b"\1"):
        key = hmac.digest(key, value + step + seed, "sha256")
        value = hmac.digest(key, value, "sha256")
    candidate = int.from_bytes(hmac.digest(key, value, "sha256"), "big")
    assert 0 < candidate < ORDER
    return candidate


class EcKey:
    algorithm = "ES256"

    def __init__(self, secret: int):
        self.secret = secret
        self.point = multiply(secret, G)

    @property
    def public(self) -> bytes:
        return b"".join(c.to_bytes(32, "big") for c in self.point)

    def sign(self, message: bytes) -> bytes:
        hashed = digest(message)
        k = nonce(self.secret, hashed)
        r = multiply(k, G)[0] % ORDER
        s = pow(k, -1, ORDER) * (hashed + r * self.secret) % ORDER
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def signature_at_infinity(self, message: bytes) -> bytes:
        """A wrong one, which leads verification to the point at infinity."""
        r = -digest(message) * pow(self.secret, -1, ORDER) % ORDER
        return r.to_bytes(32, "big") + (7).to_bytes(32, "big")


class RsaKey:
    algorithm = "RS256"
    size = 256

    def __init__(self, p: int, q: int):
        self.modulus = p * q
        self.secret = pow(65537, -1, (p - 1) * (q - 1))

    @property
    def public(self) -> bytes:
        return self.modulus.to_bytes(self.size, "big")

    def sign(self, message: bytes) -> bytes:
        padded = int.from_bytes(rsa_padded(message, self.size), "big")
        return pow(padded, self.secret, self.modulus).to_bytes(self.size, "big")


def rsa_padded(message: bytes, size: int) -> bytes:
    """EMSA-PKCS1-v1_5 (RFC 8017 section 9.2)."""
    info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(message).digest()
    return b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info


def verifies_es256(public: bytes, message: bytes, signature: bytes) -> bool:
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < ORDER and 0 < s < ORDER):
        return False
    point = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
    w = pow(s, -1, ORDER)
    total = add(multiply(digest(message) * w % ORDER, G), multiply(r * w % ORDER, point))
    return total is not None and total[0] % ORDER == r


def verifies_rs256(modulus: bytes, message: bytes, signature: bytes) -> bool:
    number, n = int.from_bytes(signature, "big"), int.from_bytes(modulus, "big")
    if len(signature) != len(modulus) or number >= n:
        return False
    return pow(number, 65537, n).to_bytes(len(modulus), "big") == rsa_padded(message, len(modulus))
