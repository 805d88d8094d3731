# SPDX-License-Identifier: Apache-2.0
"""set_encrypt_session and set_decrypt_session as steps of nginx's rewrite module: each form of their
arguments, with `set`, `if` and `return`."""

import subprocess

import pytest
from nginx_server import conf
from tokens import OLD, OLD_KEY, legacy, opened, s1

# The NDK's code for set_* directives. Ours must not need any of it: nginx 1.30.4 changed the code that
# the NDK has a copy of, and there a request to such a directive crashes a worker.
NDK_CODE = ("ndk_set_var", "ndk_set_var_core", "ndk_set_var_value", "ndk_set_var_value_core",
            "ndk_set_var_multi_value", "ndk_set_var_multi_value_core",
            "ndk_http_rewrite_value")  # fmt: skip


def locations(text: str, main="") -> str:
    return conf(f"""encrypted_session_keyring session.keys;
        server {{ listen 127.0.0.1:8080; {main} {text} }}""")


@pytest.fixture
def without_ndk_code(tmp_path, monkeypatch):
    """An nginx in which the NDK's functions for set_* directives end the process."""
    source = tmp_path / "abort.c"
    source.write_text(
        "#include <stdlib.h>\n" + "".join(f"char *{name}(void) {{ abort(); }}\n" for name in NDK_CODE)
    )
    library = tmp_path / "abort.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(library))


@pytest.mark.usefixtures("without_ndk_code")
def test_no_code_of_the_ndk_has_a_part_in_it(ring):
    server = ring.start(
        locations("""location / { set_encrypt_session $t $arg_p; set_decrypt_session $t;
                                  return 200 $t; }""")
    )
    assert server.get("/?p=hello").text == "hello"


@pytest.mark.usefixtures("without_ndk_code")
def test_that_can_fail(ring):
    """The same for a directive of set-misc, which uses the NDK."""
    assert not ring.check(locations("location / { set_unescape_uri $t $arg_p; }")).ok


@pytest.mark.parametrize(
    "steps, payload",
    [
        ("set_encrypt_session $t hello;", b"hello"),
        ("set_encrypt_session $t $arg_p;", b"value"),
        ('set_encrypt_session $t "a $arg_p, ${arg_p}b";', b"a value, valueb"),
        ('set_encrypt_session $t "";', b""),
        ("set_encrypt_session $t $arg_none;", b""),
        ("set $t hello; set_encrypt_session $t;", b"hello"),
        ("set $v one; set_encrypt_session $t $v; set $v two;", b"one"),
        ("set $v one; set $v two; set_encrypt_session $t $v;", b"two"),
        ("if ($arg_p) { set_encrypt_session $t yes; }", b"yes"),
        ("set $t no; if ($arg_p) { set_encrypt_session $t; }", b"no"),
        ('if ($uri ~ "^/(.*)$") { set_encrypt_session $t "<$1>"; }', b"<path>"),
        ('if ($uri ~ "^/(.*)$") { set_encrypt_session $t $1; }', b"path"),
        ('set_encrypt_session $t "${arg_p}";', b"value"),
        ('if ($uri ~ "^/(?<name>.*)$") { set_encrypt_session $t $name; }', b"path"),
        ("set_encrypt_session $u $arg_p; set_decrypt_session $v $u; set_encrypt_session $t $v;",
         b"value"),
        ("set_encrypt_session $t first; set_encrypt_session $t second;", b"second"),
    ],
)  # fmt: skip
def test_forms(ring, steps, payload):
    server = ring.start(locations(f"location / {{ {steps} return 200 $t; }}"))
    assert opened(server.get("/path?p=value").body, ring.key).payload == payload


def test_at_server_level_it_comes_before_the_location(ring):
    server = ring.start(
        locations("location / { return 200 $p; }", main="set_decrypt_session $p $arg_t;")
    )
    assert server.get(f"/?t={s1(ring.key, b'hello')}").text == "hello"


def test_in_if_at_server_level(ring):
    server = ring.start(
        locations(
            "location / { return 200 <$p>; }",
            main='set $p ""; if ($arg_open) { set_decrypt_session $p $arg_t; }',
        )
    )
    token = s1(ring.key, b"hello")
    assert server.get(f"/?open=1&t={token}").text == "<hello>"
    assert server.get(f"/?t={token}").text == "<>"


