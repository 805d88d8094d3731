# SPDX-License-Identifier: Apache-2.0
"""Passphrases of Apache's mod_session_crypto in a ring, on the command line."""

import json

import pytest
from commands import ROOT

CIPHERS = ("aes256", "aes192", "aes128", "3des192")
PASSPHRASE = b"correct horse battery staple"


def vector(cipher):
    path = ROOT / "spec" / "vectors" / f"apache_legacy_valid_{cipher}.json"
    return json.loads(path.read_text())


@pytest.mark.parametrize("cipher", CIPHERS)
def test_an_added_passphrase_opens_what_apache_sealed(cli, cipher):
    ring = cli.ring()
    case = vector(cipher)
    assert "malformed" in cli.open(case["token"], status=10)
    cli.run("keyring", "add", ring, "--alg", f"apache-{cipher}", "--open-only",
            stdin=PASSPHRASE + b"\n")
    assert cli.open(case["token"]).hex() == case["payload_hex"]
    assert cli.seal(b"k=v").startswith("s1.")
    key = json.loads(ring.read_text())["keys"][1]
    assert (key["alg"], key["key_ops"]) == (f"apache-{cipher}", ["decrypt"])
    listed = cli.run("keyring", "list", ring).decode()
    assert f"apache-{cipher}" in listed and PASSPHRASE.decode() not in listed


@pytest.mark.parametrize("cipher", CIPHERS)
def test_a_ring_of_a_passphrase_alone_seals_in_its_format(cli, cipher):
    ring = cli.folder / "session.keys"
    ring.write_text(json.dumps(vector(cipher)["keyring"]))
    ring.chmod(0o640)
    tokens = {cli.seal(b"user=alice") for _ in range(3)}
    assert len(tokens) == 3
    for token in tokens:
        assert not token.startswith("s1.") and len(token) % 4 == 0
        assert cli.open(token) == b"user=alice"
        assert "authentication_failed" in cli.open(token[:20] + "AAAA" + token[24:], status=13)
        assert "malformed" in cli.open(token + ".junk", status=10)


@pytest.mark.parametrize("passphrase", [b"", b"\n", b"x" * 8193], ids=["empty", "a line end", "long"])
def test_a_passphrase_out_of_bounds_is_refused_and_the_ring_stays(cli, passphrase):
    ring = cli.ring()
    before = ring.read_text()
    message = cli.run("keyring", "add", ring, "--alg", "apache-aes256", stdin=passphrase, status=2)
    assert "1 to 8192 bytes" in message
    assert ring.read_text() == before


def test_a_passphrase_takes_no_iv(cli):
    ring = cli.ring()
    message = cli.run("keyring", "add", ring, "--alg", "apache-aes256", "--iv", "00" * 16,
                      stdin=PASSPHRASE, status=2)
    assert "--iv" in message
