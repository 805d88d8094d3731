# SPDX-License-Identifier: Apache-2.0
"""What a client sends is in no log line of the module, but for a short piece where that helps: whatever it
sends, each line is short, and nothing in it looks like another line."""

import re

import pytest
from hostile import LONG, check_line, values
from nginx_server import conf
from sessions import application

SITE = conf("""server { listen 127.0.0.1:8080;
    encrypted_session_keyring session.keys;
    session on; session_cookie s; session_revocations revocations.list; session_binding on;
    session_header X-Session;
    large_client_header_buffers 8 64k;
    location /open { set_decrypt_session $p $arg_t; return 200 $p; }
    location /cookie { set_decrypt_session $p $cookie_t; return 200 $p; }
    location /private { session_require valid; return 200 in; }
    location /enforce { sealed_cookies sid ~^a; sealed_cookies_context shop; proxy_pass http://127.0.0.1:9000; }
    location /report {
        sealed_cookies all; sealed_cookies_mode report; sealed_cookies_context shop;
        proxy_pass http://127.0.0.1:9000;
    }
    location / { proxy_pass http://127.0.0.1:9000; }
}""")


def lines(server) -> list[str]:
    """The part that is the module's own: nginx adds the client, the request and the host."""
    return re.findall(r"\[(?:info|notice|warn|error)\] .*?: (?:\*\d+ )?((?:encrypted_session|session|sealed_cookies)"
                      r"\w*: .*?)(?:, client: .*)?$", server.error_log, re.M)


@pytest.fixture
def server(listed):
    with application(listed):
        yield listed.start(SITE, log_level="info")


def test_no_line_is_long_or_has_what_a_client_chose(listed, server):
    for value in values(listed.key):
        for name in ("t", "s", "s-1", "s-bound", "sid", f"a{LONG}", LONG, " sid", f"sid{LONG}", ""):
            cookie = {"Cookie": f"{name}={value}; {name}={value}"}
            for path in ("/cookie", "/private", "/enforce", "/report"):
                server.get(path, cookie)
        server.get(f"/open?t={value}" if "\\" not in value and "%" not in value else "/open")
        for name in ("Sec-Secure-Session-Id", "Secure-Session-Response"):
            for path in ("/session-binding/register", "/session-binding/refresh"):
                server.get(path, {name: value, "Cookie": f"s={value}"}, method="POST")
    seen = lines(server)
    kinds = {line.split(":")[0] for line in seen}
    assert {"encrypted_session", "session", "session_binding", "sealed_cookies"} <= kinds and len(seen) > 100
    for line in seen:
        check_line(line)
