# SPDX-License-Identifier: Apache-2.0
"""What session_require does not take for a session with a field, and where nothing could ask for one."""

import base64

import pytest
from nginx_server import conf
from sessions import NAME, RING, Browser, application, site
from tokens import s1


@pytest.fixture
def app(ring):
    ring.write("html/index.html", "a page\n")
    ring.write("html/secret.html", "a secret\n")
    ring.write("html/static/style.css", "a style\n")
    ring.write("passwords", "alice:{PLAIN}secret\nadmin:{PLAIN}known\n")
    with application(ring):
        yield ring


def cookie_of(app, text="user=alice&role=admin"):
    return {"Cookie": f"{NAME}={s1(app.key, text.encode(), context=NAME.encode())}"}


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


ANY = """root html; session_header X-Replace-Session; satisfy any; session_require user;
location /any { auth_basic site; auth_basic_user_file passwords; session_set user $remote_user;
                try_files /index.html =404; }
location = /index.html { satisfy all; session_require off; }
location /later { auth_basic site; auth_basic_user_file passwords; try_files /none /set/index.html; }
location /set/ { alias html/; satisfy all; session_require off; session_set user $remote_user; }
location /asks { auth_request /auth; auth_request_set $who $upstream_http_x_user; session_set user $who;
                 try_files /index.html =404; }
location = /auth { internal; proxy_pass http://127.0.0.1:9000/?X-User=admin&status=403; }
"""


def test_a_credential_that_was_refused_sets_no_field(app):
    """The session let the request in, and not what stands beside it."""
    server = app.start(site(ANY))
    alice = cookie_of(app)
    for path in ("/any", "/later", "/asks"):
        for headers in (basic("admin", "wrong"), {}):
            browser = Browser(server)
            assert browser.get(path, {**alice, **headers}).text == "a page\n", path
            assert browser.set == {}, path
            assert browser.get(path, headers).status in (401, 403) and browser.set == {}, path
    for path in ("/any", "/later"):
        browser = Browser(server)
        assert browser.get(path, basic("admin", "known")).text == "a page\n" and NAME in browser.set, path


def test_with_all_of_them_fields_are_set(app):
    server = app.start(site(ANY.replace("satisfy any;", "satisfy all;")))
    browser = Browser(server)
    assert browser.get("/any", {**cookie_of(app), **basic("admin", "known")}).status == 200
    assert NAME in browser.set


LEAVES = """root html; session_header X-Replace-Session; session_login /signin; auth_request /auth;
location = /auth { internal; proxy_pass http://127.0.0.1:9000/?X-Replace-Session=$arg_text; }
location = /user { session_require user; try_files /index.html =404; }
location = /sid { session_require sid; try_files /index.html =404; }
location = /none { session_require none; try_files /index.html =404; }
"""


def test_one_that_a_service_has_ended_lets_nobody_in(app):
    server = app.start(site(LEAVES))
    for path in ("/user", "/sid", "/none"):
        browser = Browser(server)
        assert browser.get(path, cookie_of(app, "user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA")).status == 401
        assert browser.set[NAME]["max-age"] == "0", path
        answer = browser.get(path, {"Sec-Fetch-Mode": "navigate", **cookie_of(app)})
        assert answer.status == 303 and "/signin?next=" in answer.headers["Location"]


def test_names_of_fields_are_exact(app):
    text = """root html; location = /admin { session_require is_admin=1; try_files /index.html =404; }
        location = /dash { session_require is-admin=1; try_files /index.html =404; }
        location = /value { return 200 "$session_is_admin"; }"""
    server = app.start(site(text))
    for fields, admin, dash, value in (("is-admin=1&is_admin=0", 403, 200, "0"), ("is-admin=1", 403, 200, "1"),
                                       ("is.admin=1&is_admin=1", 200, 403, "1"), ("Is_ADMIN=1", 200, 403, "1"),
                                       ("is.admin=2&is-admin=3", 403, 403, "2")):  # fmt: skip
        cookie = cookie_of(app, fields)
        assert server.get("/value", cookie).text == value, fields
        assert [server.get(path, cookie).status for path in ("/admin", "/dash")] == [admin, dash], fields


CLOSED = 'session_require: sessions are not on where "/secret.html" is served, so nobody gets in; '


def test_a_level_whose_locations_alone_have_sessions(app):
    """The server itself serves what none of its locations does."""
    text = """root html; session_require user; location /app/ { session on; }
        location /static/ { session off; } location /open/ { session_require off; alias html/; }"""
    on = f"{RING} session_cookie {NAME} insecure;"
    server = app.start(site(text, on=on))
    assert server.get("/secret.html", cookie_of(app)).status == 500
    line = next(line for line in server.error_log.splitlines() if CLOSED in line)
    assert "[error]" in line and "nginx.conf:" in line and '"session_require off;" where anybody may' in line
    assert server.get("/app/x").status == 401
    assert server.get("/static/style.css").text == "a style\n"
    assert server.get("/open/secret.html").text == "a secret\n"


@pytest.mark.parametrize("on, wrong", [
    ("session on;", "session: no encrypted_session_keyring is in effect where this is served"),
    ("", CLOSED),
])  # fmt: skip
def test_without_any_sessions_nothing_is_open(app, on, wrong):
    """Neither with `session on` nor without it, where no location has a key ring."""
    server = app.start(conf(f"""{on} session_require user; server {{ listen 127.0.0.1:8080; root html;
        location /static/ {{ session off; }} }}"""))
    assert server.get("/secret.html").status == 500
    assert wrong in server.error_log
    assert server.get("/static/style.css").text == "a style\n"
