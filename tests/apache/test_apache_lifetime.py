# SPDX-License-Identifier: Apache-2.0
"""Sessions of a key ring have a sid and an absolute end: they keep both as long as their subject is
the same, whatever the application does."""

import re
import time

import pytest
from apache_server import MODULES, site, warnings_of
from form_login import FORM_MODULES, form_site, is_member, log_in, write_users
from tokens import now, opened, s1

SITE = """SessionCryptoKeyring session.keys
    <Location /day>
    SessionCryptoLifetime 24h
    SessionMaxAge 3600
    </Location>
    <Location /short>
    SessionCryptoLifetime 4
    </Location>
    <Location /short/endless>
    SessionCryptoLifetime none
    </Location>
    <Location /part>
    SessionCryptoLifetime 12h
    </Location>
    <Location /by-name>
    SessionCryptoSubject members-user
    </Location>"""


@pytest.fixture
def server(ring):
    server = ring.start(site(SITE))
    server.key = ring.key
    return server


def fields_of(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split("&") if pair)


def sealed(server, cookie, at=None) -> dict[str, str]:
    return fields_of(opened(cookie, server.key, at=at).payload.decode())


def test_a_session_has_a_sid_and_keeps_it(server):
    before = now()
    cookie = server.get("/session?user=alice").cookie()
    first = sealed(server, cookie)
    assert list(first) == ["user", "sid", "auth_time"]
    assert re.fullmatch("[A-Za-z0-9_-]{22}", first["sid"])
    assert before <= int(first["auth_time"]) <= now()
    # The application can read it.
    assert fields_of(server.get("/session", cookie).headers["X-Session"]) == first
    assert server.error_log.count("session started: session ") == 1
    time.sleep(1.1)
    changed = server.get("/session?role=admin", cookie).cookie()
    assert sealed(server, changed) == {**first, "role": "admin"}
    renewed = server.get("/day/session", changed).cookie()
    again = sealed(server, renewed)
    assert (again["sid"], again["auth_time"]) == (first["sid"], first["auth_time"])
    assert server.error_log.count("session started: session ") == 1


@pytest.mark.parametrize("path, field", [("", "user"), ("/by-name", "members-user")])
def test_another_subject_is_a_new_session(server, path, field):
    """So is the first one: a sid from before the sign-in is never one of after it."""
    cookie = server.get(f"{path}/session?cart=7").cookie()
    sids = [sealed(server, cookie)["sid"]]
    for user in ("alice", "bob", ""):
        cookie = server.get(f"{path}/session?{field}={user}", cookie).cookie()
        session = sealed(server, cookie)
        assert (session.get(field, ""), session["cart"]) == (user, "7")
        sids.append(session["sid"])
    assert len(set(sids)) == 4
    other = "user" if field != "user" else "name"
    cookie = server.get(f"{path}/session?{other}=carol", cookie).cookie()
    assert sealed(server, cookie)["sid"] == sids[-1]


def test_reserved_fields_of_the_application_are_ignored(server):
    cookie = server.get("/session?user=alice").cookie()
    session = sealed(server, cookie)
    for forged in ("sid=AAAAAAAAAAAAAAAAAAAAAA", "auth_time=9999999999", "bound=x", "prior=x"):
        answer = server.get(f"/session?a=b&{forged}", cookie)
        assert sealed(server, answer.cookie()) == {**session, "a": "b"}, forged
    log = server.error_log
    assert log.count("the application sets a reserved field") == 4
    # What it read is no fault, nor is what it removes.
    text = server.get("/session", cookie).headers["X-Session"]
    assert sealed(server, server.get(f"/session?a=b&{text}", cookie).cookie()) == {**session, "a": "b"}
    assert sealed(server, server.get("/session?a=b&sid=", cookie).cookie()) == {**session, "a": "b"}
    assert server.error_log.count("the application sets a reserved field") == 4


def test_a_session_without_fields_is_none(server):
    """Nothing is left of it but what the servers set."""
    cookie = server.get("/day/session?user=alice").cookie()
    assert server.get("/day/session?user=", cookie).cookie() == ""
    assert server.get("/day/session").cookie() in ("", None)


