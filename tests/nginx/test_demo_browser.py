# SPDX-License-Identifier: Apache-2.0
"""The demo's page in a real browser: what it shows, what its buttons do, how it fits screens."""

import re
import time

import pytest
from demo_browser import PATIENCE, browser, demo, page  # noqa: F401
from nginx_server import wait_until
from selenium.common.exceptions import WebDriverException


def test_log_in_alter_and_log_in_again(page):  # noqa: F811
    assert page.shows("Not signed in") and page.shows("NONE")
    page.log_in("bob")
    token = page.text("#token")
    assert token == page.cookie()["value"]
    page.wait_for("9 min")
    assert page.shows("key ID") and not page.shows("Look again")
    assert page.text("#verify") == "OK"
    assert page.text(".status p") == "The cookie is exactly as it was sealed, and still in time."
    assert page.cookie()["httpOnly"]
    assert page.run("return document.cookie") == ""

    page.press("Alter one character")
    page.wait_for("Cookie refused")
    assert page.text("#verify") == "FAILED:authentication_failed"
    assert page.shows("Nothing in it is believed") and not page.shows("bob")
    marked = page.wait(lambda: page.text("#token mark"), "the mark")
    changed = page.text("#token")
    assert changed == page.cookie()["value"]
    assert [i for i in range(len(token)) if token[i] != changed[i]] == [43]
    assert marked == changed[43]

    page.log_in()
    page.press("Forget the cookie")
    page.wait_for("Not signed in")
    assert page.cookie() is None


def test_ten_seconds(page):  # noqa: F811
    page.log_in()
    page.press("Expire in ten seconds")
    seen = []  # how many seconds the countdown showed, and the times between which it was read

    def is_over():
        before = time.monotonic()
        if shown := re.fullmatch("([0-9]+) s", page.text("#left")):
            seen.append((int(shown[1]), before, time.monotonic()))
        # The browser may send the cookie once more in its last second.
        return page.shows("Not signed in") or page.shows("FAILED:expired")

    page.wait(is_over, "the page to look again by itself")
    assert page.cookie() is None, "it ends with its session"
    # A busy machine may show little of it.
    if seen:
        (first, _, begin), (last, end, _) = seen[0], seen[-1]
        assert first <= 10 and first - last > end - begin - 3


def test_answers_appear_in_place(page):  # noqa: F811
    page.press("Open the page")
    page.wait_for("401 refused: NONE")
    page.log_in()
    page.press("Open the page")
    page.wait_for("200 hello, alice")
    page.press("Send the form")
    page.wait_for("200 accepted")
    page.press("Try the link’s token")
    page.wait_for("403 refused: FAILED:authentication_failed")
    page.press("Try the form’s token")
    page.wait(lambda: page.text().count("403 refused") == 2, "the second refusal")
    assert page.browser.current_url == page.url


