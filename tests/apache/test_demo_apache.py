# SPDX-License-Identifier: Apache-2.0
"""script/demo: the same page by Apache, and one login that is good for both servers."""

import re
import time

import pytest
from demo_server import Visitor, demo  # noqa: F401

HTML = {"Accept": "text/html,application/xhtml+xml"}
SERVERS = ("nginx", "apache")


@pytest.fixture
def visitors(demo):  # noqa: F811
    """One visitor of both servers: cookies know no ports."""
    pair = {name: Visitor(demo.port + i, **HTML) for i, name in enumerate(SERVERS)}
    pair["apache"].cookies = pair["nginx"].cookies
    return pair


def log_in(visitors, server, name="alice"):
    if server == "nginx":
        response = visitors["nginx"].get(f"/login?user={name}")
    else:
        response = visitors["apache"].get("/login", "POST", body=f"user={name}&password=any")
    assert (response.status, response.headers["Location"]) in ((303, "/"), (302, "/"))
    return visitors["nginx"].cookies["demo_session"]


def page(visitors, server):
    """What the page shows: element's id to text."""
    response = visitors[server].get("/")
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert "<!--#" not in response.text and "an error occurred" not in response.text
    shown = dict(re.findall(r'id="([a-z-]+)">([^<]*)<', response.text))
    shown["left"] = int(re.search(r'data-expires-at="(\d*)"', response.text)[1] or 0) - time.time()
    return shown


@pytest.mark.parametrize("at", SERVERS)
def test_one_login_is_good_for_both_servers(visitors, at):
    token = log_in(visitors, at)
    assert token.startswith("s1.")
    for server in SERVERS:
        assert visitors[server].get("/protected")[::2] == (200, b"hello, alice\n")
        shown = page(visitors, server)
        assert (shown["verify"], shown["user"]) == ("OK", "alice")
        assert (shown["token"], shown["kid"]) == (token, token[3:11])
        # Apache knows when a session ends by what it wrote into it.
        lifetime = 600 if at == "nginx" else 3600
        assert lifetime - 100 < shown["left"] < lifetime + 5 or (at, server) == ("nginx", "apache")
        assert shown["view-nginx"] == shown["view-apache"] == "signed in as alice"
    assert visitors["nginx"].cookies["demo_session"] == token, "no visit prolongs it"


def test_the_page_says_whose_it_is(visitors):
    assert page(visitors, "nginx")["server"] == "nginx"
    assert page(visitors, "apache")["server"] == "Apache"
    nginx, apache = (visitors[server].get("/").text for server in SERVERS)
    assert "A download link" in nginx and "A download link" not in apache
    for file in ("demo.css", "demo.js", "seal.svg"):
        answers = [visitors[server].get(f"/{file}") for server in SERVERS]
        assert answers[0].body == answers[1].body
        for name in ("Content-Security-Policy", "X-Content-Type-Options", "Cache-Control"):
            assert answers[0].headers[name] == answers[1].headers[name], name


def test_without_a_login_neither_lets_in_and_no_cookie_is_set(visitors):
    for server in SERVERS:
        assert visitors[server].get("/protected").status == 401
        shown = page(visitors, server)
        assert (shown["verify"], shown["user"]) == ("NONE", "")
        assert shown["view-nginx"] == shown["view-apache"] == "not signed in"
    assert visitors["nginx"].cookies == {}


@pytest.mark.parametrize("at", SERVERS)
def test_an_altered_cookie_is_refused_by_both(visitors, at):
    before = log_in(visitors, at)
    response = visitors[at].get("/demo/alter", "POST")
    assert (response.status, response.headers["Location"]) == (303, "/?altered")
    after = visitors["nginx"].cookies["demo_session"]
    assert [i for i in range(len(before)) if before[i] != after[i]] == [43]
    for server in SERVERS:
        assert visitors[server].get("/protected").status == 401
        shown = page(visitors, server)
        assert shown["verify"].startswith("FAILED") and shown["user"] == ""
        assert shown["view-nginx"] == "refused: FAILED:authentication_failed"
        assert shown["view-apache"] == "not signed in"


def test_after_a_refusal_one_can_log_in_again(visitors):
    log_in(visitors, "nginx")
    visitors["apache"].get("/demo/alter", "POST")
    log_in(visitors, "apache", "bob")
    for server in SERVERS:
        assert visitors[server].get("/protected")[::2] == (200, b"hello, bob\n")


def test_ten_seconds_end_on_both(visitors):
    log_in(visitors, "apache")
    visitors["nginx"].get("/demo/ten-seconds", "POST")
    assert 0 < page(visitors, "nginx")["left"] <= 10
    assert visitors["apache"].get("/protected").status == 200
    deadline = time.time() + 15
    while visitors["apache"].get("/protected").status == 200:
        assert time.time() < deadline
        time.sleep(0.2)
    shown = page(visitors, "apache")
    assert (shown["verify"], shown["view-nginx"]) == ("FAILED", "refused: FAILED:expired")
    assert page(visitors, "nginx")["verify"] == "FAILED:expired"


@pytest.mark.parametrize("at", SERVERS)
def test_forgetting(visitors, at):
    log_in(visitors, at)
    assert visitors[at].get("/demo/forget", "POST").status == 303
    assert visitors["nginx"].cookies == {}


def test_names_that_nginx_would_not_seal_are_nobody(visitors):
    log_in(visitors, "apache", "a%26demo-user=root")
    for server in SERVERS:
        shown = page(visitors, server)
        assert (shown["user"], shown["verify"], shown["view-nginx"]) == ("", "NONE", "not signed in")
    assert visitors["nginx"].get("/protected").status == 401


def test_a_token_for_another_purpose_is_no_session_of_apache(visitors):
    visitors["nginx"].cookies["demo_session"] = visitors["nginx"].get("/csrf-token").text.strip()
    assert visitors["apache"].get("/protected").status == 401
    assert visitors["nginx"].get("/protected").status == 401
