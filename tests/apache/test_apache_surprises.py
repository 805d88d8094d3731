# SPDX-License-Identifier: Apache-2.0
"""What surprised operators of the stock module: shown on it, and gone with ours."""

import pytest
from apache_server import site

both = pytest.mark.parametrize("crypto", ["stock", "ours"])
GOOD = "a passphrase of many words"


def program(apache, name: str, text: str):
    return apache.write(name, f"#!/bin/sh\n{text}\n", 0o755)


PROGRAMS = {
    "missing": None,
    "fails": "echo from a program that fails; exit 3",
    "killed": "echo from a program that crashes; kill -9 $$",
    "silent": "true",
    "empty-first-line": "echo; echo second",
    "too-long": f"printf '%01025d' 0",
}


@both
def test_exec_of_a_program_that_does_not_work(apache, crypto):
    for name, text in PROGRAMS.items():
        if text is not None:
            program(apache, name, text)
        check = apache.check(site(f"SessionCryptoPassphrase exec:{name}"), crypto=crypto)
        assert check.ok == (crypto == "stock"), (name, check)
        if crypto == "ours":
            assert f"SessionCryptoPassphrase: {apache.folder}/{name} " in check.output or (
                name == "too-long" and "longer than 1024" in check.output
            ), check.output


@both
def test_file_without_a_passphrase(apache, crypto):
    apache.write("empty", "# only comments\n\n   # and space\n")
    body = site("SessionCryptoPassphraseFile empty")
    check = apache.check(body, crypto=crypto)
    assert check.ok == (crypto == "stock")
    if crypto == "ours":
        assert f"there is no passphrase in {apache.folder}/empty" in check.output
    else:
        assert apache.start(body, crypto=crypto).get("/session?in=clear").cookie() == "in=clear"


@both
def test_unknown_cipher(apache, crypto):
    body = site(f"SessionCryptoPassphrase {GOOD!r}\nSessionCryptoCipher rot13".replace("'", '"'))
    check = apache.check(body, crypto=crypto)
    assert check.ok == (crypto == "stock")
    if crypto == "ours":
        assert 'there is no cipher "rot13"; there are aes256' in check.output
        assert "check.site" in check.output and "line 9" in check.output
    else:
        answer = apache.start(body, crypto=crypto).get("/session?lost=yes")
        assert (answer.status, answer.cookie()) == (200, None)


@both
@pytest.mark.parametrize("driver", ["rot13", "openssl engine=nowhere", "openssl flavour=sweet"])
def test_driver_that_does_not_start(apache, crypto, driver):
    check = apache.check(site(f"SessionCryptoDriver {driver}"), crypto=crypto)
    assert check.ok == (crypto == "stock"), check
    if crypto == "ours":
        assert "SessionCryptoDriver: " in check.output and "openssl" in check.output


@both
def test_bad_cookie_in_the_log(apache, crypto):
    """The stock module has two lines at level error for each time that mod_session asks."""
    server = apache.start(site("SessionCryptoPassphrase secret"), crypto=crypto, log_level="info")
    good = server.get("/session?user=alice").cookie()
    start = len(server.error_log)
    flipped = good[:20] + ("a" if good[20] != "a" else "b") + good[21:]
    assert server.get("/session", flipped).text == ""
    lines = server.error_log[start:].splitlines()
    if crypto == "stock":
        assert len([line for line in lines if ":error]" in line]) >= 4
        return
    assert len(lines) == 1
    assert "session_crypto:info" in lines[0]
    assert lines[0].endswith("session refused: authentication_failed")


@both
def test_junk_behind_the_token(apache, crypto):
    server = apache.start(site("SessionCryptoPassphrase secret"), crypto=crypto)
    good = server.get("/session?user=alice").cookie()
    assert good.endswith("=")
    junk = [f"{good}.junk", f"{good}=", f"{good}x", good.rstrip("=")]
    texts = [server.get("/session", value).text for value in (good, *junk)]
    accepted = "user=alice" if crypto == "stock" else ""
    assert texts == ["user=alice", *[accepted] * len(junk)]
    if crypto == "ours":
        assert server.refusals() == ["malformed"] * len(junk)


@both
def test_token_moved_to_another_cookie(apache, crypto):
    """Old tokens do not say which cookie they are for, so this is so with both: what stops it is a
    key ring and a context. See test_apache_rings.py."""
    server = apache.start(site("""SessionCryptoPassphrase secret
        <Location /shop>
        SessionCookieName shop path=/
        </Location>"""), crypto=crypto)  # fmt: skip
    good = server.get("/session?role=admin").cookie()
    assert server.get("/shop/session", f"shop={good};").text == "role=admin"


@both
def test_empty_word_in_a_file(apache, crypto):
    """The stock module takes it for the end of its line. In a directive httpd itself does."""
    apache.write("words", 'one "" two\n')
    check = apache.check(site("SessionCryptoPassphraseFile words"), crypto=crypto)
    assert check.ok == (crypto == "stock")
    if crypto == "ours":
        assert f"a passphrase is empty (in {apache.folder}/words)" in check.output
