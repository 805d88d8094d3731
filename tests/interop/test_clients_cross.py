# SPDX-License-Identifier: Apache-2.0
"""The core and each client: what one seals the other opens, and what one refuses the other does,
for the same reason. Tokens each way: 500, or as many as SEALRING_CROSS_TESTS says."""

import base64
import json
import os
import random

import pytest
from client_workers import CLIENTS, run
from libsealring import Core, InvalidKeyring

COUNT = int(os.environ.get("SEALRING_CROSS_TESTS", "500"))
ALTERATIONS = max(300, COUNT // 10)
RINGS = max(300, COUNT // 10)
NOW = 1_800_000_000
LATEST = (1 << 40) - 1
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

each_client = pytest.mark.parametrize("client", CLIENTS)


@pytest.fixture
def rng():
    """Another sequence in each run; a failure shows the seed to repeat it."""
    seed = os.environ.get("SEALRING_SEED") or random.SystemRandom().randrange(1 << 32)
    print(f"SEALRING_SEED={seed}")
    return random.Random(int(seed))


def jwk(rng, **members) -> dict:
    k = base64.urlsafe_b64encode(rng.randbytes(32)).rstrip(b"=").decode()
    return {"kty": "oct", "alg": "XAES-256-GCM", "k": k} | members


def write(path, text: str):
    path.write_text(text)
    path.chmod(0o600)
    return path


def write_ring(path, *jwks):
    return write(path, json.dumps({"keys": jwks}))


@pytest.fixture
def ring(tmp_path, rng):
    """Keys with begin and end, so that the time decides which one seals, and an old key."""
    return write_ring(
        tmp_path / "session.keys",
        jwk(rng, alg="nginx-legacy", key_ops=["decrypt"]),
        jwk(rng),
        jwk(rng, seal_from=NOW // 2),
        jwk(rng, seal_from=NOW, open_until=LATEST),
    )


def some_bytes(rng, most: int) -> bytes:
    return rng.randbytes(rng.choice([0, 1, 2, 3, rng.randint(4, 100), rng.randint(4, most)]))


def some_time(rng) -> int:
    return rng.choice([0, NOW - 1, NOW, rng.randint(0, 2 * NOW), rng.randint(0, LATEST - 1)])


def some_job(rng):
    """now, lifetime, context, payload"""
    lifetime = rng.choice([0, 1, 3600, rng.randint(1, LATEST), (1 << 53) - 1])
    return some_time(rng), lifetime, some_bytes(rng, 1024), some_bytes(rng, 4000)


def expected(job, kid: str):
    now, lifetime, _, payload = job
    return "ok", kid, now, min(now + lifetime, LATEST) if lifetime else 0, payload


@each_client
def test_what_the_core_seals_the_client_opens(client, ring, rng):
    jobs = [some_job(rng) for _ in range(COUNT)]
    with Core(ring) as core:
        tokens = [
            core.seal(payload, lifetime=lifetime, context=context, now=now)
            for now, lifetime, context, payload in jobs
        ]
    opening = [
        (now, context, token.encode())
        for (now, _, context, _), token in zip(jobs, tokens, strict=True)
    ]
    outcomes = run(client, ring, open=opening).outcomes
    for job, token, outcome in zip(jobs, tokens, outcomes, strict=True):
        assert outcome == expected(job, token[3:11])


@each_client
def test_what_the_client_seals_the_core_opens(client, ring, rng):
    jobs = [some_job(rng) for _ in range(COUNT)]
    tokens = run(client, ring, seal=jobs).tokens
    with Core(ring) as core:
        for job, token in zip(jobs, tokens, strict=True):
            now, _, context, _ = job
            outcome = core.open(token.encode(), context=context, now=now)
            assert outcome == expected(job, token[3:11])
            # The same key as the core's: the ring's primary key at that moment.
            sealed = core.seal(b"", lifetime=0, context=b"", now=now)
            assert token[:11] == sealed[:11]


# ---- Refusals -----------------------------------------------------------------------------------


def change_character(rng, token: bytearray, alphabet):
    token[rng.randrange(len(token))] = rng.choice(alphabet)


def change_last(rng, token: bytearray):
    token[-1] = rng.choice(ALPHABET)


def change_kid(rng, token: bytearray):
    token[rng.randrange(3, 11)] = rng.choice(ALPHABET)


def cut(rng, token: bytearray):
    del token[rng.randrange(len(token)) :]


def drop(rng, token: bytearray):
    del token[rng.randrange(len(token))]


def insert(rng, token: bytearray):
    token.insert(rng.randrange(len(token) + 1), rng.choice(ALPHABET + b"=+/ .\n\0%"))


def swap(rng, token: bytearray):
    one, two = rng.randrange(len(token)), rng.randrange(len(token))
    token[one], token[two] = token[two], token[one]


def append(rng, token: bytearray):
    token += rng.choice([b"=", b"==", b"\n", b" ", b"\0", b"A", b"AA", b"AAA", b"AAAA", b";"])


def flip_bit(rng, token: bytearray):
    token[rng.randrange(len(token))] ^= 1 << rng.randrange(8)


ALTERING = [
    lambda rng, token: change_character(rng, token, ALPHABET),
    lambda rng, token: change_character(rng, token, range(256)),
    change_last, change_kid, cut, drop, insert, swap, append, flip_bit,
]  # fmt: skip


@each_client
def test_what_is_altered_is_refused_for_the_same_reason(client, tmp_path, rng):
    foreign = write_ring(tmp_path / "foreign.keys", jwk(rng))
    ring = write_ring(
        tmp_path / "session.keys",
        jwk(rng, open_until=NOW + 100),
        jwk(rng, seal_from=NOW),
        jwk(rng, alg="A256GCM", key_ops=["decrypt"]),
    )
    opening = []
    with Core(ring) as core, Core(foreign) as other:
        for index in range(ALTERATIONS):
            sealer = other if index % 50 == 0 else core
            at, context = NOW + rng.randint(-2, 2), some_bytes(rng, 100)
            sealed = sealer.seal(some_bytes(rng, 100), lifetime=60, context=context, now=at)
            token = bytearray(sealed.encode())
            if index % 4:
                ALTERING[index % len(ALTERING)](rng, token)
            else:
                # Not the token is wrong, but the moment, or for every other six the context, too.
                moments = [at - 61, at - 60, at + 59, at + 60, NOW + 99, NOW + 100]
                at = moments[index // 4 % 6]
                if index // 24 % 2:
                    context = rng.choice([context + b"\0", context[:-1], b""])
            opening.append((at, context, bytes(token)))
        wanted = [core.open(token, context=context, now=now) for now, context, token in opening]
    outcomes = run(client, ring, open=opening).outcomes
    for job, outcome, want in zip(opening, outcomes, wanted, strict=True):
        assert outcome == want, job
    reasons = {outcome.reason for outcome in wanted}
    assert reasons >= {
        "ok", "malformed", "unknown_key", "authentication_failed", "expired", "not_yet_valid"
    }  # fmt: skip


# ---- Rings --------------------------------------------------------------------------------------

VALUES = [
    None, True, False, "", "x", "enc", "oct", [], ["decrypt"], ["encrypt"], ["decrypt", 1], {},
    {"decrypt": 1}, 1, -1, 1.5, 1e3, LATEST, LATEST + 1, 1 << 63, 1 << 64, 1 << 70, "1",
    "A256GCM", "XAES-256-GCM", "nginx-legacy", "apache-aes256", "AAAA", "AAA=", "AA", "AB",
    "A" * 43, "A" * 128, "A" * 129, "key one", "ŝ",
]  # fmt: skip
MEMBERS = ["kty", "alg", "k", "kid", "use", "key_ops", "seal_from", "open_until", "iv", "note"]
CHARACTERS = '{}[]":, \n0123456789.eE+-_abkxAZ='


def some_ring_text(rng) -> str:
    keys = [
        jwk(rng, use="enc", key_ops=["encrypt", "decrypt"], seal_from=NOW),
        jwk(rng, alg="nginx-legacy", iv="AAAA", kid="old", open_until=NOW),
        jwk(rng),
    ]
    kind = rng.randrange(4)
    if kind == 0:
        key = rng.choice(keys)
        key[rng.choice(MEMBERS)] = rng.choice(VALUES)
    elif kind == 1:
        key = rng.choice(keys)
        key.pop(rng.choice(list(key)))
    elif kind == 2:
        one, two = rng.choice(keys), rng.choice(keys)
        name = rng.choice(["k", "kid", "alg"])
        if name in two:
            one[name] = two[name]
    text = json.dumps({"keys": keys}, ensure_ascii=rng.random() < 0.5)
    for _ in range(rng.choice([0, 0, 1]) if kind < 3 else rng.choice([1, 2])):
        place = rng.randrange(len(text))
        text = text[:place] + rng.choice(CHARACTERS) + text[place + rng.randrange(2) :]
    if rng.random() < 0.05:
        text = text[: rng.randrange(1, len(text))]
    return text


def keys_of(path) -> int:
    try:
        with Core(path) as core:
            return core.key_count()
    except InvalidKeyring:
        return 0


@each_client
def test_the_same_rings_are_refused(client, ring, tmp_path, rng):
    texts = [some_ring_text(rng) for _ in range(RINGS)]
    paths = [write(tmp_path / f"{index}.keys", text) for index, text in enumerate(texts)]
    wanted = [keys_of(path) for path in paths]
    found = run(client, ring, read=paths).keys
    for text, want, keys in zip(texts, wanted, found, strict=True):
        assert keys == want, text
    assert 0.05 < sum(map(bool, wanted)) / len(wanted) < 0.95, "some are refused and some are not"
