# SPDX-License-Identifier: Apache-2.0
"""Sessions on a real nginx, in front of an application: they begin, go on, are renewed and end."""

import dataclasses
import re
import time

import pytest
from nginx_server import wait_until
from sessions import APPLICATION, NAME, RING, Browser, application, received, site
from tokens import new_key, opened, s1, write_ring

HEADER = "session_header X-Replace-Session;"
FIELDS = """
location / { proxy_pass http://127.0.0.1:9000; }
location = /fields { return 200 "$session_verify|$session_user|$session_fields"; }
location = /quiet { session_activity off; return 200 $session_verify; }
location = /times { return 200 "$session_issued_at $session_expires_at $session_kid $session_id_hash"; }
"""


@pytest.fixture
def app(ring):
    with application(ring):
        yield ring


@pytest.fixture
def browser(app):
    return Browser(app.start(site(f"{HEADER}{FIELDS}")))


def fields_of(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split("&"))


def test_signs_in_and_out(app, browser):
    assert browser.get("/fields").text == "NONE||"
    response = browser.sign_in("alice", "%26role%3Da+b")
    assert response.headers["X-Replace-Session"] is None
    assert response.headers["Cache-Control"] == "no-store"
    cookie = browser.set[NAME]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/", True, "Lax")
    assert cookie["max-age"] == "1800" and not cookie["secure"]
    token = opened(browser.cookies[NAME], app.key, context=NAME.encode())
    sealed = fields_of(token.payload.decode())
    assert sealed["user"] == "alice" and re.fullmatch(r"[A-Za-z0-9_-]{22}", sealed["sid"])
    assert int(sealed["auth_time"]) == token.issued_at == token.expires_at - 1800

    verify, user, text = browser.get("/fields").text.split("|")
    assert (verify, user) == ("OK", "alice")
    assert fields_of(text) == {**sealed, "role": "a+b"}
    assert browser.set == {}
    times = browser.get("/times").text.split()
    assert times[:3] == [str(token.issued_at), str(token.expires_at), app.key.kid]
    assert sealed["sid"] not in times[3] and len(times[3]) == 16

    response = browser.get("/?X-Replace-Session=")
    assert (browser.cookies, response.headers["Cache-Control"]) == ({}, "no-store")
    assert sorted(browser.set) == [NAME, f"{NAME}-1"]
    assert browser.get("/fields").text == "NONE||"
    log = browser.server.error_log
    assert f"session: started (session {times[3]})" in log
    assert f"session: ended: signed out (session {times[3]})" in log
    assert sealed["sid"] not in log and browser.server.startup == ""


def test_without_a_session_there_are_no_times(browser):
    assert browser.get("/times").text == "   "


def test_the_default_cookie(app):
    server = app.start(site(f"{RING} session on; {HEADER}{APPLICATION}", on=""))
    response = server.get("/?X-Replace-Session=user%3Dalice")
    cookie, attributes = response.headers["Set-Cookie"].split("; ", 1)
    assert cookie.startswith("__Host-session=s1.")
    assert attributes == "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1800"


def test_the_session_of_another_subject_is_a_new_one(browser):
    browser.sign_in("alice")
    before = fields_of(browser.get("/fields").text.split("|")[2])
    browser.sign_in("bob")
    after = fields_of(browser.get("/fields").text.split("|")[2])
    assert (before["user"], after["user"]) == ("alice", "bob")
    assert before["sid"] != after["sid"]


def test_a_sid_from_before_sign_in_does_not_live_after_it(browser):
    """Fixation: an attacker who planted the cookie knows nothing after sign-in."""
    browser.get("/?X-Replace-Session=cart%3D7")
    planted = dict(browser.cookies)
    sid = fields_of(browser.get("/fields").text.split("|")[2])["sid"]
    browser.sign_in("alice")
    assert fields_of(browser.get("/fields").text.split("|")[2])["sid"] != sid
    assert Browser(browser.server, planted).get("/fields").text.split("|")[1] == ""


@pytest.mark.parametrize("forged", ["sid%3DAAAAAAAAAAAAAAAAAAAAAA", "auth_time%3D4000000000",
                                    "bound%3Dx", "prior%3Dx", "expiry%3D1", "SID%3Dx"])  # fmt: skip
def test_reserved_fields_of_the_application_are_ignored(browser, forged):
    browser.sign_in("alice")
    before = browser.get("/fields").text
    browser.get(f"/?X-Replace-Session=user%3Dalice%26{forged}")
    assert browser.get("/fields").text == before
    assert browser.server.error_log.count("a field that is sealring's own") == 1


