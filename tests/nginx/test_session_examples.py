# SPDX-License-Identifier: Apache-2.0
"""Every configuration in examples/sessions runs here as it is, with its real application."""

import contextlib
import subprocess
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlencode

import pytest
from nginx_server import REPOSITORY, wait_until
from sessions import Browser, application, listens, received
from test_session_access import basic
from tokens import write_ring, new_key

EXAMPLES = REPOSITORY / "examples" / "sessions"
HTML = {"Accept": "text/html"}

BY_OTHER_TESTS = {"with-apache.conf", "apache.conf"}  # in tests/apache
tested: set[str] = set()


def example(*names: str):
    """Runs the test with each of these examples, and notes that they are tested."""
    tested.update(names)
    return pytest.mark.parametrize("name", names)


def test_every_example_is_tested():
    assert tested == {path.name for path in EXAMPLES.glob("*.conf")} - BY_OTHER_TESTS


def start(nginx, name, replace=None):
    nginx.key = new_key()
    write_ring(nginx, nginx.key)
    for params in ("uwsgi_params", "fastcgi_params"):
        if not (nginx.folder / params).exists():
            (nginx.folder / params).symlink_to(Path("/etc/nginx") / params)
    replace = {"/var/www/html": nginx.folder / "html", **(replace or {})}
    return nginx.start((EXAMPLES / name).read_text(), replace=replace)


