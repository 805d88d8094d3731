# SPDX-License-Identifier: Apache-2.0
"""Runs every vector through the Python reference, and checks the reference itself."""

import hashlib
import json
from pathlib import Path

import pytest

import apache_legacy
import generate
import jwe
import reference
import ring
import siphash
import xaes
from cases_keyring import listed

CASES = {path.stem: json.loads(path.read_text()) for path in generate.VECTORS.glob("*.json")}
TOKENS = [name for name, case in CASES.items() if "keyring" in case and "context" in case
          and case["format"] != "session-open"]  # fmt: skip
SEALS = [name for name, case in CASES.items() if case.get("seal")]
KEYRINGS = [name for name, case in CASES.items() if case["format"] == "keyring"]
ROTATIONS = [name for name, case in CASES.items() if case["format"] == "rotation"]
# Tokens and vectors from elsewhere, beside the checkout if they are there.
SHARED = Path(__file__).resolve().parents[3] / "shared" / "vectors"


def keys_of(case: dict) -> list[ring.Key]:
    return ring.parse(json.dumps(case["keyring"]))


def token_of(case: dict) -> bytes:
    return bytes.fromhex(case["token_hex"]) if "token_hex" in case else case["token"].encode()


@pytest.mark.parametrize("name", TOKENS)
def test_open(name):
    case = CASES[name]
    arguments = keys_of(case), case["now"], case["context"].encode(), token_of(case)
    if case["expect"] == "ok":
        opened = reference.open_token(*arguments)
        assert opened.payload.hex() == case["payload_hex"]
        assert opened.id == case.get("id", "")
        reason = "ok"
    else:
        with pytest.raises(reference.Refused) as refusal:
            reference.open_token(*arguments)
        opened = refusal.value
        reason = opened.reason
    assert reason == case["expect"]
    assert opened.kid == case.get("kid", "")
    assert opened.issued_at == case.get("issued_at", 0)
    assert opened.expires_at == case.get("expires_at", 0)


@pytest.mark.parametrize("name", SEALS)
def test_seal(name):
    case = CASES[name]
    now, lifetime = case["seal_now"], case["lifetime"]
    payload = bytes.fromhex(case["payload_hex"])
    key = ring.primary(keys_of(case), now)
    if case["format"] == "s1":
        nonce, context = bytes.fromhex(case["nonce_hex"]), case["context"].encode()
        sealed = reference.s1_seal(key, nonce, now, lifetime, context, payload)
    elif case["format"] == "jwe":
        iv = bytes.fromhex(case["nonce_hex"])
        sealed = jwe.seal(key, iv, now, lifetime, case["context"], payload)
    elif case["format"] == "apache-legacy":
        salt, iv = bytes.fromhex(case["salt_hex"]), bytes.fromhex(case["iv_hex"])
        sealed = apache_legacy.seal(key, salt, iv, payload)
    else:
        sealed = reference.nginx_legacy_seal(key, now, lifetime, payload)
    assert sealed == token_of(case)


@pytest.mark.parametrize("name", KEYRINGS)
def test_keyring(name):
    case = CASES[name]
    if case["expect"] == "invalid_keyring":
        with pytest.raises(ring.InvalidKeyring):
            ring.parse(case["keyring_text"])
        return
    keys = ring.parse(case["keyring_text"])
    assert [listed(key) for key in keys] == case["keys"]
    for expected in case["primary"]:
        primary = ring.primary(keys, expected["now"])
        assert (primary.kid if primary else None) == expected["kid"]


@pytest.mark.parametrize("name", ROTATIONS)
def test_rotation(name):
    case = CASES[name]
    new, old = ring.rotate(
        ring.parse(case["keyring_text"]), case["now"], case["activate_in"], case["max_lifetime"])
    assert new == case["new"]
    assert [listed(key) for key in old] == case["keys"]


def test_every_file_is_called_like_its_case():
    assert all(case["name"] == name for name, case in CASES.items())


