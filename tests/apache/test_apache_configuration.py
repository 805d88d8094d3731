# SPDX-License-Identifier: Apache-2.0
"""What httpd says when it starts and in `apachectl configtest`: errors that keep it from starting,
and warnings, each once, with the place and the remedy."""

import os
import re
import subprocess
from datetime import datetime, timedelta, timezone

import pytest
from apache_server import AS_ROOT, SEALRING, site, warnings_of
from tokens import jwk_set, new_key, wait_out_midnight

LONG = "four or five words that are random"


def day(offset: int) -> str:
    return (datetime.now(timezone.utc) + timedelta(days=offset)).strftime("%Y-%m-%d")


# The first line of the body is line 8 of the site.
ERRORS = {
    "ring-missing": ("SessionCryptoKeyring none.keys",
                     r'SessionCryptoKeyring: .*/none.keys.*No such file.*site:8'),
    "ring-missing-in-a-section": ("<Location /a>\nSessionCryptoKeyring none.keys\n</Location>",
                                  r"SessionCryptoKeyring: .*No such file.*site:9"),
    "ring-readable-by-others": ("SessionCryptoKeyring open.keys", r"others may read.*site:8"),
    "ring-torn": ("SessionCryptoKeyring torn.keys", r"not JSON, or torn.*site:8"),
    "ring-empty": ("SessionCryptoKeyring empty.keys", r"empty.*site:8"),
    "cipher": ("SessionCryptoCipher AES256",
               r'line 8 .*\n.*no cipher "AES256"; there are aes256 \(the default\), aes192, aes128'),
    "driver": ("SessionCryptoDriver opensssl", r"SessionCryptoDriver: .*openssl.*site:8"),
    "driver-with-a-comma": ("SessionCryptoDriver nss dir=a,b", r'"dir=a,b" has a comma'),
    "driver-that-does-not-start": ("SessionCryptoDriver openssl provider=none",
                                   r'SessionCryptoDriver: OpenSSL has no provider "none".*site:8'),
    "plain-sessions": (f"SessionCryptoPassphrase none\n<Location /a>\nSessionCryptoPassphrase \"{LONG}\"\n"
                       "</Location>", r"SessionCryptoPassphrase: sessions would be in plain text"),
    "none-with-others": (f"SessionCryptoPassphrase none \"{LONG}\"", '"none" beside passphrases'),
    "unknown-variable": ("SessionCryptoContext ${NAME}", r'"\$\{NAME\}" was not replaced'),
    "file-without-passphrases": ("SessionCryptoPassphraseFile comments", "there is no passphrase in"),
    "driver-in-a-section": ("<Location /a>\nSessionCryptoDriver openssl\n</Location>", "line 9"),
    "driver-in-a-host": ("<VirtualHost *>\nSessionCryptoDriver openssl\n</VirtualHost>", "line 9"),
    "day": ("SessionCryptoLegacyUntil 2027-02-29", r'"2027-02-29" is not a day; .*2027-01-31'),
    "day-with-junk": ("SessionCryptoLegacyUntil 2027-01-310", "is not a day"),
    "day-before-time": ("SessionCryptoLegacyUntil 1969-12-31", "is not a day"),
    "day-without-ring": (f'SessionCryptoPassphrase "{LONG}"\nSessionCryptoLegacyUntil 2099-01-01',
                         r"SessionCryptoLegacyUntil: there is no SessionCryptoKeyring.*site:9"),
    "context-without-ring": (f'SessionCryptoPassphrase "{LONG}"\nSessionCryptoContext session',
                             r"SessionCryptoContext: there is no SessionCryptoKeyring.*site:9"),
    "context-too-long": (f"SessionCryptoContext {'c' * 1025}", "not be longer than 1024"),
    "passphrase-too-long": (f"SessionCryptoPassphrase {'p' * 8193}", "longer than 8192"),
    "file-missing": ("SessionCryptoPassphraseFile none",
                     r'cannot read "none" \(/.*/none\): No such file'),
    "file-is-a-folder": ("SessionCryptoPassphraseFile html", 'cannot read "html"'),
    "file-with-a-program-that-fails": ("SessionCryptoPassphraseFile calls",
                                       r"/none cannot be run: No such file.*\(in .*/calls\)"),
    "exec-alone": ("SessionCryptoPassphrase 'exec: '", "exec: is not followed by a program"),
}  # fmt: skip


def write_files_of_errors(apache):
    apache.write_ring("", "empty.keys")
    apache.write_ring("{", "torn.keys")
    apache.write_ring(jwk_set(new_key()), "open.keys")
    (apache.folder / "open.keys").chmod(0o644)
    apache.write("calls", "exec:none\n")
    apache.write("comments", "# nothing else\n")


def test_errors(apache):
    """None of them starts, and each message names the place and the remedy."""
    write_files_of_errors(apache)
    for name, (body, message) in ERRORS.items():
        check = apache.check(site(body))
        assert not check.ok, name
        assert re.search(message, check.output), (name, check.output)


def test_a_bad_ring_does_not_start(apache):
    with pytest.raises(AssertionError, match=r"did not start(.|\n)*No such file"):
        apache.start(site("SessionCryptoKeyring none.keys"))


