# SPDX-License-Identifier: Apache-2.0
"""Many requests of one session at the moment when it is renewed: each is answered, none loses a field,
and it stays one session."""

import os
import re
import subprocess
import time

import pytest
from nginx_server import conf
from sessions import NAME, ON
from tokens import now, opened, s1

REQUESTS = 200
ROUNDS = int(os.environ.get("SEALRING_SESSION_ROUNDS", "3"))
RENEW = 1
ENDS = f"session_idle 1h; session_renew {RENEW}s;"
FIELDS = "&".join(f"field{i}={'v' * i}%26%c3%bc" for i in range(1, 21))
SID = "AAAAAAAAAAAAAAAAAAAAAA"


def ask(folder, url: str, version: str, token: str) -> list[tuple[str, str]]:
    """Head and body of each answer."""
    folder.mkdir()
    subprocess.run(
        ["curl", "-s", version, "-i", "--parallel", "--parallel-immediate", "--parallel-max",
         str(REQUESTS), "-b", f"{NAME}={token}", "-o", f"{folder}/#1", f"{url}/[1-{REQUESTS}]"],
        check=True, timeout=300)  # fmt: skip
    answers = [file.read_bytes().decode().split("\r\n\r\n", 1) for file in folder.iterdir()]
    assert len(answers) == REQUESTS
    return [(head, body) for head, body in answers]


@pytest.mark.parametrize("version", ["--http1.1", "--http2-prior-knowledge"])
def test_requests_in_parallel_while_the_session_is_renewed(ring, version):
    listen = "listen 127.0.0.1:8080" + (" http2" if "2" in version else "")
    server = ring.start(conf(
        f'server {{ {listen}; {ON} {ENDS} session_require user; location / {{'
        f' try_files /none @answer; }} location @answer {{ proxy_pass http://127.0.0.1:9000; }} }}'
        'server { listen 127.0.0.1:9000; location / { return 200 "$http_cookie."; } }'
        f'server {{ listen 127.0.0.1:9001; {ON} location / {{ return 200 $session_fields; }} }}',
        main="worker_processes 2;"))  # fmt: skip
    url = f"http://127.0.0.1:{server.port}"
    signed_in = now() - 30
    text = f"user=alice&{FIELDS}&sid={SID}&auth_time={signed_in}"
    token = s1(ring.key, text.encode(), at=now() - 10, lifetime=3600, context=NAME.encode())
    for number in range(ROUNDS):
        issued_at = opened(token, ring.key, context=NAME.encode()).issued_at
        # Every other round begins just before the session is due.
        early = 0.02 if number % 2 else 0
        time.sleep(max(0.0, issued_at + RENEW - early - time.time()))
        renewed = []
        for head, body in ask(ring.folder / f"round{number}", url, version, token):
            assert re.match(r"HTTP/[0-9.]+ 200", head) and body == ".", head
            renewed += re.findall(rf"(?im)^set-cookie: {NAME}=([^;]*)", head)
        assert early or len(renewed) == REQUESTS
        for fresh in renewed:
            sealed = opened(fresh, ring.key, context=NAME.encode())
            assert sealed.payload.decode() == text
            assert sealed.expires_at == sealed.issued_at + 3600 > issued_at + 3600
        # Browsers keep the cookie that came last, which may be any of them.
        token = renewed[number % len(renewed)] if renewed else token
    assert server.get("/", {"Cookie": f"{NAME}={token}"}, port=9001).text == text
