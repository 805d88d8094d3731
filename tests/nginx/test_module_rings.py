# SPDX-License-Identifier: Apache-2.0
"""Key rings: s1 tokens, contexts, moving from the old key to a ring, rings of locations."""

import ctypes
import os
import re
import struct
from datetime import datetime, timedelta, timezone

import pytest
from nginx_server import conf
from ring import Key
from tokens import OLD_KEY, legacy, new_key, now, opened, s1, wait_out_midnight, write_ring

# One day on either side of today, because the tests may run across midnight.
TODAY = datetime.now(timezone.utc).date()
GOES_ON, ENDED = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
KEY = f"encrypted_session_key {OLD_KEY};"
RING = "encrypted_session_keyring session.keys;"
SEAL = "set_encrypt_session $t $arg_p; return 200 $t;"
OPEN = "set_decrypt_session $p $arg_t; return 200 $p|$encrypted_session_verify;"
OPEN_OLD = (
    "set_decode_hex $t $arg_t; set_decrypt_session $p $t; return 200 $p|$encrypted_session_verify;"
)
LOCATIONS = f"""
    location /seal {{ {SEAL} }} location /open {{ {OPEN} }} location /open-old {{ {OPEN_OLD} }}
"""


def site(directives: str, locations: str = LOCATIONS, **options) -> str:
    return conf(
        f"large_client_header_buffers 8 256k; {directives} "
        f"server {{ listen 127.0.0.1:8080; {locations} }}",
        **options,
    )


# ---- A ring alone ----


def test_seals_s1_that_another_reader_opens(ring):
    server = ring.start(site(f"{RING} encrypted_session_expires 2h;"))
    before = now()
    token = server.get("/seal?p=hello").text
    assert re.fullmatch(r"s1\.[A-Za-z0-9_-]{82}", token)
    seen = opened(token, ring.key)
    assert (seen.payload, seen.kid) == (b"hello", ring.key.kid)
    assert before - 1 <= seen.issued_at <= now()
    assert seen.expires_at == seen.issued_at + 7200
    assert server.get(f"/open?t={token}").text == "hello|OK"


def test_opens_s1_of_another_writer(ring):
    server = ring.start(site(RING))
    assert server.get(f"/open?t={s1(ring.key, b'hello')}").text == "hello|OK"
    assert server.get(f"/open?t={s1(ring.key, b'', lifetime=0)}").text == "|OK"


def test_never_expires_with_expires_0(ring):
    server = ring.start(site(f"{RING} encrypted_session_expires 0;"))
    assert opened(server.get("/seal?p=x").text, ring.key).expires_at == 0


def test_two_tokens_of_one_payload_differ(ring):
    server = ring.start(site(RING, main="worker_processes 2;"))
    tokens = [server.get("/seal?p=same").text for _ in range(50)]
    assert len(set(tokens)) == 50
    assert {server.get(f"/open?t={token}").text for token in tokens} == {"same|OK"}


def refused_tokens(key) -> dict[str, str]:
    good = s1(key, b"secret")
    return {
        "malformed": "s1.x",
        "malformed 2": "x" * 100_000,
        "malformed 3": good + "=",
        "unknown_key": s1(new_key(), b"secret"),
        "authentication_failed": good[:-1] + ("A" if good[-1] != "A" else "Q"),
        "authentication_failed 2": s1(key, b"secret", context=b"other"),
        "expired": s1(key, b"secret", at=now() - 100, lifetime=100),
        "not_yet_valid": s1(key, b"secret", at=now() + 100),
    }


def test_each_reason(ring):
    server = ring.start(site(RING))
    for reason, token in refused_tokens(ring.key).items():
        response = server.get(f"/open?t={token}")
        assert (response.status, response.text) == (200, f"|FAILED:{reason.split()[0]}")


def test_old_tokens_are_malformed_where_no_old_key_is(ring):
    server = ring.start(site(RING))
    assert server.get(f"/open-old?t={legacy(b'x').hex()}").text == "|FAILED:malformed"


# ---- Contexts ----


