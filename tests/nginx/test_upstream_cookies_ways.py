# SPDX-License-Identifier: Apache-2.0
"""sealed_cookies: all ways that a request and its answer can go in nginx. On none of them a plain cookie
leaves, or a forged one arrives."""

import re
import socket

import pytest
from gateways import gateway
from nginx_server import conf, has_directive, wait_until
from sessions import APPLICATION, RING, application, received
from tokens import new_key, write_ring
from upstream_cookies import CONTEXT, ON, Client, site

FORGED = {"Cookie": "sid=admin"}
UP = "proxy_pass http://127.0.0.1:9000"


def ask(server, request: bytes) -> bytes:
    """The whole answer, as it comes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65536), b""))


@pytest.fixture
def shop(ring):
    with application(ring):
        yield lambda *arguments, **options: Client(ring.start(site(*arguments, **options)))


def test_a_location_refuses_what_the_one_before_it_lets_through(shop):
    client = shop(text=f"""location / {{ {UP}; }}
        location /weak {{ error_page 404 = /strict; return 404; }}
        location /tried {{ try_files /none @strict; }}
        location /strict {{ sealed_cookies_refuse 403; {UP}; }}
        location @strict {{ sealed_cookies_refuse 403; {UP}; }}""")
    client.set("sid=alice; Path=/")
    for path in ("/weak", "/tried", "/strict"):
        assert client.get(path, FORGED).status == 403, path
        assert client.sent(path) == ["sid=alice"]


def test_the_page_for_a_refused_request_is_served_by_a_location_that_refuses_too(shop):
    client = shop(f"{ON} sealed_cookies_refuse 403;", f"""error_page 403 /denied;
        location / {{ {UP}; }} location = /denied {{ return 200 "[$http_cookie] is not for you"; }}""")
    response = client.get("/", FORGED)
    assert (response.status, response.text) == (403, "[] is not for you")


def test_each_subrequest_is_refused(shop, ring):
    ring.write("html/page.html", '<!--# include virtual="/part?1" --> <!--# include virtual="/part?2" -->')
    client = shop(f"{RING} {CONTEXT}", f"""root html; location / {{ sealed_cookies sid; {UP}; }}
        location = /page.html {{ ssi on; }}
        location = /part {{ sealed_cookies sid; sealed_cookies_refuse 403; return 200 "[$http_cookie]"; }}""")
    client.set("sid=alice; Path=/")
    assert client.get("/page.html").text == "[sid=alice] [sid=alice]"
    assert client.get("/page.html", FORGED).text.count("403 Forbidden</h1>") == 2


def test_a_variable_of_a_subrequest_is_not_that_of_its_main_request(shop):
    client = shop(text=f"""location / {{ {UP}; }}
        location /asks {{ auth_request /auth; {UP}; proxy_set_header Cookie $http_cookie;
                          proxy_set_header X-Sid $cookie_sid; }}
        location = /auth {{ internal; sealed_cookies off; {UP}/?client; proxy_set_header X-Sid $cookie_sid;
                            proxy_set_header Cookie $http_cookie; }}""")
    got = received(client.get("/asks", FORGED))
    assert "cookie" not in got and "x-sid" not in got
    client.set("sid=alice; Path=/")
    got = received(client.get("/asks"))
    assert got["cookie"] == ["sid=alice"] and got["x-sid"] == ["alice"]


def test_a_mirrored_request_has_what_its_location_says(ring):
    answer = b"HTTP/1.0 204 No Content\r\n\r\n"
    text = f"""location / {{ mirror /copy; {UP}; }} location /raw {{ mirror /off; {UP}; }}
        location = /copy {{ internal; proxy_pass http://127.0.0.1:9001; }}
        location = /off {{ internal; sealed_cookies off; proxy_pass http://127.0.0.1:9001; }}"""
    with application(ring), gateway(ring, 9001, answer) as pieces:
        client = Client(ring.start(site(text=text)))

        def mirrored(path, headers=None):
            count = len(pieces)
            client.get(path, headers)
            wait_until(lambda: len(pieces) > count, "the copy")
            return re.findall(rb"Cookie: (.*)\r", pieces[-1])

        client.set("sid=alice; Path=/")
        wait_until(lambda: len(pieces) == 1, "the copy")
        assert mirrored("/") == [b"sid=alice"]
        assert mirrored("/", FORGED) == []
        assert mirrored("/raw") == [f"sid={client.cookies['sid']}".encode()]


def test_a_redirect_by_the_application_seals_its_cookies_as_its_location_says(shop):
    """Not as the location says that it redirects to."""
    client = shop(f"{RING} {CONTEXT}", f"""
        location / {{ sealed_cookies sid; {UP}; }}
        location /accel {{ sealed_cookies sid; {UP}/?X-Accel-Redirect=/$arg_to&Set-Cookie=sid%3Dbob&
            Set-Cookie=theme%3Ddark; }}
        location /other {{ internal; sealed_cookies theme; add_header Set-Cookie "theme=light; Path=/x";
            return 200; }}
        location /context {{ internal; sealed_cookies sid; sealed_cookies_context other; return 200; }}
        location /off {{ internal; add_header Set-Cookie "sid=plain; Path=/x"; return 200; }}
        """.replace("&\n            ", "&"))  # fmt: skip
    client.get("/accel?to=other")
    sid, theme, light = client.lines
    assert sid.startswith("sid=1~s1.") and theme == "theme=dark" and light.startswith("theme=1~s1.")
    client.cookies = {"sid": sid.removeprefix("sid=")}
    assert client.sent() == ["sid=bob"]
    client.get("/accel?to=context")
    assert len(client.lines) == 2 and client.sent() == ["sid=bob; theme=dark"]
    client.get("/accel?to=off")
    assert client.lines[0].startswith("sid=1~s1.") and client.lines[1:] == ["theme=dark", "sid=plain; Path=/x"]


@pytest.mark.parametrize("to, status", [("/gone", 302), ("/files", 301), ("/small", 413)])
def test_a_redirect_that_is_answered_before_its_location_is_known_seals_too(shop, to, status):
    client = shop(f"{RING} {CONTEXT}", f"""if ($uri = /gone) {{ return 302 /; }}
        location / {{ client_max_body_size 2; sealed_cookies sid;
            {UP}/?X-Accel-Redirect={to}&Set-Cookie=sid%3Dbob; }}
        location /files/ {{ {UP}; }} location /small {{ client_max_body_size 1; {UP}; }}""")
    answer = ask(client.server, b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nab")
    assert answer.startswith(b"HTTP/1.1 %d" % status)
    assert re.findall(rb"(?m)^Set-Cookie: (.{9})", answer) == [b"sid=1~s1."]


def test_what_cannot_be_sealed_before_a_redirect_does_not_leave(shop, ring):
    write_ring(ring, new_key(open_only=True))
    client = shop(f"{RING} {CONTEXT}", f"""
        location / {{ sealed_cookies sid; {UP}/?X-Accel-Redirect=/off&Set-Cookie=sid%3Dbob; }}
        location /off {{ internal; return 200; }}""")
    assert client.get().status == 500 and client.lines == []


def test_cookies_of_an_intercepted_answer_do_not_leave_plain(shop):
    client = shop(text=f"""proxy_intercept_errors on; error_page 404 /page; error_page 502 @named;
        location / {{ {UP}/?status=$arg_answer&Set-Cookie=sid%3Dbob; }}
        location = /page {{ {UP}/?Set-Cookie=sid%3Dpage; }} location @named {{ {UP}; }}""")
    for answer in (404, 502, 503):
        assert client.get(f"/?answer={answer}&Set-Cookie=sid%3Dbob").status == answer
        assert all(line.startswith("sid=1~s1.") for line in client.lines)


def test_cookies_of_an_authentication_are_sealed(shop):
    client = shop(text=f"""location / {{ {UP}; }}
        location /asks {{ auth_request /auth; auth_request_set $set $upstream_http_set_cookie;
                          add_header Set-Cookie $set; {UP}; }}
        location = /auth {{ internal; {UP}/?Set-Cookie=sid%3Dbob; }}""")
    client.get("/asks")
    assert client.lines[0].startswith("sid=1~s1.") and client.sent() == ["sid=bob"]


def test_cookies_that_nginx_sets_itself_are_sealed(shop):
    client = shop(f"{RING} {CONTEXT} sealed_cookies uid sid;", f"""userid on; userid_path /;
        add_header Set-Cookie "sid=nginx; Path=/" always; location / {{ {UP}; }}
        location /uid {{ return 200 "$uid_got $uid_set"; }}""")
    client.get()
    assert [line[:9] for line in sorted(client.lines)] == ["sid=1~s1.", "uid=1~s1."]
    (sent,) = client.sent()
    assert re.fullmatch(r"(sid=nginx; )?uid=[\w+/=]+(; sid=nginx)?", sent), sent
    assert client.get("/uid").text.startswith("uid=")
    client.set("x=1")
    assert not any("uid" in line for line in client.lines), "it is known"


def test_answers_before_the_rewrite_phase_of_a_location_have_sealed_cookies(ring):
    text = 'add_header Set-Cookie "sid=nginx; Path=/" always; if ($arg_at_once) { return 200; } location / { }'
    server = ring.start(site(text=text))
    assert server.get("/?at_once=1").headers["Set-Cookie"].startswith("sid=1~s1.")
    answer = ask(server, b"GET / HTTP/1.1\r\n\r\n")  # without a Host
    assert b" 400 " in answer and b"Set-Cookie: sid=1~s1." in answer


def test_a_level_that_only_contains_others_sets_no_cookies(ring):
    server = ring.start(conf("""server { listen 127.0.0.1:8080; sealed_cookies sid;
        add_header Set-Cookie "sid=nginx; Path=/" always;
        location /a { encrypted_session_keyring session.keys; sealed_cookies_context a; return 204; } }"""))
    assert server.get("/a").headers["Set-Cookie"].startswith("sid=1~s1.")
    response = server.get("/")
    assert response.status == 500 and response.headers["Set-Cookie"] is None


def test_a_cookie_in_the_trailers_of_a_request_does_not_arrive(ring):
    with gateway(ring, 9001, b"HTTP/1.0 200 OK\r\n\r\n") as pieces:
        server = ring.start(site(text="""location / { proxy_pass http://127.0.0.1:9001; proxy_http_version 1.1;
            proxy_request_buffering off; }"""))
        said = ask(server, b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
                           b"Trailer: Cookie\r\n\r\n1\r\nx\r\n0\r\nCookie: sid=admin\r\n\r\n")
        assert b" 200 " in said
        wait_until(lambda: pieces, "the request")
    assert b"admin" not in pieces[0]


@pytest.mark.parametrize("mode, there", [("enforce", False), ("report", True)])
def test_a_cookie_in_the_trailers_of_an_answer_does_not_leave(ring, mode, there):
    ring.write("html/file", "content")
    server = ring.start(site(text=f"""location / {{ root html; sealed_cookies_mode {mode};
        add_trailer Set-Cookie sid=bob; add_trailer Sum 1; }}"""))
    said = ask(server, b"GET /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"Sum: 1" in said and (b"Set-Cookie: sid=bob" in said) == there


@pytest.mark.skipif(not has_directive("early_hints"), reason="this nginx passes no early hints")
def test_a_cookie_in_early_hints_does_not_leave(ring):
    answer = (b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nSet-Cookie: sid=early\r\n\r\n"
              b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=bob\r\nContent-Length: 2\r\n\r\nok")  # fmt: skip
    with gateway(ring, 9001, answer):
        server = ring.start(site(text="""location / { early_hints 1; proxy_http_version 1.1;
            proxy_pass http://127.0.0.1:9001; }"""))
        said = ask(server, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"103 Early Hints\r\nLink" in said and b"Set-Cookie: sid=1~s1." in said
    assert b"early\r" not in said and b"bob" not in said


def test_a_cookie_with_a_switch_of_protocols_is_sealed(ring):
    answer = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
              b"Set-Cookie: sid=bob\r\n\r\n")  # fmt: skip
    text = """location / { proxy_pass http://127.0.0.1:9001; proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }"""
    with gateway(ring, 9001, answer) as pieces:
        server = ring.start(site(text=text))
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                           b"Cookie: sid=admin\r\n\r\n")
            said = client.recv(65536)
    assert said.startswith(b"HTTP/1.1 101") and b"Set-Cookie: sid=1~s1." in said
    assert b"admin" not in pieces[0]


def test_cookies_that_lua_sets_are_sealed(ring):
    modules = ("ndk_http", "ngx_http_lua")
    with application(ring):
        client = Client(ring.start(conf(f"""server {{ listen 127.0.0.1:8080; {ON} {APPLICATION}
            location /filter {{ header_filter_by_lua_block {{ ngx.header["Set-Cookie"] = "sid=lua; Path=/" }} {UP}; }}
            location /says {{ content_by_lua_block {{ ngx.header["Set-Cookie"] = {{ "sid=lua; Path=/", "a=1" }}
                                                   ngx.say(ngx.var.cookie_sid) }} }}
            location /rewrites {{ rewrite_by_lua_block {{ ngx.header["Set-Cookie"] = "sid=lua; Path=/"
                                                       ngx.exit(200) }} }} }}""", modules=modules)))
        for path in ("/filter", "/says", "/rewrites"):
            client.cookies = {}
            client.get(path)
            assert client.lines[0].startswith("sid=1~s1."), path
            assert client.sent()[0].startswith("sid=lua"), path
        assert client.get("/says").text == "lua\n"
