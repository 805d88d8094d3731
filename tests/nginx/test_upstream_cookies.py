# SPDX-License-Identifier: Apache-2.0
"""sealed_cookies: what a client gets of an application's cookies, and what the application gets back."""

import time

import pytest
from nginx_server import conf, has_directive
from sessions import APPLICATION, RING, application, received
from tokens import new_key, s1, write_ring
from upstream_cookies import CONTEXT, LARGE, ON, Client, site

VALUES = ["abc", '"a b"', "a=b==", "", "a  b,c", "%41+", "1~s1.x", "l\xe4\xa0\xff"]

# nginx 1.18 has not.
has_cookie_flags = pytest.mark.skipif(not has_directive("proxy_cookie_flags"),
                                      reason="this nginx has no proxy_cookie_flags")  # fmt: skip


@pytest.fixture
def shop(ring):
    """An application behind nginx; shop(...) starts nginx and returns a client."""
    with application(ring):
        yield lambda *arguments, **options: Client(ring.start(site(*arguments, **options)))


def test_a_client_gets_a_token_and_the_application_its_value(shop):
    client = shop()
    client.set("sid=alice; path=/; HttpOnly", "theme=dark; Path=/")
    assert client.lines[1] == "theme=dark; Path=/"
    assert client.lines[0].startswith("sid=1~s1.")
    assert client.lines[0].endswith("; path=/; HttpOnly") and "alice" not in client.lines[0]
    assert client.sent() == ["sid=alice; theme=dark"]


@pytest.mark.parametrize("value", VALUES)
def test_values_come_back_byte_for_byte(shop, value):
    client = shop()
    client.set(f"sid={value}; Path=/")
    assert client.cookies["sid"].startswith("1~s1.")
    assert client.sent() == [f"sid={value}"]


def test_a_large_cookie_is_in_two_and_comes_back(shop):
    client = shop(ON + LARGE)
    client.set("sid=" + "v" * 4000 + "; Path=/")
    assert client.cookies["sid"].startswith("2~s1.") and set(client.cookies) == {"sid", "sid~1"}
    assert all(len(line) <= 4096 for line in client.lines)
    assert client.sent() == ["sid=" + "v" * 4000]
    client.set("sid=small; Path=/")
    assert set(client.cookies) == {"sid"}
    assert client.sent() == ["sid=small"]


def test_deletions_pass_also_of_a_second_piece(shop):
    client = shop(ON + LARGE)
    client.set("sid=" + "v" * 4000 + "; Path=/")
    client.set("sid=; Path=/; Max-Age=0")
    assert client.lines == ["sid=; Path=/; Max-Age=0", "sid~1=; Path=/; Max-Age=0; Max-Age=0"]
    assert client.cookies == {}


def test_a_cookie_that_is_too_large_is_removed_and_said_so(shop):
    client = shop(ON + LARGE)
    client.set("sid=" + "v" * 6200, "theme=dark")
    assert client.lines == ["theme=dark"]
    client.server.wait_for_log('"sid" is too large to be sealed, and is removed from the answer')


def test_while_plain_cookies_pass_a_too_large_one_does(shop):
    client = shop(ON + LARGE + " sealed_cookies_mode migrate;")
    client.set("sid=" + "v" * 6200)
    assert client.lines == ["sid=" + "v" * 6200]
    client.server.wait_for_log('"sid" is too large to be sealed, and is passed as it is')


def test_several_headers_and_several_cookies_keep_their_order(shop):
    client = shop(f"{RING} {CONTEXT} sealed_cookies sid cart;")
    client.set("sid=1; Path=/", "other=2", "cart=3; Path=/")
    cookies = client.cookies
    header = f"x=0; cart={cookies['cart']};y=\"1;  sid={cookies['sid']} ;z"
    assert client.sent(headers={"Cookie": header}) == ['x=0; cart=3;y="1;  sid=1 ;z']


