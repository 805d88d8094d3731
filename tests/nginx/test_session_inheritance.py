# SPDX-License-Identifier: Apache-2.0
"""Each location has its own settings for sessions, and those of the levels around it that it does not
replace."""

from http.cookies import SimpleCookie

import pytest
from nginx_server import conf
from sessions import NAME, RING, Browser, application, received
from tokens import new_key, now, s1, write_ring

HEADER = "session_header X-Replace-Session;"
PASS = "proxy_pass http://127.0.0.1:9000/;"


@pytest.fixture
def app(ring):
    with application(ring):
        yield ring


def start(app, http: str, x: str = ""):
    """With `http` at the outermost level, and `x` in the location /x."""
    return app.start(conf(f"""{RING} session on; {HEADER} {http}
        server {{ listen 127.0.0.1:8080; location / {{ {PASS} }} location /x {{ {x} {PASS} }} }}"""))


def sign_in(server, path="/", text="user%3Dalice") -> str:
    """The answer's Set-Cookie header."""
    response = server.get(f"{path}?X-Replace-Session={text}")
    assert response.status == 200
    return response.headers["Set-Cookie"]


def cookie_of(app, name=NAME, *, age=0, key=None, context=NAME):
    text = f"user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time={now() - age}"
    token = s1(key or app.key, text.encode(), at=now() - age, lifetime=1800, context=context.encode())
    return {"Cookie": f"{name}={token}"}


def sessions_of_two_users(server, path: str) -> set[str]:
    """Their IDs, for users with the same field `id`, in one browser."""
    browser, hashes = Browser(server), set()
    for user in ("alice", "bob"):
        browser.get(f"{path}?X-Replace-Session=id%3D1%26user%3D{user}")
        hashes.add(browser.get(path).headers["Hash"])
    assert None not in hashes
    return hashes


@pytest.mark.parametrize("http, x, only_there", [
    ("session_cookie s insecure;", "session_cookie t insecure;", "t=s1."),
    ("session_cookie s insecure;", "session_cookie s insecure path=/x;", "; Path=/x"),
    ("session_cookie s insecure;", "session_cookie s insecure domain=example.com;",
     "; Domain=example.com"),
    ("session_cookie s insecure;", "session_cookie s insecure samesite=strict;", "; SameSite=Strict"),
    ("session_cookie s insecure;", "session_cookie s;", "; Secure"),
    ("session_cookie s;", "session_cookie s partitioned;", "; Partitioned"),
    ("session_idle 20m;", "session_idle 10m;", "; Max-Age=600"),
    ("session_lifetime 20m;", "session_lifetime 10m;", "; Max-Age=600"),
    ("session_idle off;", "session_lifetime 10m;", "; Max-Age=600"),
])  # fmt: skip
def test_a_location_has_cookies_of_its_own(app, http, x, only_there):
    server = start(app, http, x)
    assert only_there in sign_in(server, "/x")
    assert only_there not in sign_in(server, "/")


def test_a_location_has_parts_of_its_own(app):
    server = start(app, "session_cookie s insecure parts=2; proxy_buffer_size 16k; "
                   "proxy_busy_buffers_size 24k;", "session_cookie s insecure parts=1;")  # fmt: skip
    assert [server.get(f"{path}?fill=4000").status for path in ("/", "/x")] == [200, 500]


def test_a_location_has_a_context_and_a_ring_of_its_own(app):
    other = new_key()
    write_ring(app, other, name="other.keys")
    server = app.start(conf(f"""{RING} session on; session_cookie {NAME} insecure;
        server {{ listen 127.0.0.1:8080; set $user $session_user;
            location / {{ return 200 "[$session_user]"; }}
            location /context {{ session_context c; return 200 "[$session_user]"; }}
            location /ring {{ encrypted_session_keyring other.keys; return 200 "[$session_user]"; }}
        }}"""))
    usual, of_context = cookie_of(app), cookie_of(app, context="c")
    of_ring = cookie_of(app, key=other)
    for path, good in (("/", usual), ("/context", of_context), ("/ring", of_ring)):
        for cookie in (usual, of_context, of_ring):
            assert server.get(path, cookie).text == ("[alice]" if cookie is good else "[]"), path


def test_a_location_has_a_subject_of_its_own(app):
    """Another user is another session; where `id` is the subject, it is not."""
    server = start(app, f"session_cookie {NAME} insecure; add_header Hash $session_id_hash;",
                   "session_subject id;")  # fmt: skip
    assert len(sessions_of_two_users(server, "/")) == 2
    assert len(sessions_of_two_users(server, "/x")) == 1


def test_a_location_renews_at_its_own_time(app):
    server = start(app, f"session_cookie {NAME} insecure;", "session_renew 20m;")
    assert server.get("/", cookie_of(app, age=600)).headers["Set-Cookie"]
    assert server.get("/x", cookie_of(app, age=600)).headers["Set-Cookie"] is None


def test_a_location_has_the_cookie_of_the_levels_around_it(app):
    server = start(app, "session_cookie n insecure; session_context c; session_lifetime 10m;"
                   "session_set role $arg_role; session_pass_cookie on;")  # fmt: skip
    made = sign_in(server, "/x", "user%3Dalice&role=admin")
    assert made.startswith("n=s1.") and "; Max-Age=600" in made
    (cookie,) = SimpleCookie(made).values()
    got = received(server.get("/x", {"Cookie": f"n={cookie.value}"}))
    assert got["cookie"] == [f"n={cookie.value}"], "it is passed on"
    server.stop()
    server = app.start(conf(f"""{RING} session on; session_cookie n insecure; session_context c;
        server {{ listen 127.0.0.1:8080; location /x {{ return 200 "$session_user $session_role"; }} }}"""))
    assert server.get("/x", {"Cookie": f"n={cookie.value}"}).text == "alice admin"
    assert server.get("/x", cookie_of(app, "n", context="c")).text == "alice "


def test_a_location_has_the_ends_of_the_levels_around_it(app):
    on = f"session_cookie {NAME} insecure;"
    assert "; Max-Age=600" in sign_in(start(app, f"{on} session_idle 10m;"), "/x")
    app.servers[-1].stop()
    assert "; Max-Age=43200" in sign_in(start(app, f"{on} session_idle off;"), "/x")
    app.servers[-1].stop()
    for http, renewed in (("", True), ("session_renew 20m;", False), ("session_activity off;", False)):
        server = start(app, on + http)
        assert bool(server.get("/x", cookie_of(app, age=600)).headers["Set-Cookie"]) == renewed, http
        server.stop()


def test_a_location_requires_what_the_levels_around_it_require(app):
    server = start(app, f"session_cookie {NAME} insecure; session_require user; session_login /in;",
                   "session_activity on;")  # fmt: skip
    assert server.get("/x").status == 401
    response = server.get("/x", {"Sec-Fetch-Mode": "navigate"})
    assert (response.status, response.headers["Location"].split("/", 3)[3]) == (303, "in?next=%2Fx")


def test_a_location_has_the_subject_of_the_levels_around_it(app):
    server = start(app, f"session_cookie {NAME} insecure; session_subject id;"
                   "add_header Hash $session_id_hash;")  # fmt: skip
    assert len(sessions_of_two_users(server, "/x")) == 1
