# SPDX-License-Identifier: Apache-2.0
"""session_require, session_login, session_set and session_end, with other directives that decide on access."""

import base64

import pytest
from sessions import NAME, Browser, application, received, site
from tokens import s1

HTML = {"Accept": "text/html,application/xhtml+xml"}
FETCH = {"Accept": "application/json"}


@pytest.fixture
def app(ring):
    ring.write("html/index.html", "a page\n")
    ring.write("passwords", "alice:{PLAIN}secret\n")
    with application(ring):
        yield ring


def cookie_of(app, text="user=alice&role=admin"):
    return {"Cookie": f"{NAME}={s1(app.key, text.encode(), context=NAME.encode())}"}


PROTECTED = """
root html;
session_require user;
session_login /signin;
location = /signin { session_require off; return 200 "sign in"; }
location /admin { session_require role=admin; try_files /index.html =404; }
location /both { session_require user=alice role; try_files /index.html =404; }
location / { try_files /index.html =404; }
"""


def test_requires_a_session_and_its_fields(app):
    server = app.start(site(PROTECTED))
    assert server.get("/").status == 401
    alice, bob = cookie_of(app), cookie_of(app, "user=bob")
    assert server.get("/", alice).text == "a page\n"
    assert [server.get("/admin", who).status for who in ({}, bob, alice)] == [401, 403, 200]
    assert [server.get("/both", who).status for who in ({}, bob, alice)] == [401, 403, 200]
    for role in ("administrator", "adm", "Admin"):
        carol = cookie_of(app, f"user=carol&role={role}")
        assert server.get("/admin", carol).status == 403
    assert server.get("/both", cookie_of(app, "user=alice")).status == 403
    assert server.get("/", cookie_of(app, "role=admin")).status == 403
    assert "it does not have what session_require asks for: role=admin" in server.error_log
    assert server.get("/signin").text == "sign in"


def test_a_navigation_is_sent_to_sign_in(app):
    server = app.start(site(PROTECTED))

    def target(path, headers, method="GET"):
        response = server.get(path, headers, method=method)
        return response.headers["Location"] if response.status == 303 else response.status

    base = f"http://127.0.0.1:{server.port}"
    assert target("/a/b?c=d&e=%20f", HTML) == f"{base}/signin?next=%2Fa%2Fb%3Fc%3Dd%26e%3D%2520f"
    assert target("/", HTML, "HEAD") == f"{base}/signin?next=%2F"
    navigate = {"Sec-Fetch-Mode": "navigate"}
    assert target("/", navigate) == f"{base}/signin?next=%2F"
    assert target("/", navigate, "POST") == f"{base}/signin?next=%2F"
    # Two slashes would be followed by another host, so there is only one.
    for path in ("//evil.example/x", "/\\\\evil.example/x", "///evil.example/x"):
        location = target(path, HTML)
        assert location.startswith(f"{base}/signin?next=%2Fevil.example"), location
    for headers in (FETCH, {}, {**HTML, "Sec-Fetch-Mode": "cors"},
                    {**HTML, "Sec-Fetch-Mode": "websocket"}):  # fmt: skip
        assert target("/", headers) == 401, headers
    assert target("/", HTML, "POST") == 401
    # Signed in, but not allowed: signing in again would not help.
    assert target("/admin", {**HTML, **cookie_of(app, "user=bob")}) == 403


def test_a_sign_in_page_elsewhere_and_with_a_query(app):
    text = """session_require user;
        location /a { session_login https://id.example.com/?client=1; proxy_pass http://127.0.0.1:9000; }
        location /b { session_login /in$uri; proxy_pass http://127.0.0.1:9000; }"""
    server = app.start(site(text))
    assert server.get("/a", HTML).headers["Location"] == \
        "https://id.example.com/?client=1&next=%2Fa"
    assert server.get("/b", HTML).headers["Location"].endswith("/in/b?next=%2Fb")


def test_a_sign_in_page_that_requires_a_session_is_no_loop(app):
    text = "root html; session_require user; session_login /signin; location / { }"
    server = app.start(site(text))
    assert server.get("/x", HTML).status == 303
    assert server.get("/signin?next=%2Fx", HTML).status == 401
    assert 'the page "/signin" itself requires a session' in server.error_log


BASIC = "auth_basic site; auth_basic_user_file passwords;"


def basic(user="alice", password="secret"):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_signs_in_by_auth_basic(app):
    text = f"""root html; session_require user; session_login /signin;
        location = /signin {{ session_require off; {BASIC} session_set user $remote_user;
                              try_files /index.html =404; }}
        location / {{ try_files /index.html =404; }}"""
    browser = Browser(app.start(site(text)))
    response = browser.get("/signin")
    assert response.status == 401 and response.headers["WWW-Authenticate"] and browser.set == {}
    assert browser.get("/signin", basic(password="wrong")).status == 401 and browser.set == {}
    response = browser.get("/signin", basic())
    assert response.status == 200 and NAME in browser.set
    assert response.headers["Cache-Control"] == "no-store"
    assert browser.get("/").status == 200 and browser.set == {}
    # The same user again is not another session.
    browser.get("/signin", basic())
    assert browser.set == {}


def test_is_set_where_the_answer_is_good_only(app):
    text = "session_set user $arg_user; location / { proxy_pass http://127.0.0.1:9000; }" \
           "location /return { return 303 /; }"
    for status in (200, 201, 204, 301, 303, 304, 400, 401, 403, 404, 500, 503):
        browser = Browser(app.servers[0] if app.servers else app.start(site(text)))
        assert browser.get(f"/?user=alice&status={status}").status == status
        assert (NAME in browser.set) == (status < 400), status
    assert browser.get("/?status=200").status == 200 and browser.set == {}, "an empty value"
    browser.get("/return?user=alice")
    assert NAME in browser.set
    assert browser.get("/").status == 200 and browser.set == {}, "an empty value changes nothing"