def test_every_reason_has_a_vector():
    assert {case["expect"] for case in CASES.values() if "expect" in case} == {
        "ok", "malformed", "unsupported", "unknown_key", "authentication_failed", "expired",
        "not_yet_valid", "invalid_keyring", "invalid_revocations", "too_large", "none",
        "registered", "refreshed", "challenged", "refused", "gone", "forged", "unavailable",
        "unbound", "bound", "grace",
    }


def test_generate_reproduces_the_files():
    on_disk = {path.name: path.read_text() for path in generate.VECTORS.glob("*.json")}
    assert generate.files() == on_disk


@pytest.mark.parametrize(
    "key_byte, ad, derived, ciphertext",
    [
        (
            b"\x01", b"",
            "c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b",
            "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271",
        ),
        (
            b"\x03", b"c2sp.org/XAES-256-GCM",
            "e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8",
            "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
        ),
    ],
)
def test_xaes_printed_vectors(key_byte, ad, derived, ciphertext):
    key, nonce = key_byte * 32, b"ABCDEFGHIJKLMNOPQRSTUVWX"
    assert xaes.derive(key, nonce) == (bytes.fromhex(derived), b"MNOPQRSTUVWX")
    assert xaes.encrypt(key, nonce, b"XAES-256-GCM", ad).hex() == ciphertext
    assert xaes.decrypt(key, nonce, bytes.fromhex(ciphertext), ad) == b"XAES-256-GCM"


def test_xaes_accumulated_vectors():
    stream = hashlib.shake_128().digest(10_000 * (32 + 24 + 2 * 256))
    position = 0

    def read(size):
        nonlocal position
        position += size
        return stream[position - size : position]

    ciphertexts = hashlib.shake_128()
    for _ in range(10_000):
        key, nonce = read(32), read(24)
        plaintext = read(read(1)[0])
        ad = read(read(1)[0])
        ciphertexts.update(xaes.encrypt(key, nonce, plaintext, ad))
    assert ciphertexts.hexdigest(32) == (
        "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939"
    )


@pytest.mark.skipif(not SHARED.exists(), reason="no vectors beside the checkout")
def test_nginx_legacy_tokens_of_the_original_module():
    lines = (SHARED / "nginx-legacy.jsonl").read_text().splitlines()
    assert lines
    for line in lines:
        case = json.loads(line)
        iv = bytes.fromhex(case["iv_hex"])
        key = ring.Key("nginx-legacy", bytes.fromhex(case["key_hex"]), "old", iv)
        token = bytes.fromhex(case["token_hex"])
        payload = bytes.fromhex(case["plaintext_hex"])
        now = case["expires"] - 1 if case["expires"] else 0
        opened = reference.open_token([key], now, b"", token)
        assert (opened.payload, opened.expires_at) == (payload, case["expires"])
        assert reference.nginx_legacy_seal(key, 0, case["expires"], payload) == token


@pytest.mark.skipif(not SHARED.exists(), reason="no vectors beside the checkout")
def test_apache_legacy_tokens_of_the_original_module():
    lines = (SHARED / "apache-legacy.jsonl").read_text().splitlines()
    assert lines
    for line in lines:
        case = json.loads(line)
        algorithm = "apache-" + case["cipher"]
        keys = [ring.Key(algorithm, text.encode(), "") for text in case["passphrases"]]
        token, payload = case["cookie_value"].encode(), case["plaintext"].encode()
        assert reference.open_token(keys, 0, b"", token).payload == payload
        body = apache_legacy.decode(token)
        iv = body[24 : 24 + apache_legacy.block_size(keys[0])]
        assert apache_legacy.seal(keys[0], body[8:24], iv, payload) == token


def test_siphash_of_its_paper():
    key, message = bytes(range(16)), bytes(range(15))
    assert siphash.mac(key, message)[::-1].hex() == "a129ca6149be45e5"
