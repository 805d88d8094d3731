# SPDX-License-Identifier: Apache-2.0
"""keyring add: adds an existing key to a ring."""

import base64
import json
import time

import pytest
from commands import DAY, OLD_SECRET, XAES, bytes_of, change, keys_in, near


def add(cli, *options, stdin=b"", status=0):
    return cli.run("keyring", "add", "session.keys", *options, stdin=stdin, status=status)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("from_file", [False, True])
def test_add_takes_a_secret_with_or_without_a_line_end(cli, end, from_file):
    ring = cli.ring()
    (cli.folder / "secret").write_bytes(OLD_SECRET + end)
    source = {"stdin": b"" if from_file else OLD_SECRET + end}
    add(cli, "--alg", "nginx-legacy", *(["--secret-file", "secret"] if from_file else []), **source)
    key = keys_in(ring)[1]
    assert bytes_of(key["k"]) == OLD_SECRET and key["alg"] == "nginx-legacy"
    assert bytes_of(key["iv"]) == b"deadbeefdeadbeef"


def test_add_takes_random_bytes_as_they_are(cli):
    ring = cli.ring()
    secret = bytes(range(224, 255)) + b"\n"
    add(cli, "--alg", XAES, stdin=secret)
    assert bytes_of(keys_in(ring)[1]["k"]) == secret


@pytest.mark.parametrize("iv", [b"1234567812345678", b"short", b"", b"\x00\xff"])
def test_add_takes_the_iv_in_hex(cli, iv):
    ring = cli.ring()
    add(cli, "--alg", "nginx-legacy", f"--iv={iv.hex()}", stdin=OLD_SECRET)
    assert bytes_of(keys_in(ring)[1]["iv"]) == iv


def test_add_passphrases_of_apache(cli):
    ring = cli.ring()
    for cipher in ("aes256", "aes192", "aes128", "3des192"):
        add(cli, "--alg", f"apache-{cipher}", stdin=b"p\xc3\xa4ss phrase\n")
    assert [bytes_of(key["k"]) for key in keys_in(ring)[1:]] == ["päss phrase".encode()] * 4


@pytest.mark.parametrize("seal_from", [None, 0])
def test_an_added_key_does_not_take_over(cli, seal_from):
    ring = cli.ring()
    if seal_from is not None:
        change(ring, {"seal_from": seal_from})
    sealing = cli.listed()[0]["kid"]
    for secret in (OLD_SECRET, OLD_SECRET[::-1]):
        said = add(cli, "--alg", "nginx-legacy", stdin=secret).decode()
        assert "seals while no other key of the ring does" in said
        assert "can be forged" in said and "--open-for" in said
        assert [key["kid"] for key in cli.listed() if key["primary"]] == [sealing]
    assert len(cli.listed()) == 3


def test_a_jwk_that_says_when_it_seals_may_take_over(cli):
    start = int(time.time()) - 1000
    change(cli.ring(), {"seal_from": start})
    for place, (seal_from, takes_over) in enumerate([(start - 1, False), (start, False), (start + 1, True)]):
        jwk = {"kty": "oct", "alg": "A256GCM", "k": "ABC"[place] * 42 + "A", "kid": str(place),
               "seal_from": seal_from}
        (cli.folder / "key.jwk").write_text(json.dumps(jwk))
        said = add(cli, "--jwk", "key.jwk").decode()
        then = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seal_from))
        assert f"and seals from {then} on, instead of keys with an earlier seal_from." in said
        assert [key["kid"] for key in cli.listed() if key["primary"] and key["kid"] == str(place)] == (
            [str(place)] if takes_over else [])


def test_add_open_only_for_a_time(cli):
    ring = cli.ring()
    said = add(cli, "--alg", "nginx-legacy", "--open-only", "--open-for", "30d",
               stdin=OLD_SECRET).decode()
    assert "never seals" in said and "can be forged" not in said and " until 2" in said
    key = keys_in(ring)[1]
    assert key["key_ops"] == ["decrypt"] and near(key["open_until"], time.time() + 30 * DAY)


@pytest.mark.parametrize("encoding, text", [
    ("hex", OLD_SECRET.hex()), ("base64", base64.b64encode(OLD_SECRET).decode()),
    ("base64", base64.urlsafe_b64encode(OLD_SECRET).decode().rstrip("="))])
