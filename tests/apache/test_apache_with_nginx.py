# SPDX-License-Identifier: Apache-2.0
"""One session on two real servers, as examples/sessions/with-apache.conf and apache.conf have it: a
session of mod_auth_form opens in nginx, one that nginx seals opens in httpd, and it ends on both."""

import re
import shutil
import tempfile
import time
from pathlib import Path

import nginx_server
import pytest
from apache_server import REPOSITORY, modules_of, own
from form_login import CREDENTIALS, FORM, write_users
from sessions import Browser, application, received
from tokens import jwk_set, now, opened, s1

EXAMPLES = REPOSITORY / "examples" / "sessions"
NGINX = (EXAMPLES / "with-apache.conf").read_text()
APACHE = (EXAMPLES / "apache.conf").read_text()
# An application of httpd's that shows the session.
SHOWN = "LuaMapHandler session$ /etc/apache2/app.lua\nSessionEnv On\nSessionCryptoKeyring"


class Pair:
    """Both servers with one ring, and a browser that goes through nginx."""

    def __init__(self, nginx, apache, replace=()):
        nginx.write("session.keys", jwk_set(apache.key), mode=0o640)
        write_users(apache)
        apache.write("html/login.html", "the form\n")
        apache._ports["httpd", 8081] = nginx.port(8081)
        site, conf = APACHE.replace("SessionCryptoKeyring", SHOWN), NGINX
        for old, new in replace:
            assert old in site + conf
            site, conf = site.replace(old, new), conf.replace(old, new)
        self.httpd = apache.start(site, modules=(*modules_of(APACHE), "lua"))
        self.nginx = nginx.start(conf)
        self.key = apache.key

    def httpd_shows(self, cookie) -> str:
        return own(self.httpd.get("/session", cookie, port=8081).text.encode()).decode()

    def log_in(self) -> str:
        """At httpd; the cookie."""
        return self.httpd.get("/login", port=8081, method="POST", body=CREDENTIALS, headers=FORM).cookie()

    def sealed(self, cookie) -> dict[str, str]:
        payload = opened(cookie, self.key, context=b"members").payload.decode()
        return dict(pair.split("=", 1) for pair in payload.split("&"))


@pytest.fixture
def nginx(ring):
    folder = Path(tempfile.mkdtemp(prefix="sealring-with-nginx-"))
    folder.chmod(0o755)
    setup = nginx_server.Setup(folder)
    with application(setup):
        yield setup
        setup.stop()
    shutil.rmtree(folder)


def test_one_session_on_both(nginx, ring):
    pair = Pair(nginx, ring)
    browser = Browser(pair.nginx)
    html = {"Accept": "text/html"}
    assert browser.get("/reports/").status == 401
    assert browser.get("/reports/", html).headers["Location"].endswith("/login.html?next=%2Freports%2F")
    answer = browser.get("/login", FORM, method="POST", body=CREDENTIALS.encode())
    assert answer.status == 302 and set(browser.cookies) == {"session"}

    # nginx opens what mod_auth_form made.
    session = pair.sealed(browser.cookies["session"])
    assert session["members-user"] == "alice"
    answer = browser.get("/reports/")
    assert answer.status == 200 and received(answer)["x-user"] == ["alice"]

    # mod_auth_form goes on with what nginx sealed, with the same sid and sign-in.
    at_nginx = "&".join(f"{name}={value}" for name, value in session.items() if name != "expiry")
    browser.get("/reports/?X-Replace-Session=" + f"{at_nginx}&role=a".replace("&", "%26"))
    changed = pair.sealed(browser.cookies["session"])
    assert changed == {**{n: v for n, v in session.items() if n != "expiry"}, "role": "a"}
    assert browser.get("/members/").text == "the members' page\n"
    back = pair.sealed(browser.cookies["session"])
    assert (back["role"], back["sid"], back["auth_time"]) == ("a", session["sid"], session["auth_time"])
    assert "expiry" in back and browser.get("/reports/").status == 200

    # mod_auth_form leaves fields that are not its own, in a session of nobody.
    assert browser.get("/logout").status == 307
    left = pair.sealed(browser.cookies["session"])
    assert "members-user" not in left and left["sid"] != session["sid"]
    assert browser.get("/reports/").status == 403


def test_a_session_of_nginx_alone(nginx, ring):
    pair = Pair(nginx, ring, [("session_require  members-user;", "")])
    browser = Browser(pair.nginx)
    browser.get("/reports/?X-Replace-Session=members-user%3Dbob%26role%3Da%2Bb")
    token = browser.cookies["session"]
    text = pair.httpd.get("/session", token, port=8081).headers["X-Session"]
    shown = dict(part.split("=", 1) for part in text.split("&"))
    end = shown.pop("expiry")
    assert shown == pair.sealed(token) and shown["role"] == "a+b"
    assert end == f"{opened(token, pair.key, context=b'members').expires_at}000000"


def test_the_lifetime_ends_it_on_both(nginx, ring):
    pair = Pair(nginx, ring, [("Lifetime 12h", "Lifetime 5"), ("session_lifetime 12h", "session_lifetime 5s")])
    cookie = pair.log_in()
    end = int(pair.sealed(cookie)["auth_time"]) + 5
    browser = Browser(pair.nginx, {"session": cookie})
    while time.time() < end - 1:
        statuses = {browser.get("/reports/").status, browser.get("/members/").status}
        if time.time() < end:
            assert statuses == {200}
            newest = browser.cookies["session"]
            assert opened(newest, pair.key, context=b"members", at=end - 1).expires_at == end
        time.sleep(0.4)
    time.sleep(max(0, end + 0.1 - time.time()))
    assert pair.httpd.get("/members/", newest, port=8081).status == 401
    assert browser.get("/reports/").status == 401
    for log in (pair.httpd.error_log, pair.nginx.error_log):
        assert re.search(r"signed in \d+s ago", log)


def test_a_lifetime_of_now_counts_on_both(nginx, ring):
    """The token would last, but the sign-in is too long ago."""
    pair = Pair(nginx, ring)
    at = now() - 13 * 3600
    token = s1(pair.key, f"members-user=alice&auth_time={at}".encode(), context=b"members")
    browser = Browser(pair.nginx, {"session": token})
    assert browser.get("/reports/").status == 401
    assert "user" not in pair.httpd_shows(token)
    for log in (pair.httpd.error_log, pair.nginx.error_log):
        assert "signed in 13h ago" in log


def test_the_context_must_be_the_same(nginx, ring):
    pair = Pair(nginx, ring, [("session_context  members;", "")])  # then: the cookie's name
    assert Browser(pair.nginx, {"session": pair.log_in()}).get("/reports/").status == 401
    assert "session: refused: authentication_failed" in pair.nginx.error_log