def test_a_rewrite_goes_on_with_what_was_set(ring):
    server = ring.start(
        locations("""location /in { set_decrypt_session $p $arg_t; rewrite ^ /out?name=$p? last; }
                     location /out { return 200 $uri,$args,$p; }""")
    )
    assert server.get(f"/in?t={s1(ring.key, b'hello')}").text == "/out,name=hello,hello"


def test_a_variable_that_changes_is_read_anew(ring):
    server = ring.start(
        locations("""location / {
            set_decrypt_session $a $arg_t;
            set_encrypt_session $first $encrypted_session_verify;
            set_decrypt_session $a nonsense;
            set_encrypt_session $second $encrypted_session_verify;
            return 200 $first,$second; }""")
    )
    tokens = server.get(f"/?t={s1(ring.key, b'hello')}").body.split(b",")
    assert [opened(token, ring.key).payload for token in tokens] == [b"OK", b"FAILED:malformed"]


def test_into_a_variable_of_nginx_that_can_be_set(ring):
    """nginx has a special function for $args."""
    server = ring.start(
        locations("location / { set_decrypt_session $args $arg_t; return 200 $args,$arg_a; }")
    )
    assert server.get(f"/?t={s1(ring.key, b'a=1')}").text == "a=1,1"


def test_into_a_variable_that_a_request_brings(ring):
    """If the directive did not run, the variable has the value from the request."""
    server = ring.start(
        locations("""location / { return 200 $arg_p; }
                     location /open { set_decrypt_session $arg_p $arg_t; return 200 $arg_p; }""")
    )
    assert server.get("/?p=given").text == "given"
    assert server.get(f"/open?p=given&t={s1(ring.key, b'opened')}").text == "opened"


def test_a_variable_that_was_not_set_is_empty_and_nginx_says_so(ring):
    server = ring.start(
        locations("""location / { return 200 <$p>; }
                     location /open { set_decrypt_session $p $arg_t; }
                     location /quiet { uninitialized_variable_warn off; return 200 <$p>; }""")
    )
    assert server.get("/quiet").text == "<>"
    assert 'using uninitialized "p" variable' not in server.error_log
    assert server.get("/").text == "<>"
    assert 'using uninitialized "p" variable' in server.error_log


def test_what_fails_ends_the_steps(nginx):
    server = nginx.start(
        conf("""server { listen 127.0.0.1:8080;
            location / { set_encrypt_session $t x; return 200 reached; } }""")
    )
    assert server.get("/").status == 500


@pytest.mark.parametrize(
    "line, message",
    [
        ("set_encrypt_session t x", 'invalid variable name "t"'),
        ("set_decrypt_session t", 'invalid variable name "t"'),
        ('set_encrypt_session "" x', 'invalid variable name ""'),
        ("set_encrypt_session $t $", "invalid variable name"),
        ("set_encrypt_session $request_uri x", "duplicate"),
        ("set_encrypt_session", "invalid number of arguments"),
        ("set_encrypt_session $t a b", "invalid number of arguments"),
    ],
)
def test_what_cannot_be_set(ring, line, message):
    result = ring.check(locations(f"location / {{ {line}; }}"))
    assert not result.ok
    assert message in result.output


@pytest.mark.parametrize("space", [" ", "\t", " \t "])
def test_white_space_behind_a_cookie_is_not_part_of_it(ring, space):
    server = ring.start(
        locations("location / { set_decrypt_session $p $cookie_session; return 200 <$p>; }")
    )
    cookie = f"session={s1(ring.key, b'hello')}{space}; b=1"
    assert server.get("/", {"Cookie": cookie}).text == "<hello>"
    assert server.get("/", {"Cookie": f"session={space}; b=1"}).text == "<>"


def test_a_binary_token_may_end_with_a_space(nginx):
    tokens = (legacy(f"hello {n}".encode()) for n in range(20000))
    token = next(token for token in tokens if token[-1:] == b" ")
    payload = opened(token, OLD).payload.decode()
    server = nginx.start(
        conf(f"""encrypted_session_key {OLD_KEY}; server {{ listen 127.0.0.1:8080;
            location / {{ set_decode_hex $t $arg_t; set_decrypt_session $p $t;
                          return 200 $p; }} }}""")
    )
    assert server.get(f"/?t={token.hex()}").text == payload
