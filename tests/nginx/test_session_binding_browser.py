# SPDX-License-Identifier: Apache-2.0
"""A real chromium binds its session, refreshes it while pages load and fetches run, goes on after it was
restarted, and forgets the binding when the user signs out. A copy of its cookies is worth nothing."""

import re
from contextlib import ExitStack

from device_browser import HOST, chromium, make_home, secure_site, write_certificates
from devices import BOUND
from nginx_server import wait_until
from sessions import NAME

PAGES = """
    default_type text/html;
    location / { add_header Cache-Control no-store;
        return 200 "<title>page</title>$session_user|$session_verify|$session_bound"; }
    location = /in { session_set user alice; return 303 /; }
    location = /out { session_end; return 303 /; }
"""
GOOD, NOT_BOUND = "alice|OK|1", "alice|OK|"


def shown(browser) -> str:
    return browser.execute_script("return document.body.innerText")


def open_page(browser, path="/") -> str:
    browser.get(browser.site + path)
    return shown(browser)


def fetched(browser, count: int) -> list[str]:
    """What so many fetches at once show."""
    return browser.execute_async_script(
        """const [count, done] = arguments;
        const one = (i) => fetch('/?' + i, {cache: 'no-store'}).then((answer) => answer.text());
        Promise.all(Array.from({length: count}, (_, i) => one(i))).then(done, (e) => done([String(e)]));""",
        count,
    )


def cookies_of(browser) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in browser.get_cookies()}


def count(server, line: str) -> int:
    return len(re.findall(rf"session_binding: {line} \(session", server.error_log))


def start(listed, options: str):
    write_certificates(listed.folder)
    server = listed.start(secure_site(options, PAGES))
    return server, make_home(listed.folder)


def sign_in(browser, server) -> None:
    registered = count(server, "registration: registered")
    assert open_page(browser, "/in") in (NOT_BOUND, GOOD)
    wait_until(lambda: count(server, "registration: registered") == registered + 1, "the registration")
    wait_until(lambda: open_page(browser) == GOOD, "the bound session")


def ask(server, cookies: dict[str, str]) -> str:
    """Another client, with cookies that were copied."""
    import http.client  # noqa: PLC0415
    import ssl  # noqa: PLC0415

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=30, context=context)
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    connection.request("GET", "/", headers={"Host": HOST, "Cookie": sent})
    text = connection.getresponse().read().decode().split("</title>")[1]
    connection.close()
    return text


def test_it_binds_and_refreshes(listed):
    """While pages load and 50 fetches run at once, none fails. Refreshes are frequent, and chromium signs
    about six times in nine minutes at most, so most of them use a signature again."""
    server, home = start(listed, "on refresh=5s grace=60s")
    with ExitStack() as stack:
        browser = stack.enter_context(chromium(home, server.port))
        sign_in(browser, server)

        def ten_refreshes():
            assert open_page(browser) == GOOD
            texts = fetched(browser, 50)
            assert [text.split("</title>")[-1] for text in texts] == [GOOD] * 50, texts
            return count(server, "refresh: refreshed") >= 10

        wait_until(ten_refreshes, "ten refreshes", 120)
        assert "session_binding: refresh: refused" not in server.error_log
        assert "session: refused" not in server.error_log


def test_it_goes_on_after_a_restart(listed):
    server, home = start(listed, "on refresh=5s")
    with chromium(home, server.port) as browser:
        sign_in(browser, server)
        before = cookies_of(browser)
    refreshed = count(server, "refresh: refreshed")
    with chromium(home, server.port) as browser:
        assert open_page(browser) == GOOD
        assert cookies_of(browser)[NAME] == before[NAME]
        wait_until(lambda: open_page(browser) == GOOD and count(server, "refresh: refreshed") > refreshed,
                   "a refresh with the key of before")  # fmt: skip
        assert count(server, "registration: registered") == 1


def test_signing_out_ends_the_binding(listed):
    server, home = start(listed, "on refresh=3m")
    with chromium(home, server.port) as browser:
        sign_in(browser, server)
        copied = cookies_of(browser)
        assert copied.keys() == {NAME, BOUND} and ask(server, copied) == GOOD
        assert open_page(browser, "/out") == "|NONE|"
        assert NAME not in cookies_of(browser) and BOUND not in cookies_of(browser)
        assert ask(server, copied) == "|FAILED:revoked|"
        assert open_page(browser) == "|NONE|"
        sign_in(browser, server)
        assert ask(server, copied) == "|FAILED:revoked|"


def test_a_copy_of_its_cookies(listed):
    """From before the binding, and after it."""
    server, home = start(listed, "on refresh=20s grace=5s")
    with chromium(home, server.port) as browser:
        sign_in(browser, server)
        copied = cookies_of(browser)
        assert ask(server, copied) == GOOD
        wait_until(lambda: ask(server, copied) == "|FAILED:unbound|", "its end")
        assert ask(server, {NAME: copied[NAME]}) == "|FAILED:unbound|"
        assert open_page(browser) == GOOD, "the browser refreshes"
