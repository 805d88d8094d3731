# SPDX-License-Identifier: Apache-2.0
"""Every configuration in examples/upstream-cookies runs here as it is, and two real applications: PHP's
own sessions under PHP-FPM, and Express with express-session."""

import contextlib
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlencode

import pytest
from nginx_server import BUILD, REPOSITORY, wait_until
from sessions import application, listens
from tokens import new_key, write_ring
from upstream_cookies import Client

EXAMPLES = REPOSITORY / "examples" / "upstream-cookies"
EXPRESS = Path(__file__).resolve().parent / "express"

tested: set[str] = set()


def example(*names: str):
    """Runs the test with each of these examples, and notes that they are tested."""
    tested.update(names)
    return pytest.mark.parametrize("name", names)


def test_every_example_is_tested():
    assert tested == {path.name for path in EXAMPLES.glob("*.conf")}


def start(nginx, name) -> Client:
    nginx.key = new_key()
    write_ring(nginx, nginx.key)
    (nginx.folder / "fastcgi_params").unlink(missing_ok=True)
    (nginx.folder / "fastcgi_params").symlink_to("/etc/nginx/fastcgi_params")
    return Client(nginx.start((EXAMPLES / name).read_text(), replace={"/srv/app": EXAMPLES}))


def is_sealed(client: Client, name: str) -> bool:
    return client.cookies[name].startswith("1~s1.")


@example("basic.conf")
def test_three_lines(nginx, name):
    with application(nginx):
        client = start(nginx, name)
        client.set("sessionid=a; Path=/", "theme=b; Path=/")
        assert is_sealed(client, "sessionid") and client.cookies["theme"] == "b"
        assert client.sent() == ["sessionid=a; theme=b"]
        assert client.sent(headers={"Cookie": "sessionid=forged; theme=b"}) == ["theme=b"]


@example("report.conf")
def test_report(nginx, name):
    with application(nginx):
        client = start(nginx, name)
        client.set("sessionid=a; Path=/; HttpOnly", "theme=b; Path=/")
        assert client.cookies == {"sessionid": "a", "theme": "b"}
        assert client.sent(headers={"Cookie": "sessionid=1~s1.x"}) == ["sessionid=1~s1.x"]
        server = client.server
        assert 'sealed_cookies: would seal "sessionid"' in server.error_log
        assert "theme" not in server.error_log.replace("Set-Cookie=theme", "")
        assert "200 0 plain, 0 opened, 1 cut out (malformed)" in server.access_log


@example("migrate.conf")
def test_migration(nginx, name):
    with application(nginx):
        client = start(nginx, name)
        assert client.sent(headers={"Cookie": "sessionid=plain"}) == ["sessionid=plain"]
        client.set("sessionid=a; Path=/")
        assert is_sealed(client, "sessionid") and client.sent() == ["sessionid=a"]


@example("two-applications.conf")
def test_two_applications(nginx, name):
    with application(nginx), application(nginx, 9001):
        client = start(nginx, name)
        client.set("wordpress_logged_in_5f=a; Path=/")
        client.set("JSESSIONID=b; Path=/", path="/shop/")
        assert is_sealed(client, "wordpress_logged_in_5f") and is_sealed(client, "JSESSIONID")
        token = client.cookies["JSESSIONID"]
        assert client.sent()[0].startswith("wordpress_logged_in_5f=a")
        assert "JSESSIONID=b" in client.sent("/shop/")[0]
        forged = {"Cookie": f"wordpress_logged_in_5f={token}"}
        assert client.server.get("/", forged).status == 403
        assert client.server.get("/", {"Cookie": "wordpress.logged_in_5f=admin"}).status == 403


@example("with-sessions.conf")
def test_beside_sessions(nginx, name):
    with application(nginx):
        client = start(nginx, name)
        client.get("/?X-Replace-Session=user%3Dalice&Set-Cookie=theme%3Ddark")
        assert client.cookies["session"].startswith("s1.") and is_sealed(client, "theme")
        assert client.sent() == ["theme=dark"]


