# SPDX-License-Identifier: Apache-2.0
"""Every configuration in examples/device-binding runs here, the first with a real chromium."""

import http.client
import ssl

from device_browser import HOST, chromium, make_home, write_certificates
from devices import Device
from nginx_server import REPOSITORY, wait_until
from sessions import Browser, application
from test_session_access import basic
from tokens import now, s1

EXAMPLES = REPOSITORY / "examples" / "device-binding"
NAME = "__Host-session"


def test_every_example_is_tested():
    assert {path.name for path in EXAMPLES.glob("*.conf")} == {"nginx.conf", "required.conf"}


def start(nginx, name, replace=None):
    write_certificates(nginx.folder)
    nginx.write("users", "alice:{PLAIN}secret\n")
    nginx.write("html/index.html", "a page\n")
    nginx.write("html/signed-in.html", "welcome\n")
    nginx.write("html/signin.html", (EXAMPLES / "signin.html").read_text())
    replace = {"/var/www/html": nginx.folder / "html",
               "/var/lib/sealring/session.revoked": nginx.revocations.path, **(replace or {})}  # fmt: skip
    return nginx.start((EXAMPLES / name).read_text(), replace=replace)


def status(port: int, path: str, cookies: str) -> int:
    """Of another client."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    connection.request("GET", path, headers={"Host": HOST, "Cookie": cookies})
    found = connection.getresponse().status
    connection.close()
    return found


def test_nginx(listed):
    with application(listed):
        server = start(listed, "nginx.conf")
        port = listed.port(8443)
        with chromium(make_home(listed.folder), port) as browser:
            browser.get(f"{browser.site}/?X-Replace-Session=user%3Dadmin")
            server.wait_for_log("session_binding: registration: registered")

            def is_admin():
                browser.get(f"{browser.site}/admin/")
                return '"GET /admin/" 200 session=OK bound=1' in server.access_log

            wait_until(is_admin, "the bound session")
            copied = "; ".join(f"{c['name']}={c['value']}" for c in browser.get_cookies())
            assert status(port, "/admin/", copied) == 200, "until its bound cookie ends"
            only = "; ".join(f"{c['name']}={c['value']}" for c in browser.get_cookies() if c["name"] == NAME)
            assert status(port, "/admin/", only) == 401
            browser.get(f"{browser.site}/signout")
            assert status(port, "/admin/", copied) == 401
    assert "session=FAILED:unbound bound=" in server.access_log


def test_required(listed):
    """Over plain HTTP, as the scripted browser speaks it."""
    server = start(listed, "required.conf", {"8443 ssl": "8080"})
    html = {"Accept": "text/html"}
    device = Device(server)
    assert device.get("/", html).headers["Location"].endswith("/signin?next=%2F")
    assert "binds the session to your device" in device.get("/signin?next=%2F").text
    assert device.get("/signin/password", basic()).text == "welcome\n"
    assert device.register().status == 200
    assert device.get("/").text == "a page\n"

    def other(age: int) -> Browser:
        """A browser that does not bind, signed in so many seconds ago."""
        text = f"user=alice&sid={'A' * 22}&auth_time={now() - age}".encode()
        return Browser(server, {NAME: s1(listed.key, text, at=now() - 5, lifetime=1800, context=NAME.encode())})

    assert other(5).get("/").text == "a page\n"
    late = other(65)
    assert late.get("/", html).headers["Location"].endswith("/signin?next=%2F")
    assert late.get("/signin/password", basic()).status == 200 and late.get("/").status == 200, "again, for a minute"