def test_download(page, tmp_path):  # noqa: F811
    page.command("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.press("Download")
    file = tmp_path / "sealed.txt"
    wait_until(file.exists, "the file", PATIENCE)
    assert file.read_text().startswith("This file came through a link")


def test_without_javascript(page):  # noqa: F811
    page.turn_javascript_off()
    assert page.shows("NONE")
    page.log_in()
    assert page.run("return document.body.className") == ""
    assert page.shows("Look again") and page.shows("A countdown would need JavaScript.")
    assert abs(int(page.text(".now")) - time.time()) < PATIENCE
    page.press("Alter one character")
    page.wait_for("FAILED:authentication_failed")
    page.log_in()
    for button, answer in (
        ("Open the page", "hello, alice"),
        ("Send the form", "accepted: sent from our own page"),
        ("Try the link’s token", "refused: FAILED:authentication_failed"),
        ("Try the form’s token", "refused: FAILED:authentication_failed"),
    ):
        page.press(button)
        page.wait(lambda a=answer: page.text().strip() == a, answer)
        page.load()
    page.press("Expire in ten seconds")
    page.wait(lambda: page.shows("Not signed in") or 0 < lifetime(page) <= 10, "the new cookie")
    page.wait(lambda: page.load() or page.shows("Not signed in"), "its end")
    page.log_in()
    page.press("Forget the cookie")
    page.wait_for("Not signed in")


def lifetime(page):  # noqa: F811
    """The time between the two Unix times on the page; 0 while it shows none."""
    times = page.text(".expires"), page.text(".issued")
    return int(times[0]) - int(times[1]) if all(times) else 0


LABELLED = """
  const visible = e => e.getClientRects().length;
  const bare = [...document.querySelectorAll('input')].filter(e => visible(e) && !e.labels.length);
  const nameless = [...document.querySelectorAll('button, a')].filter(e => !e.textContent.trim());
  return [...bare, ...nameless].map(e => e.outerHTML);
"""

OUTSIDE = """
  const root = document.documentElement;
  const wide = root.scrollWidth > root.clientWidth ? [`scrolls to ${root.scrollWidth} px`] : [];
  return wide.concat([...document.querySelectorAll('body, body *')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.right > innerWidth || box.left < 0 || e.scrollWidth > e.clientWidth + 1
           && getComputedStyle(e).display !== 'inline';
  }).map(e => e.outerHTML));
"""

# Text whose contrast is below 4.5 according to WCAG 2.
PALE = """
  const rgb = colour => colour.match(/[0-9.]+/g).map(Number);
  const paperOf = e => {
    const [r, g, b, a = 1] = rgb(getComputedStyle(e).backgroundColor);
    return a || !e.parentElement ? [r, g, b] : paperOf(e.parentElement);
  };
  const light = c => c.slice(0, 3).map(x => x / 255)
      .map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
      .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0.05);
  const hasText = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  return [...document.querySelectorAll('body *')]
      .filter(e => hasText(e) && e.getClientRects().length)
      .map(e => [light(rgb(getComputedStyle(e).color)), light(paperOf(e)), e.outerHTML])
      .filter(([ink, paper]) => Math.max(ink, paper) / Math.min(ink, paper) < 4.5);
"""


def check_looks(page, width, scheme):  # noqa: F811
    assert page.run("return innerWidth") == width
    dark = page.run("return getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert dark == (scheme == "dark")
    assert page.run(OUTSIDE) == []
    assert page.run(PALE) == []
    assert page.run(LABELLED) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_the_screen(page, width, scheme):  # noqa: F811
    page.set_screen(width, scheme)
    check_looks(page, width, scheme)
    page.log_in("a" * 32)
    check_looks(page, width, scheme)
    page.press("Alter one character")
    page.wait_for("Cookie refused")
    for button, answer in (
        ("Open the page", "401 refused"),
        ("Try the form’s token", "403 refused"),
        ("Try the link’s token", "403 refused"),
    ):
        page.press(button)
        page.wait_for(answer)
    check_looks(page, width, scheme)


@pytest.mark.parametrize("width", [320, 1280])
def test_fits_the_screen_without_javascript(page, width):  # noqa: F811
    page.set_screen(width, "light")
    page.turn_javascript_off()
    page.log_in("a" * 32)
    check_looks(page, width, "light")


def test_the_browser_has_no_complaints(page):  # noqa: F811
    page.browser.get_log("browser")
    page.log_in()
    page.press("Open the page")
    page.wait_for("200 hello, alice")
    assert page.browser.get_log("browser") == []
    loaded = page.run("return performance.getEntriesByType('resource').map(e => e.name)")
    assert len(loaded) >= 3 and all(address.startswith(page.url) for address in loaded)


def test_no_other_server_can_be_reached(page):  # noqa: F811
    with pytest.raises(WebDriverException, match="ERR_NAME_NOT_RESOLVED"):
        page.browser.get("http://192.0.2.1/")  # an address that belongs to nobody: RFC 5737
