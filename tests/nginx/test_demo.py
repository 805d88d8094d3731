# SPDX-License-Identifier: Apache-2.0
"""script/demo: it starts, answers as the page promises, and leaves nothing behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest
from demo_server import Demo, Visitor, demo, descendants  # noqa: F401
from nginx_server import REPOSITORY, wait_until
from ports import free_port

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def visitor(demo):  # noqa: F811
    return Visitor(demo.port)


@pytest.fixture
def browser(demo):  # noqa: F811
    return Visitor(demo.port, **HTML)


def shown(response, name):
    """What the page shows in the element with this id."""
    assert response.status == 200
    return re.search(f'id="{name}">([^<]*)<', response.text)[1]


def test_says_where_it_is_and_what_to_try(demo):  # noqa: F811
    root = f"http://127.0.0.1:{demo.port}"
    assert f"The demo is at {root}/\n" in demo.output
    visitor = Visitor(demo.port)
    commands = re.findall(rf"^  curl .* '?{root}(/[^\s']+)'?$", demo.output, re.MULTILINE)
    assert [visitor.get(path).text for path in commands] == [
        "signed in as alice\n", "hello, alice\n",
    ]  # fmt: skip


def test_a_session_for_curl(visitor):
    assert visitor.get("/protected")[::2] == (401, b"refused: NONE\n")
    response = visitor.get("/login?user=alice")
    assert (response.status, response.text) == (200, "signed in as alice\n")
    attributes = response.headers["Set-Cookie"].split("; ")[1:]
    assert attributes == ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=600"]
    response = visitor.get("/protected")
    assert (response.status, response.text) == (200, "hello, alice\n")
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.headers["Cache-Control"] == "no-store"


def test_a_copied_cookie_after_logout(visitor):
    visitor.get("/login?user=alice")
    copied = dict(visitor.cookies)
    assert visitor.get("/demo/forget").status == 303 and visitor.cookies == {}
    visitor.cookies = copied
    assert visitor.get("/protected").text == "refused: FAILED:revoked\n"


def test_a_session_for_a_browser(browser):
    page = browser.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert (shown(page, "verify"), shown(page, "user"), shown(page, "token")) == ("NONE", "", "")

    response = browser.get("/login?user=alice")
    assert (response.status, response.headers["Location"]) == (303, "/")
    page = browser.get("/")
    assert (shown(page, "verify"), shown(page, "user")) == ("OK", "alice")
    token = browser.cookies["demo_session"]
    assert shown(page, "token") == token
    assert shown(page, "kid") == token[3:11]
    left = int(re.search('data-expires-at="([0-9]+)"', page.text)[1]) - time.time()
    assert 540 < left <= 600
    for file, kind in (("demo.css", "text/css"), ("demo.js", "text/javascript"),
                       ("seal.svg", "image/svg+xml")):  # fmt: skip
        response = browser.get(f"/{file}")
        assert response.status == 200 and response.headers["Content-Type"].startswith(kind)
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")


def test_altering_is_refused_with_the_reason(browser):
    browser.get("/login?user=alice")
    before = browser.cookies["demo_session"]
    response = browser.get("/demo/alter", method="POST")
    assert (response.status, response.headers["Location"]) == (303, "/?altered")
    after = browser.cookies["demo_session"]
    assert [i for i in range(len(before)) if before[i] != after[i]] == [43]
    page = browser.get("/?altered")
    assert shown(page, "verify") == "FAILED:authentication_failed"
    assert shown(page, "user") == ""
    assert browser.get("/protected").status == 401


def test_altering_nothing_harms_nothing(browser):
    for value in ("", "x", "s1.", 'a"><script>'):
        browser.cookies["demo_session"] = value
        assert browser.get("/demo/alter", method="POST").status == 303
    page = browser.get("/")
    assert shown(page, "verify") == "FAILED:malformed"
    assert "<script>" not in page.text


def test_a_token_of_ten_seconds(browser):
    browser.get("/login?user=alice")
    browser.get("/demo/ten-seconds", method="POST")
    page = browser.get("/")
    assert shown(page, "verify") == "OK"
    ends = int(re.search('data-expires-at="([0-9]+)"', page.text)[1])
    assert 0 < ends - time.time() <= 10
    wait_until(lambda: browser.get("/protected").text == "refused: FAILED:expired\n", "its end")
    assert time.time() >= ends
    assert browser.cookies == {}, "with that answer it is deleted"


def test_ten_seconds_are_for_a_good_cookie_only(browser):
    browser.cookies["demo_session"] = "x"
    response = browser.get("/demo/ten-seconds", method="POST")
    assert (response.status, response.headers["Set-Cookie"]) == (303, None)


def test_the_application_gets_the_name_and_not_the_cookie(browser):
    browser.cookies["other"] = "kept"
    browser.get("/login?user=alice")
    page = browser.get("/")
    assert 'id="view-application">X-User: alice\nCookie: other=kept\n<' in page.text
    browser.get("/demo/forget", method="POST")
    assert 'id="view-application">X-User: \nCookie: other=kept\n<' in browser.get("/").text


def test_forgetting(browser):
    browser.get("/login?user=alice")
    browser.get("/demo/forget", method="POST")
    assert browser.cookies == {}
    assert shown(browser.get("/"), "verify") == "NONE"


def test_names(visitor):
    for name in ("", "a%20b", "%3Cscript%3E", "a%0d%0aX:%20y", "a" * 33):
        response = visitor.get(f"/login?user={name}")
        assert (response.status, response.headers["Set-Cookie"]) == (400, None), name
    assert visitor.get("/login").status == 400


def tokens_on(page):
    link = re.search("/download[?]token=(s1[^\"]+)", page.text)[1]
    form = re.search("/submit[?]csrf=(s1[^\"]+)", page.text)[1]
    return link, form


def test_download(visitor):
    link, _ = tokens_on(visitor.get("/"))
    for token in (visitor.get("/generate-token").text.strip(), link):
        response = visitor.get(f"/download?token={token}")
        assert (response.status, response.headers["Content-Disposition"]) == (
            200, "attachment; filename=sealed.txt",
        )  # fmt: skip
        assert response.text.startswith("This file came through a link")
        bad = token[:50] + ("A" if token[50] != "A" else "B") + token[51:]
        assert visitor.get(f"/download?token={bad}").status == 403
    assert visitor.get("/download").status == 403


def test_form(visitor):
    visitor.get("/login?user=alice")
    _, form = tokens_on(visitor.get("/"))
    for token in (visitor.get("/csrf-token").text.strip(), form):
        assert visitor.get(f"/submit?csrf={token}", method="POST").status == 200
        visitor.get("/login?user=bob")
        assert visitor.get(f"/submit?csrf={token}", method="POST").status == 403
        visitor.get("/login?user=alice")
    assert visitor.get("/submit", method="POST").status == 403


PURPOSES = ("session", "download", "form")


@pytest.mark.parametrize("made_for", PURPOSES)
@pytest.mark.parametrize("used_for", PURPOSES)
def test_a_token_serves_its_purpose_alone(visitor, made_for, used_for):
    visitor.get("/login?user=alice")
    token = {
        "session": lambda: visitor.cookies["demo_session"],
        "download": lambda: visitor.get("/generate-token").text.strip(),
        "form": lambda: visitor.get("/csrf-token").text.strip(),
    }[made_for]()
    if used_for == "session":
        visitor.cookies["demo_session"] = token
    path = {
        "session": "/protected",
        "download": f"/download?token={token}",
        "form": f"/submit?csrf={token}",
    }[used_for]
    response = visitor.get(path)
    if made_for == used_for:
        assert response.status == 200
    else:
        status = 401 if used_for == "session" else 403
        assert response[::2] == (status, b"refused: FAILED:authentication_failed\n")


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("to_group", [True, False], ids=["to the group", "to the script"])
def test_ends_without_a_trace(kind, to_group):
    running = Demo()
    pid = running.process.pid
    wait_until(lambda: len(descendants(pid)) >= 4, "master and worker of both servers")
    processes = descendants(pid)
    assert Visitor(running.port).get("/").status == 200
    assert running.stop(kind, to_group=to_group) == 0
    assert not [pid for pid in processes if os.path.exists(f"/proc/{pid}")]


def run(*arguments):
    return subprocess.run(
        [REPOSITORY / "script" / "demo", *arguments], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("next_to", [0, 1, 2], ids=["nginx", "Apache", "device binding"])
def test_a_taken_port(next_to):
    with socket.socket() as other:
        port = free_port(3)
        other.bind(("127.0.0.1", port + next_to))
        other.listen()
        done = run(str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"script/demo: port {port + next_to} of 127.0.0.1 is in use.")


@pytest.mark.parametrize("port", [8081, 8082])
def test_ports_that_are_next_to_the_usual_ones(port, tmp_path):
    """The message about a taken port proposes them."""
    shutil.copytree(REPOSITORY / "examples/demo", tmp_path, dirs_exist_ok=True)
    text = (REPOSITORY / "script/demo").read_text()
    replace = re.search(r"^sed -i(.*\\\n)*.*", text, re.MULTILINE)[0]
    subprocess.run(["bash", "-euc", f"dir={tmp_path} port={port} apache_port={port + 1} device_port={port + 2}\n"
                    + replace], check=True)
    listens = re.findall(r"(?im)^\s*listen 127.0.0.1:(\d+)",
                         "".join(path.read_text() for path in tmp_path.glob("*.conf")))
    assert sorted(map(int, listens)) == [port, port + 1, port + 2]


@pytest.mark.parametrize("arguments", [["0"], ["65534"], ["http"], ["80", "81"], ["-h"]])
def test_a_wrong_port(arguments):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "script/demo [PORT]" in done.stderr
