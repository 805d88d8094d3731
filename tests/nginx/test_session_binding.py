# SPDX-License-Identifier: Apache-2.0
"""Sessions that are bound to a device, with a browser that is scripted: offers, registrations,
refreshes, what a thief can do, and what must not end a good session."""

import json
import os
import re
import signal

import pytest
from browser import RSA, bound_of, proof
from devices import (BOUND, ON, PLACES, PREFIX, REFRESH, REGISTER, Device, bound_cookie, bound_site,
                     challenge_of, fields_of, seen, session_cookie)  # fmt: skip
from nginx_server import wait_until
from sessions import NAME, Browser, application, received
from tokens import now

GOOD, UNBOUND, REVOKED = ["alice", "OK", "1"], ["", "FAILED:unbound", ""], ["", "FAILED:revoked", ""]
NOT_BOUND = ["alice", "OK", ""]


def test_a_session_is_bound(listed):
    server = listed.start(bound_site())
    device = Device(server)
    answer = device.sign_in()
    assert answer.headers["Secure-Session-Registration"] and device.path == REGISTER
    before = fields_of(listed.key, device.cookies[NAME])
    assert seen(device) == NOT_BOUND

    answer = device.register()
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Secure-Session-Challenge" not in answer.headers
    assert device.set.keys() == {NAME, BOUND} and device.set[BOUND]["max-age"] == "600"
    assert device.set[BOUND]["secure"] and device.set[BOUND]["httponly"]
    device.instructions = json.loads(answer.body)
    assert device.instructions == {
        "session_identifier": device.sid,
        "refresh_url": REFRESH,
        "scope": {
            "include_site": False,
            "scope_specification": [{"type": "exclude", "domain": "*", "path": PREFIX}],
        },
        "credentials": [{"type": "cookie", "name": BOUND,
                         "attributes": "Path=/; Secure; HttpOnly; SameSite=Lax"}],
    }  # fmt: skip
    after = fields_of(listed.key, device.cookies[NAME])
    assert after["sid"] == device.sid != before["sid"] == after["prior"]
    assert after["auth_time"] == before["auth_time"] and after["user"] == "alice"
    assert after["bound"] == bound_of(device.signer)
    assert seen(device) == GOOD

    answer = device.refreshed()
    assert answer.body == b"" and answer.headers["Content-Length"] == "0"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Secure-Session-Challenge" not in answer.headers
    assert device.set.keys() == {BOUND}, "a refresh does not renew the session"
    assert seen(device) == GOOD
    for line in ("registration: registered", "refresh: challenged", "refresh: refreshed"):
        assert re.search(rf"\[info\].*session_binding: {line} \(session [\w-]{{16}}\)", server.error_log)


def test_only_users_who_sign_in_get_an_offer(listed):
    with application(listed):
        server = listed.start(bound_site(on=f"{ON} session_header X-Replace-Session;"))
        device = Device(server)
        device.get("/application?X-Replace-Session=cart%3D1")
        assert NAME in device.set and not device.offered
        device.get("/application?X-Replace-Session=cart%3D1%26user%3Dalice")
        assert device.offered, "by the application, too"
        device.offered = ""
        device.get("/application?X-Replace-Session=user%3Dalice%26role%3Dadmin")
        assert NAME in device.set and not device.offered, "the same session"
        device.get("/application?X-Replace-Session=user%3Dbob")
        assert device.offered, "another subject"
        offered = device.offered
        assert seen(device)[2] == "" and device.offered == offered


def test_requests_without_the_bound_cookie(listed):
    server = listed.start(bound_site())
    device = Device(server)
    device.bind()
    for cookie in (None, "", "s1.AAAA", challenge_of(listed.key, device.sid),
                   bound_cookie(listed.key, "A" * 22), bound_cookie(listed.key, device.sid, age=660)):  # fmt: skip
        other = device.copy(BOUND)
        if cookie is not None:
            other.cookies[BOUND] = cookie
        assert seen(other) == UNBOUND, cookie
        assert not other.set, "nothing is deleted"
    other.cookies[BOUND] = bound_cookie(listed.key, device.sid, age=659)
    assert seen(other) == GOOD
    assert seen(device) == GOOD
    log = server.error_log
    for why in ("it came without its bound cookie", "its bound cookie has expired",
                "no bound cookie that came with it is its own"):  # fmt: skip
        assert re.search(rf"\[info\].*session: refused: unbound, key [\w-]+ \({why}\)", log), why


def test_the_application_sees_neither_cookie(listed):
    with application(listed):
        server = listed.start(bound_site())
        device = Device(server, {"other": "1"})
        device.bind()
        assert received(device.get("/application"))["cookie"] == ["other=1"]
        device.get(f"/application?Set-Cookie={BOUND}%3Dx")
        assert not device.set, "and cannot set it"


