# SPDX-License-Identifier: Apache-2.0
"""Cookies on answers of every kind, but never in a cache, and Cookie headers to upstreams of every
protocol."""

import re
import socket
import subprocess

import pytest
from gateways import gateway, record
from nginx_server import STATIC, conf
from sessions import APPLICATION, NAME, ON, Browser, application, received, site
from tokens import now, s1

HEADER = "session_header X-Replace-Session;"


@pytest.fixture
def app(ring):
    ring.write("html/index.html", "a page\n")
    with application(ring):
        yield ring


def due(app, user="alice", age=600) -> dict[str, str]:
    """The cookie of a session that is due for renewal."""
    text = f"user={user}&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time={now() - age - 100}"
    return {NAME: s1(app.key, text.encode(), at=now() - age, lifetime=1800, context=NAME.encode())}


STATUSES = (200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 409,
            410, 416, 429, 500, 501, 502, 503)  # fmt: skip


def test_is_renewed_and_signs_in_with_every_status(app):
    server = app.start(site(HEADER + APPLICATION))
    for status in STATUSES:
        browser = Browser(server, due(app))
        assert browser.get(f"/?status={status}").status == status
        assert list(browser.set) == [NAME], status
        browser = Browser(server)
        browser.get(f"/?status={status}&X-Replace-Session=user%3Dalice")
        assert list(browser.set) == [NAME], status


def test_is_renewed_once_with_error_page_and_files(app):
    text = """root html; error_page 404 /index.html; error_page 502 @fallback; error_page 500 =200 /a;
        location /gone { try_files /none =404; }
        location /down { proxy_pass http://127.0.0.1:9; }
        location @fallback { return 200 fallback; }
        location /intercepted { proxy_intercept_errors on; proxy_pass http://127.0.0.1:9000; }
        location = /a { return 200 a; }
        location / { }
        location /ssi { ssi on; ssi_types *; try_files /ssi.html =404; }"""
    app.write("html/ssi.html", '<!--# include virtual="/index.html" -->'
              '<!--# echo var="session_user" --><!--# include virtual="/a" -->')
    server = app.start(site(text))
    for path, status, body in (("/gone", 404, "a page\n"), ("/down", 502, "fallback"),
                               ("/intercepted?status=404", 404, "a page\n"),
                               ("/intercepted?status=500", 200, "a"), ("/", 200, "a page\n"),
                               ("/ssi", 200, "a page\nalicea")):  # fmt: skip
        browser = Browser(server, due(app))
        response = browser.get(path)
        assert (response.status, response.text) == (status, body), path
        assert list(browser.set) == [NAME], path


def test_waits_where_others_may_keep_the_answer(app):
    text = """location / { proxy_pass http://127.0.0.1:9000; }
        location /added { add_header Cache-Control "public, max-age=60";
                          proxy_pass http://127.0.0.1:9000; }"""
    server = app.start(site(HEADER + text))
    # What add_header adds is not seen by a module that is built into nginx.
    added = () if STATIC else ("/added",)
    for path in ("/?Cache-Control=public", "/?Cache-Control=max-age%3D60,%20PUBLIC",
                 "/?Cache-Control=s-maxage%3D60", *added):  # fmt: skip
        browser = Browser(server, due(app))
        browser.get(path)
        assert browser.set == {}, path
        # A new session cannot wait: nobody else may keep the answer.
        separator = "&" if "?" in path else "?"
        response = browser.get(f"{path}{separator}X-Replace-Session=user%3Dbob")
        assert list(browser.set) == [NAME], path
        if path != "/added":
            assert response.headers.get_all("Cache-Control") == ["no-store"], path
        # Nor can other fields of the same session.
        response = browser.get(f"{path}{separator}X-Replace-Session=user%3Dbob%26role%3Dadmin")
        assert list(browser.set) == [NAME], path
        if path != "/added":
            assert response.headers.get_all("Cache-Control") == ["no-store"], path
        # That a session is over can wait.
        browser = Browser(server, due(app, age=4000))
        assert browser.get(path).status == 200 and browser.set == {}, path
    for path in ("/", "/?Cache-Control=private", "/?Cache-Control=max-age%3D60"):
        browser = Browser(server, due(app))
        browser.get(path)
        assert list(browser.set) == [NAME], path


CACHE = "proxy_cache_path cache keys_zone=c:1m;"
CACHED = """proxy_cache c; proxy_cache_valid any 1h; proxy_cache_key $uri$args;
    add_header X-Cache $upstream_cache_status; location / { proxy_pass http://127.0.0.1:9000; }"""