def test_patterns_httponly_and_all(shop):
    def chosen(choice, *lines):
        client = shop(f"{RING} {CONTEXT} sealed_cookies {choice};")
        client.set(*lines)
        client.server.stop()
        return [name for name, value in client.cookies.items() if value.startswith("1~s1.")]

    lines = ("wp_a=1; HttpOnly", "WP_b=2", "c=3; httponly")
    assert chosen('"~^wp_"', *lines) == ["wp_a"]
    assert chosen('"~*^wp_"', *lines) == ["wp_a", "WP_b"]
    assert chosen("httponly", *lines) == ["wp_a", "c"]
    assert chosen("httponly WP_b", *lines) == ["wp_a", "WP_b", "c"]
    assert chosen("all", *lines) == ["wp_a", "WP_b", "c"]


def test_prefixes_keep_their_meaning(shop):
    client = shop(f"{RING} {CONTEXT} sealed_cookies __Host-sid __Secure-sid;")
    client.set("__Host-sid=a; Path=/; Secure", "__Secure-sid=b; Secure; Domain=example.com")
    assert client.lines[0].startswith("__Host-sid=1~") and client.lines[0].endswith("; Path=/; Secure")
    assert client.lines[1].endswith("; Secure; Domain=example.com")
    assert client.sent() == ["__Host-sid=a; __Secure-sid=b"]


@has_cookie_flags
def test_proxy_cookie_directives_still_work(shop):
    client = shop(text="location / { proxy_pass http://127.0.0.1:9000; proxy_cookie_path /app /;"
                       "proxy_cookie_domain internal example.com; proxy_cookie_flags sid secure httponly; }")
    client.set("sid=a; Path=/app; Domain=internal")
    assert client.lines[0].startswith("sid=1~s1.")
    assert client.lines[0].endswith("; Path=/; Domain=example.com; Secure; HttpOnly")
    assert client.sent() == ["sid=a"]


@has_cookie_flags
def test_flags_that_nginx_adds_choose_with_httponly(shop):
    client = shop(f"{RING} {CONTEXT} sealed_cookies httponly;",
                  "location / { proxy_pass http://127.0.0.1:9000; proxy_cookie_flags sid httponly; }")
    client.set("sid=a", "theme=b")
    assert client.cookies["sid"].startswith("1~s1.") and client.cookies["theme"] == "b"


def test_a_cookie_of_add_header_is_sealed_too(shop):
    client = shop(text='location / { add_header Set-Cookie "sid=from-nginx; Path=/"; '
                       "proxy_pass http://127.0.0.1:9000; }")
    client.get()
    assert client.cookies["sid"].startswith("1~s1.")
    assert client.sent() == ["sid=from-nginx"]


def test_variables_show_what_the_application_gets(shop):
    client = shop(text="""
        location / { proxy_pass http://127.0.0.1:9000; }
        location /seen { if ($cookie_sid = alice) { return 204; }
                         return 200 "$http_cookie"; }
        location /log { return 200 "$sealed_cookies_opened $sealed_cookies_plain $sealed_cookies_cut
$sealed_cookies_reason"; }""")
    client.set("sid=alice; Path=/")
    assert client.get("/seen").status == 204
    client.set("sid=bob; Path=/")
    assert client.get("/seen").text == "sid=bob"
    assert client.get("/log").text == "1 0 0\n"
    assert client.get("/log", {"Cookie": "sid=forged"}).text == "0 0 1\nmalformed"


def test_variables_that_were_asked_for_before_are_forgotten(shop):
    client = shop(text="""set $before $cookie_sid$http_cookie;
        location / { proxy_pass http://127.0.0.1:9000; }
        location /both { return 200 "$cookie_sid $http_cookie $before"; }""")
    client.set("sid=alice; Path=/")
    token = client.cookies["sid"]
    assert client.get("/both").text == f"alice sid=alice {token}sid={token}"


