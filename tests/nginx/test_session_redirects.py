# SPDX-License-Identifier: Apache-2.0
"""What a request did to its session counts, whatever location answers it in the end, and whatever
settings for sessions that one has."""

import pytest
from logouts import eventually
from sessions import NAME, Browser, application, site
from tokens import now, s1

PLACES = """
session_revocations revocations.list; session_header X-Replace-Session; root html;
location / { proxy_pass http://127.0.0.1:9000; }
location = /who { return 200 "[$session_user]"; }
location = /bye.html { }
location /off/ { session off; }
location /later/ { session_idle 1h; }
location /sets/ { session_idle 1h; session_set role admin; }

location = /try-off { session_end; try_files /none /off/bye.html; }
location = /try-later { session_end; try_files /none /later/bye.html; }
location = /accel-off { session_end; proxy_pass http://127.0.0.1:9000/?X-Accel-Redirect=/off/bye.html; }
location = /accel-later { session_end; proxy_pass http://127.0.0.1:9000/?X-Accel-Redirect=/later/bye.html; }
location = /rewrite { session_end; rewrite ^ /bye.html last; }
location = /rewrite-off { session_end; rewrite ^ /off/bye.html last; }
location = /named { session_end; try_files /none @off; }
location @off { session off; return 200 bye; }
location = /error { session_end; error_page 500 /off/bye.html; return 500; }
location = /if { session_end; if ($arg_a) { set $b 1; } return 303 /; }
location = /if-file { session_end; if ($arg_a) { set $b 1; } }
location = /except { session_end; limit_except GET { allow all; } proxy_pass http://127.0.0.1:9000; }

location = /refused { session_end; error_page 404 /off/bye.html; try_files /none =404; }
location /inner { session_end; location = /inner/deep { proxy_pass http://127.0.0.1:9000; } }

location = /auth { internal; proxy_pass http://127.0.0.1:9000/?X-Replace-Session=user%3Dalice%26level%3D2; }
location = /auth-other { internal; session_context other;
                         proxy_pass http://127.0.0.1:9000/?X-Replace-Session=user%3Dbob; }
location = /asks-other { auth_request /auth-other; try_files /bye.html =404; }
location = /who-other { session_context other; return 200 "[$session_user]"; }
location = /asks-off { auth_request /auth; try_files /none /off/bye.html; }
location = /asks-later { auth_request /auth; try_files /none /later/bye.html; }
location = /asks-sets { auth_request /auth; try_files /none /sets/bye.html; }
"""


@pytest.fixture
def app(listed):
    for place in ("", "off/", "later/", "sets/"):
        listed.write(f"html/{place}bye.html", "bye\n")
    listed.write("html/if-file", "bye\n")
    with application(listed):
        yield listed


def due(app):
    """The cookie of a session that is due for renewal."""
    text = f"user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time={now() - 700}"
    return {NAME: s1(app.key, text.encode(), at=now() - 600, lifetime=1800, context=NAME.encode())}


def is_good(server, cookies) -> bool:
    return Browser(server, cookies).get("/who").text == "[alice]"


ENDS = ("/try-off", "/try-later", "/accel-off", "/accel-later", "/rewrite", "/rewrite-off", "/named",
        "/error", "/if", "/if?a=1", "/if-file?a=1", "POST /except")  # fmt: skip


@pytest.mark.parametrize("place", ENDS)
def test_ends(app, place):
    method, _, path = place.rpartition(" ")
    server = app.start(site(PLACES))
    browser = Browser(server)
    browser.sign_in()
    for cookies in (browser.cookies, due(app)):
        assert is_good(server, cookies)
        leaving = Browser(server, cookies)
        response = leaving.get(path, method=method or "GET")
        assert response.status in (200, 303, 500)
        assert leaving.cookies == {} and leaving.set[NAME]["max-age"] == "0"
        assert response.headers["Cache-Control"] == "no-store"
        assert not is_good(server, cookies), "a copy of the cookie"


def test_does_not_end(app):
    """Where the request was refused, and in a location inside the one with session_end."""
    server = app.start(site(PLACES))
    for path, status in (("/refused", 404), ("/inner/deep", 200)):
        browser = Browser(server)
        browser.sign_in()
        assert browser.get(path).status == status and browser.set == {}, path
        assert is_good(server, browser.cookies), path


def test_only_the_session_of_the_location_ends(app):
    """Another cookie is another session, which is renewed as ever."""
    text = """root html; session_set user $arg_user; location = /who { return 200 "[$session_user]"; }
        location /other/ { session_cookie t insecure; location = /other/in { return 204; } }
        location = /out { session_end; try_files /none /other/bye.html; }
        location = /in { return 204; }"""
    app.write("html/other/bye.html", "bye\n")
    browser = Browser(app.start(site(text)))
    browser.get("/in?user=alice")
    browser.get("/other/in?user=alice")
    assert sorted(browser.cookies) == [NAME, "t"]
    browser.get("/out")
    assert set(browser.set) == {NAME, f"{NAME}-1"} and list(browser.cookies) == ["t"]


@pytest.mark.parametrize("path", ["/asks-off", "/asks-later", "/asks-sets"])
def test_what_a_service_said_before_counts(app, path):
    """And it is said in one cookie."""
    server = app.start(site(PLACES))
    for cookies in ({}, due(app)):
        browser = Browser(server, cookies)
        assert browser.get(path).text == "bye\n"
        assert list(browser.set) == [NAME] and is_good(server, browser.cookies), path


