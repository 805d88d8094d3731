# SPDX-License-Identifier: Apache-2.0
"""A session over HTTP/3. Debian 12 has neither an nginx nor a curl for it."""

import re
import subprocess
from typing import NamedTuple
from urllib.parse import quote

import pytest
from nginx_server import conf, configured_with
from sessions import NAME, RING, application
from tokens import now, opened, s1


def curl_has_http3() -> bool:
    said = subprocess.run(["curl", "-V"], capture_output=True, text=True, check=True).stdout
    return re.search(r"^Features:.* HTTP3\b", said, re.MULTILINE) is not None


pytestmark = [
    pytest.mark.skipif(not configured_with("--with-http_v3_module"), reason="this nginx has no HTTP/3"),
    pytest.mark.skipif(not curl_has_http3(), reason="this curl has no HTTP/3"),
]


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: str

    def cookies(self) -> dict[str, str]:
        lines = [value for name, value in self.headers if name == "set-cookie"]
        return dict(line.split(";")[0].split("=", 1) for line in lines)


def ask(app, path: str, *cookies: str) -> Answer:
    """Sends each cookie in a header of its own, as clients may."""
    headers = [word for cookie in cookies for word in ("-H", f"Cookie: {cookie}")]
    said = subprocess.run(["curl", "-sik", "--http3-only", *headers,
                           f"https://127.0.0.1:{app.port(8443)}{path}"],
                          capture_output=True, check=True, timeout=60).stdout.decode()  # fmt: skip
    head, body = said.split("\r\n\r\n", 1)
    version, *lines = head.split("\r\n")
    assert version.startswith("HTTP/3 ")
    return Answer(int(version.split()[1]), [tuple(line.split(": ", 1)) for line in lines], body)


@pytest.fixture
def app(ring):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=localhost", "-keyout", ring.folder / "tls.key", "-out", ring.folder / "tls.crt"],
        capture_output=True, check=True)  # fmt: skip
    with application(ring):
        yield ring


def test_a_session(app):
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