def test_a_sticky_upstream_hashes_the_value(ring):
    text = """upstream backends { hash $cookie_sid; server 127.0.0.1:9000; server 127.0.0.1:9001; }"""
    with application(ring), application(ring, 9001):
        server = ring.start(site(ON, "location / { proxy_pass http://backends; "
                                     "add_header X-Backend $upstream_addr; }", before=text))
        chosen = set()
        for _ in range(6):
            client = Client(server)
            client.set("sid=alice; Path=/")  # each time another token
            chosen.add(client.get().headers["X-Backend"])
        assert len(chosen) == 1


def test_subrequests_and_the_main_request_get_the_values_once(shop):
    client = shop(text="""
        location / { auth_request /auth; proxy_pass http://127.0.0.1:9000; }
        location /auth { internal; proxy_pass http://127.0.0.1:9000/; proxy_pass_request_body off;
                         proxy_set_header Content-Length ""; }""")
    client.set("sid=alice; Path=/")
    assert client.sent() == ["sid=alice"]
    assert client.sent(headers={"Cookie": "sid=forged"}) == []
    client.server.wait_for_log("cut out 1 of the request's cookies")
    assert client.server.error_log.count("cut out 1 of the request's cookies") == 1


def test_a_location_where_it_is_off_gets_what_the_client_sent(shop):
    client = shop(text="""
        location / { auth_request /auth; proxy_pass http://127.0.0.1:9000; }
        location /auth { internal; sealed_cookies off; proxy_pass http://127.0.0.1:9000/;
                         proxy_set_header X-Auth $http_cookie; }
        location /off { sealed_cookies off; proxy_pass http://127.0.0.1:9000/; }""")
    client.set("sid=alice; Path=/")
    assert client.sent("/off") == [f"sid={client.cookies['sid']}"]
    assert client.sent() == ["sid=alice"]


def test_internal_redirects_open_once_and_seal_once(shop):
    client = shop(text="""
        location / { proxy_pass http://127.0.0.1:9000; }
        location /fails { error_page 404 = /; proxy_intercept_errors on;
                          proxy_pass http://127.0.0.1:9000/?status=404&; }
        location /accel { set $target "/?X-Accel-Redirect=/elsewhere&$args";
                          proxy_pass http://127.0.0.1:9000$target; }
        location /elsewhere { internal; sealed_cookies off; return 200 "$http_cookie"; }""")
    client.set("sid=alice; Path=/")
    token = client.cookies["sid"]
    assert client.sent("/fails") == ["sid=alice"]
    # The cookie of the first application stays sealed, though the second location does not seal.
    response = client.set("sid=bob; Path=/", path="/accel")
    assert response.text == f"sid={token}"
    assert client.lines[0].startswith("sid=1~s1.")
    assert client.sent() == ["sid=bob"]


def test_error_pages_open_again_with_sessions_beside(ring):
    on = f"{ON} session on; session_cookie s insecure; session_header X-Replace-Session;"
    with application(ring):
        client = Client(ring.start(site(on, """
            location / { proxy_pass http://127.0.0.1:9000; }
            location /fails { error_page 404 = /; proxy_intercept_errors on;
                              proxy_pass http://127.0.0.1:9000/?status=404&; }""")))
        client.get("/?X-Replace-Session=user%3Dalice&Set-Cookie=" + "sid%3Dabc%3B%20Path%3D%2F")
        assert set(client.cookies) == {"s", "sid"}
        assert client.cookies["s"].startswith("s1.") and client.cookies["sid"].startswith("1~s1.")
        assert client.sent("/fails") == ["sid=abc"]


@pytest.mark.parametrize("pass_cookie", ["on", "off"])
def test_the_session_of_the_same_server_is_left_alone(ring, pass_cookie):
    on = (f"{RING} {CONTEXT} sealed_cookies all; session on; session_cookie s insecure; "
          f"session_header X-Replace-Session; session_pass_cookie {pass_cookie};")
    text = APPLICATION + ' location /user { return 200 "$session_user $cookie_sid"; }'
    with application(ring):
        client = Client(ring.start(site(on, text)))
        client.get("/?X-Replace-Session=user%3Dalice&Set-Cookie=sid%3Dabc")
        assert client.cookies["s"].startswith("s1.")
        assert client.get("/user").text == "alice abc"
        passed = f"s={client.cookies['s']}; sid=abc" if pass_cookie == "on" else "sid=abc"
        sent = client.sent()
        assert sent == [passed] or sent == ["; ".join(reversed(passed.split("; ")))]


