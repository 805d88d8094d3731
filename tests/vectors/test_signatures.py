# SPDX-License-Identifier: Apache-2.0
"""The signatures of the vectors against another implementation."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

import browser
import signatures

MESSAGES = [b"", b"abc", b"x" * 1000]


def number(text: bytes) -> int:
    return int.from_bytes(text, "big")


@pytest.mark.parametrize("message", MESSAGES)
def test_es256(message):
    signature = browser.EC.sign(message)
    der = utils.encode_dss_signature(number(signature[:32]), number(signature[32:]))
    key = ec.EllipticCurvePublicNumbers(*browser.EC.point, ec.SECP256R1()).public_key()
    key.verify(der, message, ec.ECDSA(hashes.SHA256()))
    assert signatures.verifies_es256(browser.EC.public, message, signature)
    assert not signatures.verifies_es256(browser.EC.public, message + b"x", signature)
    assert not signatures.verifies_es256(browser.OTHER_EC.public, message, signature)
    with pytest.raises(InvalidSignature):
        key.verify(der, message + b"x", ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("message", MESSAGES)
def test_rs256(message):
    signature = browser.RSA.sign(message)
    key = rsa.RSAPublicNumbers(65537, browser.RSA.modulus).public_key()
    key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    assert signatures.verifies_rs256(browser.RSA.public, message, signature)
    assert not signatures.verifies_rs256(browser.RSA.public, message + b"x", signature)


def test_nonce():
    """RFC 6979 appendix A.2.5."""
    secret = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    assert signatures.nonce(secret, signatures.digest(b"sample")) == (
        0xA6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60
    )


def test_points():
    assert signatures.is_on_curve(*signatures.G)
    assert signatures.multiply(signatures.ORDER, signatures.G) is None
