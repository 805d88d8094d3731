# SPDX-License-Identifier: Apache-2.0
"""The test vectors in spec/vectors."""

import json
from pathlib import Path

import pytest
from sealring import InvalidKeyringError, Keyring, RefusedError, _s1

VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors"
CASES = {path.stem: json.loads(path.read_text()) for path in VECTORS.glob("*.json")}
KEYRINGS = [name for name, case in CASES.items() if case["format"] == "keyring"]
TOKENS = [name for name, case in CASES.items() if case["format"] == "s1"]
# Tokens of other formats in rings that several formats share: this package opens none of them.
OTHERS = [
    name
    for name, case in CASES.items()
    if name.startswith("mixed_ring_") and case["format"] != "s1"
]
SEALS = [name for name in TOKENS if CASES[name].get("seal")]


def ring_of(case) -> Keyring:
    return Keyring.parse(json.dumps(case["keyring"]).encode())


def test_there_are_vectors():
    assert len(TOKENS) > 80 and len(KEYRINGS) > 90 and len(OTHERS) > 2 and len(SEALS) > 15


def token_of(case) -> bytes:
    return bytes.fromhex(case["token_hex"]) if "token_hex" in case else case["token"].encode()


def expected_of(case) -> str:
    """The vector's outcome. But JWEs are unsupported and, if the ring has keys for old formats, so is
    everything that is not an s1 token."""
    token = token_of(case)
    old = any(not key["alg"].endswith("GCM") for key in case["keyring"]["keys"])
    jwe = token.isascii() and token.count(b".") == 4
    left = jwe or (old and not token.startswith(b"s1."))
    return "unsupported" if left else case["expect"]


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("kind", [str, bytes])
def test_open(name, kind):
    case = CASES[name]
    token = case["token"] if kind is str else token_of(case)
    try:
        opened = ring_of(case).open(token, context=case["context"], now=case["now"])
        reason = "ok"
        assert opened.payload.hex() == case["payload_hex"]
        assert opened.id == case["id"]
    except RefusedError as refusal:
        opened, reason = refusal, refusal.reason
    assert reason == expected_of(case)
    assert opened.kid == case.get("kid", "")
    assert opened.issued_at == case.get("issued_at", 0)
    assert opened.expires_at == case.get("expires_at", 0)


@pytest.mark.parametrize("name", OTHERS)
def test_tokens_of_other_formats_are_left_to_others(name):
    case = CASES[name]
    with pytest.raises(RefusedError) as refusal:
        ring_of(case).open(token_of(case), now=case["now"])
    assert refusal.value.reason == expected_of(case)


@pytest.mark.parametrize("name", SEALS)
def test_seal(name):
    case = CASES[name]
    key = ring_of(case).primary(case["seal_now"])
    sealed = _s1.seal(
        key, bytes.fromhex(case["nonce_hex"]), case["seal_now"], case["lifetime"],
        case["context"].encode(), bytes.fromhex(case["payload_hex"]),
    )  # fmt: skip
    assert sealed == case["token"]


@pytest.mark.parametrize("name", KEYRINGS)
def test_keyring(name):
    case = CASES[name]
    text = case["keyring_text"].encode()
    if case["expect"] == "invalid_keyring":
        with pytest.raises(InvalidKeyringError):
            Keyring.parse(text)
        return
    ring = Keyring.parse(text)
    for key, listed in zip(ring.keys, case["keys"], strict=True):
        assert listed == {
            "kid": key.kid,
            "alg": key.algorithm,
            "seal_from": key.seal_from,
            "open_until": key.open_until,
            "open_only": key.open_only,
        }
    for expected in case["primary"]:
        primary = ring.primary(expected["now"])
        assert (primary.kid if primary else None) == expected["kid"]
