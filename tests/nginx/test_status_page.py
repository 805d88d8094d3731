# SPDX-License-Identifier: Apache-2.0
"""The page of session_status in a real chromium, on a phone and on a wide screen, without scripts."""

import dataclasses

import pytest
from demo_browser import Page, browser  # noqa: F401
from nginx_server import REPOSITORY, wait_until
from sessions import application
from tokens import new_key, now, s1, write_ring

EXAMPLE = (REPOSITORY / "examples" / "monitoring" / "nginx.conf").read_text()


@pytest.fixture
def server(nginx):
    """examples/monitoring/nginx.conf, with a key that is no longer needed and one that has closed."""
    nginx.old = new_key(open_only=True)
    nginx.closed = new_key(open_until=now() - 60)
    nginx.key = new_key(seal_from=now() - 3 * 86400)
    write_ring(nginx, nginx.old, nginx.closed, nginx.key)
    with application(nginx):
        server = nginx.start(EXAMPLE)
        good = s1(nginx.key, b"user=alice", context=b"shop_session")
        for value in (good, good, s1(new_key(), b"user=eve", context=b"shop_session"), "nonsense"):
            server.get("/", {"Cookie": f"shop_session={value}"})
        yield server


@pytest.mark.parametrize(("width", "scheme"), [(375, "light"), (1280, "dark")])
def test_the_page(nginx, server, browser, width, scheme):  # noqa: F811
    page = Page(browser, f"http://127.0.0.1:{server.port}/sealring-status")
    page.set_screen(width, scheme)
    page.turn_javascript_off()
    keys = page.text("#keys")
    for key, use in ((nginx.key, "It seals now."), (nginx.closed, "It can go: it no longer opens tokens."),
                     (nginx.old, "It can go if no token lives longer than that.")):
        row = next(row for row in keys.split("\n") if key.kid in row)
        assert use in keys[keys.index(row):], keys
    assert "unknown_key" in page.text("#sessions") and "malformed" in page.text("#sessions")
    assert "has sealed for 3 days" in page.text("body")
    # Nothing is cut off at the side, and the bars can be seen.
    run = browser.execute_script
    assert run("return document.documentElement.scrollWidth <= window.innerWidth")
    widths = run("return [...document.querySelectorAll('#sessions rect')].map(r => r.getBoundingClientRect().width)")
    assert len(widths) == 2 and all(bar > 1 for bar in widths)
    rows = run("return [...document.querySelectorAll('#sessions tbody tr')].map("
               "row => [...row.cells].slice(0, 5).map(cell => cell.textContent))")
    assert [(name, day, total) for name, _, _, day, total in rows] == [
        ("malformed", "1", "1"), ("unknown_key", "1", "1")]
    colours = run("const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]")
    assert colours[0] != colours[1]
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"
                and "favicon" not in entry["message"]]


def test_a_key_whose_tokens_have_ended(nginx, server):
    """It was used, and the last of its tokens is over: it can go."""
    used = dataclasses.replace(nginx.old, open_only=True)
    token = s1(used, b"user=bob", context=b"shop_session", at=now() - 100, lifetime=102)
    server.get("/", {"Cookie": f"shop_session={token}"})

    def use() -> str:
        page = server.get("/sealring-status", {"Accept": "text/html"}).text
        return next(line for line in page.splitlines() if used.kid in line)

    wait_until(lambda: "It can go: all of its tokens that were seen here have ended" in use(), "the end")