def test_an_application_may_answer_the_fields_that_it_got(browser):
    browser.sign_in("alice", "%26name%3DAlice+M")
    text = browser.get("/fields").text.split("|")[2]
    response = browser.get("/", {"X": "1"})
    assert response.status == 200
    quoted = text.replace("%", "%25").replace("&", "%26").replace("=", "%3D").replace("+", "%2B")
    browser.get(f"/?X-Replace-Session={quoted}")
    assert browser.set == {}
    assert "sealring's own" not in browser.server.error_log


def test_a_text_that_is_none_changes_nothing(browser):
    browser.sign_in("alice")
    assert browser.get("/?X-Replace-Session=user%3D%25zz").status == 200
    assert browser.set == {} and browser.get("/fields").text.startswith("OK|alice|")
    assert "is not a text of at most 64 fields" in browser.server.error_log


def test_refusals_are_said_and_delete_nothing(app, browser):
    browser.sign_in("alice")
    good = browser.cookies[NAME]
    other = s1(new_key(), b"user=eve", context=NAME.encode())
    wrong = {
        "malformed": "x",
        "unknown_key": other,
        "authentication_failed": s1(app.key, b"user=eve", context=b"another"),
    }
    for reason, token in wrong.items():
        browser.cookies = {NAME: token}
        assert browser.get("/fields").text == f"FAILED:{reason}||"
        assert browser.set == {}
        assert f"session: refused: {reason}" in browser.server.error_log
    # Tokens of set_encrypt_session without a context are not sessions either.
    browser.cookies = {NAME: s1(app.key, b"user=eve")}
    assert browser.get("/fields").text == "FAILED:authentication_failed||"
    assert good not in browser.server.error_log


def test_ends_when_idle(app):
    browser = Browser(app.start(site(f"{HEADER} session_idle 2s;{FIELDS}")))
    browser.sign_in("alice")
    time.sleep(2.1)
    assert browser.get("/fields").text == "FAILED:expired||"


def test_lasts_to_its_absolute_end_while_it_is_used(app):
    """Idle is long enough for a busy machine, and shorter than the whole."""
    ends = "session_idle 8s; session_lifetime 10s; session_renew 1s;"
    browser = Browser(app.start(site(f"{HEADER}{ends}{FIELDS}")))
    browser.sign_in("alice")
    end = opened(browser.cookies[NAME], app.key, context=NAME.encode()).issued_at + 10
    while True:
        before = time.time()
        if not browser.get("/fields").text.startswith("OK"):
            break
        assert before < end + 1
        time.sleep(0.2)
    assert time.time() > end - 1
    # The cookie never outlives its session: what is left is the browser's own business.
    assert browser.get("/fields").text == "NONE||"


def test_a_shorter_lifetime_ends_sessions_that_are_out(app):
    server = app.start(site(f"{HEADER}{FIELDS}"))
    now = int(time.time())
    token = s1(app.key, b"user=alice&auth_time=%d" % (now - 3600), at=now - 1, context=b"s")
    assert Browser(server, {NAME: token}).get("/fields").text.startswith("OK")
    app.rewrite(site(f"{HEADER} session_lifetime 1h;{FIELDS}"))
    server.reload()
    browser = Browser(server, {NAME: token})
    assert browser.get("/fields").text == "FAILED:expired||" and browser.cookies == {}


def test_an_expired_session_is_deleted_and_says_which_end_it_met(app, browser):
    now = int(time.time())
    sid = b"&sid=AAAAAAAAAAAAAAAAAAAAAA"
    idle = s1(app.key, b"user=alice&auth_time=%d" % (now - 4000) + sid, at=now - 3660,
              lifetime=1800, context=NAME.encode())  # fmt: skip
    absolute = s1(app.key, b"user=alice&auth_time=%d" % (now - 50400) + sid, at=now - 60,
                  lifetime=1800, context=NAME.encode())  # fmt: skip
    for token, said in ((idle, "session: ended: idle 61m"),
                        (absolute, "session: ended: signed in 14h ago")):  # fmt: skip
        browser.cookies = {NAME: token}
        response = browser.get("/fields")
        assert response.text == "FAILED:expired||" and response.headers["Cache-Control"] is None
        assert browser.cookies == {} and NAME in browser.set
        assert said in browser.server.error_log
    assert "signed out" not in browser.server.error_log


def test_is_renewed_with_the_same_fields(app, browser):
    now = int(time.time())
    sid = "AAAAAAAAAAAAAAAAAAAAAA"
    token = s1(app.key, f"user=alice&sid={sid}&auth_time={now - 900}".encode(), at=now - 600,
               lifetime=1800, context=NAME.encode())  # fmt: skip
    browser.cookies = {NAME: token}
    browser.get("/fields")
    renewed = opened(browser.cookies[NAME], app.key, context=NAME.encode())
    assert renewed.payload.decode() == f"user=alice&sid={sid}&auth_time={now - 900}"
    assert now <= renewed.issued_at == renewed.expires_at - 1800
    # A request that does not keep it alive does not renew it.
    browser.cookies = {NAME: token}
    assert browser.get("/quiet").text == "OK" and browser.set == {}


