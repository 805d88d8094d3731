# SPDX-License-Identifier: Apache-2.0
"""Only the old directives: what worked with the original module works in the same way."""

import json
import time

import pytest
from nginx_server import REPOSITORY, conf, needs_debug
from ring import Key
from tokens import OLD, OLD_KEY, legacy, now, opened

VECTORS = REPOSITORY.parent / "shared" / "vectors" / "nginx-legacy.jsonl"

SEAL_AND_OPEN = """
    location /seal {
        set_decode_hex $p $arg_p; set_encrypt_session $token $p;
        set_encode_hex $hex $token; return 200 $hex;
    }
    location /open {
        set_decode_hex $token $arg_t; set_decrypt_session $p $token; return 200 "<$p>";
    }
"""


def site(more: str = "", locations: str = SEAL_AND_OPEN) -> str:
    return conf(
        f"large_client_header_buffers 8 256k; encrypted_session_key {OLD_KEY}; {more}"
        f"server {{ listen 127.0.0.1:8080; {locations} }}"
    )


def seal(server, payload: bytes, path="/seal") -> bytes:
    response = server.get(f"{path}?p={payload.hex()}")
    assert response.status == 200
    return bytes.fromhex(response.text)


def open_with(server, token: bytes, path="/open") -> bytes:
    response = server.get(f"{path}?t={token.hex()}")
    assert response.status == 200
    assert response.body[:1] == b"<" and response.body[-1:] == b">"
    return response.body[1:-1]


# ---- Sealing ----


def test_seals_for_one_day_by_default(nginx):
    server = nginx.start(site())
    before = now()
    token = opened(seal(server, b"hello"), OLD)
    assert token.payload == b"hello"
    assert before - 1 + 86400 <= token.expires_at <= now() + 86400


@pytest.mark.parametrize(
    "text, seconds",
    [("30", 30), ("10m", 600), ('"1d 2h"', 93600), ("1M", 2592000), ("9223372036854775807", None)],
)
def test_expires_as_nginx_writes_times(nginx, text, seconds):
    server = nginx.start(site(f"encrypted_session_expires {text};"))
    token = opened(seal(server, b"x"), OLD)
    lifetime = 2**63 - 1 if seconds is None else seconds
    assert 0 <= now() + lifetime - token.expires_at <= 2


def test_expires_zero_is_never(nginx):
    server = nginx.start(site("encrypted_session_expires 0;"))
    assert opened(seal(server, b"x"), OLD).expires_at == 0


def test_an_empty_payload_gives_a_token_of_32_bytes(nginx):
    server = nginx.start(site())
    token = seal(server, b"")
    assert len(token) == 32
    assert opened(token, OLD).payload == b""
    assert open_with(server, token) == b""


def test_a_missing_variable_gives_a_token_of_32_bytes(nginx):
    locations = """location / { set_encrypt_session $t $arg_none; set_encode_hex $t;
                                return 200 $t; }"""
    server = nginx.start(site(locations=locations))
    assert len(bytes.fromhex(server.get("/").text)) == 32


def test_60_kilobytes_go_and_return(nginx):
    server = nginx.start(site())
    payload = bytes(range(256)) * 240
    assert open_with(server, seal(server, payload)) == payload


def test_one_argument_form(nginx):
    locations = """location / { set $x hello; set_encrypt_session $x; set_decrypt_session $x;
                                return 200 "<$x>"; }"""
    server = nginx.start(site(locations=locations))
    assert server.get("/").text == "<hello>"


def test_default_iv_and_key(nginx):
    server = nginx.start(site("encrypted_session_expires 0;"))
    assert seal(server, b"hello") == legacy(b"hello", lifetime=0)


@pytest.mark.parametrize("iv", [b"", b"12345678", b"0123456789abcdef"])
def test_iv_is_padded_with_zeros(nginx, iv):
    key = Key("nginx-legacy", OLD_KEY.encode(), "", iv=iv)
    directives = f'encrypted_session_iv "{iv.decode()}"; encrypted_session_expires 0;'
    server = nginx.start(site(directives))
    assert seal(server, b"hello") == legacy(b"hello", key=key, lifetime=0)
    assert open_with(server, legacy(b"other", key=key)) == b"other"


# ---- Opening ----


def test_opens_a_token_of_before(nginx):
    server = nginx.start(site())
    assert open_with(server, legacy(b"hello", at=now() - 100)) == b"hello"
    assert open_with(server, legacy(b"hello", lifetime=0)) == b"hello"