def test_what_survives_a_race(listed):
    server = listed.start(bound_site())
    device = Device(server)
    device.bind()
    first = device.challenge()
    both = [device.refresh(proof(challenge, device.signer)) for challenge in (device.challenge(), first)]
    assert [answer.status for answer in both] == [200, 200], "two refreshes in parallel"
    sent = proof(first, device.signer)
    assert device.refresh(sent).status == 200 and device.refresh(sent).status == 200, "a retry"
    for challenge in (challenge_of(listed.key, device.sid, age=121),  # too old
                      challenge_of(listed.key, "A" * 22), "s1.AAAA", device.sid):  # fmt: skip
        answer = device.refresh(proof(challenge, device.signer))
        assert answer.status == 403 and "Secure-Session-Challenge" in answer.headers
    assert device.refresh(id="B" * 21 + "A").status == 401, "of the session before"
    assert device.register().status == 400, "it is bound already"
    assert seen(device) == GOOD

    # A registration whose answer is lost: the browser goes on with the old cookie.
    lost = Device(server)
    lost.sign_in()
    before = dict(lost.cookies)
    assert lost.register().status == 200
    lost.cookies = before
    assert seen(lost) == NOT_BOUND
    assert lost.register().status == 200, "and it can try again"
    assert seen(lost) == GOOD


def test_somebody_else_signs(listed):
    server = listed.start(bound_site())
    device = Device(server)
    device.sign_in()
    before = device.copy()
    device.instructions = json.loads(device.register().body)
    thief = device.copy()
    answer = thief.refresh(proof(thief.challenge(), thief.signer))
    assert answer.status == 401 and not thief.cookies, "its cookies are deleted"
    assert thief.set.keys() == {NAME, f"{NAME}-1", BOUND}
    assert seen(device) == REVOKED
    assert seen(before) == REVOKED, "also the one from before the binding"
    assert "session_binding: refresh: forged: another key has signed its challenge" in server.error_log


def test_signing_out(listed):
    server = listed.start(bound_site())
    device = Device(server)
    device.bind()
    copied, sid = device.copy(), device.sid
    device.get("/out")
    assert not device.cookies
    assert seen(copied) == REVOKED
    assert copied.refresh(id=sid).status == 401, "the browser forgets the binding"
    assert device.refresh(id=sid).status == 401, "also without any cookie"


@pytest.mark.parametrize("stage", ["before registration", "after it", "after a refresh"])
def test_a_thief(listed, stage):
    """All cookies are copied, and the device goes on."""
    server = listed.start(bound_site("on refresh=4s grace=5s"))
    device = Device(server)
    device.sign_in()
    thief = device.copy()
    device.instructions = json.loads(device.register().body)
    if stage != "before registration":
        thief = device.copy()
    if stage == "after a refresh":
        device.refreshed()
        thief = device.copy()
    assert seen(thief)[0] == "alice", "the copy is good at first"
    assert seen(device) == GOOD
    if stage == "before registration":
        assert thief.register(thief.registration(challenge_of(listed.key, "A" * 22))).status == 400
    else:
        assert thief.refresh().status == 403, "he cannot sign this challenge"
    wait_until(lambda: seen(thief) == (REVOKED if stage == "before registration" else UNBOUND), "its end")
    device.refreshed()
    assert seen(device) == GOOD
    assert seen(thief.copy())[0] == ""


def test_the_one_from_before_lives_for_the_grace(listed):
    """Requests that are under way still carry it. Until the browser shows that it has the new one, it
    lives on."""
    server = listed.start(bound_site("on grace=2s"))
    device = Device(server)
    device.sign_in()
    before = device.copy()
    device.instructions = json.loads(device.register().body)
    assert seen(before) == NOT_BOUND
    wait_until(lambda: now() > int(fields_of(listed.key, device.cookies[NAME])["auth_time"]) + 3, "3 s")
    assert seen(before) == NOT_BOUND, "the answer to the registration may have been lost"
    assert seen(device) == GOOD
    assert seen(before) == REVOKED, "the grace is over already"

    device = Device(server)
    device.sign_in()
    before = device.copy()
    device.instructions = json.loads(device.register().body)
    assert seen(device) == GOOD
    assert seen(before) == NOT_BOUND, "in the grace"
    wait_until(lambda: seen(before) == REVOKED, "the end of the grace, without a further request")


def test_a_worker_that_ends_revokes_at_once(listed):
    server = listed.start(bound_site("on grace=1h"))
    device = Device(server)
    device.sign_in()
    before = device.copy()
    device.instructions = json.loads(device.register().body)
    assert seen(device) == GOOD and seen(before) == NOT_BOUND
    server.reload()
    assert seen(before) == REVOKED and seen(device) == GOOD