def test_a_renewal_is_not_logged(app, browser):
    """Not even that the session is split."""
    now = int(time.time())
    text = f"user=alice&x={'y' * 4000}&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time={now - 600}"
    token = s1(app.key, text.encode(), at=now - 600, lifetime=1800, context=NAME.encode())
    browser.cookies = {NAME: f"2~{token[:4000]}", f"{NAME}-1": token[4000:]}
    assert browser.get("/quiet").text == "OK"
    assert browser.get("/times").status == 200 and sorted(browser.set) == [NAME, f"{NAME}-1"]
    assert "session: " not in browser.server.error_log.replace("session: the server has no TLS", "")


def test_a_renewal_that_fails_waits(app, browser):
    """Without a key that seals, the session goes on, but nobody signs in."""
    now = int(time.time())
    due = s1(app.key, b"user=alice", at=now - 600, lifetime=1800, context=NAME.encode())
    write_ring(app, dataclasses.replace(app.key, open_only=True))

    def fails() -> bool:
        browser.cookies = {NAME: due}
        assert browser.get("/fields").text.startswith("OK|alice|")
        return "session: cannot seal: no_primary_key" in browser.server.error_log

    wait_until(fails, "the worker to take the ring")
    assert browser.set == {}
    assert browser.get("/?X-Replace-Session=user%3Dbob").status == 500 and browser.set == {}


def test_the_application_does_not_see_the_cookie(browser):
    browser.sign_in("alice")
    token = browser.cookies[NAME]
    for sent, got in (
        (f"{NAME}={token}", None),
        (f"a=1; {NAME}={token}; b=2", ["a=1; b=2"]),
        (f"a=1;{NAME}={token} ;  b=2;", ["a=1;  b=2;"]),
        ("a=1; b=2", ["a=1; b=2"]),
    ):
        response = browser.get("/", {"Cookie": sent})
        assert received(response).get("cookie") == got, sent


def test_the_application_sees_no_copy_of_the_cookie(app):
    """What was asked for in the rewrite phase is not what an upstream gets later."""
    text = """if ($http_cookie ~ nothing) { return 400; }
        location / { proxy_set_header X-Copy $http_cookie; proxy_pass http://127.0.0.1:9000; }
        location /pass { session_pass_cookie on; proxy_pass http://127.0.0.1:9000; }"""
    server = app.start(site(text))
    cookie = f"{NAME}={s1(app.key, b'user=alice', context=NAME.encode())}"
    headers = received(server.get("/", {"Cookie": f"a=1; {cookie}"}))
    assert (headers["cookie"], headers["x-copy"]) == (["a=1"], ["a=1"])
    assert received(server.get("/pass", {"Cookie": cookie}))["cookie"] == [cookie]


def test_a_header_of_the_client_does_not_reach_the_application(browser):
    for name in ("X-Replace-Session", "x-replace-session", "X-REPLACE-SESSION"):
        headers = received(browser.get("/", {name: "user=eve", "X-Other": "1"}))
        assert "x-replace-session" not in headers and headers["x-other"] == ["1"]


def test_a_cookie_of_the_application_with_the_name_is_removed(browser):
    response = browser.get(f"/?Set-Cookie={NAME}%3Deve&Set-Cookie=a%3D1")
    assert response.headers.get_all("Set-Cookie") == ["a=1"]
    assert "sets a cookie of the session's name" in browser.server.error_log


def test_large_sessions_are_divided_and_too_large_ones_are_an_error(app):
    browser = Browser(app.start(site(f"{HEADER} proxy_buffer_size 32k; proxy_buffers 4 32k;{FIELDS}")))
    assert browser.get("/?fill=4500").status == 200
    assert sorted(browser.cookies) == [NAME, f"{NAME}-1"]
    assert browser.server.error_log.count("session: it is split into 2 cookies (session ") == 1
    assert browser.get("/fields").text.startswith("OK|alice|user=alice&x=yyy")
    browser.get("/?X-Replace-Session=user%3Dalice")
    assert sorted(browser.cookies) == [NAME] and browser.set[f"{NAME}-1"]["max-age"] == "0"
    assert browser.get("/fields").text.startswith("OK|alice|user=alice&sid=")
    assert browser.get("/?fill=20000").status == 500 and browser.set == {}
    assert "cannot seal: invalid_argument (its fields need more cookies" in browser.server.error_log
    assert browser.get("/fields").text.startswith("OK|alice|")
