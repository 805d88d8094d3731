# SPDX-License-Identifier: Apache-2.0
"""The core and each client: the same session in the same Cookie headers, or the same refusal, and
headers that the core reads as the fields that they were made from."""

import base64
from collections import Counter

from client_workers import run
from libsealring import Core
from libsealring_sessions import Profile, is_reserved, open_session, replaced
from test_clients_cross import COUNT, NOW, each_client, jwk, ring, rng, write_ring  # noqa: F401

COOKIE = Profile().cookie
SID = base64.urlsafe_b64encode(bytes(range(16))).rstrip(b"=")
MICRO = 1_000_000


def some_number(rng) -> bytes:
    near = NOW + rng.choice([-100, -61, -60, -2, -1, 0, 1, 2, 60, rng.randint(-200, 200)])
    return rng.choice([
        b"%d" % near, b"%d" % (near * MICRO + rng.randint(0, MICRO - 1)), b"0%d" % near, b"0", b"", b"-1",
        b"%d" % (2**53 - 1), b"%d" % 2**63, b"%d" % 10**20, b"1x", b"%31", b"+1", b"1.5",
    ])  # fmt: skip


def some_text(rng) -> bytes:
    """Mostly a text of fields."""
    names = [b"user", b"USER", b"a", b"%41", b"%c3%bc", b"sid", b"Sid", b"auth_time", b"expiry", b"bound"]
    pairs = []
    for _ in range(rng.choice([0, 1, 3, 3, 3, rng.randint(0, 70)])):
        name = rng.choice(names) if rng.randrange(4) else b"f%d" % rng.randrange(100)
        if name.lower() in (b"auth_time", b"expiry"):
            value = some_number(rng)
        elif name.lower() == b"sid":
            value = rng.choice([SID, SID, SID[:-1], SID[:-1] + b"x", SID + b"A", b"", b"+" + SID[1:]])
        else:
            value = rng.choice([b"alice", b"a+b", b"%C3%BC%2b", b"", b"a=b", b"%0a", b"%ff%fe", b"x" * 99])
        pairs.append(name + b"=" + value)
    text = bytearray(b"&".join(pairs))
    if rng.randrange(5) == 0:
        text.insert(rng.randrange(len(text) + 1), rng.choice(b"&=%+\n\0\x7f\xff z"))
    return bytes(text)


def some_headers(rng, core) -> list[bytes]:
    cookies = []
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3, 5])):
        context = COOKIE if rng.randrange(10) else "other"
        at = NOW + rng.choice([-100, -60, -1, 0, 60, 61, rng.randint(-150, 0)])
        lifetime = rng.choice([0, 1, 60, 100, 150, 3600])
        token = core.seal(some_text(rng), lifetime=lifetime, context=context.encode(), now=at).encode()
        if rng.randrange(12) == 0:
            token = rng.choice([b"", b"x", token[:-1], token + b"A", b"~" + token, b"2~"])
        parts = rng.choice([1, 1, 2, 2, 3, 9])
        cuts = sorted(rng.randint(0, len(token)) for _ in range(parts - 1))
        pieces = [token[a:b] for a, b in zip([0, *cuts], [*cuts, len(token)], strict=True)]
        for number, piece in enumerate(pieces):
            name = COOKIE if number == 0 else f"{COOKIE}-{number}"
            cookies.append(f"{name}=".encode() + (b"%d~" % parts if number == 0 < parts - 1 else b"") + piece)
    if rng.randrange(3) == 0:
        rng.shuffle(cookies)
    if cookies and rng.randrange(8) == 0:
        cookies.pop(rng.randrange(len(cookies)))
    for _ in range(rng.randrange(3)):
        other = rng.choice([b"a=1", b"S=1", b"s", b"=s", b"", b" s \t=x", b"s-9=1", b"s-1", b"\xffs=1", b'q="s=1'])
        cookies.insert(rng.randrange(len(cookies) + 1), other)
    end = rng.randint(0, len(cookies))
    join = rng.choice([b"; ", b";", b" ;\t"]).join
    return [join(cookies[:end]), join(cookies[end:])][: rng.choice([1, 2, 2])]


def as_node_has_it(opened):
    """As strings: what is not UTF-8 becomes U+FFFD."""
    def text(data):
        return data.decode(errors="replace").encode()

    fields = tuple((text(name), text(value)) for name, value in opened.fields)
    return opened._replace(fields=fields, subject=text(opened.subject))


@each_client
def test_the_same_sessions_open(client, tmp_path, rng):  # noqa: F811
    ring = write_ring(tmp_path / "session.keys", jwk(rng), jwk(rng, seal_from=NOW - 50))  # noqa: F811
    jobs, wanted = [], []
    with Core(ring) as core:
        for _ in range(4 * COUNT):
            profile = Profile(
                parts=rng.choice([1, 2, 3, 9]), subject=rng.choice(["user", "A", "none"]),
                idle=rng.choice([0, 60, 100]), lifetime=rng.choice([0, 60, 100, 2**53 - 1]),
            )  # fmt: skip
            headers = some_headers(rng, core)
            _, parts, subject, idle, lifetime = profile
            jobs.append((NOW, COOKIE, parts, subject, idle, lifetime, headers))
            wanted.append(open_session(core, profile, NOW, headers))
    sessions = run(client, ring, session=jobs).sessions
    for job, opened, want in zip(jobs, sessions, wanted, strict=True):
        assert opened == (as_node_has_it(want) if client == "node" else want), job
    results = Counter((opened.reason, opened.end) for opened in wanted)
    assert results.keys() >= {
        ("ok", ""), ("none", ""), ("expired", "idle"), ("expired", "absolute"), ("malformed", ""),
        ("authentication_failed", ""), ("not_yet_valid", ""),
    }, results  # fmt: skip
    assert results["ok", ""] > COUNT / 4


@each_client
def test_headers_are_read_as_the_fields_they_are_made_from(client, ring, rng):  # noqa: F811
    characters = "aZ09.*_-+%&=;, \t\x01\x7f\x80\u00fc\u20ac\U0001f511"
    jobs = []
    for _ in range(COUNT):
        fields = {}
        for _ in range(rng.choice([0, 1, 2, 5, 64, 65, rng.randint(0, 70)])):
            name = "".join(rng.choices(characters, k=rng.choice([1, 2, 9]))) + str(len(fields))
            fields[name] = "".join(rng.choices(characters, k=rng.choice([0, 1, 9, 20])))
        if rng.randrange(4) == 0:
            name = rng.choice(["sid", "SID", "expiry", "Bound", "", "a\0", "prior", "zz", "ZZ"])
            fields |= {name: "x"} if rng.randrange(2) else {name: "x", "zZ": "y"}
        jobs.append([(name.encode(), value.encode()) for name, value in fields.items()])
    headers = run(client, ring, header=jobs).headers
    refused = 0
    with Core(ring):
        for fields, header in zip(jobs, headers, strict=True):
            names = [name.lower() for name, _ in fields]
            there = [(name, value) for name, value in fields if value]
            good = (
                len(there) <= 64 and len(set(names)) == len(names) and b"" not in names
                and not any(b"\0" in name or is_reserved(name) for name in names)
            )  # fmt: skip
            assert (header is not None) == good, fields
            refused += not good
            if good:
                assert replaced(header.encode()) == there
                assert header.isascii() and header.isprintable()
    assert 0 < refused < COUNT / 2
