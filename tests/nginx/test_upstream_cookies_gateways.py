# SPDX-License-Identifier: Apache-2.0
"""sealed_cookies with every protocol to an application and to a client."""

import re
import socket
import subprocess

import pytest
from gateways import gateway, record
from nginx_server import conf
from sessions import application
from tokens import s1
from upstream_cookies import ON, Client, site

CGI = b"Status: 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: sid=bob; Path=/\r\n\r\nok"
FASTCGI = record(6, CGI) + record(6, b"") + record(3, bytes(8))
GRPC = """server { listen 127.0.0.1:9002 http2;
    location / { add_header Set-Cookie "sid=bob; Path=/"; return 200 "[$http_cookie]"; } }"""


def token(ring, value=b"alice") -> str:
    return "1~" + s1(ring.key, value + b"; Path=/", context=b"upstream-cookie;shop;sid")


@pytest.mark.parametrize(("protocol", "answer"), [("fastcgi", FASTCGI), ("uwsgi", CGI), ("scgi", CGI)])
def test_cgi(ring, protocol, answer):
    text = f"location / {{ {protocol}_param REQUEST_METHOD $request_method; {protocol}_pass 127.0.0.1:9001; }}"
    with gateway(ring, 9001, answer) as pieces:
        client = Client(ring.start(site(ON, text)))
        sent = {"Cookie": f"a=1; sid={token(ring)}; b=2"}
        assert client.get("/", sent).text == "ok"
        assert client.cookies["sid"].startswith("1~s1.")
        assert client.get("/", {"Cookie": "sid=forged"}).text == "ok"
        assert client.get().text == "ok"  # with what was set
    assert b"a=1; sid=alice; b=2" in pieces[0]
    assert b"HTTP_COOKIE" not in pieces[1]
    assert b"sid=bob" in pieces[2]


@pytest.mark.parametrize("version", ["--http1.1", "--http2-prior-knowledge"])
@pytest.mark.parametrize("to", ["grpc_pass grpc://127.0.0.1:9002", "proxy_pass http://127.0.0.1:9000"])
def test_over_other_versions_of_http(ring, version, to):
    listen = "listen 127.0.0.1:8080" + (" http2;" if "2" in version else ";")
    with application(ring):
        server = ring.start(site(ON, f"location / {{ {to}; }}", before=GRPC, listen=listen))
        done = subprocess.run(
            ["curl", "-si", version, "-H", f"Cookie: a=1; sid={token(ring)}", "-H", "Cookie: sid=forged; b=2",
             f"http://127.0.0.1:{server.port}/?Set-Cookie=sid%3Dbob"],
            capture_output=True, text=True, check=True, timeout=60)  # fmt: skip
    head, body = done.stdout.split("\n\n", 1)
    assert re.search(r"^set-cookie: sid=1~s1\.", head, re.IGNORECASE | re.MULTILINE)
    assert "sid=alice" in body and "b=2" in body and "forged" not in body and "s1." not in body


def test_a_cookie_header_that_a_location_makes_itself(ring):
    text = "location / { proxy_pass http://127.0.0.1:9000; proxy_set_header Cookie \"own=1; $http_cookie\"; }"
    with application(ring):
        client = Client(ring.start(site(ON, text)))
        assert client.sent(headers={"Cookie": f"sid={token(ring)}"}) == ["own=1; sid=alice"]


def test_an_answer_out_of_the_cache_is_sealed_for_each_client(ring):
    before = "proxy_cache_path cache keys_zone=c:1m;"
    text = """location / { proxy_pass http://127.0.0.1:9000; proxy_cache c; proxy_cache_valid any 1h;
        proxy_ignore_headers Set-Cookie; proxy_cache_key $uri$cookie_sid; add_header X-Cache
        $upstream_cache_status; }"""
    with application(ring):
        server = ring.start(site(ON, text, before=before))
        lines = set()
        for expected in ("MISS", "HIT", "HIT"):
            client = Client(server)
            response = client.set("sid=alice; Path=/")
            assert response.headers["X-Cache"] == expected
            lines |= set(client.lines)
        assert len(lines) == 3 and all(line.startswith("sid=1~s1.") for line in lines)
        # The key of the cache is the value, whatever its token is.
        for expected in ("MISS", "HIT"):
            response = server.get("/x", {"Cookie": f"sid={token(ring)}"})
            assert response.headers["X-Cache"] == expected


def test_an_upgraded_connection_gets_the_value(ring):
    answer = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    text = """location / { proxy_pass http://127.0.0.1:9001; proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }"""
    with gateway(ring, 9001, answer) as pieces:
        server = ring.start(site(ON, text))
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
            client.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                           f"Cookie: sid={token(ring)}\r\n\r\n".encode())
            assert client.recv(65536).startswith(b"HTTP/1.1 101")
    assert b"Cookie: sid=alice\r\n" in pieces[0]


def test_a_request_to_a_level_that_only_contains_others_is_an_error(ring):
    config = conf("""server { listen 127.0.0.1:8080; sealed_cookies sid;
        location /a { encrypted_session_keyring session.keys; sealed_cookies_context a; return 204; } }""")
    server = ring.start(config)
    assert server.get("/a").status == 204
    assert server.get("/").status == 500
    server.wait_for_log("no encrypted_session_keyring or no sealed_cookies_context is in effect where")