def test_the_lifetime_ends_it_however_active_it_is(server):
    at = now()  # a busy machine may read a token when it has ended
    cookie = server.get("/short/session?user=alice").cookie()
    token = opened(cookie, server.key, at=at)
    assert token.expires_at == int(sealed(server, cookie, at)["auth_time"]) + 4
    begun = time.time()
    while server.get("/short/session", cookie).text.startswith("user=alice"):
        assert time.time() < begun + 20
        time.sleep(0.3)
        at = now()
        changed = server.get(f"/short/session?tick={time.time()}", cookie).cookie()
        if "user" not in sealed(server, changed, at):
            break
        cookie = changed
        assert opened(cookie, server.key, at=at).expires_at <= token.expires_at + 1
    assert time.time() >= token.expires_at
    server.get("/short/session", cookie)
    refusal = re.search(r"AH01842: session refused: (expired.*)", server.error_log)[1]
    assert re.fullmatch(rf"expired, key {server.key.kid} \(signed in \d+s ago, session [\w-]{{16}}\)",
                        refusal), refusal  # fmt: skip


def test_the_lifetime_of_now_counts(server):
    """One that is made shorter is shorter for sessions that are out."""
    at = now() - 13 * 3600
    token = s1(server.key, f"user=alice&auth_time={at}".encode(), at=now() - 60, lifetime=86400)
    assert server.get("/day/session", token).text.startswith("user=alice")
    assert server.get("/part/session", token).text == ""
    assert "(signed in 13h ago)" in server.error_log
    assert server.get("/session", token).text.startswith("user=alice")
    # One of before there was an auth_time counts from its token.
    token = s1(server.key, b"user=alice", at=at, lifetime=86400)
    assert server.get("/part/session", token).text == ""
    answer = server.get("/day/session", token)
    assert answer.text.startswith("user=alice")
    assert sealed(server, answer.cookie())["auth_time"] == str(at)


def test_both_ends(server):
    """The earlier one of SessionMaxAge and the lifetime is the token's."""
    cookie = server.get("/day/session?user=alice").cookie()
    assert 3600 <= opened(cookie, server.key).expires_at - now() <= 3601
    at = now() - 86400 + 100
    token = s1(server.key, f"user=alice&auth_time={at}".encode(), lifetime=3600)
    assert opened(server.get("/day/session", token).cookie(), server.key).expires_at == at + 86400
    idle = s1(server.key, b"user=alice", at=now() - 3700, lifetime=3600)
    assert "user" not in server.get("/day/session", idle).text
    assert "(idle 61m)" in server.error_log


def test_a_new_session_does_not_have_the_end_of_the_last_one(server):
    at = now() - 3600
    token = s1(server.key, f"user=alice&auth_time={at}".encode(), at=at, lifetime=12 * 3600)
    cookie = server.get("/part/session?user=bob", token).cookie()
    assert opened(cookie, server.key).expires_at == int(sealed(server, cookie)["auth_time"]) + 43200


def test_lifetime_and_subject_are_inherited_and_switched_off(server):
    cookie = server.get("/short/endless/session?user=alice").cookie()
    assert opened(cookie, server.key).expires_at == 0


def test_mod_auth_form(ring):
    write_users(ring)
    server = ring.start(form_site("""
        SessionCryptoKeyring session.keys
        SessionCryptoSubject members-user
        SessionCryptoLifetime 6
        SessionMaxAge 3600"""), modules=FORM_MODULES)
    server.key = ring.key
    anonymous = server.get("/session?cart=7").cookie()
    cookie = log_in(server, anonymous).cookie()
    session = sealed(server, cookie)
    assert session["members-user"] == "alice" and session["cart"] == "7"
    assert session["sid"] != sealed(server, anonymous)["sid"]
    end = int(session["auth_time"]) + 6
    while time.time() < end - 1:
        answer = server.get("/members/index.html", cookie)
        if time.time() < end:
            assert answer.status == 200 and sealed(server, answer.cookie())["sid"] == session["sid"]
            cookie = answer.cookie()
        time.sleep(0.5)
    time.sleep(max(0, end - time.time() + 0.1))
    assert not is_member(server, cookie) and "signed in " in server.error_log
    fresh = log_in(server, cookie).cookie()
    assert sealed(server, fresh)["sid"] != session["sid"] and is_member(server, fresh)
    left = server.get("/logout", log_in(server).cookie()).cookie()
    assert left == ""