@pytest.mark.parametrize("how", ["satisfy all;", "satisfy any;"])
def test_satisfy(app, how):
    text = f"""root html; {how} {BASIC} session_require user; session_login /signin;
        location = /signin {{ auth_basic off; session_require off; return 200 "sign in"; }}
        location / {{ try_files /index.html =404; }}"""
    server = app.start(site(text))
    neither, password, session = {}, basic(), cookie_of(app)
    answers = [server.get("/", {**headers, **FETCH}).status
               for headers in (neither, password, session, {**password, **session})]  # fmt: skip
    assert answers == ([401, 401, 401, 200] if "all" in how else [401, 200, 200, 200])
    # With neither, a user may sign in by either; with the password, the page is not needed.
    assert server.get("/", {**HTML}).status == (401 if "all" in how else 303)
    assert server.get("/", {**HTML, **password}).status == (303 if "all" in how else 200)


def test_limit_except_and_error_page(app):
    text = """root html; session_require user;
        location /a { limit_except GET { deny all; } try_files /index.html =404; }
        location /b { error_page 401 = @in; try_files /index.html =404; }
        location /c { error_page 401 /401.html; try_files /index.html =404; }
        location = /401.html { session_require off; internal; }
        location @in { session_require off; return 302 /signin; }"""
    app.write("html/401.html", "who are you?\n")
    server = app.start(site(text))
    alice = cookie_of(app)
    assert server.get("/a", alice).status == 200
    assert server.get("/a", alice, method="POST").status == 403
    assert server.get("/b").status == 302 and server.get("/b", alice).status == 200
    response = server.get("/c")
    assert (response.status, response.text) == (401, "who are you?\n")


def test_a_subrequest_of_auth_request_may_sign_in(app):
    text = """session_require user; session_header X-Replace-Session;
        location / { set $asked $args; auth_request /auth; proxy_pass http://127.0.0.1:9000/; }
        location = /auth { internal; session_require off;
                           proxy_pass http://127.0.0.1:9000/auth?$asked; }"""
    browser = Browser(app.start(site(text)))
    assert browser.get("/?X=1").status == 401
    assert browser.get("/?X-Replace-Session=user%3Dalice").status == 200 and NAME in browser.set
    assert browser.get("/").status == 200
    assert browser.get("/?status=403").status == 403


END = """session_header X-Replace-Session; root html;
location = /logout { session_end; return 303 /; }
location = /app-logout { session_end; proxy_pass http://127.0.0.1:9000; }
location = /checked { session_end; limit_except POST { deny all; } proxy_pass http://127.0.0.1:9000; }
location = /fails { session_end; proxy_pass http://127.0.0.1:9; error_page 502 /index.html; }
location / { proxy_pass http://127.0.0.1:9000; }
location = /index.html { }
"""


def test_ends(app):
    server = app.start(site(END))
    for path, status in (("/logout", 303), ("/app-logout", 200), ("/app-logout?status=204", 204),
                         ("/app-logout?status=503", 503), ("/fails", 502)):  # fmt: skip
        browser = Browser(server)
        browser.sign_in()
        response = browser.get(path)
        assert (response.status, browser.cookies) == (status, {}), path
        assert response.headers["Cache-Control"] == "no-store"
        assert browser.get(path).status == status and browser.set == {}, "without a session"


def test_does_not_end_where_the_request_is_refused(app):
    """As a link on another site would make it."""
    browser = Browser(app.start(site(END)))
    browser.sign_in()
    for path in ("/checked", "/app-logout?status=403", "/app-logout?status=405"):
        assert browser.get(path).status in (403, 405) and browser.set == {}, path
    assert browser.get("/checked", method="POST").status == 200 and browser.cookies == {}


def test_a_variable_is_what_the_session_is_now(app):
    """It was asked for before a subrequest signed in."""
    text = """session_header X-Replace-Session; if ($session_user = nobody) { return 400; }
        location / { auth_request /auth; proxy_set_header X-User $session_user;
                     proxy_pass http://127.0.0.1:9000; }
        location = /auth { proxy_pass http://127.0.0.1:9000/?X-Replace-Session=user%3Dalice; }"""
    assert received(app.start(site(text)).get("/"))["x-user"] == ["alice"]


def test_does_not_end_by_a_subrequest(app):
    """What asks for permission signs nobody out."""
    text = """session_header X-Replace-Session;
        location = /auth { session_end; proxy_pass http://127.0.0.1:9000; }
        location /asks { auth_request /auth; proxy_pass http://127.0.0.1:9000; }
        location / { proxy_pass http://127.0.0.1:9000; }"""
    browser = Browser(app.start(site(text)))
    browser.sign_in()
    assert browser.get("/asks").status == 200 and browser.set == {}


def test_more_fields_than_a_session_holds_are_an_error(app):
    text = """session_header X-Replace-Session; location / { proxy_pass http://127.0.0.1:9000; }
        location /one-more { session_set more $arg_more; return 204; }"""
    browser = Browser(app.start(site(text)))
    browser.sign_in(more="".join(f"%26f{i}%3D1" for i in range(61)))  # with sid and auth_time, 64
    assert browser.get("/one-more?more=x").status == 500 and browser.set == {}
    assert 'the session has no room for "more"; it holds at most 64 fields' in browser.server.error_log
    assert browser.get("/one-more").status == 204
