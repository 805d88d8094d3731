# SPDX-License-Identifier: Apache-2.0
"""With SessionMaxAge mod_session saves at each request. A cookie that is refused, but may be good later or
on another server, stays; one whose session is over is deleted."""

import pytest
from apache_server import site
from nginx_server import wait_until
from revocation_lists import RevocationList
from tokens import jwk_set, new_key, now, opened, s1

RING = "SessionCryptoKeyring session.keys\nSessionMaxAge 1800"
LIST = "SessionCryptoRevocations revocations.list stale=refuse"


def token(key, fields="user=alice", *, at=None, **options) -> str:
    at = now() - 10 if at is None else at
    return s1(key, f"{fields}&sid={'A' * 22}&auth_time={at}".encode(), at=at, **options)


def test_a_stale_list(ring):
    """An agent that does not run for a while signs nobody out."""
    listed = RevocationList(ring.folder / "revocations.list", max_staleness=30)
    listed.confirmed(now() - 100)
    server = ring.start(site(f"{RING}\n{LIST}"))
    cookie = token(ring.key)
    answer = server.get("/session", cookie)
    assert (answer.status, answer.cookie()) == (200, None) and "user" not in answer.text
    assert "the revocation list is stale" in server.error_log
    listed.confirmed(now())
    wait_until(lambda: "user=alice" in server.get("/session", cookie).text, "the list to be fresh")


def test_a_ring_that_comes_late(ring):
    key = new_key()
    server = ring.start(site(RING))
    cookie = token(key)
    answer = server.get("/session", cookie)
    assert answer.cookie() is None and "user" not in answer.text
    assert server.refusals() == [f"unknown_key, key {key.kid}"]
    ring.write_ring(jwk_set(ring.key, key))
    wait_until(lambda: "user=alice" in server.get("/session", cookie).text, "the ring to be followed")


@pytest.mark.parametrize("reason", ["unbound", "authentication_failed", "malformed", "not_yet_valid"])
@pytest.mark.parametrize("more", ["", LIST], ids=["", "list"])
def test_what_may_be_good_elsewhere(ring, reason, more):
    """nginx's session that is bound to a device, one of another context, and others."""
    RevocationList(ring.folder / "revocations.list")
    server = ring.start(site(f"{RING}\n{more}"))
    good = token(ring.key)
    cookie = {
        "unbound": token(ring.key, f"user=alice&bound={'x' * 43}"),
        "authentication_failed": token(ring.key, context=b"another"),
        "malformed": "s1." + "!" * (len(good) - 3),
        "not_yet_valid": token(ring.key, at=now() + 99),
    }[reason]
    for _ in range(2):
        assert server.get("/session", cookie).cookie() is None
        assert server.refusals()[-1].startswith(reason)
    assert opened(server.get("/session", good).cookie(), ring.key), "one that is good is renewed"


def test_a_passphrase_that_comes_late(apache):
    old, new = ("a passphrase of many words", "another passphrase of words")
    server = apache.start(site(f'SessionCryptoPassphrase "{old}"\nSessionMaxAge 1800'))
    cookie = server.get("/session?user=alice").cookie()
    late = apache.start(site(f'SessionCryptoPassphrase "{new}"\nSessionMaxAge 1800'), name="late")
    assert late.get("/session", cookie).cookie() is None
    both = apache.start(site(f'SessionCryptoPassphrase "{new}" "{old}"\nSessionMaxAge 1800'), name="both")
    assert "user=alice" in both.get("/session", cookie).text


def test_what_is_over_is_deleted(ring):
    listed = RevocationList(ring.folder / "revocations.list")
    listed.revoke("user", "mallory")
    server = ring.start(site(f"{RING}\n{LIST}\nSessionCryptoLifetime 1h"))
    for cookie in (
        token(ring.key, "user=mallory"),
        token(ring.key, at=now() - 100, lifetime=50),
        token(ring.key, at=now() - 4000, lifetime=9999),
        token(ring.key, f"user=alice&expiry={(now() - 5) * 1000000}"),
    ):
        answer = server.get("/session", cookie)
        assert answer.cookie() == "" and "user" not in answer.text, server.refusals()[-1]


def test_what_the_application_says_counts(ring):
    """Whatever the cookie was: it signs somebody in, or out."""
    server = ring.start(site(RING))
    cookie = token(new_key())
    made = server.get("/session?user=bob", cookie).cookie()
    assert b"user=bob" in opened(made, ring.key).payload
    assert server.get("/session?user=", cookie).cookie() == ""