@pytest.mark.parametrize(
    "body",
    [
        f'SessionCryptoPassphrase "{LONG}" more\nSessionCryptoPassphrase "and {LONG}"',
        "SessionCryptoPassphraseFile words",
        "SessionCryptoPassphrase exec:program",
        'SessionCryptoPassphrase "exec:program with arguments"',
        "SessionCryptoPassphrase exec:",  # a passphrase of five characters
        f'SessionCryptoPassphrase "{LONG}"\nSessionCryptoCipher 3des192\nSessionCryptoDriver openssl',
        f'<Directory /tmp>\nSessionCryptoPassphrase "{LONG}"\n</Directory>',
        f"SessionCryptoKeyring session.keys\nSessionCryptoContext {'c' * 1024}",
        f'SessionCryptoKeyring session.keys\nSessionCryptoPassphrase "{LONG}"\n'
        "SessionCryptoLegacyUntil 2096-02-29",
        "SessionCryptoCipher aes128",
    ],
)
def test_what_is_right(ring, body):
    ring.write("words", f'# a comment\none two # not a word\n"exec:program x"\n')
    ring.write("program", "#!/bin/sh\necho a passphrase $*\n", 0o755)
    check = ring.check(site(body))
    assert check.ok and "error" not in check.output and "emerg" not in check.output, check


def test_files_and_programs(apache):
    """Several words on a line, comments, quotes, a program with arguments and no environment: the
    stock module finds the same passphrases, in the same order."""
    apache.write("words", 'first "the second" # third\n  # fourth\n"exec:program fifth"\nsixth\n')
    apache.write("program", "#!/bin/sh\ntrap '' PIPE\necho \"$1 $USER.\"\necho more\n", 0o755)
    lines = ["SessionCryptoPassphraseFile words", "SessionCryptoPassphrase exec:program"]
    words = ("first", "the second", "fifth .", "sixth", " .")
    for crypto in ("stock", "ours"):
        body = "\n".join(lines)
        for number, word in enumerate(words):
            body += f'\n<Location /{number}>\nSessionCryptoPassphrase "{word}"\n</Location>'
        server = apache.start(site(body), name=crypto, crypto=crypto)
        for number in range(len(words)):
            cookie = server.get(f"/{number}/session?n={number}").cookie()
            assert server.get("/session", cookie).text == f"n={number}", (crypto, number)
        for cookie in (server.get("/session?by=first").cookie(),):
            assert server.get("/0/session", cookie).text == "by=first"


# ---- Warnings ------------------------------------------------------------------------------------


def test_warnings_come_once(ring):
    """Once in configtest, once at start, once for each reload: however many sections there are."""
    body = f'SessionCryptoPassphrase "{LONG}"\n'
    for number in range(3):
        body += f'<Location /{number}>\nSessionCryptoPassphrase "{LONG} {number}"\n</Location>\n'
    checked = warnings_of(ring.check(site(body)).output)
    assert len(checked) == 1
    assert re.search(r"SessionCryptoPassphrase: only a passphrase protects.*sealring keyring init "
                     rf"{ring.folder}/session.keys.*SessionCryptoKeyring session.keys.*:8$",
                     checked[0])  # fmt: skip
    server = ring.start(site(body))
    assert len(warnings_of(server.error_log)) == 1 and warnings_of(server.startup) == []
    server.reload()
    assert len(warnings_of(server.error_log)) == 2


def test_the_line_that_it_shows_ends_the_warning(ring):
    wait_out_midnight()
    body = f'SessionCryptoPassphrase "{LONG}"\nSessionCryptoKeyring session.keys\n'
    (warning,) = warnings_of(ring.check(site(body)).output)
    line = re.search(r'add "(SessionCryptoLegacyUntil \d{4}-\d\d-\d\d)"', warning)[1]
    assert line.endswith(day(30)) or line.endswith(day(29))
    assert warnings_of(ring.check(site(f"{body}{line}")).output) == []
    (over,) = warnings_of(ring.check(site(f"{body}SessionCryptoLegacyUntil {day(-1)}")).output)
    assert f"SessionCryptoLegacyUntil: {day(-1)} has passed" in over
    assert over.endswith("check.site:10")
    assert warnings_of(ring.check(site("SessionCryptoKeyring session.keys")).output) == []


@pytest.mark.parametrize("word", ["secret", "fifteen-letters", "x" * 40, "CorrectHorseBatteryStaple"])
def test_guessable_passphrases(ring, word):
    body = f"SessionCryptoKeyring session.keys\nSessionCryptoLegacyUntil {day(1)}\n"
    ring.write("words", f"{word}\n")
    for line in (f"SessionCryptoPassphrase {word}", "SessionCryptoPassphraseFile words"):
        (warning,) = warnings_of(ring.check(site(f"{body}{line}")).output)
        assert warning.startswith(f"{line.split()[0]}: a passphrase has fewer than 16 characters")
        assert word not in warning and "openssl rand" in warning and warning.endswith("site:10")
    enough = f'{body}SessionCryptoPassphrase "sixteen letters."'
    assert warnings_of(ring.check(site(enough)).output) == []


@pytest.mark.skipif(not AS_ROOT, reason="only root starts children of another user")
def test_ring_that_children_cannot_read(ring):
    """It works, until the ring changes: so the command that fixes it is shown, and works."""
    os.chown(ring.folder / "session.keys", 0, 0)
    body = site("SessionCryptoKeyring session.keys\n<Location /a>\nSessionCryptoContext a\n</Location>")
    (warning,) = warnings_of(ring.check(body).output)
    assert "child processes will not see this ring change" in warning
    server = ring.start(body)
    assert warnings_of(server.error_log) == [warning]
    assert server.get("/session?user=alice").cookie().startswith("s1.")
    command = re.search(r"run: (chgrp .*)", warning)[1]
    subprocess.run(command, shell=True, check=True)
    assert warnings_of(ring.check(body).output) == []


def test_a_ring_of_the_tool(apache):
    path = apache.folder / "made.keys"
    subprocess.run([SEALRING, "keyring", "init", path], check=True, capture_output=True)
    server = apache.start(site("SessionCryptoKeyring made.keys"))
    assert server.get("/session", server.get("/session?k=v").cookie()).text == "k=v"