@contextlib.contextmanager
def running(nginx, command):
    """A server of another kind, until it listens at the configuration's 127.0.0.1:9000."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          cwd=nginx.folder) as process:  # fmt: skip
        try:
            wait_until(lambda: listens(nginx.port(9000)), "the application")
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:  # uWSGI that is still starting loses the signal
                process.kill()


def node(nginx):
    return ["node", EXAMPLES / "app.mjs", str(nginx.port(9000))]


def php_fpm(nginx):
    nginx.write("fpm.conf", dedent(f"""\
        [global]
        error_log = {nginx.folder}/fpm.log
        [www]
        user = root
        group = root
        listen = 127.0.0.1:{nginx.port(9000)}
        pm = static
        pm.max_children = 1
        """))  # fmt: skip
    program = sorted(Path("/usr/sbin").glob("php-fpm[0-9]*"))[-1]
    return [program, "--nodaemonize", "--allow-to-run-as-root", "--fpm-config",
            nginx.folder / "fpm.conf", "-n"]  # fmt: skip


def uwsgi(nginx):
    return ["uwsgi", "--socket", f"127.0.0.1:{nginx.port(9000)}", "--plugin", "python3", "--die-on-term",
            "--wsgi-file", EXAMPLES / "app_wsgi.py"]  # fmt: skip


APPLICATIONS = {"application.conf": node, "php-fpm.conf": php_fpm, "uwsgi.conf": uwsgi}


@example(*APPLICATIONS)
def test_an_application_signs_in(nginx, name):
    with running(nginx, APPLICATIONS[name](nginx)):
        browser = Browser(start(nginx, name, {"/srv/app/": f"{EXAMPLES}/"}))
        response = browser.get("/a?b=c", HTML)
        assert response.status == 303
        signin = response.headers["Location"].split(":", 2)[2].split("/", 1)[1]
        assert signin == "signin?next=%2Fa%3Fb%3Dc"
        assert browser.get("/").status == 401
        assert "<form" in browser.get(f"/{signin}", HTML).text

        def sign_in(user, password, path=f"/{signin}"):
            return browser.get(path, {"Content-Type": "application/x-www-form-urlencoded"}, method="POST",
                               body=urlencode({"user": user, "password": password}))  # fmt: skip

        assert sign_in("alice", "wrong").status == 401 and browser.set == {}
        response = sign_in("alice", "wonderland")
        assert response.status == 303 and response.headers["Location"].endswith("/a?b=c")
        assert "X-Replace-Session" not in response.headers
        assert browser.get("/a?b=c", {"X-User": "eve"}).text == "hello, alice\n"
        if name == "application.conf":
            assert browser.get("/admin/").status == 200
            assert sign_in("bob", "builder").status == 303
            assert browser.get("/admin/").status == 403
        assert browser.get("/signout").status == 303 and browser.cookies == {}
        assert browser.get("/").status == 401
        response = sign_in("alice", "wonderland", "/signin?next=%2F%2Fevil.example")
        assert response.headers["Location"].rsplit(":", 1)[-1].lstrip("0123456789") == "/"


@example("basic.conf")
def test_basic_authentication(nginx, name):
    nginx.write("users", "alice:{PLAIN}secret\n")
    nginx.write("html/index.html", "members\n")
    nginx.write("html/signed-in.html", "welcome\n")
    browser = Browser(start(nginx, name))
    assert browser.get("/", HTML).status == 303
    assert browser.get("/signin").status == 401
    assert browser.get("/signin", basic()).text == "welcome\n"
    assert browser.get("/").text == "members\n"
    assert browser.get("/signout").status == 303 and browser.get("/").status == 401


@example("auth-request.conf")
def test_auth_request(nginx, name):
    with application(nginx, 9000), application(nginx, 9001):
        text = (EXAMPLES / name).read_text()
        assert "proxy_pass http://127.0.0.1:9000/auth;" in text
        # The service says who it is, or who the session says it is.
        answer = {"9000/auth;": "9000/auth?X-Replace-Session=user%3Dalice;"}
        browser = Browser(start(nginx, name))
        assert browser.get("/").status == 401 and browser.set == {}
        browser.server.stop()
        browser = Browser(start(nginx, name, answer))
        assert received(browser.get("/"))["x-user"] == ["alice"] and "session" in browser.cookies


@example("single-page.conf")
def test_a_single_page_application(nginx, name):
    nginx.write("html/index.html", "the page\n")
    nginx.write("html/signin.html", "sign in\n")
    with application(nginx):
        browser = Browser(start(nginx, name))
        assert browser.get("/deep/link", HTML).status == 303
        assert browser.get("/api/cart", {"Sec-Fetch-Mode": "cors"}).status == 401
        assert browser.get("/signin.html").text == "sign in\n"
        browser.get("/api/signin?X-Replace-Session=user%3Dalice")
        assert browser.get("/deep/link").text == "the page\n"
        assert received(browser.get("/api/cart"))["x-user"] == ["alice"]
        assert received(browser.get("/api/news"))["x-user"] == ["alice"]


@example("two-sites.conf")
def test_two_sites(nginx, name):
    with application(nginx):
        server = start(nginx, name)
        browser = Browser(server)
        shop, forum = {"Host": "shop.example.com"}, {"Host": "forum.example.com"}
        browser.get("/?X-Replace-Session=user%3Dalice", shop)
        assert received(browser.get("/", shop))["x-user"] == ["alice"]
        assert "x-user" not in received(browser.get("/", forum))


@example("client-certificate.conf")
def test_client_certificates(nginx, name):
    folder = nginx.folder

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *new, "-subj", "/CN=example.com", "-keyout", "tls.key", "-out", "tls.crt")
    openssl("req", "-x509", *new, "-subj", "/CN=members", "-keyout", "ca.key", "-out", "members-ca.crt")
    openssl("req", *new, "-subj", "/O=Example/CN=alice", "-keyout", "alice.key", "-out", "alice.csr")
    openssl("x509", "-req", "-in", "alice.csr", "-CA", "members-ca.crt", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", "alice.crt")  # fmt: skip
    nginx.write("html/index.html", "members\n")
    start(nginx, name)
    port = nginx.port(8443)

    def curl(url, *more):
        done = subprocess.run(
            ["curl", "-sik", "-b", "jar", "-c", "jar", "--connect-to", f"::127.0.0.1:{port}", *more, url],
            cwd=folder, capture_output=True, text=True, check=True, timeout=60)  # fmt: skip
        return done.stdout

    www, signin = "https://www.example.com/", "https://id.example.com/signin"
    assert "Location: https://id.example.com/signin?next=%2F" in curl(www, "-H", "Accept: text/html")
    assert "400 Bad Request" in curl(signin)
    answer = curl(signin, "--cert", "alice.crt", "--key", "alice.key")
    assert "303 See Other" in answer and "Domain=example.com; Secure; HttpOnly" in answer
    assert curl(www).endswith("members\n")
