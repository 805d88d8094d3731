# SPDX-License-Identifier: Apache-2.0
"""What surprised operators of the stock module: shown on it, and gone with ours."""

import re

import pytest
from apache_server import site, warnings_of

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
}


@both
def test_exec_of_a_program_that_does_not_work(apache, crypto):
    for name, text in PROGRAMS.items():
        if text is not None:
            program(apache, name, text)
        check = apache.check(site(f"SessionCryptoPassphrase exec:{name}"), crypto=crypto)
        assert check.ok == (crypto == "stock"), (name, check)
        if crypto == "ours":
            said = f"SessionCryptoPassphrase: exec:{name}: {apache.folder}/{name} "
            assert said in check.output, check.output


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
@pytest.mark.parametrize("driver", ["rot13", "openssl engine=nowhere"])
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


# ---- What surprises nobody: runs with a warning, as it does on the stock module ------------------

FORMS = {
    "empty-word": ('words', 'one "" two\n', "has an empty word"),
    "long-line": ('words', f"one\n{'x' * 9000}\ntwo\n", "is longer than 8190 bytes"),
}


@both
@pytest.mark.parametrize("name", FORMS)
def test_a_file_of_passphrases_that_ends_early(apache, crypto, name):
    """With both modules what follows is no passphrase. Ours says so, and where."""
    file, text, warning = FORMS[name]
    apache.write(file, text)
    body = "SessionCryptoPassphraseFile words\n" + "".join(
        f"<Location /{word}>\nSessionCryptoPassphrase {word}\n</Location>\n" for word in ("one", "two")
    )
    server = apache.start(site(body), crypto=crypto)
    texts = [server.get("/session", server.get(f"/{word}/session?by={word}").cookie()).text
             for word in ("one", "two")]  # fmt: skip
    assert texts == ["by=one", ""]
    if crypto == "ours":
        said = [text for text in warnings_of(server.error_log) if warning in text]
        assert len(said) == 1 and f" of {apache.folder}/words " in said[0]
        assert "No space left" not in server.error_log and said[0].endswith("httpd.site:8)")


@both
@pytest.mark.parametrize("size", [1025, 8000, 8192])
def test_long_passphrases(apache, crypto, size):
    """Each opens what the other sealed."""
    body = site(f"SessionCryptoPassphrase {'p' * size}")
    other = apache.start(body, name="other", crypto="ours" if crypto == "stock" else "stock")
    server = apache.start(body, crypto=crypto)
    assert server.get("/session", other.get("/session?user=alice").cookie()).text == "user=alice"


DRIVERS = {
    "openssl flavour=sweet": '"flavour" is ignored: the driver openssl has no such parameter',
    "openssl engine": '"engine" is ignored: it has no value',
    "rot13\nSessionCryptoDriver openssl": "a later line ",
}


@both
@pytest.mark.parametrize("driver", DRIVERS)
def test_drivers_with_more_than_counts(apache, crypto, driver):
    body = site(f"SessionCryptoPassphrase secret\nSessionCryptoDriver {driver}")
    server = apache.start(body, crypto=crypto)
    assert server.get("/session", server.get("/session?user=alice").cookie()).text == "user=alice"
    if crypto == "ours":
        (said,) = [text for text in warnings_of(server.error_log) if "Driver" in text]
        assert DRIVERS[driver] in said and said.endswith("httpd.site:9")


@both
@pytest.mark.parametrize("line", ["SessionCryptoCipher rot13", "SessionCryptoPassphrase exec:nothing",
                                  "SessionCryptoPassphrase exec:nothing secret",
                                  "SessionCryptoPassphrase secret exec:nothing"])  # fmt: skip
def test_a_folder_with_a_mistake_in_its_htaccess_file_is_served(apache, crypto, line):
    """The stock module serves it without a session, or with one that an empty passphrase protects.
    Ours has no session there, and says why."""
    apache.write("html/d/.htaccess", line)
    body = f"""SessionCryptoPassphrase secret
        <Directory /var/www/html>
        AllowOverride AuthConfig
        </Directory>"""
    server = apache.start(site(body), crypto=crypto)
    answer = server.get("/d/session?user=alice")
    assert answer.status == 200
    assert (answer.cookie() is None) == (crypto == "ours" or "Cipher" in line)
    if crypto == "ours":
        assert re.search(rf"session_crypto:error.* {line.split()[0]}: .*/d/.htaccess:1", server.error_log)
        cookie = server.get("/session?user=alice").cookie()
        assert server.get("/d/session", cookie).text == ""
        apache.write("html/d/below/.htaccess", "SessionCryptoPassphrase other")
        below = server.get("/d/below/session?user=alice", cookie)
        assert below.status == 200 and below.cookie() is None and below.text == ""
