# SPDX-License-Identifier: Apache-2.0
"""Sessions between real nginx and each client: nginx makes a session of the header that the client makes,
and passes on a cookie that the client opens."""

import sys
import time
from urllib.parse import quote

import pytest
from client_workers import CLIENTS, run
from libsealring import ROOT

sys.path.insert(0, str(ROOT / "tests" / "nginx"))
sys.path.insert(0, str(ROOT / "tests" / "vectors"))

from nginx_server import Setup  # noqa: E402
from sessions import NAME, Browser, application, received, site  # noqa: E402
from tokens import jwk_set, new_key  # noqa: E402

RING = new_key()
FIELDS = [(b"user", b"alice"), (b"name", "M\u00fcller & S\u00f6hne".encode()), (b"cart", b"x y\t" * 800)]
IDLE, LIFETIME = 3600, 7200


@pytest.fixture
def nginx(tmp_path):
    setup = Setup(tmp_path)
    setup.write("session.keys", jwk_set(RING), mode=0o640)
    yield setup
    setup.stop()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_session(nginx, client):
    ring = nginx.folder / "session.keys"

    def opened(cookie: str, now: int):
        job = (now, NAME, 3, "user", IDLE, LIFETIME, [cookie.encode()])
        return run(client, ring, session=[job]).sessions[0]

    [header] = run(client, ring, header=[FIELDS]).headers
    on = f"""encrypted_session_keyring session.keys; large_client_header_buffers 4 32k;
        proxy_buffers 8 32k; proxy_buffer_size 32k;
        session on; session_cookie {NAME} insecure parts=3; session_pass_cookie on;
        session_header X-Replace-Session;
        session_idle {IDLE}; session_lifetime {LIFETIME};"""
    with application(nginx):
        browser = Browser(nginx.start(site(on=on)))
        before = int(time.time())
        browser.get(f"/?X-Replace-Session={quote(header)}")
        assert len(browser.cookies) > 1  # the session is divided
        [cookie] = received(browser.get())["cookie"]

    now = int(time.time())
    session = opened(cookie, now)
    assert (session.reason, session.fields, session.subject) == ("ok", tuple(FIELDS), b"alice")
    assert len(session.sid) == 22
    assert before <= session.auth_time <= now
    assert session.issued_at == session.auth_time
    assert session.expires_at == session.issued_at + IDLE
    assert opened(cookie, session.expires_at - 1).reason == "ok"
    assert opened(cookie, session.expires_at)[:2] == ("expired", "idle")
    assert opened(cookie, session.auth_time + LIFETIME)[:2] == ("expired", "absolute")
