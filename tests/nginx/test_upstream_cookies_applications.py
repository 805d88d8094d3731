# SPDX-License-Identifier: Apache-2.0
"""sealed_cookies in front of Django's admin, Tomcat and WordPress, as Debian packages them, used with
Chromium. script/applications fetches the packages and runs this; without them it is skipped."""

import contextlib
import os
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import pytest
from demo_browser import Page, browser  # noqa: F401
from nginx_server import conf, wait_until
from sessions import RING, listens
from tokens import new_key, write_ring
from upstream_cookies import Client

ROOT = Path(os.environ.get("SEALRING_APPLICATIONS", ""))

pytestmark = pytest.mark.skipif("SEALRING_APPLICATIONS" not in os.environ,
                                reason="by hand: script/applications")  # fmt: skip


@contextlib.contextmanager
def running(nginx, command, port=9000, **options):
    log = nginx.folder / f"application{port}.log"
    with log.open("wb") as output, subprocess.Popen(
        list(map(str, command)), stdout=output, stderr=output, start_new_session=True, **options
    ) as process:
        try:
            wait_until(lambda: listens(nginx.port(port)), f"the application: see {log}", 180)
            yield
        finally:
            process.terminate()
            process.wait(60)


def site(choice: str, more: str = "") -> str:
    return conf(f"""server {{ listen 127.0.0.1:8080; {RING} sealed_cookies {choice};
        sealed_cookies_context app; location / {{ {more} proxy_set_header Host $http_host;
        proxy_pass http://127.0.0.1:9000; }} }}""")


def fill(page, **fields):
    for name, value in fields.items():
        page.browser.find_element("name", name).send_keys(value)


def cookies(page) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in page.browser.get_cookies()}


def rotate(nginx, server, *keys):
    write_ring(nginx, *keys)
    # The browser may keep a connection without a request, which nginx closes after a minute.
    server.reload(180)


def check_tampering(page, server, name: str, path: str, signed_in: str):
    """With a token that was altered, or a plain value, there is no session."""
    value = cookies(page)[name]
    assert value.startswith("1~s1.")
    middle = len(value) // 2
    altered = value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]
    good = server.get(path, {"Cookie": f"{name}={value}"})
    assert good.status == 200 and signed_in in good.text
    for wrong in (altered, value[2:], "admin"):
        assert signed_in not in server.get(path, {"Cookie": f"{name}={wrong}"}).text
    server.wait_for_log(f'"{name}": authentication_failed')


def test_django_admin(ring, browser):  # noqa: F811
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/usr/lib/python3/dist-packages",
                   "DJANGO_SUPERUSER_PASSWORD": "wonderland", "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip

    def django(*words, folder=ring.folder / "shop"):
        subprocess.run(["/usr/bin/python3", "-W", "ignore", "-m", "django", *words], cwd=folder, check=True,
                       env=environment, capture_output=True, timeout=300)  # fmt: skip

    django("startproject", "shop", folder=ring.folder)
    environment["DJANGO_SETTINGS_MODULE"] = "shop.settings"
    environment["PYTHONPATH"] += f":{ring.folder}/shop"
    django("migrate")
    django("createsuperuser", "--noinput", "--username", "alice", "--email", "alice@example.com")
    command = ["/usr/bin/python3", "-W", "ignore", "-m", "django", "runserver", "--noreload",
               f"127.0.0.1:{ring.port(9000)}"]  # fmt: skip
    with running(ring, command, cwd=ring.folder / "shop", env=environment):
        server = ring.start(site("sessionid csrftoken"))
        page = Page(browser, f"http://127.0.0.1:{server.port}/admin/")
        page.wait_for("Username:")
        fill(page, username="alice", password="wonderland")
        browser.find_element("css selector", "[type=submit]").click()
        page.wait_for("Site administration")
        assert all(value.startswith("1~s1.") for value in cookies(page).values())
        assert set(cookies(page)) == {"sessionid", "csrftoken"}
        check_tampering(page, server, "sessionid", "/admin/", "Site administration")

        first, newer = cookies(page)["sessionid"], new_key()
        rotate(ring, server, ring.key, newer)
        browser.get(page.url + "auth/group/add/")  # a form with a CSRF token
        page.wait_for("Add group")
        assert cookies(page)["sessionid"] != first
        rotate(ring, server, newer)
        fill(page, name="editors")
        browser.find_element("name", "_save").click()
        page.wait_for("was added successfully")
        browser.find_element("css selector", "a[href='/admin/logout/']").click()
        page.wait_for("Logged out")
        assert "sessionid" not in cookies(page)


JSP = """<%@ page session="true" %><% String user = request.getParameter("user");
if (user != null && "wonderland".equals(request.getParameter("password"))) {
  request.changeSessionId(); session.setAttribute("user", user); }
if (request.getParameter("out") != null) { session.invalidate(); out.print("bye"); return; } %>
<title>shop</title><p>hello, <%= session.getAttribute("user") %></p>
<form method="post"><input name="user"><input name="password"><button>Sign in</button></form>"""
SERVER_XML = """<Server port="-1"><Service name="Catalina"><Connector port="{port}" address="127.0.0.1"/>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine>
</Service></Server>"""


