# SPDX-License-Identifier: Apache-2.0
"""JWE with three JOSE libraries: each makes tokens that the core opens, and opens those of the core,
with the core's own ring file. Tokens each way: 500, or as many as SEALRING_CROSS_TESTS says."""

import base64
import json
import os
import random
import time

import pytest
from jose_workers import LIBRARIES, Library
from libsealring import Core

COUNT = int(os.environ.get("SEALRING_CROSS_TESTS", "500"))
ALTERATIONS = max(300, COUNT // 10)
CONTEXTS = ("session", "download", "Sitzung/Zürich", 'a"b\\c', "https://app.example/")
WORDS = ("user=alice", "é", "東京", "🔑", '"', "\\", "/", "\n", "\t", " ", "&", "<", "\x7f", "0", "\u2028")

each_library = pytest.mark.parametrize("name", LIBRARIES)


@pytest.fixture
def rng():
    """Another sequence in each run; a failure shows the seed to repeat it."""
    seed = os.environ.get("SEALRING_SEED") or random.SystemRandom().randrange(1 << 32)
    print(f"SEALRING_SEED={seed}")
    return random.Random(int(seed))


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jwk(rng, **members) -> dict:
    return {"kty": "oct", "use": "enc", "alg": "A256GCM", "key_ops": ["encrypt", "decrypt"],
            "k": base64url(rng.randbytes(32))} | members  # fmt: skip


@pytest.fixture
def ring(tmp_path, rng):
    """A ring as after a rotation, with a key for s1 in it, so it is not obvious which key seals."""
    now = int(time.time())
    keys = [
        jwk(rng, kid="old", open_until=now + 86400),
        jwk(rng, kid="current", seal_from=now - 60),
        jwk(rng, kid="next", seal_from=now + 86400),
        jwk(rng, kid="retired", seal_from=now - 30, open_until=now - 10),
        jwk(rng, kid="open-only", key_ops=["decrypt"], seal_from=now - 20),
        jwk(rng, alg="XAES-256-GCM", seal_from=now - 86400),
    ]
    path = tmp_path / "session.keys"
    path.write_text(json.dumps({"keys": keys}))
    path.chmod(0o600)
    return path


def random_text(rng) -> str:
    return "".join(rng.choices(WORDS, k=rng.randrange(30)))


def random_claims(rng) -> dict:
    """A payload as text or bytes, or the application's own claims."""
    kind = rng.randrange(3)
    if kind == 0:
        return {"payload": random_text(rng)}
    if kind == 1:
        return {"payload_b64": base64url(rng.randbytes(rng.randrange(200)))}
    return {
        "sub": random_text(rng),
        "roles": [random_text(rng) for _ in range(rng.randrange(4))],
        "deep": {"null": None, "true": True, "list": [[], {}, rng.randrange(1 << 31)]},
        random_text(rng) + "claim": rng.random(),
    }


def check_opened(outcome, claims: dict, now: int) -> None:
    """The core has opened a token that a library made from these claims."""
    assert outcome.reason == "ok"
    assert outcome.kid == "current"
    assert now <= outcome.issued_at <= now + 600
    assert outcome.expires_at == outcome.issued_at + 3600
    if "payload" in claims:
        assert outcome.payload == claims["payload"].encode()
    elif "payload_b64" in claims:
        assert outcome.payload == from_base64url(claims["payload_b64"])
    else:
        found = json.loads(outcome.payload)
        assert found.pop("iat") == outcome.issued_at and found.pop("exp") == outcome.expires_at
        assert isinstance(found.pop("aud"), str)
        assert found == claims


@each_library
def test_the_core_opens_what_a_library_seals(name, ring, rng):
    now = int(time.time())
    requests = [(rng.choice(CONTEXTS), random_claims(rng)) for _ in range(COUNT)]
    tokens = Library(name, ring).seal(requests)
    with Core(ring) as core:
        for (context, claims), token in zip(requests, tokens, strict=True):
            outcome = core.open(token.encode(), context=context.encode(), now=int(time.time()))
            check_opened(outcome, claims, now)


def core_tokens(core, rng, count: int, lifetime=3600) -> list[tuple[str, bytes, str]]:
    """Contexts, payloads and their tokens."""
    made = []
    for _ in range(count):
        text = rng.randrange(2) == 0
        payload = random_text(rng).encode() if text else rng.randbytes(rng.randrange(200))
        context = rng.choice(CONTEXTS)
        token = core.seal(payload, lifetime=lifetime, context=context.encode(), now=int(time.time()))
        made.append((context, payload, token))
    return made


@each_library
def test_a_library_opens_what_the_core_seals(name, ring, rng):
    with Core(ring) as core:
        made = core_tokens(core, rng, COUNT)
    opened = Library(name, ring).open([(context, token) for context, _, token in made])
    for (context, payload, _), claims in zip(made, opened, strict=True):
        assert claims is not None
        assert claims["aud"] == context
        assert claims["exp"] == claims["iat"] + 3600
        found = claims.get("payload", "").encode() or from_base64url(claims.get("payload_b64", ""))
        assert found == payload


def altered(rng, token: str, other: str) -> str:
    """The token changed in one part. Bytes are changed, because no library checks the unused bits of
    base64url; and nothing is added to the IV, of which cjose uses the first 12 bytes.
    The core refuses both: spec/vectors/jwe_tag_noncanonical_trailing_bits, jwe_iv_13_bytes."""
    parts, others = token.split("."), other.split(".")
    index = rng.choice((0, 2, 3, 4))
    data = bytearray(from_base64url(parts[index]))
    match rng.randrange(5):
        case 0:
            parts[index] = others[index] if index else parts[index]
        case 1 if index != 2:
            data.append(rng.randrange(256))
        case 2:
            del data[rng.randrange(len(data))]
        case _:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    if parts[index] == token.split(".")[index]:
        parts[index] = base64url(data)
    return ".".join(parts)


@each_library
def test_no_altered_token_opens(name, ring, rng):
    library = Library(name, ring)
    with Core(ring) as core:
        tokens = [(context, token) for context, _, token in core_tokens(core, rng, 20)]
        requests = [(rng.choice(CONTEXTS), random_claims(rng)) for _ in range(20)]
        tokens += zip((context for context, _ in requests), library.seal(requests), strict=True)
        bad = []
        while len(bad) < ALTERATIONS:
            context, token = rng.choice(tokens)
            changed = altered(rng, token, rng.choice(tokens)[1])
            if changed != token:
                bad.append((context, changed))
        for context, token in bad:
            outcome = core.open(token.encode(), context=context.encode(), now=int(time.time()))
            assert outcome.reason in ("malformed", "unsupported", "unknown_key", "authentication_failed")
        assert all(claims is not None for claims in library.open(tokens)), "unaltered they open"
        assert library.open(bad) == [None] * len(bad)


@each_library
def test_other_contexts_expired_tokens_and_retired_keys(name, ring, rng):
    """What the examples check in addition to the library."""
    library = Library(name, ring)
    now = int(time.time())
    with Core(ring) as core:
        def sealed(**changes):
            return core.seal(b"p", **({"lifetime": 3600, "context": b"session", "now": now} | changes))
        expired = sealed(now=now - 7200)
        assert core.open(expired.encode(), context=b"session", now=now).reason == "expired"
        retired = sealed(now=now - 25, lifetime=0)
        assert core.open(retired.encode(), context=b"session", now=now).kid == "retired"
        s1 = sealed(now=now - 80000, lifetime=0)
        good, other = sealed(), sealed(context=b"download")
    assert s1.startswith("s1.") and from_base64url(retired.split(".")[0])
    opened = library.open([("session", token) for token in (good, other, expired, retired, s1)])
    assert [claims is not None for claims in opened] == [True, False, False, False, False]


def test_libraries_among_each_other(ring, rng):
    """Also checks the claims without the core."""
    requests = [(rng.choice(CONTEXTS), random_claims(rng)) for _ in range(50)]
    for sealing in LIBRARIES:
        tokens = Library(sealing, ring).seal(requests)
        for opening in LIBRARIES:
            asked = [(context, token) for (context, _), token in zip(requests, tokens, strict=True)]
            for (context, claims), found in zip(requests, Library(opening, ring).open(asked), strict=True):
                assert found is not None and found["aud"] == context
                assert claims.items() <= found.items()
