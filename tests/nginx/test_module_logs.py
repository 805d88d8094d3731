# SPDX-License-Identifier: Apache-2.0
"""The error log: why a token was refused, and never the token or its payload."""

import re

import pytest
from nginx_server import conf, needs_debug
from tokens import OLD_KEY, legacy, new_key, now, s1

PAYLOAD = b"user=ann-of-green-gables"
LOCATIONS = """
    location /seal { set_encrypt_session $t $arg_p; return 200 $t; }
    location /open { set_decrypt_session $p $arg_t; return 200 $p; }
    location /old { set_decode_hex $t $arg_t; set_decrypt_session $p $t; return 200 $p; }
    location ~ ^/path/(?<in_path>.*) { set_decrypt_session $p $in_path; return 200 $p; }
    location /cookie { set_decrypt_session $p $cookie_session; return 200 $p; }
"""


@pytest.fixture
def site(ring):
    return conf(
        f"""encrypted_session_keyring session.keys; encrypted_session_key {OLD_KEY};
        encrypted_session_legacy_until 2099-12-31;
        server {{ listen 127.0.0.1:8080; server_name site.example; {LOCATIONS} }}"""
    )


def refusals(server) -> list[str]:
    return [line for line in server.error_log.splitlines() if "encrypted_session" in line]


def test_a_refusal_names_reason_and_key(ring, site):
    server = ring.start(site)
    other, kid = new_key(), ring.key.kid
    cases = [
        (f"/open?t={s1(ring.key, b'x', at=now() - 9, lifetime=5)}", f"expired, key {kid}"),
        (f"/open?t={s1(ring.key, b'x', at=now() + 99)}", f"not_yet_valid, key {kid}"),
        (f"/open?t={s1(other, b'x')}", f"unknown_key, key {other.kid}"),
        (f"/open?t={s1(ring.key, b'x', context=b'c')}", f"authentication_failed, key {kid}"),
        ("/open?t=nonsense", "malformed (no old nginx token has this number of bytes)"),
        (f"/old?t={legacy(b'x', at=9, lifetime=9).hex()}", "expired"),
        (f"/old?t={'00' * 32}", "authentication_failed"),
    ]
    for path, _ in cases:
        server.get(path)
    lines = refusals(server)
    assert len(lines) == len(cases)
    for line, (path, words) in zip(lines, cases):
        location = path.partition("?")[0]
        end = f', client: 127.0.0.1, server: site.example, location: "{location}"'
        assert "[info]" in line
        assert line.endswith(f"encrypted_session: token refused: {words}{end}")


@needs_debug
def test_an_expired_old_token_has_its_debug_line(ring, site):
    server = ring.start(site, log_level="debug")
    server.get(f"/old?t={legacy(b'x', at=900, lifetime=99).hex()}")
    assert re.search(r"\[debug\].*encrypted_session: session expired: 999 <= \d{10}$",
                     server.error_log, re.MULTILINE)


def test_a_good_token_is_not_logged(ring, site):
    server = ring.start(site)
    assert server.get(f"/open?t={s1(ring.key, PAYLOAD)}").body == PAYLOAD
    server.get(f"/old?t={legacy(PAYLOAD).hex()}")
    assert refusals(server) == []


def test_refusals_are_below_the_usual_level(ring, site):
    server = ring.start(site, log_level="notice")
    server.get("/open?t=nonsense")
    assert refusals(server) == []


def test_neither_token_nor_payload_nor_key_is_logged(ring, site):
    """Wherever the token came from: query, path, cookie, referrer."""
    server = ring.start(site)
    secrets = [PAYLOAD.decode(), OLD_KEY, ring.key.secret.hex()]
    tokens = [
        s1(ring.key, PAYLOAD, context=b"download"),
        s1(ring.key, PAYLOAD, at=now() - 9, lifetime=5),
        s1(new_key(), PAYLOAD),
        s1(ring.key, PAYLOAD, at=now() + 99),
        s1(ring.key, PAYLOAD) + "x",
    ]
    old = legacy(PAYLOAD, at=9, lifetime=9).hex()
    for token in tokens:
        referrer = {"Referer": f"http://site.example/?t={token}"}
        server.get(f"/open?t={token}", referrer)
        server.get(f"/path/{token}")
        server.get("/cookie", {"Cookie": f"session={token}"})
    server.get(f"/old?t={old}")
    assert len(refusals(server)) == 3 * len(tokens) + 1
    for secret in [*secrets, old, *tokens]:
        assert secret not in server.error_log
        assert secret[12:] not in server.error_log


def test_other_messages_of_the_request_keep_their_request_line(ring, site):
    server = ring.start(site.replace("return 200 $p", "root nowhere", 1))
    server.get("/open?t=nonsense")
    lines = server.error_log.splitlines()
    assert any("token refused" in line and "request:" not in line for line in lines)
    request = 'request: "GET /open?t=nonsense'
    assert any("No such file" in line and request in line for line in lines)


@needs_debug
def test_an_old_token_that_is_altered_has_the_debug_lines_of_the_original(ring, site):
    server = ring.start(site, log_level="debug")
    old = legacy(PAYLOAD)
    server.get(f"/old?t={old.hex()}")
    assert "failed to decrypt session" not in server.error_log
    server.get(f"/old?t={(bytes([old[0] ^ 1]) + old[1:]).hex()}")
    assert "failed to decrypt session: bad AES-256 digest" in server.error_log
    assert "failed to decrypt session: MD5 checksum mismatch" in server.error_log
    assert "encrypted_session: failed" not in server.error_log