def test_a_worker_that_is_killed(listed):
    """The next request of the session does what it left undone, when the grace is over."""
    server = listed.start(bound_site("on grace=2s"))
    device = Device(server)
    device.sign_in()
    before = device.copy()
    device.instructions = json.loads(device.register().body)
    assert seen(device) == GOOD
    for worker in server.workers():
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: seen(device) == GOOD and seen(before) == REVOKED, "the revocation")


def test_required(listed):
    server = listed.start(bound_site("required grace=30s", more="session_login /in;"))
    key, at = listed.key, now()

    def unbound(age, **fields) -> Browser:
        value = session_cookie(key, at=at - age, auth_time=at - age, sid="A" * 22, **fields)
        return Browser(server, {NAME: value})

    fresh, old = unbound(5, user="alice"), unbound(40, user="alice")
    assert seen(fresh) == NOT_BOUND
    assert seen(old) == UNBOUND and not old.set
    assert seen(unbound(40, cart="1")) == ["", "OK", ""], "nobody has signed in"
    assert "device binding" in server.error_log or "bound it to a device" in server.error_log
    device = Device(server)
    device.bind()
    assert seen(device) == GOOD


def test_off_keeps_bound_sessions_bound(listed):
    server = listed.start(bound_site())
    device = Device(server)
    device.bind()
    server.stop()
    server = listed.start(bound_site("off"))
    device.server = server
    assert seen(device) == GOOD
    assert seen(device.copy(BOUND)) == UNBOUND
    assert device.refresh().status == 200 and "Secure-Session-Challenge" not in device.refresh().headers
    assert Device(server).sign_in().headers.get("Secure-Session-Registration") is None


def test_no_location_has_to_be_written(listed):
    """Whatever the configuration does with these paths."""
    text = """
        location / { return 404; }
        location ~ session { deny all; }
        location = /in { session_set user $arg_user; return 204; }
        location = /show { return 200 "$session_user|$session_verify|$session_bound"; }
        rewrite ^/session-binding /elsewhere;
        error_page 400 401 403 404 503 /error; location = /error { return 200 "page"; }
    """
    server = listed.start(bound_site(text=text))
    device = Device(server)
    device.bind()
    assert device.get("/show").text == "alice|OK|1"
    device.refreshed()
    assert device.refresh(id="A" * 22).body == b""
    assert device.get(REFRESH).status == 405 and device.get(f"{REFRESH}/").status == 404
    assert device.get(f"{PREFIX}other", method="POST").text in ("page", "")


def test_a_location_binds_alone(listed):
    """The two paths are the server's, where no sessions are on."""
    text = f"""
        location /app/ {{ session on; session_binding on path=/app/device/; session_cookie {NAME} path=/app;
            location /app/in {{ session_set user $arg_user; return 204; }}
            return 200 "$session_user|$session_verify|$session_bound"; }}
        location / {{ return 200 "none"; }}
    """
    on = "encrypted_session_keyring session.keys; session_revocations revocations.list;"
    server = listed.start(bound_site("off", text, on=on))
    device = Device(server)
    device.get("/app/in?user=alice")
    assert device.path == "/app/device/register"
    answer = device.post("/app/device/register", proof=device.registration())
    assert answer.status == 200
    assert json.loads(answer.body)["refresh_url"] == "/app/device/refresh"
    assert device.get("/app/").text == "alice|OK|1"
    assert device.post(REGISTER).text == "none"


def test_subrequests_error_pages_and_internal_redirects(listed):
    text = PLACES + """
        location /guarded { auth_request /auth; error_page 403 /no; proxy_pass http://127.0.0.1:9000/; }
        location = /auth { internal; return 204; }
        location /missing { error_page 404 = /shown; return 404; }
        location = /shown { return 200 "$session_user|$session_verify|$session_bound"; }
        location /strict { session_require bound; try_files /none @strict; }
        location @strict { return 200 "strict"; }
    """
    with application(listed):
        server = listed.start(bound_site(text=text))
        device = Device(server)
        device.bind()
        thief = device.copy(BOUND)
        for browser, user in ((device, "alice|OK|1"), (thief, "|FAILED:unbound|")):
            assert browser.get("/missing").text == user
        assert device.get("/guarded").status == 200
        assert device.get("/strict").text == "strict" and thief.get("/strict").status == 401


def test_domain_of_the_cookie(listed):
    server = listed.start(bound_site(on=ON.replace(f" {NAME};", f" {NAME} domain=example.com;")))
    device = Device(server)
    scope = device.bind()["scope"]
    assert scope["include_site"] is True and scope["origin"] == "https://example.com"


def test_rs256(listed):
    server = listed.start(bound_site())
    device = Device(server, signer=RSA)
    device.bind()
    assert seen(device) == GOOD
    device.refreshed()