def test_a_cookie_ends_when_its_max_age_says(shop):
    client = shop()
    client.set("sid=a; Path=/; Max-Age=1")
    time.sleep(2.1)
    assert client.sent() == []
    client.server.wait_for_log('one of them "sid": expired')


def test_rotation_renews_cookies_by_itself(ring):
    with application(ring):
        client = Client(ring.start(site()))
        client.set("sid=year-long; Path=/; Max-Age=31536000; HttpOnly", path="/deep/in/here")
        client.set("other=1; Max-Age=9")
        first = client.cookies["sid"]
        newer = new_key()
        write_ring(ring, ring.key, newer)
        deadline = time.monotonic() + 60
        while client.cookies["sid"] == first and time.monotonic() < deadline:
            assert client.sent() == ["sid=year-long; other=1"]
            time.sleep(0.1)
        (line,) = client.lines
        assert line.startswith("sid=1~s1.") and "; Path=/; Max-Age=3153" in line
        assert line.endswith("; HttpOnly")
        write_ring(ring, newer)
        client.server.reload()
        assert client.sent() == ["sid=year-long; other=1"] and client.lines == []


def test_what_the_application_sets_counts_and_not_the_renewal(ring):
    with application(ring):
        client = Client(ring.start(site()))
        client.set("sid=old; Path=/")
        write_ring(ring, ring.key, new_key())
        client.server.reload()
        client.set("sid=new; Path=/")
        assert len(client.lines) == 1
        assert client.sent() == ["sid=new"]
        client.set("sid=; Path=/; Max-Age=0")
        assert client.lines == ["sid=; Path=/; Max-Age=0"]


def test_no_renewal_where_a_shared_cache_may_keep_the_answer(ring):
    with application(ring):
        client = Client(ring.start(site()))
        client.set("sid=old; Path=/")
        write_ring(ring, ring.key, new_key())
        client.server.reload()
        assert client.get("/?Cache-Control=public").status == 200 and client.lines == []
        client.get()
        assert len(client.lines) == 1


def test_without_a_key_that_seals_no_plain_cookie_leaves(ring):
    write_ring(ring, new_key(open_only=True))
    with application(ring):
        client = Client(ring.start(site()))
        response = client.set("sid=secret; Path=/")
        assert response.status == 500 and client.lines == []
        client.server.wait_for_log("sealed_cookies: cannot seal: no_primary_key")


def test_cookies_of_one_server_open_on_another_and_in_another_program(ring):
    with application(ring):
        client = Client(ring.start(site()))
        client.set("sid=alice; Path=/; HttpOnly")
        client.server.stop()
        other = ring.start(site())
        assert received(other.get("/", {"Cookie": f"sid={client.cookies['sid']}"}))["cookie"] == ["sid=alice"]
        made = s1(ring.key, b"bob; Path=/", context=b"upstream-cookie;shop;sid")
        assert received(other.get("/", {"Cookie": f"sid=1~{made}"}))["cookie"] == ["sid=bob"]


def test_two_applications_on_one_server_have_two_contexts(ring):
    text = """location /a { sealed_cookies_context a; proxy_pass http://127.0.0.1:9000/; }
              location /b { sealed_cookies_context b; proxy_pass http://127.0.0.1:9000/; }"""
    with application(ring):
        server = ring.start(conf(f"{RING} sealed_cookies sid; server {{ listen 127.0.0.1:8080; {text} }}"))
        client = Client(server)
        client.set("sid=alice; Path=/", path="/a")
        assert client.sent("/a") == ["sid=alice"]
        assert client.sent("/b") == []
