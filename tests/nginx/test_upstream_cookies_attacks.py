# SPDX-License-Identifier: Apache-2.0
"""sealed_cookies: what a client cannot make an application believe, and the modes."""

import json
import os
import random
import socket

import pytest
from cases_cookies_request import forgeries
from cookies import Policy, Request
from sessions import RING, application, received
from tokens import new_key, s1
from upstream_cookies import CONTEXT, ON, Client, site

ROUNDS = int(os.environ.get("SEALRING_COOKIE_ROUNDS", "300"))
ALTERED = int(os.environ.get("SEALRING_COOKIES_ALTERED", "2000"))
FORGERIES = {name: (header, policy) for name, _, header, policy in forgeries()}


@pytest.fixture
def shop(ring):
    with application(ring):
        yield lambda *arguments, **options: Client(ring.start(site(*arguments, **options)))


def raw(port: int, header: bytes) -> bytes:
    """A request with this Cookie header, and the answer: no library in between changes a byte."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\nCookie: " + header + b"\r\n\r\n")
        return b"".join(iter(lambda: client.recv(65536), b""))


def choice_of(policy: Policy) -> str:
    words = [*policy.names, *(f'"~{pattern}"' for pattern in policy.patterns), *(["all"] * policy.all)]
    return " ".join(words)


@pytest.mark.parametrize("name", FORGERIES)
def test_forgery(shop, name):
    """Only what the specification's vectors let pass reaches the application."""
    header, policy = FORGERIES[name]
    client = shop(f"{RING} {CONTEXT} sealed_cookies {choice_of(policy)};")
    header = header.replace("; {sid}", "").replace("{sid}; ", "")
    passed = Request([], policy, 0, [header]).passed.headers
    assert "admin" not in passed[0]
    body = raw(client.server.port, header.encode("latin-1")).partition(b"\r\n\r\n")[2]
    got = [value for key, value in json.loads(body) if key == "Cookie"]
    assert got == [value.strip(" \t") for value in passed if value]


def test_a_plain_value_beside_a_sealed_one_is_cut_out(shop):
    client = shop()
    client.set("sid=alice; Path=/")
    sealed = f"sid={client.cookies['sid']}"
    for header in (f"sid=admin; {sealed}", f"{sealed}; sid=admin", f"sid =admin; {sealed}",
                   f"{sealed}; =sid=admin", f"a=1 sid=admin;{sealed}"):
        assert client.sent(headers={"Cookie": header}) == ["sid=alice"]


def test_a_token_does_not_move_between_names_applications_and_rings(shop, ring):
    client = shop(f"{RING} {CONTEXT} sealed_cookies sid role;")
    client.set("sid=alice; Path=/", "role=admin; Path=/")
    assert client.sent(headers={"Cookie": f"sid={client.cookies['role']}"}) == []
    client.server.wait_for_log('one of them "sid": authentication_failed, key ')
    for token in (s1(ring.key, b"admin", context=b"upstream-cookie;blog;sid"),
                  s1(ring.key, b"admin", context=b"sid"),
                  s1(ring.key, b"admin"),
                  s1(new_key(), b"admin", context=b"upstream-cookie;shop;sid")):  # fmt: skip
        assert client.sent(headers={"Cookie": f"sid=1~{token}"}) == []


def test_a_session_of_sealring_is_no_cookie_of_an_application(shop):
    client = shop(f"{ON} session on; session_cookie s insecure; session_header X-Replace-Session;")
    client.get("/?X-Replace-Session=user%3Dalice")
    assert client.sent(headers={"Cookie": f"sid=1~{client.cookies['s']}"}) == []


def test_a_name_in_the_log_is_no_log_line_of_its_own(shop):
    client = shop(f"{RING} {CONTEXT} sealed_cookies all;")
    raw(client.server.port, b'a"b\x1b[31m\xff=1')
    client.server.wait_for_log('one of them "a?b?[31m?": malformed')


def test_refuse_answers_a_forged_cookie_and_not_one_that_is_over(shop, ring):
    client = shop(ON + " sealed_cookies_refuse 403;")
    assert client.get("/", {"Cookie": "sid=admin"}).status == 403
    client.set("sid=alice; Path=/")
    altered = client.cookies["sid"][:-4] + "AAAA"
    assert client.get("/", {"Cookie": f"sid={altered}"}).status == 403
    context = b"upstream-cookie;shop;sid"
    over = s1(ring.key, b"alice", at=1_000_000_000, lifetime=1, context=context)
    assert client.sent(headers={"Cookie": f"sid=1~{over}"}) == []
    unknown = s1(new_key(), b"alice", context=context)
    assert client.sent(headers={"Cookie": f"sid=1~{unknown}"}) == []
    assert client.sent() == ["sid=alice"]


