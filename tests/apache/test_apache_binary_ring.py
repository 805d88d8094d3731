# SPDX-License-Identifier: Apache-2.0
"""A ring of nginx, whose sealing key makes binary tokens: they fit no session."""

import json
import os
import subprocess

import pytest
from apache_server import SEALRING, own, site, wait_until
from ring import Key
from tokens import jwk_set, new_key, opened

RING = "SessionCryptoKeyring session.keys"


def legacy_key() -> Key:
    return Key("nginx-legacy", os.urandom(32), "")


def test_it_is_refused_at_configtest(apache):
    apache.write_ring(jwk_set(legacy_key()))
    check = apache.check(site(RING))
    assert not check.ok
    assert "SessionCryptoKeyring: the key that seals in" in check.output
    command = f"keyring rotate --activate-in 0 {apache.folder}/session.keys"
    assert command in check.output and "check.site:8" in check.output
    subprocess.run([SEALRING, *command.split()], check=True, capture_output=True)
    assert apache.check(site(RING)).ok


def test_one_that_only_opens_is_right(apache):
    key = new_key()
    apache.write_ring(jwk_set(legacy_key(), key))
    server = apache.start(site(RING))
    assert own(opened(server.get("/session?user=alice").cookie(), key).payload) == b"user=alice"


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_a_ring_that_becomes_such_a_one(ring, mpm):
    """No cookie, an error that says what to do, and neither token nor payload in the log."""
    server = ring.start(site(RING), mpm=mpm)
    cookie = server.get("/session?user=alice").cookie()
    open_only = json.loads(jwk_set(ring.key))["keys"][0] | {"key_ops": ["decrypt"]}
    ring.write_ring(json.dumps({"keys": [open_only, *json.loads(jwk_set(legacy_key()))["keys"]]}))
    wait_until(lambda: server.get("/session?user=bob").cookie() is None, "the ring to be seen", 10)
    assert server.get("/session?user=bob").status == 200
    assert "AH01841: cannot seal the session: the key that seals in" in server.error_log
    assert server.get("/session", cookie).text == "user=alice"
    assert "bob" not in server.error_log and "Set-Cookie" not in server.error_log
