# SPDX-License-Identifier: Apache-2.0
"""Which files are trusted, and what messages contain and do not contain."""

import os
import traceback

import pytest
from ring_files import jwk, text_of, write
from sealring import InvalidKeyringError, Keyring


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.keys"


def refusal(path) -> str:
    with pytest.raises(InvalidKeyringError) as error:
        Keyring.load(path)
    assert str(error.value).startswith(f'key ring "{path}": ')
    return str(error.value)


def test_load(path):
    ring = Keyring.load(write(path, text_of(jwk(1), jwk(2))))
    assert len(ring.keys) == 2


@pytest.mark.parametrize("mode", [0o640, 0o600, 0o440, 0o400])
def test_modes_that_are_right(path, mode):
    Keyring.load(write(path, text_of(jwk()), mode))


@pytest.mark.parametrize("mode", [0o641, 0o642, 0o644, 0o650, 0o660, 0o604, 0o777])
def test_modes_that_let_others_in(path, mode):
    assert f"chmod 640 {path}" in refusal(write(path, text_of(jwk()), mode))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_stranger_owns_it(path, monkeypatch):
    os.chown(write(path, text_of(jwk())), 54_321, 0)
    assert refusal(path).endswith(f"run: chown root {path}")
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    Keyring.load(path)


def test_what_is_no_file(path, tmp_path):
    assert f"make one: sealring keyring init {path}" in refusal(path)
    os.mkfifo(path, 0o600)
    assert "not a regular file" in refusal(path)
    assert "Is a directory" in refusal(tmp_path)


def test_sizes(path):
    assert "empty" in refusal(write(path, b""))
    text = text_of(jwk())
    Keyring.load(write(path, text.ljust(1 << 20)))
    assert "1 MiB" in refusal(write(path, text.ljust((1 << 20) + 1)))


def test_number_of_keys():
    keys = [jwk(alg="nginx-legacy")] * 4096
    assert len(Keyring.parse(text_of(*keys)).keys) == 4096
    with pytest.raises(InvalidKeyringError, match="4096"):
        Keyring.parse(text_of(*keys, *keys[:1]))


def test_a_symbolic_link_is_followed(path, tmp_path):
    path.symlink_to(write(tmp_path / "target.keys", text_of(jwk())))
    Keyring.load(path)


@pytest.mark.parametrize(
    "text, problem",
    [
        (text_of(jwk())[:-2], "not JSON, or torn"),
        (b"\xef\xbb\xbf" + text_of(jwk()), "not JSON"),
        (b"\xff" + text_of(jwk()), "not JSON"),
        (text_of(jwk()).replace(b'"kty"', b'"a": "\xff", "kty"'), "not JSON"),
        (b'{"keys": [' + b"[" * 100_000, "not JSON"),
        (text_of(jwk()).replace(b'"keys"', b'"a": NaN, "keys"'), "not JSON"),
        (text_of(jwk(), jwk()), "twice"),
        (text_of(jwk(1), jwk(2, kid="XXXXXXXX")), "key 2: its kid must be"),
        (text_of(jwk(open_until="never")), 'key 1: "open_until" must be a whole number'),
        (text_of(jwk(), jwk(alg="nginx-legacy", kid="old")), "start a new ring: sealring keyring init"),
        (text_of(jwk(alg="nginx-legacy", kid="old\n")), "its kid must be of printable"),
        (text_of(jwk(1, seal_from=-1)), '"seal_from"'),
        (text_of(jwk(1)).replace(b'"kty"', b'"seal_from": -0, "kty"'), '"seal_from"'),
    ],
)
def test_messages_say_what_is_wrong_and_no_secret(path, text, problem):
    secret = jwk()["k"]
    try:
        Keyring.load(write(path, text))
        pytest.fail("it was taken")
    except InvalidKeyringError as error:
        assert problem in str(error)
        assert secret not in "".join(traceback.format_exception(error))
        cause = error
        while cause := cause.__cause__ or cause.__context__:
            assert secret not in repr(vars(cause)) + str(cause)


def test_a_key_does_not_show_its_secret():
    key = Keyring.parse(text_of(jwk())).keys[0]
    assert repr(key.secret) not in repr(key)
    assert key.kid in repr(key)


def test_unknown_members_are_ignored():
    others = text_of(jwk()).replace(b'"kty"', b'"a": {"b": "\\udc00", "b": 1}, "kty"')
    assert len(Keyring.parse(others).keys) == 1
    foreign = text_of(jwk()).replace(b'{"kty"', b'{"kty": "RSA", "n": "\\udc00", "n": 1}, {"kty"')
    assert len(Keyring.parse(foreign).keys) == 1
    big = text_of(jwk()).replace(b'"kty"', b'"a": 1%s, "b": -1.5e3, "kty"' % (b"0" * 5000))
    assert len(Keyring.parse(big).keys) == 1


def test_keys_of_all_algorithms_are_read():
    apache = [
        jwk(alg=f"apache-{cipher}", k="c2VjcmV0") for cipher in ("aes256", "aes192", "aes128")
    ]
    ring = Keyring.parse(text_of(jwk(), *apache, jwk(alg="apache-3des192", k="eA")))
    assert [key.kid for key in ring.keys[1:]] == [""] * 4
    jwe = Keyring.parse(text_of(jwk(2, alg="A256GCM"), jwk(3, alg="A256GCM", kid="mine")))
    assert [len(key.kid) for key in jwe.keys] == [8, 4]
    for k in ("", "eA" * 5462):
        with pytest.raises(InvalidKeyringError, match="1 to 8192 bytes"):
            Keyring.parse(text_of(jwk(alg="apache-aes256", k=k)))