@pytest.mark.parametrize("control", ["", "&Cache-Control=public,max-age%3D600"])
def test_a_cache_holds_no_session(app, control):
    server = app.start(site(HEADER + CACHED, before=CACHE))
    alice = Browser(server, due(app))
    assert alice.get(f"/?A=1{control}").headers["X-Cache"] == "MISS"
    bob = Browser(server, due(app, "bob"))
    assert bob.get(f"/?A=1{control}").headers["X-Cache"] == "HIT"
    assert bob.set == {}, "a renewal waits"
    # An answer that signs somebody in must not reach anybody else.
    path = f"/?X-Replace-Session=user%3Dcarol{control}"
    for user in ("carol", "dave"):
        browser = Browser(server)
        assert browser.get(path).headers["X-Cache"] == "MISS", user
        assert list(browser.set) == [NAME]
    # Nor one that answers the session as it was.
    for status in ("MISS", "MISS"):
        assert alice.get(f"/?X-Replace-Session=user%3Dalice{control}").headers["X-Cache"] == status
        assert alice.set == {}
    kept = b"".join(file.read_bytes() for file in (app.folder / "cache").rglob("*")
                    if file.is_file())  # fmt: skip
    assert b"KEY: /A=1" in kept
    for secret in (b"s1.", b"Set-Cookie", b"carol", b"X-Replace-Session"):
        assert secret not in kept


def test_an_answer_that_nginx_itself_signs_in_with_is_not_cached(app):
    server = app.start(site(f"session_set user $arg_user; {CACHED}", before=CACHE))
    for status in ("MISS", "MISS"):
        browser = Browser(server)
        assert browser.get("/?user=alice").headers["X-Cache"] == status
        assert list(browser.set) == [NAME]


def test_a_session_out_of_the_cache_does_not_count(app):
    """It came there before sessions were switched on."""
    before = CACHE + "proxy_cache c; proxy_cache_valid any 1h; proxy_cache_key $args;"
    to = "proxy_pass http://127.0.0.1:9000/;"
    server = app.start(site(f"{HEADER} location /off {{ session off; {to} }} location /on {{ {to} }}",
                            before=before))
    path = "?X-Replace-Session=user%3Dalice"
    assert server.get(f"/off{path}").headers["X-Replace-Session"] == "user=alice"
    response = server.get(f"/on{path}")
    assert response.headers["Set-Cookie"] is None and response.headers["X-Replace-Session"] is None
    assert "an answer from the cache has a session in it, which is ignored" in server.error_log


CGI = b"Status: 200 OK\r\nContent-Type: text/plain\r\n\r\nok"
FASTCGI = record(6, CGI) + record(6, b"") + record(3, bytes(8))
PARAMS = "uwsgi_param HTTP_HOST $host; "


@pytest.mark.parametrize(("protocol", "answer"),
                         [("fastcgi", FASTCGI), ("uwsgi", CGI), ("scgi", CGI)])  # fmt: skip
def test_cgi_upstreams_do_not_see_the_cookie(app, protocol, answer):
    text = f"{HEADER} location / {{ {protocol}_param REQUEST_METHOD $request_method; " \
           f"{protocol}_pass 127.0.0.1:9001; }}"
    with gateway(app, 9001, answer) as pieces:
        server = app.start(site(text))
        token = due(app)[NAME]
        forged = {"X-Replace-Session": "user=eve"}
        assert server.get("/", {"Cookie": f"a=1; {NAME}={token}; b=2", **forged}).text == "ok"
        assert server.get("/", {"Cookie": f"{NAME}={token}", "X-Last": "1"}).text == "ok"
    assert b"HTTP_COOKIE" in pieces[0] and b"a=1; b=2" in pieces[0]
    assert b"HTTP_COOKIE" not in pieces[1] and b"HTTP_X_LAST" in pieces[1]
    assert all(token.encode() not in piece and b"REPLACE" not in piece for piece in pieces)


def test_cgi_cannot_tell_names_apart_so_neither_do_we(app):
    text = f"{HEADER} underscores_in_headers on; location / {{ scgi_pass 127.0.0.1:9001; }}"
    with gateway(app, 9001, CGI) as pieces:
        server = app.start(site(text))
        assert server.get("/", {"X_Replace_Session": "user=eve", "x-replace_session": "b"}).text
    assert b"REPLACE" not in pieces[0]


GRPC = """server { listen 127.0.0.1:9002 http2; location / { return 200 "[$http_cookie]"; } }"""