def test_add_decodes_a_secret_and_says_when_one_looks_encoded(cli, encoding, text):
    ring = cli.ring()
    said = add(cli, "--alg", "nginx-legacy", stdin=text.encode(), status=2)
    assert f"looks like {encoding} of that many bytes: add --decode {encoding}" in said and text not in said
    add(cli, "--alg", "nginx-legacy", "--decode", encoding, stdin=text.encode() + b"\n")
    add(cli, "--alg", "apache-aes256", "--decode", encoding, stdin=text.encode())
    add(cli, "--alg", "apache-aes256", stdin=text.encode())
    assert sorted(bytes_of(key["k"]) for key in keys_in(ring)[1:]) == sorted([
        OLD_SECRET, OLD_SECRET, text.encode()])


def test_add_a_jwk_with_a_kid(cli):
    ring = cli.ring()
    jwk = {"kty": "oct", "alg": "dir", "k": "A" * 43, "kid": "there", "key_ops": ["decrypt"]}
    (cli.folder / "key.jwk").write_text(json.dumps(jwk))
    assert '"alg" is "dir"' in add(cli, "--jwk", "key.jwk", status=2)
    said = add(cli, "--jwk", "key.jwk", "--alg", "A256GCM").decode()
    assert "Added key there (A256GCM)" in said and "never seals" in said
    jwk |= {"alg": "A256GCM", "k": "B" * 42 + "A"}
    (cli.folder / "key.jwk").write_text(json.dumps(jwk))
    add(cli, "--jwk", "key.jwk", "--kid", "k" * 128)
    assert {key["kid"] for key in keys_in(ring)[1:]} == {"there", "k" * 128}
    assert "its kid must be" in add(cli, "--alg", XAES, "--kid", "x", stdin=bytes(32), status=2)


@pytest.mark.parametrize("options, stdin, status, message", [
    (["--alg", "nginx"], OLD_SECRET, 2, 'no algorithm "nginx"; the algorithms are XAES-256-GCM, '),
    ([], OLD_SECRET, 2, "--alg is required"),
    (["--alg", "nginx-legacy"], b"short", 2, "its secret must be 32 bytes long, and is 5"),
    (["--alg", "nginx-legacy"], OLD_SECRET + b"\n\n", 2, "its secret must be 32 bytes long"),
    (["--alg", "apache-aes256"], b"", 2, "its secret must be"),
    (["--alg", "apache-aes256"], b"p" * 8193, 2, "its secret must be"),
    (["--alg", "apache-aes256"], b"p" * 100_000, 2, "its secret must be"),
    (["--alg", "nginx-legacy", "--iv", "1234567"], OLD_SECRET, 2, "--iv: this is not hex"),
    (["--alg", "nginx-legacy", "--iv", "0x12"], OLD_SECRET, 2, "--iv: this is not hex"),
    (["--alg", "nginx-legacy", "--iv", "ab" * 17], OLD_SECRET, 2, "iv"),
    (["--alg", XAES, "--iv", "ab"], bytes(32), 2, "--iv: keys for XAES-256-GCM have no IV"),
    (["--alg", "nginx-legacy", "--secret-file", "gone"], b"", 3, 'cannot open "gone"'),
    (["--alg", "nginx-legacy", "--secret-file", "."], b"", 3, 'cannot read "."'),
    (["--alg", "nginx-legacy", "--open-for", "40000y"], OLD_SECRET, 2, "--open-for: this is too"),
    (["--alg", "nginx-legacy", "--open-for", "soon"], OLD_SECRET, 2, "this is not a duration"),
])
def test_what_add_refuses(cli, options, stdin, status, message):
    ring = cli.ring()
    before = ring.read_bytes()
    said = add(cli, *options, stdin=stdin, status=status)
    assert message in said and OLD_SECRET.decode() not in said
    assert ring.read_bytes() == before


def test_one_secret_cannot_serve_two_formats(cli):
    ring = cli.ring()
    add(cli, "--alg", "nginx-legacy", stdin=OLD_SECRET)
    before = ring.read_bytes()
    said = add(cli, "--alg", XAES, stdin=OLD_SECRET, status=3)
    assert "share one secret" in said and "was not changed" in said
    assert said.rstrip().endswith("sealring keyring init")
    assert ring.read_bytes() == before
