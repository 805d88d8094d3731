# SPDX-License-Identifier: Apache-2.0
"""The Cookie header that an upstream gets where something else than the client has a say in it: Lua,
internal redirects, subrequests."""

import pytest
from sessions import NAME, application, received, site
from tokens import s1

LUA = ("ndk_http", "ngx_http_lua")


@pytest.fixture
def app(ring):
    with application(ring):
        yield ring


def cookie_of(app, user="alice", name=NAME):
    return f"{name}=" + s1(app.key, f"user={user}".encode(), context=name.encode())


def passed(server, cookie, path="/"):
    """The Cookie header that reached the application."""
    response = server.get(path, {"Cookie": cookie})
    assert response.status == 200
    return received(response).get("cookie")


@pytest.mark.parametrize("read", ["", "local user = ngx.var.session_user"])
@pytest.mark.parametrize("code, expected", [
    ("", ["a=1; b=2"]),
    ('ngx.req.set_header("Cookie", "c=3")', ["c=3"]),
    ('ngx.req.set_header("Cookie", "c=3; " .. ngx.var.http_cookie)', ["c=3; a=1; b=2"]),
    ('ngx.req.set_header("Cookie", (ngx.var.http_cookie:gsub("a=1", "a=9")))', ["a=9; b=2"]),
    ('ngx.req.set_header("Cookie", {"c=3", "d=4"})', ["c=3", "d=4"]),
    ('ngx.req.clear_header("Cookie")', None),
])  # fmt: skip
@pytest.mark.parametrize("keeps", ["off", "on"])
def test_is_what_lua_says(app, read, code, expected, keeps):
    """Also after a variable of the session was read, and without our cookie if Lua adds it again."""
    server = app.start(site(f"""session_pass_cookie {keeps};
        location / {{ rewrite_by_lua_block {{ {read} {code} }}
                     proxy_pass http://127.0.0.1:9000; }}""", modules=LUA))
    own = cookie_of(app)
    if keeps == "on" and expected:
        expected = [value.replace("; b=2", f"; {own}; b=2") for value in expected]
    assert passed(server, f"a=1; {own}; b=2") == expected


def test_variables_of_cookies_are_what_is_passed_on(app):
    server = app.start(site(f"""
        location / {{ proxy_set_header X-Seen "$http_cookie|$cookie_a|$cookie_{NAME}";
                     proxy_pass http://127.0.0.1:9000; }}"""))
    response = server.get("/", {"Cookie": f"{cookie_of(app)}; a=1; b=2"})
    assert received(response)["x-seen"] == ["a=1; b=2|1|"]


def test_lua_does_not_change_whose_session_it_is(app):
    server = app.start(site("""session_require user;
        location / { proxy_set_header X-User $session_user;
            rewrite_by_lua_block { local user = ngx.var.session_user
                                   ngx.req.set_header("Cookie", ngx.var.arg_new) }
            proxy_pass http://127.0.0.1:9000; }""", modules=LUA))
    new = cookie_of(app, "bob").replace(";", "%3B")
    response = server.get(f"/?new={new}", {"Cookie": cookie_of(app)})
    assert received(response)["x-user"] == ["alice"]
    assert "cookie" not in received(response)


def test_each_location_of_an_internal_redirect_cuts_its_own(app):
    to = "proxy_pass http://127.0.0.1:9000;"
    server = app.start(site(f"""proxy_set_header X-User $session_user; location /s {{ {to} }}
        location /to-t {{ error_page 418 = /t; proxy_intercept_errors on; {to} }}
        location /s-t-s {{ auth_request /t; error_page 418 = /s; proxy_intercept_errors on; {to} }}
        location /to-kept {{ error_page 418 = /kept; proxy_intercept_errors on; {to} }}
        location /t {{ session_cookie t insecure; {to} }}
        location /kept {{ session_pass_cookie on; {to} }}"""))
    s, t = cookie_of(app), cookie_of(app, "bob", "t")
    both = f"a=1; {s}; {t}"
    assert passed(server, both, "/s") == [f"a=1; {t}"]
    assert passed(server, both, "/t") == [f"a=1; {s}"]
    assert passed(server, both, "/to-t?status=418") == [f"a=1; {s}"]
    assert passed(server, both, "/s-t-s?status=418") == [f"a=1; {t}"]
    assert passed(server, both, "/kept") == [both]
    assert passed(server, both, "/to-kept?status=418") == [both]
    assert passed(server, s, "/to-kept?status=418") == [s]
    # And each has its own session.
    for path, user in (("/s", "alice"), ("/to-t?status=418", "bob"), ("/s-t-s?status=418", "alice")):
        assert received(server.get(path, {"Cookie": both}))["x-user"] == [user], path
