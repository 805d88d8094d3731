# SPDX-License-Identifier: Apache-2.0
"""Passphrases in .htaccess files, which httpd reads anew for each request."""

from pathlib import Path

import pytest
from apache_server import site
from tokens import opened

SITE = """<Directory /var/www/html>
    AllowOverride AuthConfig
    </Directory>"""


def folder(apache, name: str, lines: str) -> None:
    apache.write(f"html/{name}/.htaccess", lines)


def test_many_of_them(apache):
    """More than a thread keeps sealers for, each opening only its own."""
    for number in range(12):
        folder(apache, f"d{number}", f"SessionCryptoPassphrase passphrase-{number}\n"
                                     f"SessionCryptoCipher aes{128 if number % 2 else 256}")  # fmt: skip
    server = apache.start(site(SITE), mpm="prefork")
    cookies = {}
    for _ in range(3):
        for number in range(12):
            cookie = cookies.get(number)
            answer = server.get(f"/d{number}/session?n={number}", cookie)
            cookies[number] = answer.cookie()
    for number, cookie in cookies.items():
        assert server.get(f"/d{number}/session", cookie).text == f"n={number}"
        assert server.get(f"/d{(number + 2) % 12}/session", cookie).text == ""


@pytest.mark.parametrize("crypto", ["stock", "ours"])
def test_returning_cookies_of_a_folder(apache, crypto):
    """Nothing is derived anew for them, as long as the thread has the folder's sealer: a PBKDF2 of
    4096 rounds is over a millisecond of CPU, and a request without one far less."""
    folder(apache, "d", "SessionCryptoPassphrase secret")
    server = apache.start(site(SITE), crypto=crypto, mpm="prefork")
    cookie = server.get("/d/session?user=alice").cookie()
    (child,) = server.children()

    def cpu() -> int:
        return sum(int(field) for field in Path(f"/proc/{child}/stat").read_text().split()[13:15])

    before = cpu()
    for _ in range(300):
        assert server.get("/d/session", cookie).text == "user=alice"
    ticks = cpu() - before  # of 10 ms
    assert (ticks > 35) == (crypto == "stock"), ticks


def test_memory_stays(apache):
    """However many folders there are: a thread forgets the sealers that it used least lately."""
    for number in range(60):
        folder(apache, f"d{number}", f"SessionCryptoPassphrase passphrase-{number}")
    server = apache.start(site(SITE), mpm="prefork")

    def visit(folders: int, times: int) -> int:
        for _ in range(times):
            for number in range(folders):
                server.get(f"/d{number}/session?user=alice")
        (child,) = server.children()
        status = Path(f"/proc/{child}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    before = visit(20, 4)
    # Each forgotten sealer, or remembered one too many, would keep some 60 kB or more.
    assert visit(60, 4) - before < 2000


def test_combination_of_a_ring_and_the_passphrases_of_a_folder(ring):
    """The ring seals, and the folder's passphrases open: a combination that only a request makes. It
    begins with the keys in use, whatever has become of the file since."""
    folder(ring, "d", "SessionCryptoPassphrase theirs")
    old = ring.start(site(SITE), name="old", crypto="stock")
    server = ring.start(site(f"SessionCryptoKeyring session.keys\n{SITE}"))
    cookie = old.get("/d/session?user=alice").cookie()
    ring.write_ring("{")
    assert server.get("/d/session", cookie).text == "user=alice"
    new = server.get("/d/session?user=alice", cookie).cookie()
    assert opened(new, ring.key).payload == b"user=alice"
    assert server.get("/session", cookie).text == ""


@pytest.mark.parametrize(
    "line",
    [
        "SessionCryptoKeyring session.keys",
        "SessionCryptoContext other",
        "SessionCryptoLegacyUntil 2099-12-31",
        "SessionCryptoDriver openssl",
        "SessionCryptoPassphraseFile file",
        "SessionCryptoCipher rot13",
        "SessionCryptoPassphrase exec:nothing",
    ],
)
def test_what_such_a_file_may_not_say(ring, line):
    folder(ring, "d", line)
    server = ring.start(site(f"SessionCryptoKeyring session.keys\n{SITE}"))
    assert server.get("/d/session").status == 500
    assert f"{line.split()[0]}" in server.error_log