def test_report_changes_nothing_and_says_what_it_would_do(shop):
    client = shop(ON + " sealed_cookies_mode report; sealed_cookies_refuse 403;")
    client.set("sid=alice; Path=/")
    assert client.lines == ["sid=alice; Path=/"]
    client.server.wait_for_log('sealed_cookies: would seal "sid"')
    assert client.sent() == ["sid=alice"]
    header = "sid=1~s1.AAAA; my=1 sid=x"
    assert client.sent(headers={"Cookie": header}) == [header]
    client.server.wait_for_log("sealed_cookies: enforce would cut out 2 of the request's cookies")


def test_migrate_seals_and_accepts_plain_values(shop):
    client = shop(ON + " sealed_cookies_mode migrate;")
    assert client.sent(headers={"Cookie": "sid=plain"}) == ["sid=plain"]
    client.set("sid=alice; Path=/")
    assert client.cookies["sid"].startswith("1~s1.") and client.sent() == ["sid=alice"]
    altered = client.cookies["sid"][:-4] + "AAAA"
    assert client.sent(headers={"Cookie": f"sid={altered}"}) == []


@pytest.mark.parametrize("day, passes", [("2001-01-01", False), ("9000-01-01", True)])
def test_plain_values_pass_until_a_day(shop, day, passes):
    client = shop(ON + f" sealed_cookies_mode migrate; sealed_cookies_accept_plain_until {day};")
    assert client.sent(headers={"Cookie": "sid=plain"}) == (["sid=plain"] if passes else [])


def test_nobody_is_logged_out_on_the_way_there_and_back(ring):
    """report, migrate, enforce, migrate, report: with one client that keeps its cookie."""
    with application(ring):
        server = ring.start(site(ON + " sealed_cookies_mode report;"))
        client = Client(server)
        client.set("sid=alice; Path=/")
        for mode in ("migrate", "enforce", "migrate", "report"):
            ring.rewrite(site(ON + f" sealed_cookies_mode {mode};"))
            server.reload()
            if mode == "enforce":  # what the application sets again meanwhile
                ring.rewrite(site(ON + " sealed_cookies_mode migrate;"))
                server.reload()
                client.set("sid=alice; Path=/")
                ring.rewrite(site(ON + " sealed_cookies_mode enforce;"))
                server.reload()
            assert client.sent() == ["sid=alice"], mode


def random_cookie(randomness: random.Random) -> tuple[str, str]:
    name = "".join(randomness.choices("abcXYZ019!#$&'*+-.^_`|~", k=randomness.randint(1, 20)))
    if name.endswith("~1"):
        name += "x"
    size = randomness.choice((0, 1, 5, 40, 300))
    value = "".join(randomness.choices(
        "abcXYZ019!#$%&'()*+-./:<=>?@[]^_`{|}~\"\\, \t\x80\xa0\xe4\xff", k=size)).strip(" \t")
    return name, value


def test_random_cookies_come_back_byte_for_byte(shop):
    """SEALRING_COOKIE_ROUNDS sets the number of sets: 10000 is the bar."""
    client = shop(f"{RING} {CONTEXT} sealed_cookies all;")
    randomness = random.Random(1)
    for _ in range(ROUNDS):
        client.cookies = {}
        wanted = dict(random_cookie(randomness) for _ in range(randomness.randint(1, 5)))
        response = client.set(*(f"{name}={value}; Path=/" for name, value in wanted.items()))
        assert response.status == 200
        expected = "; ".join(f"{name}={value}" for name, value in wanted.items())
        assert client.sent() == [expected]
        assert all(value[:5] == "1~s1." for value in client.cookies.values())


def test_altered_cookies_reach_no_application(shop):
    """SEALRING_COOKIES_ALTERED sets their number: 100000 is the bar. Each request carries twenty."""
    client = shop()
    client.set("sid=admin; Path=/")
    good = client.cookies["sid"]
    randomness = random.Random(2)
    alphabet = [c for c in map(chr, range(0x21, 0x7F)) if c != ";"]
    done = 0
    while done < ALTERED:
        values = []
        while len(values) < 20:
            at = randomness.randrange(len(good))
            kind = randomness.randrange(3)
            value = (good[:at] + randomness.choice(alphabet) + good[at + 1 :] if kind == 0
                     else good[:at] + good[at + 1 :] if kind == 1
                     else good[:at] + randomness.choice(alphabet) + good[at:])  # fmt: skip
            if value != good:
                values.append(value)
        header = "; ".join(f"sid={value}" for value in values)
        assert received(client.server.get("/", {"Cookie": header})).get("cookie") is None
        done += len(values)
