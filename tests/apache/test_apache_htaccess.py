# SPDX-License-Identifier: Apache-2.0
"""Passphrases in .htaccess files, which httpd reads anew for each request."""

from pathlib import Path

import pytest
from apache_server import own, site
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


def test_returning_cookies_of_a_folder_cost_little_cpu(apache):
    """Nothing is derived anew for them, as long as the thread has the folder's sealer. The stock
    module derives each time, and a PBKDF2 of 4096 rounds costs far more than the whole request."""
    folder(apache, "d", "SessionCryptoPassphrase secret")
    servers = {name: apache.start(site(SITE), name=name, crypto=name, mpm="prefork")
               for name in ("stock", "ours")}  # fmt: skip

    def ticks() -> dict[str, int]:
        """The CPU time of each server's child."""
        fields = {}
        for name, server in servers.items():
            (child,) = server.children()
            fields[name] = Path(f"/proc/{child}/stat").read_text().split()[13:15]
        return {name: sum(map(int, pair)) for name, pair in fields.items()}

    cookie = servers["ours"].get("/d/session?user=alice").cookie()
    before = ticks()
    for _ in range(300):
        for server in servers.values():
            assert server.get("/d/session", cookie).text == "user=alice"
    spent = {name: after - before[name] for name, after in ticks().items()}
    assert spent["ours"] < spent["stock"] / 2, spent


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
    assert own(opened(new, ring.key).payload) == b"user=alice"
    assert server.get("/session", cookie).text == ""


@pytest.mark.parametrize(
    "line",
    [
        "SessionCryptoKeyring session.keys",
        "SessionCryptoContext other",
        "SessionCryptoLegacyUntil 2099-12-31",
        "SessionCryptoDriver openssl",
        "SessionCryptoPassphraseFile file",
    ],
)
def test_what_such_a_file_may_not_say(ring, line):
    folder(ring, "d", line)
    server = ring.start(site(f"SessionCryptoKeyring session.keys\n{SITE}"))
    assert server.get("/d/session").status == 500
    assert f"{line.split()[0]}" in server.error_log


@pytest.mark.parametrize("name", ["apache-aes256", "apache-aes128", "nginx-legacy", "XAES-256-GCM"])
def test_a_name_that_only_the_core_knows_is_no_cipher(apache, name):
    """Nothing is sealed, in the first request or later, when the thread has a sealer."""
    folder(apache, "d", f'SessionCryptoPassphrase "a passphrase of many words"\nSessionCryptoCipher "{name}"')
    server = apache.start(site(SITE), mpm="prefork")
    for _ in range(3):
        answer = server.get("/d/session?user=alice")
        assert (answer.status, answer.cookie()) == (200, None)
    assert f'SessionCryptoCipher: there is no cipher "{name}"' in server.error_log
