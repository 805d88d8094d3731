# SPDX-License-Identifier: Apache-2.0
"""seal, open and inspect."""

import json
import os
import subprocess

import pytest
from commands import NOW, PROGRAM, change

ALL_BYTES = bytes(range(256))


@pytest.mark.parametrize("payload", [b"", b"user=alice", b"two\nlines\n", ALL_BYTES, b"x" * 100_000])
def test_what_was_sealed_is_opened_byte_for_byte(cli, payload):
    cli.ring()
    token = cli.run("seal", "--keyring", "session.keys", stdin=payload)
    assert token.startswith(b"s1.") and token.endswith(b"\n")
    assert cli.run("open", "--keyring", "session.keys", stdin=token) == payload
    if len(token) < 10_000:
        assert cli.open(token.decode().strip()) == payload


def test_the_default_lifetime_is_a_day_and_the_end_is_exact(cli):
    change(cli.ring(), {"seal_from": NOW})
    token = cli.seal(b"p", "--now", NOW)
    opened = json.loads(cli.open(token, "--json", "--now", NOW))
    assert opened["issued_at"] == NOW
    assert opened["expires_at"] == opened["issued_at"] + 86400
    assert cli.open(token, "--now", opened["expires_at"] - 1) == b"p"
    assert "expired" in cli.open(token, "--now", opened["expires_at"], status=14)


@pytest.mark.parametrize("text, seconds", [
    ("30s", 30), ("90", 90), ("10m", 600), ("1h", 3600), ("2d", 172800), ("1d 12h", 129600)])
def test_lifetimes_are_written_as_in_nginx(cli, text, seconds):
    cli.ring()
    opened = json.loads(cli.open(cli.seal(b"", "--lifetime", text), "--json"))
    assert opened["expires_at"] - opened["issued_at"] == seconds


def test_lifetime_0_is_for_ever(cli):
    cli.ring()
    token = cli.seal(b"p", "--lifetime", "0")
    assert json.loads(cli.open(token, "--json"))["expires_at"] == 0
    assert cli.open(token, "--now", 2**40 - 1) == b"p"


@pytest.mark.parametrize("text", ["", "-1", "1x", "1.5h", "h", "99999999999999999999", "1h1d1h x"])
def test_what_is_no_duration_is_wrong_use(cli, text):
    cli.ring()
    cli.run("seal", "--keyring", "session.keys", f"--lifetime={text}", status=2)


def test_json_has_text_as_text_and_other_bytes_in_base64url(cli):
    ring = cli.ring()
    kid = json.loads(ring.read_text())["keys"][0]["kid"]
    opened = json.loads(cli.open(cli.seal("grün".encode()), "--json"))
    assert list(opened) == ["payload", "kid", "id", "issued_at", "expires_at"]
    assert opened["payload"] == "grün" and opened["kid"] == kid
    opened = json.loads(cli.open(cli.seal(b"\xff\xfe"), "--json"))
    assert "payload" not in opened and opened["payload_b64"] == "__4"


def test_a_context_is_needed_again(cli):
    cli.ring()
    token = cli.seal(b"p", "--context", "download")
    assert cli.open(token, "--context", "download") == b"p"
    for wrong in ([], ["--context", "session"], ["--context="]):
        assert "authentication_failed" in cli.open(token, *wrong, status=13)
    longest = "c" * 1024
    assert cli.open(cli.seal(b"p", "--context", longest), "--context", longest) == b"p"
    cli.run("seal", "--keyring", "session.keys", "--context", longest + "c", status=2)


def altered(token):
    return token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]


def test_each_reason_has_its_status_and_its_name(cli):
    cli.ring()
    cli.ring("other.keys")
    token = cli.seal(b"p", "--now", NOW, "--lifetime", "1h", ring=legacy_free_ring(cli))
    ring = "old.keys"
    assert cli.open(token, "--now", NOW, ring=ring) == b"p"
    for status, reason, token_seen, options in [
            (10, "malformed", token[:40], []),
            (10, "malformed", "", []),
            (13, "authentication_failed", altered(token), []),
            (14, "expired", token, ["--now", NOW + 3600]),
            (15, "not_yet_valid", token, ["--now", NOW - 61])]:
        options = options or ["--now", NOW]
        said = cli.open(token_seen, *options, ring=ring, status=status)
        assert said.startswith(f"sealring: {reason}: ")
        assert not token_seen or token_seen not in said
    assert cli.open(token, "--now", NOW, ring="other.keys", status=12).startswith(
        "sealring: unknown_key: ")
    legacy_only(cli, "legacy.keys")
    s1_only_format = "s1." + "A" * 80
    assert cli.open(s1_only_format, ring="legacy.keys", status=10)