@contextlib.contextmanager
def running(nginx, command):
    """A server of another kind, until it listens at the configuration's 127.0.0.1:9000."""
    log = nginx.folder / "application.log"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output,
                                                    cwd=nginx.folder) as process:  # fmt: skip
        try:
            wait_until(lambda: listens(nginx.port(9000)), f"the application: see {log}")
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def php_fpm(nginx):
    (nginx.folder / "php-sessions").mkdir()
    nginx.write("fpm.conf", dedent(f"""\
        [global]
        error_log = {nginx.folder}/fpm.log
        [www]
        user = root
        group = root
        listen = 127.0.0.1:{nginx.port(9000)}
        pm = static
        pm.max_children = 1
        php_value[session.save_path] = {nginx.folder}/php-sessions
        """))  # fmt: skip
    program = sorted(Path("/usr/sbin").glob("php-fpm[0-9]*"))[-1]
    return [program, "--nodaemonize", "--allow-to-run-as-root", "--fpm-config",
            nginx.folder / "fpm.conf", "-n"]  # fmt: skip


def express(nginx):
    """The packages of the lock file, from the registry or npm's cache."""
    folder = BUILD / "express"
    lock = (EXPRESS / "package-lock.json").read_text()
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(EXPRESS / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            pytest.fail("npm could not fetch Express, for which it needs the network once; when there is "
                        f"one: (cd {folder} && npm ci)\n{done.stderr[-2000:]}")
        stamp.write_text(lock)
    shutil.copy(EXAMPLES / "app.mjs", folder)
    return ["node", folder / "app.mjs", str(nginx.port(9000))]


APPLICATIONS = {"php-fpm.conf": (php_fpm, "PHPSESSID"), "express.conf": (express, "connect.sid")}


def sign_in(client: Client):
    form = urlencode({"user": "alice", "password": "wonderland"})
    response = client.get("/signin", {"Content-Type": "application/x-www-form-urlencoded"},
                          method="POST", body=form)
    assert response.text == "hello, alice\n"


@example(*APPLICATIONS)
def test_a_real_application(nginx, name):
    """Sign in, work, with a ring that is rotated in the middle, and sign out; then what is forged."""
    command, cookie = APPLICATIONS[name]
    with running(nginx, command(nginx)):
        client = start(nginx, name)
        assert client.get().text == "hello, nobody\n"
        sign_in(client)
        assert is_sealed(client, cookie)
        assert client.get().text == "hello, alice\n"

        first = client.cookies[cookie]
        newer = new_key()
        write_ring(nginx, nginx.key, newer)
        client.server.reload()
        assert client.get().text == "hello, alice\n"
        assert client.cookies[cookie] != first and is_sealed(client, cookie)
        write_ring(nginx, newer)
        client.server.reload()
        assert client.get().text == "hello, alice\n"

        kept = dict(client.cookies)
        for altered in (first, kept[cookie][:-4] + "AAAA", kept[cookie][2:], ""):
            response = client.server.get("/", {"Cookie": f"{cookie}={altered}"})
            assert response.text == "hello, nobody\n"
        assert client.get("/signout").text == "bye\n"
        assert client.cookies.get(cookie) is None
        assert client.get().text == "hello, nobody\n"


@example("php-fpm.conf")
def test_a_cookie_that_an_application_trusts_cannot_be_forged(nginx, name):
    with running(nginx, php_fpm(nginx)):
        client = start(nginx, name)
        for header in ("remember=admin", "remember[]=admin", "Remember=admin", "x=1, remember=admin",
                       "remember%20=admin", "rem%65mber=admin"):
            assert client.server.get("/", {"Cookie": header}).text == "hello, nobody\n"
        sign_in(client)
        del client.cookies["PHPSESSID"]
        assert client.get().text == "hello, alice\n"
        del client.cookies["PHPSESSID"]
        client.cookies["remember"] = client.cookies["remember"][:-1] + "."
        assert client.get().text == "hello, nobody\n"