def test_a_context_binds(ring):
    locations = f"""
        location /login {{ encrypted_session_context login;
                           location /login/seal {{ {SEAL} }} location /login/open {{ {OPEN} }} }}
        location /csrf {{ encrypted_session_context csrf;
                          location /csrf/seal {{ {SEAL} }} location /csrf/open {{ {OPEN} }} }}
        {LOCATIONS}"""
    server = ring.start(site(RING, locations))
    rooms = ["/login", "/csrf", ""]
    tokens = {room: server.get(f"{room}/seal?p=x").text for room in rooms}
    for room in rooms:
        assert opened(tokens[room], ring.key, context=room[1:].encode()).payload == b"x"
        for other in rooms:
            expected = "x|OK" if room == other else "|FAILED:authentication_failed"
            assert server.get(f"{other}/open?t={tokens[room]}").text == expected


def test_a_context_with_variables(ring):
    server = ring.start(site(f'{RING} encrypted_session_context "user:$http_x_user";'))
    token = server.get("/seal?p=x", {"X-User": "ann"}).text
    assert opened(token, ring.key, context=b"user:ann").payload == b"x"
    assert server.get(f"/open?t={token}", {"X-User": "ann"}).text == "x|OK"
    for other in ({"X-User": "eve"}, {}):
        assert (
            server.get(f"/open?t={token}", other).text == "|FAILED:authentication_failed"
        )


def test_a_context_that_grows_too_long(ring):
    server = ring.start(site(f"{RING} encrypted_session_context $http_x;"))
    token = server.get("/seal?p=x", {"X": "c" * 1024}).text
    assert server.get(f"/open?t={token}", {"X": "c" * 1024}).text == "x|OK"
    long = {"X": "c" * 1025}
    assert server.get(f"/open?t={token}", long).text == "|FAILED:authentication_failed"
    assert "[error]" not in server.error_log
    assert server.get("/seal?p=x", long).status == 500
    assert "encrypted_session: cannot seal: the context is longer than 1024 bytes," in server.error_log


def test_a_context_that_no_jwe_can_have(nginx):
    write_ring(nginx, Key("A256GCM", bytes(32), "k"))
    server = nginx.start(site(f"{RING} encrypted_session_context $http_x;"))
    assert server.get("/seal?p=x", {"X": "ann"}).status == 200
    assert server.get("/seal?p=x", {"X": "\xff"}).status == 500
    assert (
        "encrypted_session: cannot seal: the context is not UTF-8 text, or has a control character "
        "that a JWE cannot hold"
    ) in server.error_log


# ---- From the old key to a ring ----


def until(day) -> str:
    return f"{KEY} {RING} encrypted_session_legacy_until {day};"


def test_with_both_the_ring_seals_and_the_old_key_opens(ring):
    server = ring.start(site(until(GOES_ON)))
    token = server.get("/seal?p=x").text
    assert opened(token, ring.key).payload == b"x"
    assert server.get(f"/open?t={token}").text == "x|OK"
    assert server.get(f"/open-old?t={legacy(b'old').hex()}").text == "old|OK"
    expired = legacy(b"old", at=now() - 100, lifetime=50)
    assert server.get(f"/open-old?t={expired.hex()}").text == "|FAILED:expired"
    assert server.get("/open-old?t=00").text == "|FAILED:malformed"
    assert server.get(f"/open-old?t={'00' * 32}").text == "|FAILED:authentication_failed"


def test_without_an_end_the_old_key_opens_on(ring):
    server = ring.start(site(f"{KEY} {RING}"))
    assert "Set an end" in server.startup
    assert opened(server.get("/seal?p=x").text, ring.key).payload == b"x"
    assert server.get(f"/open-old?t={legacy(b'old').hex()}").text == "old|OK"


def test_after_the_day_old_tokens_are_unsupported(ring):
    server = ring.start(site(until(ENDED)))
    assert server.get(f"/open-old?t={legacy(b'old').hex()}").text == "|FAILED:unsupported"
    assert server.get(f"/open?t={s1(ring.key, b'new')}").text == "new|OK"


def test_on_its_last_day_the_old_key_opens(ring):
    wait_out_midnight()
    server = ring.start(site(until(datetime.now(timezone.utc).date())))
    assert server.get(f"/open-old?t={legacy(b'old').hex()}").text == "old|OK"


def test_one_key_may_end_on_different_days(ring):
    ended = f"encrypted_session_legacy_until {ENDED};"
    locations = f"{LOCATIONS} location /ended {{ {ended} {OPEN_OLD} }}"
    server = ring.start(site(until(GOES_ON), locations))
    token = legacy(b"old").hex()
    assert server.get(f"/open-old?t={token}").text == "old|OK"
    assert server.get(f"/ended?t={token}").text == "|FAILED:unsupported"


