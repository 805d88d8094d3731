# SPDX-License-Identifier: Apache-2.0
"""To the client all refusals look alike, and to the log they are one line each."""

import re
import time

import hostile
import pytest
from apache_server import site
from tokens import new_key, s1

RING = "SessionCryptoKeyring session.keys\nSessionCryptoContext session"


@pytest.fixture
def refused(ring):
    key, now = ring.key, int(time.time())
    good = s1(key, b"user=alice", context=b"session")
    return ring.start(site(RING)), {
        "malformed": "s1." + "!" * (len(good) - 3),
        "unknown_key": s1(new_key(), b"user=alice", context=b"session"),
        "authentication_failed: context": s1(key, b"user=alice", context=b"another"),
        "authentication_failed: tag": good[:-6] + ("A" if good[-6] != "A" else "B") + good[-5:],
        "expired": s1(key, b"user=alice", at=now - 9, lifetime=5, context=b"session"),
        "not_yet_valid": s1(key, b"user=alice", at=now + 99, context=b"session"),
    }


def answer(server, cookie: str | None):
    response = server.get("/session", cookie)
    headers = {name: value for name, value in response.headers.items() if name != "Date"}
    return response.status, headers, response.text


def test_status_headers_and_body_are_alike(refused):
    server, cases = refused
    answers = {reason: answer(server, cookie) for reason, cookie in cases.items()}
    first = answers["malformed"]
    assert first[0] == 200 and first[2] == ""
    for reason, given in answers.items():
        assert given == first, reason


def test_no_line_has_what_a_client_chose(ring):
    server = ring.start(site(RING))
    before = len(server.error_log.splitlines())
    for value in hostile.values(ring.key):
        for cookie in (f"session={value}", f"session={value}; session={value}", f"{hostile.LONG}={value}"):
            server.get("/session", cookie)
    lines = re.findall(r"session refused: .*|SessionCrypto\w*: .*", "\n".join(server.error_log.splitlines()[before:]))
    assert len(lines) > 20
    for line in lines:
        hostile.check_line(line)


def test_each_refusal_is_one_line_of_log(refused):
    server, cases = refused
    for reason, cookie in cases.items():
        before = len(server.error_log.splitlines())
        server.get("/session", cookie)
        lines = server.error_log.splitlines()[before:]
        assert len(lines) == 1, (reason, lines)
        assert f"session refused: {reason.split(':')[0]}" in lines[0]
        assert len(lines[0]) < 250, "whatever the token's size"
