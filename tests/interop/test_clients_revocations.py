# SPDX-License-Identifier: Apache-2.0
"""Revocation lists that the command line writes: each client finds in them what was revoked, and
refuses the sessions and tokens that the core refuses."""

import subprocess
from collections import Counter

import pytest
from client_workers import run
from libsealring import BUILD, Core
from libsealring_sessions import Profile, open_session
from test_clients_cross import COUNT, LATEST, NOW, each_client, jwk, ring, rng, write_ring  # noqa: F401
from test_clients_sessions import COOKIE, SID, as_node_has_it, some_headers

ENTRIES = 10_000


def sealring(*arguments, stdin=b""):
    subprocess.run(
        [BUILD / "sealring", *map(str, arguments)], input=stdin, capture_output=True, timeout=60, check=True
    )


def revoke(path, entries, before: int):
    lines = b"".join(name + b"=" + value + b"\n" for name, value in entries)
    sealring("revoke", path, "-", "--before", before, stdin=lines)


@pytest.fixture
def path(tmp_path):
    sealring("revocations", "--create", tmp_path / "revoked")
    return tmp_path / "revoked"


def some_value(rng) -> bytes:
    value = rng.randbytes(rng.choice([1, 2, 3, 20, rng.randint(1, 200), 1024]))
    return value.replace(b"\n", b"=").replace(b"\r", b" ")


@each_client
def test_what_was_revoked_is_found(client, ring, path, rng):  # noqa: F811
    names = [b"user", b"tenant", "\u00fc".encode(), b"x" * 64, b"a b", b"token"]
    known = {}
    for before in (NOW, NOW - 1, rng.randint(0, LATEST), 0):
        batch = [(rng.choice(names), some_value(rng)) for _ in range(ENTRIES // 4)]
        batch += rng.sample(list(known), min(10, len(known)))
        revoke(path, batch, before)
        for entry in batch:
            known[entry] = max(before, known.get(entry, 0))
    others = [(name, value + b"x") for name, value in rng.sample(list(known), 100)]
    others += [(b"users", value) for _, value in rng.sample(list(known), 100)]
    wanted = list(known) + [(name.upper(), value) for name, value in rng.sample(list(known), 100)] + others
    found = run(client, ring, revocations=path, revoked=wanted).revoked
    lower = {(name.lower(), value): before for (name, value), before in known.items()}
    assert found == [lower.get((name.lower(), value)) for name, value in wanted]
    assert found.count(None) >= 100 and len(known) > ENTRIES * 0.9


@each_client
def test_the_same_sessions_are_revoked(client, tmp_path, path, rng):  # noqa: F811
    ring = write_ring(tmp_path / "session.keys", jwk(rng))  # noqa: F811
    revocations = [(b"user", b"alice"), (b"A", b"a b"), ("\u00fc".encode(), b"\xc3\xbc+"), (b"sid", SID),
                   (b"bound", b"x" * 99), (b"expiry", b"0"), (b"a", b"\xff\xfe")]  # fmt: skip
    revoke(path, rng.sample(revocations, 4), NOW - 50)
    if rng.randrange(3) == 0:
        sealring("revoke", path, "--all", "--before", NOW - 90)
    jobs, wanted = [], []
    with Core(ring, path) as core:
        for _ in range(4 * COUNT):
            profile = Profile(lifetime=rng.choice([0, 100]))
            headers = some_headers(rng, core)
            jobs.append((NOW, COOKIE, profile.parts, profile.subject, 0, profile.lifetime, headers))
            wanted.append(open_session(core, profile, NOW, headers))
    sessions = run(client, ring, revocations=path, session=jobs).sessions
    for job, opened, want in zip(jobs, sessions, wanted, strict=True):
        assert opened == (as_node_has_it(want) if client == "node" else want), job
    results = Counter(opened.reason for opened in wanted)
    assert results.keys() >= {"ok", "revoked", "expired", "none"}, results


@each_client
def test_the_same_tokens_are_revoked(client, tmp_path, path, rng):  # noqa: F811
    ring = write_ring(tmp_path / "session.keys", jwk(rng))  # noqa: F811
    jobs = []
    with Core(ring) as core:
        for _ in range(COUNT):
            at = NOW - rng.randrange(20)
            jobs.append((NOW, b"c", core.seal(b"x", lifetime=60, context=b"c", now=at).encode()))
    ids = [(b"token", token[11:43]) for _, _, token in jobs]
    revoke(path, rng.sample(ids, COUNT // 4), 0)
    sealring("revoke", path, "--all", "--before", NOW - 10)
    with Core(ring, path) as core:
        wanted = [core.open(token, context=context, now=now) for now, context, token in jobs]
    assert run(client, ring, revocations=path, open=jobs).outcomes == wanted
    assert Counter(outcome.reason for outcome in wanted).keys() == {"ok", "revoked"}
