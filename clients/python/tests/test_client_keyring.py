# SPDX-License-Identifier: Apache-2.0
"""Sealing and opening: arguments, bounds, contexts, keys for other formats."""

import time

import pytest
from ring_files import NOW, jwk, text_of
from sealring import Keyring, NoPrimaryKeyError, RefusedError

LATEST = (1 << 40) - 1


def ring_of(*jwks) -> Keyring:
    return Keyring.parse(text_of(*jwks))


RING = ring_of(jwk())


def reason_of(token, ring=RING, **arguments) -> str:
    with pytest.raises(RefusedError) as refusal:
        ring.open(token, **{"now": NOW, **arguments})
    return refusal.value.reason


@pytest.mark.parametrize("payload", [b"", "alice", "ŝlosilo", bytes(range(256)), b"x" * 3000])
@pytest.mark.parametrize("context", [b"", "session", "ŝlosilo", bytes(1024)])
def test_what_is_sealed_opens(payload, context):
    token = RING.seal(payload, lifetime=60, context=context, now=NOW)
    assert len(token) == 3 + -(-(56 + len(payload.encode() if isinstance(payload, str) else payload)) * 4 // 3)
    opened = RING.open(token, context=context, now=NOW)
    assert opened.payload == (payload.encode() if isinstance(payload, str) else payload)
    assert (opened.issued_at, opened.expires_at) == (NOW, NOW + 60)
    assert opened.kid == RING.keys[0].kid


def test_no_two_tokens_are_alike():
    tokens = {RING.seal(b"", lifetime=0, now=NOW) for _ in range(1000)}
    assert len({token[11:43] for token in tokens}) == 1000


def test_the_clock_is_the_default():
    before = int(time.time())
    opened = RING.open(RING.seal(b"", lifetime=60))
    assert before <= opened.issued_at <= time.time()


def test_times():
    token = RING.seal(b"", lifetime=60, now=NOW)
    assert RING.open(token, now=NOW + 59)
    assert reason_of(token, now=NOW + 60) == "expired"
    assert RING.open(token, now=NOW - 60)
    assert reason_of(token, now=NOW - 61) == "not_yet_valid"
    assert RING.open(RING.seal(b"", lifetime=0, now=NOW), now=LATEST).expires_at == 0
    opened = RING.open(RING.seal(b"", lifetime=1 << 70, now=NOW), now=NOW)
    assert opened.expires_at == LATEST


def test_a_payload_of_the_largest_size():
    payload = bytes(1 << 24)
    assert RING.open(RING.seal(payload, lifetime=0)).payload == payload
    with pytest.raises(ValueError, match="longer than 16777216"):
        RING.seal(payload + b"x", lifetime=0)


def test_a_token_that_is_too_long_is_not_looked_at():
    assert reason_of("s1." + "A" * (1 << 25)) == "malformed"
    assert reason_of(b"x" * ((1 << 25) + 1), ring_of(jwk(1), jwk(2, alg="nginx-legacy"))) == "malformed"


@pytest.mark.parametrize("arguments", [{"now": -1}, {"context": b"x" * 1025}, {"now": 1.5}])
def test_arguments_out_of_bounds(arguments):
    with pytest.raises(ValueError):
        RING.seal(b"", **{"lifetime": 0, **arguments})
    with pytest.raises(ValueError):
        RING.open("s1.", **arguments)


def test_wrong_arguments():
    with pytest.raises(ValueError):
        RING.seal(b"", lifetime=-1)
    with pytest.raises(TypeError):
        RING.seal(5, lifetime=0)
    with pytest.raises(TypeError):
        RING.open(None)


def test_who_seals_and_who_opens():
    old, new = jwk(1, open_until=NOW + 100), jwk(2, seal_from=NOW + 10)
    ring = ring_of(old, new)
    token = ring.seal(b"", lifetime=0, now=NOW + 9)
    assert ring.open(token, now=NOW + 99).kid == ring.keys[0].kid
    assert reason_of(token, ring, now=NOW + 100) == "unknown_key"
    token = ring.seal(b"", lifetime=0, now=NOW + 10)
    assert ring.open(token, now=NOW).kid == ring.keys[1].kid


def test_no_key_that_seals():
    with pytest.raises(NoPrimaryKeyError, match="keyring rotate"):
        ring_of(jwk(key_ops=["decrypt"])).seal(b"", lifetime=0)
    other = ring_of(jwk(1), jwk(2, alg="nginx-legacy"))
    with pytest.raises(NoPrimaryKeyError, match="for nginx-legacy"):
        other.seal(b"", lifetime=0)


@pytest.mark.parametrize("alg", ["nginx-legacy", "A256GCM"])
def test_a_ring_without_a_key_for_s1(alg):
    assert reason_of(RING.seal(b"", lifetime=0), ring_of(jwk(alg=alg))) == "unsupported"


def test_tokens_of_other_formats():
    assert reason_of("eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA") == "unsupported"
    assert reason_of("eyJhbGciOiJkaXIifQ") == "malformed"
    mixed = ring_of(jwk(1), jwk(2, alg="A256GCM"))
    assert reason_of("eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA", mixed) == "unsupported"
    assert reason_of("x", mixed) == "malformed"
    assert reason_of("s1.x", mixed) == "malformed"
    with_old = ring_of(jwk(1), jwk(2, alg="apache-aes256"))
    assert reason_of("x", with_old) == "unsupported"
    assert reason_of("s1.x", with_old) == "malformed"


def test_a_key_of_another_algorithm_by_the_same_name():
    kid = RING.keys[0].kid
    ring = ring_of(jwk(2), jwk(3, alg="nginx-legacy", kid=kid))
    assert reason_of(RING.seal(b"", lifetime=0, now=NOW), ring) == "unknown_key"


def test_text_that_is_not_ascii():
    token = RING.seal(b"", lifetime=0, now=NOW)
    assert reason_of(token[:-1] + "é") == "malformed"
    assert reason_of(token[:-1].encode() + b"\xe9") == "malformed"
