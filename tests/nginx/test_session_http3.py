# SPDX-License-Identifier: Apache-2.0
"""A session over HTTP/3."""

import re
from urllib.parse import quote

from http3 import ask, needs_http3
from nginx_server import make_certificate
from nginx_server import conf
from sessions import NAME, RING, application
from tokens import now, opened, s1

pytestmark = needs_http3


def test_a_session(ring):
    make_certificate(ring.folder)
    with application(ring):
        a_session(ring)


def a_session(app) -> None:
    app.start(conf(f"""server {{
        listen 127.0.0.1:8080; listen 127.0.0.1:8443 quic;
        ssl_certificate tls.crt; ssl_certificate_key tls.key;
        {RING} session on; session_cookie {NAME}; session_header X-Replace-Session;
        location / {{ proxy_pass http://127.0.0.1:9000; }}
        location /private {{ session_require user; proxy_pass http://127.0.0.1:9000; }}
        location /out {{ session_end; proxy_pass http://127.0.0.1:9000; }} }}"""))
    assert ask(app, "/private").status == 401
    answer = ask(app, f"/?X-Replace-Session={quote('user=alice&role=admin')}")
    assert answer.status == 200 and "user=alice" not in str(answer.headers)
    made = answer.cookies()[NAME]
    assert b"user=alice&role=admin&sid=" in opened(made, app.key, context=NAME.encode()).payload

    answer = ask(app, "/private", "a=1", f"{NAME}={made}", "b=2")
    assert answer.status == 200 and answer.cookies() == {}
    assert re.search(r'\["cookie", "a=1; b=2"\]', answer.body, re.IGNORECASE), "nginx joins them"
    assert made not in answer.body

    text = f"user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time={now() - 700}"
    due = s1(app.key, text.encode(), at=now() - 600, lifetime=1800, context=NAME.encode())
    answer = ask(app, "/private", f"{NAME}={due}")
    assert answer.status == 200 and "cookie" not in answer.body.lower()
    renewed = answer.cookies()[NAME]
    assert opened(renewed, app.key, context=NAME.encode()).payload.decode() == text

    answer = ask(app, "/out", f"{NAME}={renewed}")
    assert answer.status == 200 and answer.cookies()[NAME] == ""
    assert ("cache-control", "no-store") in answer.headers
