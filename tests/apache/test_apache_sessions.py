# SPDX-License-Identifier: Apache-2.0
"""What mod_session offers works with sealed sessions, under each of the three MPMs."""

import re
import subprocess
import time

import pytest
from apache_server import MODULES, own, site
from tokens import opened

EXTENDED = (*MODULES, "headers")
SITE = """SessionCryptoKeyring session.keys
    <Location /aged>
    SessionMaxAge 4
    </Location>
    <Location /lazy>
    SessionMaxAge 100
    SessionExpiryUpdateInterval 3
    </Location>
    <Location /part>
    SessionInclude /part/in
    SessionExclude /part/in/not
    </Location>
    <Location /hidden>
    SessionCookieRemove On
    Header set Seen "expr=%{HTTP_COOKIE}"
    </Location>
    <Location /silent>
    SessionEnv Off
    </Location>
    <Location /off>
    Session Off
    </Location>
    <Location /static>
    Header set Env "%{HTTP_SESSION}e"
    </Location>"""


@pytest.fixture(params=["event", "worker", "prefork"])
def server(ring, request):
    ring.write("html/static/index.html", "static\n")
    ring.write("html/static/page", "static\n")
    server = ring.start(site(SITE), modules=EXTENDED, mpm=request.param)
    server.key = ring.key
    return server


def test_mod_session(server):
    header_and_environment(server)
    max_age(server)
    expiry_update_interval(server)
    include_and_exclude(server)
    off_and_hidden(server)
    many_at_once(server)
    assert {reason.split(",")[0] for reason in server.refusals()} == {"expired"}


def header_and_environment(server):
    cookie = server.get("/session?user=alice&a=b").cookie()
    assert server.get("/session", cookie).text == "user=alice&a=b"
    assert own(server.get("/static/page", cookie).headers["Env"].encode()) == b"user=alice&a=b"
    assert server.get("/silent/session", cookie).text == ""
    changed = server.get("/session?a=", cookie).cookie()  # removes one of the two
    assert server.get("/session", changed).text == "user=alice"
    assert server.get("/session?user=", changed).cookie() == ""  # empty: the cookie goes
    assert server.get("/session", changed).cookie() is None  # unchanged: it stays


def max_age(server):
    answer = server.get("/aged/session?user=alice")
    assert "Max-Age=4" in answer.headers["Set-Cookie"]
    cookie = answer.cookie()
    assert server.get("/aged/session", cookie).text.startswith("user=alice&expiry=")
    renewed = server.get("/aged/session", cookie).cookie()
    assert opened(renewed, server.key).payload.startswith(b"user=alice&expiry=")
    time.sleep(5.1)
    assert not server.get("/aged/session", cookie).text.startswith("user=")


def expiry_update_interval(server):
    cookie = server.get("/lazy/session?user=alice").cookie()
    assert server.get("/lazy/session", cookie).cookie() is None
    time.sleep(3.1)
    later = server.get("/lazy/session", cookie).cookie()
    assert opened(later, server.key).expires_at > opened(cookie, server.key).expires_at


def include_and_exclude(server):
    cookie = server.get("/session?user=alice").cookie()
    texts = [server.get(f"/part{place}/session", cookie).text for place in ("", "/in", "/in/not")]
    assert texts == ["", "user=alice", ""]
    assert server.get("/part/session?user=bob", cookie).cookie() is None


def off_and_hidden(server):
    cookie = server.get("/session?user=alice").cookie()
    assert server.get("/off/session?user=bob", cookie).cookie() is None
    answer = server.get("/hidden/session", f"session={cookie}; other=1")
    assert answer.text == "user=alice" and answer.headers["Seen"] == "other=1"


def many_at_once(server):
    """Threads do not disturb one another: a token that opens opens always. A long one, so that they
    are likely to meet."""
    text = f"user={'a' * 2800}"
    cookie = server.get(f"/session?{text}").cookie()
    loads = [
        subprocess.Popen(
            ["wrk", "-t1", "-c4", "-d1s", "-H", f"Cookie: session={cookie}",
             f"http://127.0.0.1:{server.port}{path}"],
            stdout=subprocess.DEVNULL,
        )
        for path in ("/session", "/lazy/session")
    ]  # fmt: skip
    for load in loads:
        load.wait()
    assert server.get("/session", cookie).text == text


def test_graceful_reload(ring):
    """Sessions outlive a reload, in which httpd unloads the module and loads it again."""
    server = ring.start(site("SessionCryptoKeyring session.keys"))
    cookie = server.get("/session?user=alice").cookie()
    for _ in range(2):
        server.reload()
        assert server.get("/session", cookie).text == "user=alice"
    assert len(re.findall("resuming normal operations", server.error_log)) == 3


def test_if_module_knows_it_by_the_usual_name(ring):
    server = ring.start(site("""<IfModule mod_session_crypto.c>
        SessionCryptoKeyring session.keys
        </IfModule>
        <IfModule !session_crypto_module>
        Session Off
        </IfModule>"""))
    assert server.get("/session?user=alice").cookie().startswith("s1.")
