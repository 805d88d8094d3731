# SPDX-License-Identifier: Apache-2.0
"""Computes the examples that the specifications print."""

import hashlib
import re

import apache_legacy
import generate
import jwe
import reference
import ring
import xaes

SPEC = generate.VECTORS.parent


def example(document: str) -> dict[str, bytes]:
    """The lines of the document's example block: name to bytes, from hex, "text" or a number."""
    block = re.search(r"```example\n(.*?)```", (SPEC / document).read_text(), re.DOTALL).group(1)
    values = {}
    for name, value in re.findall(r"^(\S+) +(.+)$", block, re.MULTILINE):
        if value.startswith('"'):
            values[name] = value[1:-1].encode()
        elif name.endswith("_at"):
            values[name] = int(value)
        else:
            values[name] = bytes.fromhex(value)
    return values


def test_token_s1():
    e = example("token-s1.md")
    kid = ring.thumbprint_kid(e["secret"])
    assert kid == e["kid"]
    assert xaes.derive(e["secret"], e["nonce"])[0] == e["derived"]
    times = e["issued_at"].to_bytes(5, "big") + e["expires_at"].to_bytes(5, "big")
    assert times + e["payload"] == e["plaintext"]
    assert reference.s1_ad(kid, e["context"]) == e["AD"]
    sealed = xaes.encrypt(e["secret"], e["nonce"], e["plaintext"], e["AD"])
    assert sealed == e["ciphertext"] + e["tag"]
    assert reference.s1_text(kid + e["nonce"] + sealed) == e["text"]


def test_token_jwe():
    e = example("token-jwe.md")
    assert ring.base64url(ring.thumbprint_kid(e["secret"])).encode() == e["kid"]
    assert jwe.header(e["kid"].decode()) == e["header"]
    inside = jwe.claims(e["issued_at"], e["expires_at"], e["context"].decode(), e["payload"])
    assert inside == e["claims"]
    assert jwe.encrypt(e["secret"], e["iv"], e["header"], e["claims"]) == e["text"]
    body, tag = (ring.base64url(e[part]).encode() for part in ("ciphertext", "tag"))
    assert e["text"].endswith(b"." + body + b"." + tag)


def test_keyring_kid():
    e = example("keyring.md")
    assert b'{"k":"' + e["k"] + b'","kty":"oct"}' == e["jwk"]
    assert hashlib.sha256(e["jwk"]).digest() == e["thumbprint"]
    assert ring.base64url(e["thumbprint"][:6]).encode() == e["kid"]


def test_keyring_file():
    text = re.search(r"```json\n(.*?)```", (SPEC / "keyring.md").read_text(), re.DOTALL).group(1)
    old, current, new = ring.parse(text)
    assert (old.iv, old.open_only) == (ring.DEFAULT_IV, True)
    assert current.open_until == new.seal_from + 30 * 86400
    assert ring.primary([old, current, new], new.seal_from - 1) == current
    assert ring.primary([old, current, new], new.seal_from) == new


def test_nginx_legacy():
    e = example("nginx-legacy.md")
    assert e["payload"] + e["expires_at"].to_bytes(8, "big") == e["plaintext"]
    assert hashlib.md5(e["plaintext"]).digest() == e["digest"]
    key = ring.Key("nginx-legacy", e["key"], "", e["iv"])
    assert reference.nginx_legacy_seal(key, 0, e["expires_at"], e["payload"]) == e["token"]


def test_apache_legacy():
    e = example("apache-legacy.md")
    key = ring.Key("apache-aes256", e["passphrase"], "")
    assert hashlib.md5(e["passphrase"]).digest() == e["mac_key"]
    assert apache_legacy.cipher_key(key, e["salt"]) == e["cipher_key"]
    assert apache_legacy.mac(key, e["salt"] + e["iv"] + e["ciphertext"]) == e["mac"]
    body = apache_legacy.decode(e["text"])
    assert body == e["mac"] + e["salt"] + e["iv"] + e["ciphertext"]
    assert apache_legacy.seal(key, e["salt"], e["iv"], e["payload"]) == e["text"]