def legacy_free_ring(cli):
    """A ring whose key seals since 2020, for tests that choose their own time."""
    ring = cli.ring("old.keys")
    content = json.loads(ring.read_text())
    content["keys"][0]["seal_from"] = 1_577_836_800
    ring.write_text(json.dumps(content))
    return "old.keys"


def legacy_only(cli, name, *options):
    """A ring that has only an nginx-legacy key left."""
    ring = cli.ring(name)
    cli.run("keyring", "add", name, "--alg", "nginx-legacy", *options, stdin=b"k" * 32)
    content = json.loads(ring.read_text())
    content["keys"] = content["keys"][1:]
    ring.write_text(json.dumps(content))
    return name


def test_a_legacy_token_after_its_keys_are_closed_is_unsupported(cli):
    ring = legacy_only(cli, "legacy.keys", "--open-for", "1h")
    token = cli.run("seal", "--keyring", ring, stdin=b"old")
    assert len(token) % 16 == 0
    assert cli.run("open", "--keyring", ring, stdin=token) == b"old"
    until = json.loads((cli.folder / ring).read_text())["keys"][0]["open_until"]
    said = cli.run("open", "--keyring", ring, "--now", until, stdin=token, status=11)
    assert said.startswith("sealring: unsupported: ")


def test_sealing_without_a_key_that_may_is_operational_and_says_what_to_look_at(cli):
    cli.ring("later.keys", "--activate-in", "1h")
    said = cli.run("seal", "--keyring", "later.keys", stdin=b"p", status=3)
    assert "no key may seal" in said and "sealring keyring list later.keys" in said


def test_a_ring_that_cannot_be_used_is_operational_and_named(cli):
    assert f"sealring keyring init {cli.folder / 'gone'}" in cli.run(
        "seal", "--keyring", "gone", stdin=b"p", status=3)
    ring = cli.ring()
    ring.chmod(0o644)
    assert f"chmod 640 {ring}" in cli.open("s1.x", status=3)
    ring.chmod(0o600)
    ring.write_text(ring.read_text()[:-10])
    assert "session.keys" in cli.open("s1.x", status=3)


def test_neither_tokens_nor_payloads_stand_in_messages(cli):
    cli.ring()
    token = cli.seal(b"hunter2-payload", "--lifetime", "1s")
    for command in (["open", "--keyring", "session.keys", "--now", 1, token],
                    ["open", "--keyring", "session.keys", token, "more"],
                    ["open", "--keyring", "session.keys", "--unknown", token],
                    ["open", "--keyring", "session.keys", f"--unknown={token}"],
                    [token], ["inspect", altered(token), token]):
        done = cli.run(*command, status=15 if "--now" in command else 2)
        assert token not in done and token[20:60] not in done and "hunter2" not in done


def test_a_payload_over_16_mib_is_refused_before_anything_is_sealed(cli):
    cli.ring()
    said = cli.run("seal", "--keyring", "session.keys", stdin=bytes(2**24 + 1), status=2)
    assert "16 MiB" in said
    token = cli.run("seal", "--keyring", "session.keys", stdin=bytes(2**24))
    assert cli.run("open", "--keyring", "session.keys", stdin=token) == bytes(2**24)


def test_a_token_that_is_too_long_is_malformed_and_not_read_to_its_end(cli):
    cli.ring()
    with open("/dev/zero", "rb") as endless:
        done = subprocess.run([PROGRAM, "open", "--keyring", "session.keys"], cwd=cli.folder,
                              stdin=endless, capture_output=True, timeout=60)
    assert done.returncode == 10


def test_inspect_needs_no_key_and_proves_nothing(cli):
    ring = cli.ring()
    kid = json.loads(ring.read_text())["keys"][0]["kid"]
    token = cli.seal(b"0123456789")
    ring.unlink()
    seen = json.loads(cli.run("inspect", "--json", token))
    assert seen == {"format": "s1", "kid": kid, "payload_size": 10}
    assert json.loads(cli.run("inspect", "--json", altered(token))) == seen
    text = cli.run("inspect", stdin=token.encode() + b"\n").decode()
    assert kid in text and "10 bytes" in text and "proves" in text
    cli.run("inspect", "no token", status=10)


def test_a_full_disk_is_noticed(cli):
    cli.ring()
    with open("/dev/full", "wb") as full:
        for command in (["seal", "--keyring", "session.keys"], ["--help"], ["--version"],
                        ["keyring", "list", "session.keys"]):
            done = subprocess.run([PROGRAM, *command], cwd=cli.folder, input=b"p", stdout=full,
                                  stderr=subprocess.PIPE, timeout=60)
            assert done.returncode == 3 and b"No space left" in done.stderr, command


def test_a_reader_that_went_away_is_noticed(cli):
    cli.ring()
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([PROGRAM, "--version"], stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    assert done.returncode == 3 and b"Broken pipe" in done.stderr