@pytest.mark.parametrize("version", ["--http1.1", "--http2-prior-knowledge"])
@pytest.mark.parametrize("to", ["grpc_pass grpc://127.0.0.1:9002", "proxy_pass http://127.0.0.1:9000"])
def test_over_other_versions_of_http(app, version, to):
    listen = "listen 127.0.0.1:8080" + (" http2" if "2" in version else "")
    config = conf(f"{GRPC} server {{ {listen}; {ON} {HEADER} location / {{ {to}; }} }}")
    server = app.start(config)
    token = due(app)[NAME]
    done = subprocess.run(
        ["curl", "-si", version, "-H", "X-Replace-Session: user=eve", "-b",
         f"a=1; {NAME}={token}; b=2", f"http://127.0.0.1:{server.port}/"],
        capture_output=True, text=True, check=True, timeout=60)  # fmt: skip
    head, body = done.stdout.split("\n\n", 1)
    assert re.search(rf"^set-cookie: {NAME}=s1\.", head, re.IGNORECASE | re.MULTILINE)
    assert ("a=1; b=2" in body) and token not in body and "user=eve" not in body


def test_many_headers_in_any_order_lose_only_ours(app):
    """nginx keeps headers in blocks of 20; those around the one that is cut out are unchanged."""
    server = app.start(site(HEADER + APPLICATION))
    token = due(app)[NAME]
    for count in range(45):
        for at in {0, count // 2, count}:
            others = [(f"X-H{i}", str(i)) for i in range(count)]
            ours = [("Cookie", f"{NAME}={token}"), ("X-Replace-Session", "user=eve"),
                    ("Cookie", f"{NAME}-1=x")]  # fmt: skip
            lines = [*others[:at], *ours, *others[at:]]
            request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            request += "".join(f"{name}: {value}\r\n" for name, value in lines)
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
                client.sendall(request.encode() + b"\r\n")
                answer = client.makefile("rb").read().decode()
            body = answer.split("\r\n\r\n", 1)[1]
            got = [f"X-H{i}" for i in range(count) if f'["X-H{i}", "{i}"]' in body]
            assert answer.startswith("HTTP/1.1 200") and got == [name for name, _ in others]
            assert token not in body and "user=eve" not in body and '"Cookie"' not in body


@pytest.mark.parametrize("to_service", ["on", "off"])
def test_a_subrequest_passes_what_its_own_location_says(app, to_service):
    """And the main request what its location says, before and after."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    to_application = "off" if to_service == "on" else "on"
    text = f"""location / {{ session_pass_cookie {to_application}; auth_request /auth;
                            proxy_pass http://127.0.0.1:9000; }}
        location = /auth {{ session_pass_cookie {to_service}; proxy_pass http://127.0.0.1:9001; }}"""
    with gateway(app, 9001, answer) as pieces:
        server = app.start(site(HEADER + text))
        token = due(app)[NAME]
        headers = {"Cookie": f"a=1; {NAME}={token}", "X-Replace-Session": "user=eve", "X-B": "2"}
        application = received(server.get("/", headers))
    service = pieces[0].decode()
    whole = f"a=1; {NAME}={token}"
    assert application["cookie"] == [whole if to_application == "on" else "a=1"]
    assert f"Cookie: {whole if to_service == 'on' else 'a=1'}\r\n" in service
    assert "user=eve" not in service + str(application) and "X-B: 2" in service
    assert application["x-b"] == ["2"]


def test_a_websocket_upgrade_passes(app):
    text = """location / { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade; proxy_pass http://127.0.0.1:9001; }"""
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello"
    with gateway(app, 9001, answer) as pieces:
        server = app.start(site(f"session_require user; {text}"))
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
            cookie = f"{NAME}={due(app)[NAME]}"
            client.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: x\r\n"
                           f"Cookie: {cookie}\r\n\r\n".encode())
            got = client.makefile("rb").read()
        assert got.startswith(b"HTTP/1.1 101") and got.endswith(b"hello")
        assert server.get("/").status == 401
    assert len(pieces) == 1 and b"Cookie" not in pieces[0]


def test_several_cookies_of_the_name(app):
    """As with another Path or Domain: the newest that opens counts."""
    text = 'location / { return 200 "$session_user"; }'
    server = app.start(site(text))

    def of(user, at):
        return s1(app.key, f"user={user}".encode(), at=at, lifetime=600, context=NAME.encode())

    old, new = of("alice", now() - 10), of("bob", now() - 5)
    for cookies in ((old, new), (new, old), ("x", old, new)):
        line = "; ".join(f"{NAME}={token}" for token in cookies)
        assert server.get("/", {"Cookie": line}).text == "bob"


def test_received_is_what_was_sent(app):
    """The tests' own application tells headers apart."""
    server = app.start(site(APPLICATION))
    assert received(server.get("/", {"X-A": "1"}))["x-a"] == ["1"]
