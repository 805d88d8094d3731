# SPDX-License-Identifier: Apache-2.0
"""Key rings: what seals, what opens, contexts, and passphrases beside a ring."""

import json
import os
import subprocess
import time
from datetime import datetime, timedelta, timezone

import pytest
from apache_server import SEALRING, own, site, wait_until
from tokens import jwk_set, new_key, now, opened, s1, wait_out_midnight

RING = "SessionCryptoKeyring session.keys"


def day(offset: int) -> str:
    return (datetime.now(timezone.utc) + timedelta(days=offset)).strftime("%Y-%m-%d")


def test_a_session_is_an_s1_token(ring):
    server = ring.start(site(RING))
    cookie = server.get("/session?user=alice").cookie()
    content = opened(cookie, ring.key)
    assert own(content.payload) == b"user=alice"
    assert abs(content.issued_at - time.time()) < 5
    assert content.expires_at == 0
    assert server.get("/session", cookie).text == "user=alice"


def test_a_session_that_something_else_made(ring):
    """Its end is that of the token, for the application and for what is written anew."""
    server = ring.start(site(RING))
    forever = s1(ring.key, b"user=bob", lifetime=0)
    assert server.get("/session", forever).text == "user=bob"
    hour = s1(ring.key, b"user=bob", lifetime=3600)
    end = opened(hour, ring.key).expires_at
    assert server.get("/session", hour).text == f"user=bob&expiry={end}000000"
    changed = opened(server.get("/session?role=admin", hour).cookie(), ring.key)
    assert b"role=admin" in changed.payload and changed.expires_at == end
    # One of another user is a new one.
    other = opened(server.get("/session?user=carol", hour).cookie(), ring.key)
    assert own(other.payload) == b"user=carol" and other.expires_at == 0


def test_the_token_expires_with_the_session(ring):
    server = ring.start(site(f"{RING}\nSessionMaxAge 100"))
    content = opened(server.get("/session?user=alice").cookie(), ring.key)
    expiry = int(dict(pair.split("=") for pair in content.payload.decode().split("&"))["expiry"])
    assert content.expires_at == expiry // 1_000_000 + 1
    assert abs(content.expires_at - time.time() - 100) < 5


@pytest.mark.parametrize(
    ("reason", "token"),
    [
        ("expired", lambda key: s1(key, b"user=alice", at=1000, lifetime=10)),
        ("expired", lambda key: s1(key, b"user=alice&expiry=1000")),
        ("not_yet_valid", lambda key: s1(key, b"user=alice", at=int(time.time()) + 1000)),
        ("authentication_failed", lambda key: s1(key, b"user=alice", context=b"other")),
        ("unknown_key", lambda key: s1(new_key(), b"user=alice")),
        ("malformed", lambda key: s1(key, b"user=alice")[:40]),
        ("malformed", lambda key: s1(key, b"user=alice") + "="),
        ("malformed", lambda key: "user=alice"),
    ],
)
def test_refusals(ring, reason, token):
    """No session, which can be written anew; one line with the reason, and the key where the token
    names one. Neither token nor payload is in it."""
    server = ring.start(site(RING))
    bad = token(ring.key)
    assert server.get("/session", bad).text == ""
    kid = f"{reason}, key "
    refusals = server.refusals()
    assert len(refusals) == 1 and (refusals[0] == reason or refusals[0].startswith(kid))
    assert "alice" not in server.error_log and bad not in server.error_log
    cookie = server.get("/session?user=carol", bad).cookie()
    assert server.get("/session", cookie).text == "user=carol"


def test_refusal_names_the_key(ring):
    server = ring.start(site(RING))
    stranger = new_key()
    server.get("/session", s1(stranger, b"user=alice"))
    assert server.refusals() == [f"unknown_key, key {stranger.kid}"]


def test_context_keeps_a_token_in_its_cookie(ring):
    server = ring.start(site(f"""{RING}
        SessionCryptoContext session
        <Location /shop>
        SessionCookieName shop path=/
        SessionCryptoContext shop
        </Location>
        <Location /same>
        SessionCookieName same path=/
        </Location>"""))
    cookie = server.get("/session?role=admin").cookie()
    assert own(opened(cookie, ring.key, context=b"session").payload) == b"role=admin"
    assert server.get("/same/session", f"same={cookie};").text == "role=admin"
    assert server.get("/shop/session", f"shop={cookie};").text == ""
    assert server.refusals() == [f"authentication_failed, key {ring.key.kid}"]
    shop = server.get("/shop/session?item=1").cookie("shop")
    assert server.get("/shop/session", f"shop={shop};").text == "item=1"


def test_ring_and_passphrases(ring):
    """The ring seals, all passphrases open; a changed session moves over to the ring."""
    old = ring.start(site("SessionCryptoPassphrase two\nSessionCryptoCipher aes128"),
                     name="old", crypto="stock")  # fmt: skip
    server = ring.start(site(f"""{RING}
        SessionCryptoPassphrase one two
        SessionCryptoCipher aes128
        SessionCryptoLegacyUntil {day(1)}"""))
    cookie = old.get("/session?user=alice").cookie()
    assert server.get("/session", cookie).text == "user=alice"
    new = server.get("/session?user=alice&and=more", cookie).cookie()
    assert own(opened(new, ring.key).payload) == b"user=alice&and=more"
    assert server.refusals() == []


