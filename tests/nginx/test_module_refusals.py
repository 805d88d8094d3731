# SPDX-License-Identifier: Apache-2.0
"""For the client all refusals look the same; in the log each is one line."""

import pytest
from nginx_server import conf
from tokens import OLD_KEY, legacy, new_key, now, s1

SITE = f"""
    encrypted_session_keyring session.keys;
    encrypted_session_key {OLD_KEY};
    encrypted_session_legacy_until 2099-12-31;
    encrypted_session_context session;
    server {{ listen 127.0.0.1:8080;
        location /open {{ set_decrypt_session $p $cookie_session;
                          if ($encrypted_session_verify != OK) {{ return 401; }}
                          return 200 $p; }}
        location /old {{ set_decode_hex $t $cookie_session; set_decrypt_session $p $t;
                         if ($encrypted_session_verify != OK) {{ return 401; }}
                         return 200 $p; }}
    }}"""


def with_bit_flipped(token: bytes, at: int) -> bytes:
    altered = bytearray(token)
    altered[at] ^= 1
    return bytes(altered)


@pytest.fixture
def refused(ring):
    """For each reason, the path and a cookie; all cookies have the same size."""
    good = s1(ring.key, b"payload", context=b"session")
    old = legacy(b"payload" * 3)
    cases = {
        "malformed": ("/open", "s1." + "!" * (len(good) - 3)),
        "unknown_key": ("/open", s1(new_key(), b"payload", context=b"session")),
        "authentication_failed: context": ("/open", s1(ring.key, b"payload", context=b"another")),
        "authentication_failed: tag": (
            "/open", good[:-6] + ("A" if good[-6] != "A" else "B") + good[-5:]),
        "expired": ("/open", s1(ring.key, b"payload", at=now() - 9, lifetime=5,
                                context=b"session")),
        "not_yet_valid": ("/open", s1(ring.key, b"payload", at=now() + 99, context=b"session")),
        "authentication_failed: padding": ("/old", with_bit_flipped(old, -1).hex()),
        "authentication_failed: digest": ("/old", with_bit_flipped(old, 0).hex()),
        "expired: old": ("/old", legacy(b"payload" * 3, at=9, lifetime=9).hex()),
        "malformed: old": ("/old", old[:-1].hex()),
    }  # fmt: skip
    return ring.start(conf(SITE)), cases


def answer(server, path: str, cookie: str):
    response = server.get(path, {"Cookie": f"session={cookie}"})
    headers = {name: value for name, value in response.headers.items() if name != "Date"}
    return response.status, headers, response.body


def test_status_headers_and_body_are_those_of_no_session(refused):
    server, cases = refused
    without = answer(server, "/open", "")
    assert without[0] == 401
    for reason, (path, cookie) in cases.items():
        assert answer(server, path, cookie) == without, reason


def test_each_refusal_is_one_line_of_log(refused):
    server, cases = refused
    for reason, (path, cookie) in cases.items():
        before = len(server.error_log.splitlines())
        server.get(path, {"Cookie": f"session={cookie}"})
        new = server.error_log.splitlines()[before:]
        # The master says late on a busy machine that it has started the worker.
        lines = [line for line in new if " closed " not in line and "start worker process" not in line]
        assert len(lines) == 1, (reason, lines)
        assert f"token refused: {reason.split(':')[0]}" in lines[0]
        assert len(lines[0]) < 250, "whatever the token's size"
