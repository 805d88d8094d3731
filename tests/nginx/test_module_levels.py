# SPDX-License-Identifier: Apache-2.0
"""What a level inherits, what "off" and its own ring prevent, and where that is checked."""

import pytest
from nginx_server import conf
from tokens import OLD_KEY, jwk_set, legacy, new_key, s1

KEY = f"encrypted_session_key {OLD_KEY};"
RING = "encrypted_session_keyring session.keys;"
UNTIL = "encrypted_session_legacy_until 2099-12-31;"
CONTEXT = "encrypted_session_context login;"
LISTEN = "listen 127.0.0.1:8080;"
DROPPED = "the encrypted_session_key of an outer level"


def verify(server, path, token):
    return server.get(path, {"X-Token": token}).text


def check(nginx, http, inside=""):
    return nginx.check(conf(f"{http}\nserver {{ {LISTEN} {inside} }}"))


def opens_old(nginx, http, location):
    """Whether a location opens a token of the old key."""
    nginx.write("session.keys", jwk_set(new_key()), mode=0o640)
    text = f"""{http} server {{ {LISTEN} location / {{ {location}
        set_unescape_uri $token $arg_t; set_decrypt_session $x $token;
        return 200 $encrypted_session_verify; }} }}"""
    server = nginx.start(conf(text))
    token = "".join(f"%{byte:02x}" for byte in legacy(b"alice"))
    return server.get(f"/?t={token}").text == "OK", server.startup


@pytest.mark.parametrize(
    "http, location, opens, warns",
    [
        (f"{KEY} {RING} {UNTIL}", "", True, False),
        (f"{KEY} {RING} {UNTIL}", CONTEXT, True, False),
        (f"{RING}", f"{CONTEXT} {KEY} {UNTIL}", True, False),
        (f"{KEY} {CONTEXT}", f"{RING} {KEY} {UNTIL}", True, False),
        (KEY, f"{RING} {CONTEXT}", False, True),
        (KEY, RING, False, True),
        (f"{KEY} {RING} {UNTIL}", RING, False, True),
        (KEY, f"{RING} encrypted_session_key off;", False, False),
        (f"{KEY} {RING} {UNTIL}", "encrypted_session_key off;", False, False),
    ],
)  # fmt: skip
def test_where_the_old_key_opens(nginx, http, location, opens, warns):
    opened, said = opens_old(nginx, http, location)
    assert opened == opens
    assert (DROPPED in said) == warns, said


def test_a_dropped_key_is_named_with_its_place(ring):
    result = check(ring, KEY, f"location / {{\n{CONTEXT}\n{RING}\n}}")
    file = f"{ring.folder}/nginx.conf"
    assert result.ok and result.output.count("[warn]") == 1, result.output
    assert f"{DROPPED} ({file}:4) does not open tokens here." in result.output
    assert f'add "encrypted_session_key off;" beside this line in {file}:7' in result.output


@pytest.mark.parametrize("own", [f"{RING} {UNTIL}", f"encrypted_session_key off; {UNTIL}"])
def test_a_day_of_its_own_needs_a_key(ring, own):
    """A level's own day is not dropped with the key of an outer level: that would be silent."""
    result = check(ring, f"{KEY} {RING}", f"location / {{ {own} }}")
    assert not result.ok
    assert "encrypted_session_legacy_until: no encrypted_session_key is in effect" in result.output


@pytest.mark.parametrize("directive", ["keyring", "context", "key", "legacy_until"])
def test_off_is_an_argument_like_others(ring, directive):
    off = f"encrypted_session_{directive} off;"
    assert check(ring, off).ok
    result = check(ring, off + off)
    assert not result.ok
    assert f'"encrypted_session_{directive}" directive is duplicate' in result.output


def test_context_off(nginx):
    key = new_key()
    nginx.write("session.keys", jwk_set(key), mode=0o640)
    body = "set_decrypt_session $x $http_x_token; return 200 $encrypted_session_verify;"
    server = nginx.start(
        conf(
            f"""{RING} {CONTEXT} server {{ {LISTEN}
            location /on {{ {body} }}
            location /off {{ encrypted_session_context off; {body} }} }}"""
        )
    )
    bound, unbound = s1(key, b"x", context=b"login"), s1(key, b"x")
    assert verify(server, "/on", bound) == verify(server, "/off", unbound) == "OK"
    failed = "FAILED:authentication_failed"
    assert verify(server, "/on", unbound) == verify(server, "/off", bound) == failed


def test_keyring_off(ring):
    server = ring.start(
        conf(
            f"""{RING} server {{ {LISTEN} encrypted_session_keyring off;
            set_encrypt_session $x a; return 200 $x; }}"""
        )
    )
    assert server.get("/").status == 500
    assert "a key is required to be defined" in server.error_log


def test_legacy_until_off(ring):
    result = check(ring, f"{KEY} {RING} {UNTIL}", "encrypted_session_legacy_until off;")
    assert result.ok and "tokens of this key still open" in result.output


# ---- Where directives are checked against one another ----

SEAL = "set_encrypt_session $x a;"
BETWEEN = [
    (CONTEXT, KEY),
    (f"{KEY} {CONTEXT}", f"location / {{ {RING} }}"),
    ("", f"{KEY} {CONTEXT} location / {{ {RING} }}"),
    ("", f"{RING} {UNTIL} location / {{ {KEY} }}"),
    ("", f"location / {{ {KEY} {UNTIL} location /a {{ {RING} {KEY} }} }}"),
]


@pytest.mark.parametrize("http, inside", BETWEEN)
def test_levels_in_between_are_not_checked(ring, http, inside):
    result = check(ring, http, inside)
    assert result.ok, result.output


@pytest.mark.parametrize(
    "http, inside",
    [
        (f"{KEY} {CONTEXT}", ""),
        (KEY, CONTEXT),
        ("", f"{KEY} {CONTEXT} location / {{ {RING} }} location /a {{ }}"),
        ("", f"{KEY} {CONTEXT} location / {{ {RING} location /b {{ encrypted_session_keyring off; "
             f"{KEY} {CONTEXT} }} }}"),
        ("", f"{KEY} {CONTEXT} {SEAL} location / {{ {RING} }}"),
        ("", f"{KEY} {CONTEXT} if ($arg_a) {{ {SEAL} }} location / {{ {RING} }}"),
    ],
)  # fmt: skip
def test_every_served_place_is_checked(ring, http, inside):
    result = check(ring, http, inside)
    assert not result.ok
    assert result.output.count("[emerg]") == 1
    assert "tokens of encrypted_session_key cannot be bound to a context" in result.output


IDLE = "encrypted_session_context: no encrypted_session_keyring is in effect with it"


@pytest.mark.parametrize(
    "http, inside, warns",
    [
        (CONTEXT, "", True),
        ("", f"location / {{ {CONTEXT} }}", True),
        (CONTEXT, f"location / {{ {SEAL} }} location /a {{ {RING} }}", True),
        (CONTEXT, f"location / {{ }} location /a {{ {RING} }}", False),
        ("", "", False),
    ],
)
def test_a_context_without_ring_and_key_warns(ring, http, inside, warns):
    result = check(ring, http, inside)
    assert result.ok and result.output.count(IDLE) == warns, result.output
