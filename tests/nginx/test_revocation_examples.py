# SPDX-License-Identifier: Apache-2.0
"""Every configuration for nginx in examples/revocations runs here, except backchannel-logout.conf, which
test_logout_openid.py runs; apache.conf in tests/apache."""

import re

from logouts import SID, eventually
from nginx_server import REPOSITORY
from revocation_lists import Agent, told
from sessions import Browser
from test_session_access import basic
from tokens import now, s1

EXAMPLES = REPOSITORY / "examples" / "revocations"
USERS = "alice:{PLAIN}secret\n"


def test_every_example_is_tested():
    named = {p.name for p in EXAMPLES.glob("*.conf")}
    assert named == {"nginx.conf", "tokens.conf", "apache.conf", "backchannel-logout.conf"}


def start(nginx, name, replace=None):
    nginx.write("users", USERS)
    nginx.write("html/index.html", "a page\n")
    nginx.write("html/signed-in.html", "welcome\n")
    replace = {"/var/www/html": nginx.folder / "html",
               "/var/lib/sealring/session.revoked": nginx.revocations.path, **(replace or {})}  # fmt: skip
    return nginx.start((EXAMPLES / name).read_text(), replace=replace)


def test_nginx(listed):
    (listed.folder / "sealring").mkdir()
    agent = Agent(listed.folder / "sealring/agent.sock")
    server = start(listed, "nginx.conf")
    browser = Browser(server)
    assert browser.get("/signin", basic()).text == "welcome\n"
    copied = dict(browser.cookies)
    assert browser.get("/").text == "a page\n"
    assert browser.get("/signout").status == 303
    assert Browser(server, copied).get("/").status == 401
    said = agent.receive()
    assert said["list"] == told(listed.revocations, SID)["list"] and said["name"] == "sid"
    listed.revocations.revoke("user", "alice", at=now() - 60)
    old = s1(listed.key, b"user=alice&auth_time=%d" % (now() - 100), context=b"session")
    eventually(lambda: Browser(server, {"session": old}).get("/").status == 401, "her other sessions")
    agent.close()


def test_tokens(listed):
    server = start(listed, "tokens.conf")
    link = server.get("/link?file=a.pdf", basic()).text.strip()
    assert server.get(link).text == "a.pdf\n"
    ids = re.findall(r" token=(\S+)", server.access_log)
    assert len(ids) == 2 and len(set(ids)) == 1
    listed.revocations.revoke("token", ids[0])
    eventually(lambda: server.get(link).status == 403, "the token to be revoked")