REFUSED = {
    "empty": b"",
    "short": b"0123456789",
    "garbage": bytes(range(48)),
    "120 kilobytes": b"\x5a" * 120000,
    "expired": legacy(b"secret", at=1000, lifetime=100),
    "digest all zero": bytes(16) + legacy(b"secret")[16:],
    "other key": legacy(b"secret", key=Key("nginx-legacy", b"k" * 32, "")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_open_is_an_empty_value_and_200(nginx, case):
    server = nginx.start(site())
    assert open_with(server, REFUSED[case]) == b""


def test_expired_the_second_it_expires(nginx):
    server = nginx.start(site())
    at = now()
    assert open_with(server, legacy(b"x", at=at, lifetime=30)) == b"x"
    assert open_with(server, legacy(b"x", at=at - 30, lifetime=30)) == b""


@needs_debug
def test_a_sealed_token_expires(nginx):
    server = nginx.start(site("encrypted_session_expires 1s;"), log_level="debug")
    token = seal(server, b"x")
    expires_at = opened(token, OLD, at=0).expires_at
    while now() <= expires_at:
        time.sleep(0.05)
    assert open_with(server, token) == b""
    assert f"encrypted_session: session expired: {expires_at} <= " in server.error_log


@needs_debug
def test_debug_line_of_expires(nginx):
    server = nginx.start(site("encrypted_session_expires 90s;"), log_level="debug")
    seal(server, b"x")
    assert "encrypted_session: expires=90" in server.error_log


# ---- No key ----

NO_KEY = (
    "encrypted_session: a key is required to be defined by the encrypted_session_key directive"
)


@pytest.mark.parametrize("directive", ["set_encrypt_session", "set_decrypt_session"])
@pytest.mark.parametrize("value", ["", "some"])
def test_no_key_is_a_500_and_an_error_line(nginx, directive, value):
    server = nginx.start(
        conf(f"""server {{ listen 127.0.0.1:8080;
             location / {{ {directive} $x "{value}"; return 200 $x; }} }}""")
    )
    assert server.get("/").status == 500
    assert "[error]" in server.error_log and NO_KEY in server.error_log


def test_error_page_catches_it(nginx):
    server = nginx.start(
        conf("""server { listen 127.0.0.1:8080; error_page 500 =200 /caught;
             location / { set_encrypt_session $x y; return 200 $x; }
             location /caught { return 200 "caught $encrypted_session_verify"; } }""")
    )
    assert server.get("/").text == "caught NONE"


# ---- Inheritance, if ----

SEAL_X = "set_encrypt_session $t x; set_encode_hex $t; return 200 $t;"


def test_inner_values_win_each_for_itself(nginx):
    server = nginx.start(
        conf(f"""
        encrypted_session_key {OLD_KEY}; encrypted_session_iv outer; encrypted_session_expires 0;
        server {{
            listen 127.0.0.1:8080;
            location /outer {{ {SEAL_X} }}
            location /key {{ encrypted_session_key {"i" * 32}; {SEAL_X} }}
            location /iv {{ encrypted_session_iv inner; {SEAL_X} }}
            location /expires {{ encrypted_session_expires 7d; {SEAL_X} }}
        }}
        server {{
            listen 127.0.0.1:8081;
            encrypted_session_iv server;
            location / {{ {SEAL_X} }}
            location /nested {{ encrypted_session_iv nested; location /nested/x {{ {SEAL_X} }} }}
        }}""")
    )

    def get(path, port=8080):
        return bytes.fromhex(server.get(path, port=port).text)

    def expected(key=OLD_KEY, iv=b"outer"):
        return legacy(b"x", key=Key("nginx-legacy", key.encode(), "", iv=iv), lifetime=0)

    assert get("/outer") == expected()
    assert get("/key") == expected(key="i" * 32)
    assert get("/iv") == expected(iv=b"inner")
    assert get("/", 8081) == expected(iv=b"server")
    assert get("/nested/x", 8081) == expected(iv=b"nested")
    sealed = opened(get("/expires"), Key("nginx-legacy", OLD_KEY.encode(), "", iv=b"outer"))
    assert 0 <= now() + 7 * 86400 - sealed.expires_at <= 2


def test_inside_if_they_also_affect_later_lines_outside(nginx):
    server = nginx.start(
        conf(f"""
        encrypted_session_key {OLD_KEY}; encrypted_session_expires 0;
        server {{
            listen 127.0.0.1:8080;
            location / {{
                if ($arg_other) {{ encrypted_session_key {"o" * 32}; set $matched 1; }}
                {SEAL_X}
            }}
        }}""")
    )
    other = Key("nginx-legacy", b"o" * 32, "")
    assert bytes.fromhex(server.get("/").text) == legacy(b"x", lifetime=0)
    assert bytes.fromhex(server.get("/?other=1").text) == legacy(b"x", key=other, lifetime=0)


def test_set_directives_work_inside_server_if(nginx):
    server = nginx.start(
        conf(f"""
        encrypted_session_key {OLD_KEY};
        server {{
            listen 127.0.0.1:8080;
            if ($arg_p) {{ set_encrypt_session $t $arg_p; set_decrypt_session $p $t; }}
            location / {{ return 200 "<$p>"; }}
        }}""")
    )
    assert server.get("/?p=hello").text == "<hello>"


# ---- Tokens of the original module ----


def quoted(value: bytes) -> bytes:
    return b"'" + value.replace(b"\\", b"\\\\").replace(b"'", b"\\'") + b"'"


@pytest.mark.skipif(not VECTORS.exists(), reason="../shared/vectors is not here")
def test_every_token_of_the_original_both_ways(nginx):
    cases = [json.loads(line) for line in VECTORS.read_text().splitlines()]
    assert cases and all(case["expires"] == 0 for case in cases)
    pairs = sorted({(case["key_hex"], case["iv_hex"]) for case in cases})
    locations = ""
    for number, (key, iv) in enumerate(pairs):
        keys = b"encrypted_session_key %s; encrypted_session_iv %s;"
        nginx.write(
            f"keys/{number}", keys % (quoted(bytes.fromhex(key)), quoted(bytes.fromhex(iv)))
        )
        locations += f"location /{number}/ {{ include keys/{number}; " + SEAL_AND_OPEN.replace(
            "location /", f"location /{number}/"
        ) + "}\n"
    server = nginx.start(site("encrypted_session_expires 0;", locations))
    for case in cases:
        number = pairs.index((case["key_hex"], case["iv_hex"]))
        payload = bytes.fromhex(case["plaintext_hex"])
        token = bytes.fromhex(case["token_hex"])
        assert seal(server, payload, f"/{number}/seal") == token
        assert open_with(server, token, f"/{number}/open") == payload
