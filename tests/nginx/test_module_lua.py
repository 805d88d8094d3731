# SPDX-License-Identifier: Apache-2.0
"""From Lua: ndk.set_var, in requests, in timers and at a worker's start."""

from nginx_server import conf
from tokens import OLD, OLD_KEY, opened, s1

LUA = ("ndk_http", "ngx_http_lua")


def lua(http: str) -> str:
    return conf(http, modules=LUA)


def content(code: str) -> str:
    return f"location / {{ content_by_lua_block {{ {code} }} }}"


def test_round_trip_with_the_old_key(nginx):
    server = nginx.start(
        lua(f"""encrypted_session_key {OLD_KEY}; server {{ listen 127.0.0.1:8080;
            {content('''local token = ndk.set_var.set_encrypt_session(ngx.var.arg_p)
            ngx.header.Opened = ndk.set_var.set_decrypt_session(token)
            ngx.header.Verify = ngx.var.encrypted_session_verify
            ngx.header.Empty = "<" .. ndk.set_var.set_decrypt_session("nonsense") .. ">"
            ngx.header.After = ngx.var.encrypted_session_verify
            ngx.print(token)''')} }}""")
    )
    response = server.get("/?p=hello")
    assert opened(response.body, OLD).payload == b"hello"
    assert (response.headers["Opened"], response.headers["Verify"]) == ("hello", "OK")
    assert (response.headers["Empty"], response.headers["After"]) == ("<>", "FAILED:malformed")


def test_with_a_ring(ring):
    key = ring.key
    server = ring.start(
        lua(f"""encrypted_session_keyring session.keys; encrypted_session_context $uri;
            server {{ listen 127.0.0.1:8080;
            {content('''ngx.print(ndk.set_var.set_decrypt_session(ngx.var.arg_t), ",",
                        ngx.var.encrypted_session_kid)''')} }}""")
    )
    assert server.get(f"/x?t={s1(key, b'hello', context=b'/x')}").text == f"hello,{key.kid}"
    assert server.get(f"/y?t={s1(key, b'hello', context=b'/x')}").text == f",{key.kid}"


def test_no_key_is_a_lua_error(nginx):
    server = nginx.start(
        lua(f"""server {{ listen 127.0.0.1:8080;
            {content("ngx.print(ndk.set_var.set_decrypt_session(ngx.var.arg_t))")} }}""")
    )
    assert server.get("/?t=x").status == 500
    assert "a key is required to be defined by the encrypted_session_key directive" in (
        server.error_log
    )


def test_in_a_timer(ring):
    """There is no connection, but there is the location of the request that set the timer."""
    code = """
        ngx.timer.at(0, function()
            local token = ndk.set_var.set_encrypt_session("hello")
            ngx.log(ngx.WARN, "the timer opened ", ndk.set_var.set_decrypt_session(token))
            ndk.set_var.set_decrypt_session("nonsense")
        end)
    """
    server = ring.start(
        lua(f"""encrypted_session_keyring session.keys;
            server {{ listen 127.0.0.1:8080; {content(code)} }}""")
    )
    server.get("/")
    server.wait_for_log("the timer opened hello")
    server.wait_for_log("token refused: malformed")


def test_in_init_worker_there_is_no_location_and_no_key(ring):
    server = ring.start(
        lua("""encrypted_session_keyring session.keys;
            init_worker_by_lua_block { ndk.set_var.set_encrypt_session("hello") }
            server { listen 127.0.0.1:8080; location / { return 200; } }""")
    )
    assert server.get("/").status == 200
    assert "a key is required" in server.error_log


def test_a_payload_that_is_too_long(ring):
    server = ring.start(
        lua(f"""encrypted_session_keyring session.keys; server {{ listen 127.0.0.1:8080;
            {content('''local most = string.rep("x", 16777216)
            local token = ndk.set_var.set_encrypt_session(most)
            ngx.say(ndk.set_var.set_decrypt_session(token) == most)
            ngx.say(pcall(ndk.set_var.set_encrypt_session, most .. "x"))
            ngx.say(ndk.set_var.set_decrypt_session(string.rep("x", 40000000)) == "",
                    ngx.var.encrypted_session_verify)''')} }}""")
    )
    lines = server.get("/").text.splitlines()
    assert lines[0] == "true"
    assert lines[1].startswith("false")
    assert lines[2] == "trueFAILED:malformed"
    assert "cannot seal: the payload is longer than 16 MiB" in server.error_log