def test_a_ring_that_holds_the_passphrase(apache):
    """The way without a gap for several servers: it seals as the original does, until all servers
    have the ring and the new key's time comes."""
    path = apache.folder / "made.keys"

    def tool(*arguments, **options):
        subprocess.run([SEALRING, "keyring", *arguments], check=True, capture_output=True, **options)

    tool("init", path, "--activate-in", "1h")
    tool("add", path, "--alg", "apache-aes256", "--open-for", "1h", input=b"old")
    apache.write_ring(path.read_text())
    stock = apache.start(site("SessionCryptoPassphrase old"), name="stock", crypto="stock")
    ours = apache.start(site(f"{RING}\nSessionCryptoContext session"), name="ours")
    first = ours.get("/session?user=alice").cookie()
    for server, cookie in ((stock, first), (ours, stock.get("/session?user=alice").cookie())):
        assert server.get("/session", cookie).text == "user=alice"
    made = json.loads(path.read_text())
    made["keys"][0]["seal_from"] = now()
    apache.write_ring(json.dumps(made))
    wait_until(lambda: ours.get("/session?user=bob").cookie().startswith("s1."),
               "the new key's time", 10)  # fmt: skip
    assert ours.get("/session", first).text == "user=alice"


@pytest.mark.parametrize("ended", [False, True])
def test_the_last_day(ring, ended):
    """It is still a day on which passphrases open."""
    wait_out_midnight()
    old = ring.start(site("SessionCryptoPassphrase one"), name="old", crypto="stock")
    server = ring.start(site(f"""{RING}
        SessionCryptoPassphrase one
        SessionCryptoLegacyUntil {day(-1 if ended else 0)}"""))
    text = server.get("/session", old.get("/session?user=alice").cookie()).text
    assert text == ("" if ended else "user=alice")
    assert server.refusals() == (["unsupported"] if ended else [])


def test_sections_inherit_and_override(apache):
    """As with the stock module, passphrases of a section replace those around it; each of our
    directives is inherited by itself."""
    outer, inner = new_key(), new_key()
    apache.write_ring(jwk_set(outer), "outer.keys")
    apache.write_ring(jwk_set(inner), "inner.keys")
    server = apache.start(site("""SessionCryptoKeyring outer.keys
        SessionCryptoContext outer
        <Location /a>
        SessionCryptoContext a
        </Location>
        <Location /a/b>
        SessionCryptoKeyring inner.keys
        </Location>
        <VirtualHost 127.0.0.1:8080>
        ServerName other.example
        DocumentRoot /var/www/html
        SessionCryptoContext host
        </VirtualHost>"""))
    other = {"Host": "other.example"}
    for path, headers, key, context in [
        ("/a/session", None, outer, b"a"),
        ("/a/b/session", None, inner, b"a"),
        ("/session", other, outer, b"host"),
        ("/a/session", other, outer, b"a"),
    ]:
        cookie = server.get(f"{path}?k=v", headers=headers).cookie()
        assert own(opened(cookie, key, context=context).payload) == b"k=v", path


def test_a_changed_ring_is_taken_over(ring):
    server = ring.start(site(RING))
    cookie = server.get("/session?user=alice").cookie()
    second = new_key()
    ring.write_ring(jwk_set(ring.key, second))
    wait_until(
        lambda: server.get("/session?user=alice").cookie().startswith(
            s1(second, b"")[:11]), "the new key to seal", 5)  # fmt: skip
    assert server.get("/session", cookie).text == "user=alice"
    ring.write_ring("{")
    wait_until(lambda: server.get("/session", cookie) and "[session_crypto:error]" in server.error_log,
               "the broken ring to be reported", 5)  # fmt: skip
    assert server.get("/session", cookie).text == "user=alice"
    assert server.error_log.count("stay in use") == 1
    os.remove(ring.folder / "session.keys")


def test_ring_without_a_key_that_seals(ring):
    """Never in clear, and not silently."""
    old = new_key(open_only=True)
    ring.write_ring(jwk_set(old))
    server = ring.start(site(RING))
    assert server.get("/session", s1(old, b"user=alice", lifetime=0)).text == "user=alice"
    assert server.get("/session?user=alice").cookie() is None
    assert "sealring keyring rotate --activate-in 0" in server.error_log


def test_passphrases_rotate_over_two_servers(apache):
    """As the manual of the stock module says: the new one at the end everywhere, then to the front
    everywhere, then the old one goes. Servers are changed one after the other; no session is lost at
    any step. One of the two is the stock module."""
    lists = ["old", "old new", "new old", "new"]
    servers = {}

    def change(name, words):
        if name in servers:
            servers[name].stop()
        servers[name] = apache.start(
            site(f"SessionCryptoPassphrase {words}"), name=name,
            crypto="stock" if name == "second" else "ours")  # fmt: skip

    change("first", lists[0])
    change("second", lists[0])
    cookie = servers["first"].get("/session?user=alice").cookie()
    for words in lists[1:]:
        for name in ("first", "second"):
            change(name, words)
            answers = [server.get("/session", cookie).text for server in servers.values()]
            assert answers == ["user=alice"] * 2, (words, name)
            for server in servers.values():
                fresh = server.get("/session?user=alice").cookie()
                assert [s.get("/session", fresh).text for s in servers.values()] == ["user=alice"] * 2
        # Sessions in use are written anew before the next step.
        cookie = servers["second"].get("/session?user=alice").cookie()
