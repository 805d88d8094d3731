# SPDX-License-Identifier: Apache-2.0
"""The demo's page in a real chromium, as a person sees it. The browser reaches 127.0.0.1 alone."""

import pytest
from demo_server import demo  # noqa: F401
from nginx_server import wait_until
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.utils import is_connectable

# chromium's sandbox does not work for root, nor in a chroot. All that would ask somebody's server is
# off, and no other name or address can be reached.
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-features=MediaRouter,OptimizationHints,Translate",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# A busy machine may be slow; no test waits this long when all is well.
PATIENCE = 60


class LoopbackService(Service):
    """chromedriver by its address: a bare system has no /etc/hosts to look localhost up in."""

    @property
    def service_url(self):
        return f"http://127.0.0.1:{self.port}"

    def is_connectable(self):
        return is_connectable(self.port, "127.0.0.1")


class Page:
    def __init__(self, browser, url):
        self.browser = browser
        self.url = url
        self.run = browser.execute_script
        self.command("Emulation.setScriptExecutionDisabled", value=False)
        self.command("Emulation.clearDeviceMetricsOverride")
        self.command("Network.clearBrowserCookies")
        self.load()

    def command(self, name, **parameters):
        """Sends a command of the DevTools protocol."""
        return self.browser.execute_cdp_cmd(name, parameters)

    def load(self):
        self.browser.get(self.url)

    def turn_javascript_off(self):
        self.command("Emulation.setScriptExecutionDisabled", value=True)
        self.load()

    def set_screen(self, width, scheme):
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=844, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        self.command(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def text(self, selector="body"):
        """What can be seen of the element; in one step, for the page may just be changing."""
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def shows(self, text):
        return text in self.text()

    def wait(self, condition, what):
        """Waits for a condition that the page may be too busy changing to answer."""

        def holds():
            try:
                return condition()
            except WebDriverException:
                return False

        return wait_until(holds, what, PATIENCE)

    def wait_for(self, text):
        self.wait(lambda: self.shows(text), f'the page to show "{text}"')

    def press(self, label):
        """Presses the one button with this label, once the page is there and its script has run."""
        self.wait(lambda: self.run("return document.readyState") == "complete", "the whole page")
        buttons = self.browser.find_elements(By.CSS_SELECTOR, "button, a.button")
        buttons = [button for button in buttons if button.text == label]
        assert len(buttons) == 1, f"{len(buttons)} visible buttons say {label}"
        buttons[0].click()

    def log_in(self, name="alice"):
        field = self.browser.find_element(By.ID, "name")
        field.clear()
        field.send_keys(name)
        self.press("Log in")
        self.wait_for(f"Signed in as {name}")

    def cookie(self):
        return self.browser.get_cookie("demo_session")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    with pytest.MonkeyPatch.context() as patch:
        # The driver is asked by HTTP, which must not go through somebody's proxy.
        patch.setenv("no_proxy", "*")
        patch.setenv("NO_PROXY", "*")
        browser = webdriver.Chrome(service=LoopbackService("/usr/bin/chromedriver"), options=options)
        yield browser
        browser.quit()


@pytest.fixture
def page(demo, browser):  # noqa: F811
    """The page before login, in a browser without cookies."""
    return Page(browser, f"http://127.0.0.1:{demo.port}/")