def test_a_cookie_of_before_lives_on_through_the_migration(ring):
    cookie = """
        location /login { set_encrypt_session $t $arg_p; set_encode_base64 $t; return 200 $t; }
        location /page { set_decode_base64 $t $cookie_session; set_decrypt_session $p $t;
                         return 200 $p; }"""
    server = ring.start(site(KEY, cookie))
    session = {"Cookie": f"session={server.get('/login?p=ann').text}"}
    assert server.get("/page", session).text == "ann"

    # set_decode_base64 returns an empty value for what is not base64, so each format has its own line.
    both = """
        location /login { set_encrypt_session $t $arg_p; return 200 $t; }
        location /page { set $t $cookie_session;
                         if ($t !~ ^s1\\.) { set_decode_base64 $t; }
                         set_decrypt_session $p $t; return 200 $p; }"""
    ring.rewrite(site(until(GOES_ON), both))
    server.reload()
    assert server.get("/page", session).text == "ann"
    session = {"Cookie": f"session={server.get('/login?p=bob').text}"}
    assert opened(session["Cookie"].removeprefix("session="), ring.key).payload == b"bob"
    assert server.get("/page", session).text == "bob"


def test_the_old_key_never_seals_beside_a_ring(nginx):
    write_ring(nginx, new_key(open_only=True))
    server = nginx.start(site(until(GOES_ON)))
    assert server.get("/seal?p=x").status == 500


def test_the_iv_belongs_to_the_old_key(ring):
    server = ring.start(site(f"{until(GOES_ON)} encrypted_session_iv other;"))
    assert server.get(f"/open-old?t={legacy(b'old').hex()}").text == "|FAILED:authentication_failed"


# ---- No primary key ----


@pytest.mark.parametrize("bounds", [{"open_only": True}, {"seal_from": 9999999999}])
def test_no_key_that_may_seal(nginx, bounds):
    key = new_key(**bounds)
    write_ring(nginx, key)
    server = nginx.start(site(RING))
    assert server.get("/seal?p=x").status == 500
    path = f"{nginx.folder}/session.keys"
    assert (
        f'encrypted_session: cannot seal: no key of "{path}" may seal now; look with "sealring '
        f'keyring list {path}", fix with "sealring keyring rotate --activate-in 0 {path}"'
    ) in server.error_log
    assert server.get(f"/open?t={s1(key, b'x')}").text == "x|OK"


# ---- Many locations ----


class Opens:
    """Counts how often a file is opened."""

    IN_OPEN, IN_CLOSE_NOWRITE = 0x20, 0x10

    def __init__(self, path):
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_NONBLOCK)
        # Both kinds of event, because the kernel merges equal events that follow one another.
        mask = self.IN_OPEN | self.IN_CLOSE_NOWRITE
        assert libc.inotify_add_watch(self.descriptor, os.fsencode(path), mask) > 0

    def count(self) -> int:
        events = struct.iter_unpack("iIII", os.read(self.descriptor, 1 << 16))
        return sum(bool(mask & self.IN_OPEN) for _, mask, _, _ in events)


def test_locations_share_a_ring(ring):
    locations = "".join(f"location /{number} {{ {OPEN} }}" for number in range(50))
    opens = Opens(ring.folder / "session.keys")
    assert ring.check(site(RING, locations)).ok
    assert opens.count() == 1
    other = f'location /other {{ {KEY} encrypted_session_legacy_until {GOES_ON}; {OPEN} }}'
    assert ring.check(site(RING, locations + other)).ok
    assert opens.count() == 2


def test_locations_with_rings_and_keys_of_their_own(nginx):
    keys = [new_key() for _ in range(3)]
    locations = ""
    for number, key in enumerate(keys):
        write_ring(nginx, key, name=f"{number}.keys")
        locations += f"""location /{number}/ {{ encrypted_session_keyring {number}.keys;
            location /{number}/seal {{ {SEAL} }} location /{number}/open {{ {OPEN} }} }}"""
    server = nginx.start(site("", locations))
    for number, key in enumerate(keys):
        token = server.get(f"/{number}/seal?p=x").text
        for other in range(3):
            expected = "x|OK" if other == number else "|FAILED:unknown_key"
            assert server.get(f"/{other}/open?t={token}").text == expected
        assert opened(token, key).payload == b"x"
