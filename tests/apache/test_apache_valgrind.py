# SPDX-License-Identifier: Apache-2.0
"""Five hundred mixed requests under valgrind's memcheck: no error, nothing definitely lost."""

import re
from pathlib import Path

from apache_server import site, wait_until
from form_login import FORM_MODULES, form_site, is_member, log_in, write_users
from revocation_lists import RevocationList
from tokens import jwk_set, new_key, s1

MEMCHECK = (
    "valgrind",
    "--tool=memcheck",
    "--leak-check=full",
    "--show-leak-kinds=definite",
    "--errors-for-leak-kinds=definite",
    "--keep-debuginfo=yes",  # httpd closes its modules before valgrind reports
    "--num-callers=30",
    f"--suppressions={Path(__file__).with_name('httpd.supp')}",
    "--error-exitcode=99",
)
SITE = """
    SessionCryptoKeyring session.keys
    SessionCryptoPassphrase "the old passphrase" secret
    SessionCryptoLegacyUntil 2099-12-31
    SessionCryptoSubject members-user
    SessionCryptoRevocations revocations.list agent=unix:agent.sock
    <Location /context>
        SessionCryptoContext other
    </Location>
    <Location /aged>
        SessionMaxAge 3600
    </Location>
    <Directory /var/www/html>
        AllowOverride AuthConfig
    </Directory>
"""


def altered(token: str) -> str:
    return token[:30] + ("a" if token[30] != "a" else "b") + token[31:]


def signs_in_and_out(server, good: str) -> bool:
    cookie = log_in(server, good).cookie()
    return is_member(server, cookie) and server.get("/logout", cookie) and not is_member(server, cookie)


def ask(server, key, old: list[str], number: int) -> None:
    """One of ten kinds of request."""
    text = "k=v" + "v" * (number * 7 % 3000)
    good = s1(key, text.encode(), lifetime=0)
    folder = f"/d{number // 10 % 12}/session"
    ok = {
        0: lambda: server.get(f"/session?{text}").cookie().startswith("s1."),
        1: lambda: server.get("/session", good).text == text,
        2: lambda: server.get("/context/session", good).text == "",
        3: lambda: server.get("/session", good[: 1 + number // 10]).text == "",
        4: lambda: server.get("/session?k=v", s1(new_key(), b"k=v")).cookie().startswith("s1."),
        5: lambda: server.get("/aged/session", s1(key, b"k=v&expiry=1000")).text.count("=") == 1,
        6: lambda: server.get("/session", old[number % len(old)]).text == "old=yes",
        7: lambda: server.get("/session", altered(old[0])).text == "",
        8: lambda: server.get(folder, server.get(f"{folder}?k=v").cookie()).text == "k=v",
        9: lambda: signs_in_and_out(server, good),
    }[number % 10]
    assert ok(), number


def test_memcheck(ring):
    write_users(ring)
    revocations = RevocationList(ring.folder / "revocations.list")
    for number in range(12):
        ring.write(f"html/d{number}/.htaccess", f"SessionCryptoPassphrase {'x' * number}passphrase")
    stock = ring.start(site("SessionCryptoPassphrase secret"), name="stock", crypto="stock")
    old = [stock.get("/session?old=yes").cookie() for _ in range(20)]
    stock.stop()

    key = ring.key
    logs = f"--log-file={ring.folder}/memcheck.%p"
    server = ring.start(form_site(SITE), modules=FORM_MODULES, mpm="prefork",
                        under=(*MEMCHECK, logs))  # fmt: skip
    for number in range(500):
        if number == 150:  # a ring that changes
            ring.write_ring(jwk_set(key, new_key()))
        if number == 200:
            revocations.revoke("user", "nobody")
        if number == 250:  # a ring that breaks, and heals
            ring.write_ring("{")
            wait_until(lambda: server.get("/session?k=v") and ":error]" in server.error_log,
                       "the broken ring to be met")  # fmt: skip
        if number == 350:
            ring.write_ring(jwk_set(key))
            server.reload(seconds=60)
        ask(server, key, old, number)
    server.stop()
    reports = [path.read_text() for path in ring.folder.glob("memcheck.*")]
    assert len(reports) >= 3  # the parent, and a child before and after the reload
    for report in reports:
        assert "ERROR SUMMARY: 0 errors" in report, report
        assert re.search(r"definitely lost: 0 bytes|All heap blocks were freed", report), report
    assert server.process.returncode == 0
