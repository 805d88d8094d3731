# SPDX-License-Identifier: Apache-2.0
"""script/demo: its page of device binding, in a chromium that binds sessions, in one that does not, and
without a browser."""

import http.client
import re
import shlex
import ssl
import subprocess

import pytest
from demo_browser import Page
from demo_server import Visitor, demo  # noqa: F401
from device_browser import chromium_with
from nginx_server import wait_until
from test_demo_browser import check_looks


class SecureVisitor(Visitor):
    def connect(self) -> http.client.HTTPConnection:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)


@pytest.fixture
def visitor(demo):  # noqa: F811
    return SecureVisitor(demo.port + 2)


class DevicePage(Page):

    def thief(self) -> str:
        return self.text("#his")


def printed_arguments(output: str) -> list[str]:
    """Those of the command that starts a chromium, but the profile and the address."""
    command = re.search(r"^  chromium (?:.*\\\n)*.*$", output, re.MULTILINE)[0]
    return [word for word in shlex.split(command)[1:]
            if not word.startswith("--user-data-dir=") and word.startswith("--")]  # fmt: skip


@pytest.fixture
def start(demo, tmp_path):  # noqa: F811
    """Starts a chromium with these arguments, on the page."""
    running = []

    def starter(arguments):
        browser = chromium_with([f"--user-data-dir={tmp_path}", *arguments])
        running.append(browser)
        return DevicePage(browser.__enter__(), f"https://127.0.0.1:{demo.port + 2}/")

    yield starter
    for browser in running:
        browser.__exit__(None, None, None)


def by_curl(page) -> str:
    """What the command shows that the page shows."""
    command = shlex.split(page.text("#curl"))
    assert command[:3] == ["curl", "-k", "-b"]
    done = subprocess.run([command[0], "--noproxy", "*", "-s", *command[1:]],
                          capture_output=True, text=True, check=True, timeout=60)  # fmt: skip
    return done.stdout


def test_a_copy_of_a_bound_session(demo, start):  # noqa: F811
    page = start(printed_arguments(demo.output))
    assert page.shows("Not signed in") and not page.shows("Pretend to be a thief")
    page.log_in()
    page.wait_for("Your browser has bound this session to this device.")
    assert page.text("#bound") == "1"
    page.press("Pretend to be a thief")
    page.wait(lambda: page.thief() == "200 hello, alice", "what the thief gets at first")
    page.wait_for("The copy works for at most 20 seconds")
    assert "__Host-session-bound=" in page.text("#curl")
    page.wait(lambda: page.thief() == "401 refused: FAILED:unbound", "the refusal of the thief")
    page.wait_for("The copy is worth nothing any more.")
    assert by_curl(page) == "refused: FAILED:unbound\n"
    assert page.text("#yours") == "200 hello, alice"
    page.press("Log out")
    page.wait_for("Not signed in")


def test_a_copy_from_before_the_binding(demo, start):  # noqa: F811
    """It is taken at once, and whether the browser was faster does not matter."""
    page = start(printed_arguments(demo.output))
    page.log_in()
    page.press("Pretend to be a thief")
    page.wait(lambda: page.thief().startswith("401 refused: FAILED:"), "the refusal of the thief")
    assert page.thief() in ("401 refused: FAILED:unbound", "401 refused: FAILED:revoked")
    page.wait(lambda: page.text("#yours") == "200 hello, alice", "what its user gets")


def test_a_browser_that_does_not_bind(demo, start):  # noqa: F811
    page = start([word for word in printed_arguments(demo.output) if "enable-features" not in word])
    page.log_in()
    assert page.shows("Your browser has not bound this session to this device.")
    page.wait_for("This browser does not bind sessions, or not here.")
    assert not page.shows("Your browser has not bound this session to this device.")
    page.press("Pretend to be a thief")
    page.wait_for("the copy is as good as yours")
    assert (page.thief(), by_curl(page)) == ("200 hello, alice", "hello, alice\n")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_the_screen(demo, start, width, scheme):  # noqa: F811
    page = start(printed_arguments(demo.output))
    page.set_screen(width, scheme)
    check_looks(page, width, scheme)
    page.log_in("a" * 32)
    page.press("Pretend to be a thief")
    page.wait_for("200 hello, aaa")
    check_looks(page, width, scheme)
    assert page.browser.get_log("browser") == []


def test_without_javascript(visitor):
    assert visitor.get("/protected").text == "refused: NONE\n"
    visitor.get("/login?user=alice")
    page = visitor.get("/").text
    assert 'data-verify="OK"' in page and 'id="user">alice<' in page and "<!--#" not in page
    copied = re.search("-b '(.*)'", visitor.get("/copy").text)[1]
    assert copied == f"__Host-session={visitor.cookies['__Host-session']}"
    thief = SecureVisitor(visitor.port, **{"X-Copied": copied})
    assert thief.get("/protected").status == 401 and thief.get("/thief").text == "hello, alice\n"
    visitor.get("/logout", "POST")
    assert visitor.cookies == {}
    wait_until(lambda: thief.get("/thief").text == "refused: FAILED:revoked\n", "the end of the copy")


def test_the_offer_and_the_way_here(demo, visitor):  # noqa: F811
    offer = visitor.get("/login?user=alice").headers["Secure-Session-Registration"]
    assert offer.startswith('(ES256 RS256);path="/session-binding/register";')
    assert visitor.get("/login?user=%3Cscript%3E").status == 400
    assert f'<a href="https://127.0.0.1:{demo.port + 2}/">' in Visitor(demo.port).get("/").text
    assert f"https://127.0.0.1:{demo.port + 2}/\n" in demo.output


def test_other_cookies_are_not_copied(visitor):
    visitor.cookies["other"] = "'; reboot; '"
    assert visitor.get("/copy").text.startswith("curl -k -b '' https://127.0.0.1:")