def test_sessions_of_passphrases_stay_as_they_are(apache):
    """They get nothing from us: the bytes are mod_session's."""
    server = apache.start(site("SessionCryptoPassphrase secret"))
    cookie = server.get("/session?user=alice&sid=x").cookie()
    assert server.get("/session", cookie).headers["X-Session"] == "user=alice&sid=x"


def test_old_sessions_beside_a_ring_begin_when_they_are_next_sealed(ring):
    old = ring.start(site("SessionCryptoPassphrase secret"), name="old")
    cookie = old.get("/session?user=alice").cookie()
    server = ring.start(site("""SessionCryptoKeyring session.keys
        SessionCryptoPassphrase secret
        SessionCryptoLifetime 1h"""))
    server.key = ring.key
    answer = server.get("/session?role=admin", cookie)
    session = sealed(server, answer.cookie())
    assert abs(int(session["auth_time"]) - now()) <= 2 and session["user"] == "alice"


def test_a_cookie_that_browsers_drop_is_warned_of_once(ring):
    server = ring.start(site("SessionCryptoKeyring session.keys"))
    said = "browsers drop one of more than 4096"
    assert server.get("/session?a=" + "x" * 2800).cookie()
    assert said not in server.error_log
    for _ in range(3):
        assert len(server.get("/session?a=" + "x" * 3200).headers["Set-Cookie"]) > 4096
    log = server.error_log
    assert log.count(said) == 1
    size = len(server.get("/session?a=" + "x" * 3200).headers["Set-Cookie"])
    assert re.search(rf"session_crypto:warn\].*the session's cookie has {size} bytes", log)


@pytest.mark.parametrize("line, said", [
    ("SessionCryptoLifetime 0", 'SessionCryptoLifetime: "0" is not a time'),
    ("SessionCryptoLifetime -5", 'SessionCryptoLifetime: "-5" is not a time'),
    ("SessionCryptoLifetime 12x", 'SessionCryptoLifetime: "12x" is not a time'),
    ("SessionCryptoLifetime 12345678901234h", "is not a time of a second or more"),
    ("SessionCryptoLifetime 500ms", "is not a time of a second or more"),
    ("SessionCryptoLifetime soon", 'SessionCryptoLifetime: "soon" is not a time'),
    ("SessionCryptoSubject sid", 'SessionCryptoSubject: "sid" is not the name of a field'),
])  # fmt: skip
def test_mistakes(ring, line, said):
    checked = ring.check(site(f"SessionCryptoKeyring session.keys\n{line}"))
    assert not checked.ok and said in checked.output


@pytest.mark.parametrize("line", ["SessionCryptoLifetime 12h", "SessionCryptoSubject members-user"])
def test_what_needs_a_ring(ring, line):
    name = line.split()[0]
    for body in (f"SessionCryptoPassphrase secret\n{line}", line):
        checked = ring.check(site(body))
        assert not checked.ok and f"{name}: there is no SessionCryptoKeyring" in checked.output
    elsewhere = f"""<Location /ring>
        SessionCryptoKeyring session.keys
        </Location>
        {line}"""
    checked = ring.check(site(f"SessionCryptoPassphrase secret\n{elsewhere}"))
    assert checked.ok
    assert any(w.startswith(f"{name}: ") and "no SessionCryptoKeyring is in effect" in w
               for w in warnings_of(checked.output))  # fmt: skip
    checked = ring.check(site(elsewhere))
    assert not checked.ok and f"{name}: sessions would be in plain text" in checked.output


def test_none_needs_no_ring(ring):
    assert ring.check(site("SessionCryptoPassphrase secret\nSessionCryptoLifetime none\n"
                           "SessionCryptoSubject none")).ok  # fmt: skip


def test_units(ring):
    server = ring.start(site("""SessionCryptoKeyring session.keys
        <Location /s>
        SessionCryptoLifetime 90s
        </Location>
        <Location /min>
        SessionCryptoLifetime 2min
        </Location>
        <Location /h>
        SessionCryptoLifetime 3h
        </Location>"""), modules=MODULES)
    for path, seconds in (("s", 90), ("min", 120), ("h", 3 * 3600)):
        token = opened(server.get(f"/{path}/session?user=alice").cookie(), ring.key)
        assert token.expires_at - token.issued_at == seconds
