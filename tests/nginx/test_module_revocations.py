# SPDX-License-Identifier: Apache-2.0
"""Tokens that a revocation list has: one by its ID, or all."""

import re

import pytest
from logouts import FILE, eventually
from sessions import site
from tokens import now, s1

TOKENS = """
    location /seal { set_encrypt_session $token $arg_value; return 200 "$token $encrypted_session_id"; }
    location /open { set_decrypt_session $value $arg_token;
        return 200 "$value $encrypted_session_verify $encrypted_session_id."; }
    location /both { set_decrypt_session $value $arg_token; set_encrypt_session $token $value;
        return 200 "$token $encrypted_session_id $encrypted_session_verify"; }
    location /none { return 200 "$encrypted_session_id."; }
"""


@pytest.fixture
def tokens(listed):
    server = listed.start(site(TOKENS, on=f"encrypted_session_keyring session.keys; "
                                          f"encrypted_session_revocations {FILE};"))  # fmt: skip
    return listed, server


def test_a_token_by_its_id(tokens):
    listed, server = tokens
    value, identity = server.get("/seal?value=x").text.split()
    other = server.get("/seal?value=x").text.split()[0]
    assert server.get(f"/open?token={value}").text == f"x OK {identity}."
    listed.revocations.revoke("token", identity)
    eventually(lambda: server.get(f"/open?token={value}").text == " FAILED:revoked .", "it to be revoked")
    assert server.get(f"/open?token={other}").text.startswith("x OK ")
    assert re.search(r"\[info\].*encrypted_session: token refused: revoked, key ", server.error_log)


def test_all_tokens(tokens):
    listed, server = tokens
    value = server.get("/seal?value=x").text.split()[0]
    later = s1(listed.key, b"y", at=now() + 50)
    listed.revocations.revoke()
    eventually(lambda: server.get(f"/open?token={value}").text == " FAILED:revoked .", "it to be revoked")
    assert server.get(f"/open?token={later}").text.startswith("y OK ")


def test_the_id_is_of_the_token_that_was_used_last(tokens):
    _, server = tokens
    assert server.get("/none").text == "."
    value, identity = server.get("/seal?value=x").text.split()
    fresh, later, verdict = server.get(f"/both?token={value}").text.split()
    assert later != identity and verdict == "OK"
    assert server.get(f"/open?token={fresh}").text == f"x OK {later}."
