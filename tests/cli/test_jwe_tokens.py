# SPDX-License-Identifier: Apache-2.0
"""A ring of A256GCM keys on the command line: tokens are JWEs, and rotation says how many there may be."""

import json

import pytest
from commands import NOW, change

BUDGET = b"2^32 tokens on all servers together"


def rewrite(ring, change):
    keys = json.loads(ring.read_text())
    change(keys["keys"])
    ring.write_text(json.dumps(keys))


def test_init_makes_a_key_for_jwe_and_says_how_long_it_lasts(cli):
    assert BUDGET in cli.run("keyring", "init", "session.keys", "--alg", "A256GCM")
    assert BUDGET not in cli.run("keyring", "init", "other.keys")
    assert BUDGET in cli.run("keyring", "list", "session.keys")
    assert BUDGET not in cli.run("keyring", "list", "other.keys")


def test_list_says_at_what_rate_a_key_is_used_up(cli):
    ring = cli.ring("session.keys", "--alg", "A256GCM")
    assert b"has sealed for" not in cli.run("keyring", "list", "session.keys")

    def age(keys):
        keys[0]["seal_from"] -= 30 * 86400 + 60
    rewrite(ring, age)
    said = cli.run("keyring", "list", "session.keys").decode()
    kid = json.loads(ring.read_text())["keys"][0]["kid"]
    assert f"Key {kid} has sealed for 30 days. If that was more than 1656 per second:" in said


def test_rotation_keeps_the_algorithm(cli):
    ring = cli.ring("session.keys", "--alg", "A256GCM")
    assert BUDGET in cli.run("keyring", "rotate", "session.keys")
    assert [key["alg"] for key in json.loads(ring.read_text())["keys"]] == ["A256GCM"] * 2


@pytest.mark.parametrize("payload", [b"", b"user=alice", b'{"a":"\\u00fc"}\n', bytes(range(256))])
def test_seal_inspect_open(cli, payload):
    ring = cli.ring("session.keys", "--alg", "A256GCM")
    kid = json.loads(ring.read_text())["keys"][0]["kid"]
    token = cli.seal(payload, "--context", "session")
    assert token.startswith("eyJ") and token.count(".") == 4
    seen = json.loads(cli.run("inspect", "--json", token))
    assert (seen["format"], seen["kid"]) == ("jwe", kid)
    assert seen["payload_size"] > len(payload)
    assert cli.open(token, "--context", "session") == payload
    assert "authentication_failed" in cli.open(token, "--context", "download", status=13)
    assert "authentication_failed" in cli.open(token, status=13)


def test_reasons(cli):
    change(cli.ring("session.keys", "--alg", "A256GCM"), {"seal_from": NOW})
    token = cli.seal(b"p", "--now", NOW, "--lifetime", "60")
    assert "expired" in cli.open(token, "--now", NOW + 60, status=14)
    assert "not_yet_valid" in cli.open(token, "--now", NOW - 61, status=15)
    cli.open(token + ".", status=10)
    cli.ring("other.keys", "--alg", "A256GCM")
    assert "unknown_key" in cli.open(token, ring="other.keys", status=12)
    cli.ring("s1.keys")
    assert "unsupported" in cli.open(token, ring="s1.keys", status=11)


def test_a_context_that_is_no_text_is_wrong_use(cli):
    cli.ring("session.keys", "--alg", "A256GCM")
    said = cli.run("seal", "--keyring", "session.keys", "--context", b"\xff", status=2)
    assert "--context" in said and "JWE" in said


def test_a_backends_key_keeps_its_kid(cli):
    """A ring that is a backend's JWK Set, written by hand and with the backend's names."""
    path = cli.folder / "backend.keys"
    path.write_text(json.dumps({"keys": [{"kty": "oct", "alg": "A256GCM", "kid": "login#1", "k": "A" * 43}]}))
    path.chmod(0o600)
    token = cli.seal(b"p", ring="backend.keys")
    assert json.loads(cli.run("inspect", "--json", token))["kid"] == "login#1"
    assert cli.open(token, ring="backend.keys") == b"p"
