# SPDX-License-Identifier: Apache-2.0
"""The handler sealring-status: what all processes counted, kept over a graceful restart."""

import json

import pytest
from apache_server import site
from tokens import new_key, s1

SITE = """SessionCryptoKeyring session.keys
    <LocationMatch "^/sealring-status">
    SetHandler sealring-status
    Session Off
    </LocationMatch>"""


def status(server) -> dict:
    return json.loads(server.get("/sealring-status.json").text)


def count(server, name: str, **labels) -> int:
    return sum(row["value"] for row in status(server)["counters"][f"{name}_total"]
               if labels.items() <= row.items())


def key_of(server, kid: str) -> dict:
    return next(key for key in status(server)["keys"] if key["kid"] == kid)


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_what_is_counted(ring, mpm):
    server = ring.start(site(SITE), mpm=mpm)
    cookie = server.get("/session?user=alice").cookie()
    for _ in range(3):
        assert server.get("/session", cookie).text.startswith("user=alice")
    server.get("/session", s1(new_key(), b"user=eve"))
    assert count(server, "sealring_sessions_opened", result="ok") == 3
    assert count(server, "sealring_sessions_opened", result="unknown_key") == 1
    assert count(server, "sealring_tokens_opened", format="s1", result="ok") == 3
    assert count(server, "sealring_session_changes", change="started") == 1
    key = key_of(server, ring.key.kid)
    assert key["primary"] and key["opened"]["hour"] == 3 and key["sealed"]["total"] >= 1
    [keyring] = status(server)["keyrings"]
    assert keyring["keyring"].endswith("session.keys")


def test_a_graceful_restart_keeps_the_counts(ring):
    server = ring.start(site(SITE))
    server.get("/session?user=alice")
    sealed = key_of(server, ring.key.kid)["sealed"]["total"]
    assert sealed >= 1
    server.reload()
    assert key_of(server, ring.key.kid)["sealed"]["total"] == sealed


def test_formats(ring):
    server = ring.start(site(SITE))
    for path, accept, kind in (("", "*/*", "text/plain"), (".prom", "text/html", "text/plain"),
                               ("", "application/json", "application/json"), ("", "text/html", "text/html"),
                               ("", "application/openmetrics-text", "application/openmetrics-text")):
        answer = server.get(f"/sealring-status{path}", headers={"Accept": accept})
        assert answer.status == 200 and answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["Cache-Control"] == "no-store" and answer.text
