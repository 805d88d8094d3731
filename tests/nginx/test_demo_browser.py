# SPDX-License-Identifier: Apache-2.0
"""The demo's page in a real browser, with JavaScript and without."""

import shutil
import time

import pytest
from demo_server import demo  # noqa: F401
from nginx_server import wait_until

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
if not (shutil.which(CHROMIUM) and shutil.which(DRIVER)):
    pytest.skip("needs the packages chromium and chromium-driver", allow_module_level=True)
webdriver = pytest.importorskip("selenium.webdriver", reason="needs the package python3-selenium")

from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402

FLAGS = (
    "headless=new no-sandbox disable-gpu disable-quic no-first-run disable-sync "
    "disable-background-networking disable-component-update disable-dev-shm-usage"
).split()


class Page:
    """The demo's page as a person sees it."""

    def __init__(self, browser, url):
        self.browser = browser
        self.url = url
        browser.get(url)

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector="main"):
        """What can be seen of the element; in one step, for the page may just be changing."""
        script = "return document.querySelector(arguments[0])?.innerText ?? ''"
        return self.browser.execute_script(script, selector)

    def shows(self, text):
        return text in self.text()

    def press(self, label):
        script = "return document.readyState === 'complete'"
        wait_until(lambda: self.browser.execute_script(script), "the page to be loaded")
        buttons = [b for b in self.browser.find_elements(By.TAG_NAME, "button") if b.text == label]
        assert len(buttons) == 1, f"{len(buttons)} visible buttons say {label}"
        buttons[0].click()

    def wait_for(self, text, seconds=10):
        wait_until(lambda: self.shows(text), f'the page to show "{text}"', seconds)


def start_browser(folder, javascript=True):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS, f"user-data-dir={folder}"]:
        options.add_argument(f"--{flag}")
    if not javascript:
        options.add_experimental_option(
            "prefs", {"profile.managed_default_content_settings.javascript": 2}
        )
    return webdriver.Chrome(service=Service(DRIVER), options=options)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = start_browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def browser_without_javascript(tmp_path_factory):
    browser = start_browser(tmp_path_factory.mktemp("chromium"), javascript=False)
    yield browser
    browser.quit()


@pytest.fixture
def page(demo, browser):  # noqa: F811
    browser.delete_all_cookies()
    return Page(browser, f"http://127.0.0.1:{demo.port}/")


@pytest.fixture
def plain_page(demo, browser_without_javascript):  # noqa: F811
    browser_without_javascript.delete_all_cookies()
    return Page(browser_without_javascript, f"http://127.0.0.1:{demo.port}/")


def log_in(page, name="alice"):
    field = page.find("#name")
    field.clear()
    field.send_keys(name)
    page.press("Log in")
    page.wait_for(f"Signed in as {name}")


def test_log_in_alter_and_log_in_again(page):
    assert page.shows("Not signed in") and page.shows("NONE")
    log_in(page, "bob")
    token = page.text("#token")
    assert token == page.browser.get_cookie("demo_session")["value"]
    page.wait_for("59 min")
    assert page.shows("key ID") and not page.shows("Look again")
    assert page.text(".status p") == "The cookie is exactly as it was sealed, and still in time."
    assert page.browser.get_cookie("demo_session")["httpOnly"]
    assert page.browser.execute_script("return document.cookie") == ""

    page.press("Alter one character")
    page.wait_for("Cookie refused")
    assert page.shows("FAILED:authentication_failed") and page.shows("Nothing in it is believed")
    assert not page.shows("bob")
    changed = page.text("#token")
    assert [i for i in range(len(token)) if token[i] != changed[i]] == [43]
    assert page.text("#token mark") == changed[43]

    log_in(page)
    page.press("Forget the cookie")
    page.wait_for("Not signed in")


def test_ten_seconds(page):
    log_in(page)
    page.press("Let it expire in ten seconds")
    wait_until(lambda: page.text("#left") in ("10 s", "9 s", "8 s"), "the countdown")
    wait_until(lambda: page.text("#left") in ("7 s", "6 s", "5 s"), "the countdown to go on")
    page.wait_for("FAILED:expired", 15)
    assert page.shows("its time is over")


def test_answers_appear_in_place(page):
    page.press("Open the page")
    page.wait_for("401 refused: NONE")
    log_in(page)
    page.press("Open the page")
    page.wait_for("200 hello, alice")
    page.press("Send the form")
    page.wait_for("200 accepted")
    page.press("Try the link’s token")
    page.wait_for("403 refused: FAILED:authentication_failed")
    page.press("Try the form’s token")
    wait_until(lambda: page.text().count("403 refused") == 2, "the second refusal")
    assert page.browser.current_url == page.url


def test_download(page, tmp_path):
    page.browser.execute_cdp_cmd(
        "Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    page.find("a.button").click()
    file = tmp_path / "sealed.txt"
    wait_until(file.exists, "the file")
    assert file.read_text().startswith("This file came through a link")


def test_the_browser_has_no_complaints(page):
    page.browser.get_log("browser")
    log_in(page)
    page.press("Open the page")
    page.wait_for("200 hello, alice")
    assert page.browser.get_log("browser") == []


def test_without_javascript(plain_page):
    page = plain_page
    assert page.shows("NONE")
    assert "with-script" not in page.find("body").get_attribute("class")
    log_in(page)
    page.press("Alter one character")
    page.wait_for("FAILED:authentication_failed")
    log_in(page)
    assert page.shows("Look again")
    ends = page.text(".expires")
    page.press("Let it expire in ten seconds")
    wait_until(lambda: page.text(".expires") not in ("", ends), "the new cookie")
    for button, answer in (
        ("Open the page", "hello, alice"),
        ("Send the form", "accepted: sent from our own page"),
        ("Try the link’s token", "refused: FAILED:authentication_failed"),
    ):
        page.press(button)
        wait_until(lambda a=answer: page.text("body").strip() == a, answer)
        page.browser.get(page.url)
    time.sleep(10)
    page.browser.get(page.url)
    page.wait_for("FAILED:expired")


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_the_screen(page, width, scheme):
    page.browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    page.browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )

    def check():
        assert page.browser.execute_script("return window.innerWidth") == width
        outside = page.browser.execute_script(
            "return [...document.querySelectorAll('body, body *')]"
            ".filter(e => e.getBoundingClientRect().right > window.innerWidth)"
            ".map(e => e.outerHTML)"
        )
        assert outside == []
        paper = page.browser.execute_script("return getComputedStyle(document.body).background")
        assert ("rgb(20, 23, 26)" in paper) == (scheme == "dark")

    try:
        check()
        log_in(page, "a" * 32)
        check()
        page.press("Alter one character")
        page.wait_for("Cookie refused")
        page.press("Open the page")
        page.wait_for("401 refused")
        check()
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