def test_tomcat(ring, browser):  # noqa: F811
    home, base = ROOT / "usr" / "share" / "tomcat10", ring.folder / "tomcat"
    for name in ("conf", "logs", "temp", "work", "webapps/ROOT"):
        (base / name).mkdir(parents=True)
    (base / "conf" / "server.xml").write_text(SERVER_XML.format(port=ring.port(9000)))
    (base / "conf" / "web.xml").write_text((home / "etc" / "web.xml").read_text())
    (base / "webapps" / "ROOT" / "index.jsp").write_text(JSP)
    jars = [*(home / "lib").glob("*.jar"), *(home / "bin").glob("*.jar"),
            *(ROOT / "usr" / "share" / "java").glob("*.jar")]  # fmt: skip
    command = ["java", f"-Dcatalina.home={home}", f"-Dcatalina.base={base}",
               f"-Djava.io.tmpdir={base}/temp", "-cp", ":".join(map(str, jars)),
               "org.apache.catalina.startup.Bootstrap", "start"]  # fmt: skip
    with running(ring, command):
        server = ring.start(site("JSESSIONID"))
        page = Page(browser, f"http://127.0.0.1:{server.port}/")
        page.wait_for("hello, null")
        fill(page, user="alice", password="wonderland")
        browser.find_element("css selector", "button").click()
        page.wait_for("hello, alice")
        check_tampering(page, server, "JSESSIONID", "/", "hello, alice")
        newer = new_key()
        first = cookies(page)["JSESSIONID"]
        rotate(ring, server, ring.key, newer)
        browser.get(page.url)
        page.wait_for("hello, alice")
        assert cookies(page)["JSESSIONID"] != first
        rotate(ring, server, newer)
        browser.get(page.url)
        page.wait_for("hello, alice")
        browser.get(page.url + "?out")
        page.wait_for("bye")
        browser.get(page.url)
        page.wait_for("hello, null")


WP_CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT',
          'LOGGED_IN_SALT', 'NONCE_SALT'] as $name) define($name, 'a text for ' . $name);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""


@contextlib.contextmanager
def mariadb(ring):
    data, socket = ring.folder / "mysql", ring.folder / "mysql.sock"
    libraries = {**os.environ, "LD_LIBRARY_PATH": f"{ROOT}/usr/lib/x86_64-linux-gnu:{ROOT}/lib/x86_64-linux-gnu"}
    data.mkdir()
    options = ["--no-defaults", f"--datadir={data}", f"--lc-messages-dir={ROOT}/usr/share/mysql",
               f"--character-sets-dir={ROOT}/usr/share/mysql/charsets", "--user=root", "--skip-grant-tables",
               f"--plugin-dir={ROOT}/usr/lib/mysql/plugin", "--innodb-buffer-pool-size=16M"]  # fmt: skip
    program = ROOT / "usr" / "sbin" / "mariadbd"
    setup = "CREATE DATABASE mysql;\nUSE mysql;\n" + "".join(
        (ROOT / "usr" / "share" / "mysql" / name).read_text()
        for name in ("mysql_system_tables.sql", "mysql_system_tables_data.sql"))  # fmt: skip
    subprocess.run([program, *options, "--bootstrap"], input=setup + "\nCREATE DATABASE wordpress;\n",
                   text=True, env=libraries, check=True, capture_output=True, timeout=300)  # fmt: skip
    command = [program, *options, f"--socket={socket}", "--bind-address=127.0.0.1",
               f"--port={ring.port(9003)}", f"--pid-file={ring.folder}/mysql.pid"]  # fmt: skip
    with running(ring, command, 9003, env=libraries):
        yield socket


def test_wordpress(ring, browser):  # noqa: F811
    folder = ring.folder / "wordpress"
    subprocess.run(["cp", "-rL", "--no-preserve=mode", f"{ROOT}/usr/share/wordpress", folder], check=False,
                   capture_output=True)  # fmt: skip
    extensions = next((ROOT / "usr" / "lib" / "php").glob("2*"))
    php = ["php", "-d", f"extension={extensions}/mysqlnd.so", "-d", f"extension={extensions}/mysqli.so"]
    with mariadb(ring) as socket:
        (folder / "wp-config.php").write_text(WP_CONFIG.format(socket=socket))
        with running(ring, [*php, "-S", f"127.0.0.1:{ring.port(9000)}", "-t", folder], cwd=folder):
            server = ring.start(site('"~^wordpress_" "~^wp-settings-"'))
            form = {"weblog_title": "shop", "user_name": "alice", "admin_password": "wonderland!5",
                    "admin_password2": "wonderland!5", "pw_weak": "on", "admin_email": "a@example.com"}  # fmt: skip
            done = server.get("/wp-admin/install.php?step=2", method="POST", body=urlencode(form),
                              headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
            assert "Success!" in done.text, done.text
            page = Page(browser, f"http://127.0.0.1:{server.port}/wp-login.php")
            page.wait_for("Username or Email Address")
            fill(page, log="alice", pwd="wonderland!5")
            browser.find_element("id", "wp-submit").click()
            page.wait_for("Dashboard")
            stored = cookies(page)
            logged_in = next(name for name in stored if name.startswith("wordpress_logged_in_"))
            sealed = [name for name in stored if name.startswith(("wordpress_", "wp-settings-"))]
            assert all(stored[name].startswith(("1~s1.", "2~s1.")) for name in sealed)
            check_tampering(page, server, logged_in, "/", "Howdy")
            newer = new_key()
            rotate(ring, server, ring.key, newer)
            browser.get(page.url.replace("wp-login.php", "wp-admin/"))
            page.wait_for("Dashboard")
            rotate(ring, server, newer)
            browser.get(page.url.replace("wp-login.php", "wp-admin/profile.php"))
            page.wait_for("Profile")
            link = browser.find_element("css selector", "#wp-admin-bar-logout a").get_attribute("href")
            browser.get(link)
            page.wait_for("You are now logged out")
            client = Client(server)
            assert "Howdy" not in client.get("/").text