def test_a_change_in_another_context_counts_and_a_renewal_waits(app):
    """The two sessions have one cookie. Neither gets the other's fields."""
    server = app.start(site(PLACES))
    for cookies in ({}, due(app)):
        browser = Browser(server, cookies)
        assert browser.get("/asks-other").text == "bye\n" and list(browser.set) == [NAME]
        assert Browser(server, browser.cookies).get("/who-other").text == "[bob]"
        assert not is_good(server, browser.cookies)


def test_a_request_that_keeps_no_session_alive_renews_none(app):
    """Also if a variable of the session was asked for before, at a level that does."""
    text = """root html; set $u $session_user; location = /poll { session_activity off; try_files /bye.html =404; }
        location = /page { try_files /bye.html =404; }
        location = /both { session_activity off; set $v $session_user; try_files /none /page; }"""
    server = app.start(site(text))
    for path, renewed in (("/page", True), ("/poll", False), ("/both", True)):
        browser = Browser(server, due(app))
        assert browser.get(path).text == "bye\n"
        assert bool(browser.set) == renewed, path


LIVES = """session_header X-Replace-Session; root html; session_idle off; session_lifetime 30d;
location = /auth { internal; proxy_pass http://127.0.0.1:9000/?X-Replace-Session=user%3Dalice; }
location = /who { return 200 "[$session_user]"; }
location /admin/ { session_lifetime 1h; session_require user; auth_request /auth; }
location = /bound { session_lifetime 1h; auth_request /auth-level; try_files /admin/bye.html =404; }
location = /auth-level { internal; proxy_pass http://127.0.0.1:9000/?X-Replace-Session=user%3Dalice%26level%3D2; }
location = /strict { session_lifetime 1h; return 200 "[$session_user]"; }
"""


@pytest.mark.parametrize("path, status", [("/admin/bye.html", 401), ("/bound", 200)])
def test_what_a_service_said_does_not_revive_what_is_over_here(app, path, status):
    """Good where the service was asked, and over where the request is answered."""
    app.write("html/admin/bye.html", "bye\n")
    server = app.start(site(LIVES))
    text = f"user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time={now() - 7200}"
    browser = Browser(server, {NAME: s1(app.key, text.encode(), at=now() - 7200, lifetime=30 * 86400,
                                        context=NAME.encode())})  # fmt: skip
    assert browser.get("/who").text == "[alice]"
    assert browser.get(path).status == status
    assert browser.get("/strict").text == "[]"
    assert browser.get("/admin/bye.html").status == 401


def test_a_service_that_changes_nothing_keeps_no_session_from_being_renewed(app):
    text = PLACES + """location = /auth-same { internal; proxy_pass
            http://127.0.0.1:9000/?X-Replace-Session=user%3Dalice; }
        location = /strict { session_revocations off; auth_request /auth-same; try_files /bye.html =404; }"""
    browser = Browser(app.start(site(text)), due(app))
    assert browser.get("/strict").text == "bye\n" and list(browser.set) == [NAME]


@pytest.mark.parametrize("path", ["/leave", "/leave-public", "/leave-later"])
def test_a_session_that_is_refused_for_now_ends_too(app, path):
    """It would be good again when the list is fresh."""
    app.revocations.max_staleness = 30
    app.revocations.write()
    app.revocations.confirmed(now() - 100)
    text = """session_revocations revocations.list stale=refuse; session_header X-Replace-Session; root html;
        location = /who { return 200 "[$session_user]"; }
        location = /leave { session_end; try_files /none /off/bye.html; }
        location /off/ { session off; }
        location /later/ { session_idle 1h; }
        location = /leave-later { session_end; try_files /none /later/bye.html; }
        location = /leave-public {
            proxy_pass http://127.0.0.1:9000/?X-Replace-Session=&Cache-Control=public; }"""
    server = app.start(site(text))
    cookies = due(app)
    leaving = Browser(server, cookies)
    assert leaving.get("/who").text == "[]"
    leaving.get(path)
    assert leaving.set[NAME]["max-age"] == "0" and leaving.cookies == {}
    app.revocations.confirmed(now())
    other = {NAME: s1(app.key, f"user=alice&sid={'B' * 21}A&auth_time={now()}".encode(), at=now(),
                      lifetime=1800, context=NAME.encode())}  # fmt: skip
    eventually(lambda: is_good(server, other), "a fresh list")
    assert not is_good(server, cookies), "a copy of the cookie"


def test_a_default_that_is_written_out_is_the_same(app):
    """One cookie of one session, in one header."""
    text = f"""root html; session_header X-Replace-Session; location = /who {{ return 200 "[$session_user]"; }}
        location = /auth {{ internal; proxy_pass http://127.0.0.1:9000/?X-Replace-Session=user%3Dalice%26level%3D2; }}
        location = /level {{ return 200 "[$session_level$session_role]"; }}
        location = /asks {{ auth_request /auth; try_files /none /big/bye.html; }}
        location /big/ {{ session_cookie {NAME} insecure path=/; session_context {NAME}; session_subject user;
                          session_set role admin; }}"""
    app.write("html/big/bye.html", "bye\n")
    server = app.start(site(text))
    for cookies in ({}, due(app)):
        browser = Browser(server, cookies)
        response = browser.get("/asks")
        assert len(response.headers.get_all("Set-Cookie")) == 1
        assert browser.get("/level").text == "[2admin]"
