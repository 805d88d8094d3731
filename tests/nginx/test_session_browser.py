# SPDX-License-Identifier: Apache-2.0
"""Sessions as a real chromium keeps them: sign in, go about, sign out in one tab of two, go back."""

import pytest
from demo_browser import Page, browser  # noqa: F401
from sessions import RING, application, site

COOKIE = "__Host-session"  # the default: chromium trusts 127.0.0.1 as it does TLS
SITE = site(
    """
    default_type text/html; session_header X-Replace-Session; session_idle 1h; session_renew 1s;
    proxy_buffer_size 32k; proxy_buffers 4 32k;
    session_require user; session_login /welcome;
    location = /welcome { session_require off; try_files /none @welcome; }
    location @welcome { session_require off;
        return 200 "<title>welcome</title><p>Who are you?<a href='/in?user=alice'>Sign in</a>"; }
    location = /in { session_require off; session_set user $arg_user; return 303 /; }
    location = /out { session_require off; session_end; return 303 /welcome; }
    location = /fields { try_files /none @fields; }
    location @fields { return 200 $session_fields; }
    location /app { proxy_pass http://127.0.0.1:9000; }
    location / { try_files /none @page; }
    location @page { add_header Cache-Control no-store;
        return 200 "<title>page</title><p>$uri for $session_user<a href='/out'>Sign out</a>"; }
    """,
    on=f"{RING} session on;",
)


@pytest.fixture
def page(ring, browser):  # noqa: F811
    with application(ring):
        ring.server = ring.start(SITE)
        page = Page(browser, f"http://127.0.0.1:{ring.server.port}/")
        yield page
        for window in browser.window_handles[1:]:
            browser.switch_to.window(window)
            browser.close()
        browser.switch_to.window(browser.window_handles[0])


def follow(page, label):
    page.browser.find_element("link text", label).click()


def sign_in(page):
    page.wait_for("Who are you?")
    follow(page, "Sign in")
    page.wait_for("/ for alice")


def cookies(page) -> dict[str, dict]:
    """Those of the browser, the ones that scripts do not see among them."""
    return {cookie["name"]: cookie for cookie in page.browser.get_cookies()}


def fetch(page, path):
    """Status and text."""
    return page.browser.execute_async_script(
        "const [path, done] = arguments;"
        "fetch(path).then(async a => done([a.status, await a.text()]), e => done([0, `${e}`]));", path)


def test_sign_in_go_about_and_sign_out(page):
    assert page.browser.current_url.endswith("/welcome?next=%2F") and cookies(page) == {}
    assert fetch(page, "/fields")[0] == 401
    sign_in(page)
    cookie = cookies(page)[COOKIE]
    assert cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    assert page.run("return document.cookie") == ""
    page.browser.get(f"{page.url}a/b?c=d")
    page.wait_for("/a/b for alice")
    status, fields = fetch(page, "/fields")
    assert status == 200 and fields.startswith("user=alice&sid=")

    def is_renewed():
        assert fetch(page, "/fields") == [200, fields]
        return cookies(page)[COOKIE]["value"] != cookie["value"]

    page.wait(is_renewed, "a renewal")
    follow(page, "Sign out")
    page.wait_for("Who are you?")
    assert cookies(page) == {} and fetch(page, "/fields")[0] == 401
    page.browser.back()
    page.wait_for("Who are you?")
    assert page.browser.current_url.endswith("/welcome?next=%2Fa%2Fb%3Fc%3Dd")


def test_two_tabs(page):
    sign_in(page)
    first = page.browser.current_window_handle
    page.browser.switch_to.new_window("tab")
    page.browser.get(f"{page.url}tab")
    page.wait_for("/tab for alice")
    follow(page, "Sign out")
    page.wait_for("Who are you?")
    second = page.browser.current_window_handle

    page.browser.switch_to.window(first)
    assert page.shows("/ for alice") and fetch(page, "/fields")[0] == 401
    follow(page, "Sign out")  # a second time
    page.wait_for("Who are you?")
    sign_in(page)
    page.browser.switch_to.window(second)
    page.browser.get(f"{page.url}again")
    page.wait_for("/again for alice")


def test_large_sessions(page, ring):
    sign_in(page)
    assert fetch(page, "/app?fill=5800")[0] == 200
    assert sorted(cookies(page)) == [COOKIE, f"{COOKIE}-1"]
    status, fields = fetch(page, "/fields")
    assert status == 200 and "&x=" + 5800 * "y" in fields
    page.browser.get(f"{page.url}large")
    page.wait_for("/large for alice")

    assert fetch(page, "/app?fill=20000")[0] == 500
    assert "its fields need more cookies than it may use" in ring.server.error_log
    assert fetch(page, "/fields") == [200, fields]

    assert fetch(page, "/app?fill=10")[0] == 200
    assert sorted(cookies(page)) == [COOKIE]
    status, fields = fetch(page, "/fields")
    assert status == 200 and "&x=yyyyyyyyyy&" in fields
