# SPDX-License-Identifier: Apache-2.0
"""What `nginx -t` says about the directives: contexts, errors, warnings."""

import re
import subprocess
from datetime import date, datetime, timedelta, timezone

import pytest
from nginx_server import conf, environment
from tokens import OLD_KEY, jwk_set, new_key, wait_out_midnight

KEY = f"encrypted_session_key {OLD_KEY};"
RING = "encrypted_session_keyring session.keys;"
UNTIL = "encrypted_session_legacy_until 2099-12-31;"


def check(nginx, directives: str):
    """`nginx -t` with the directives on line 4 of the configuration."""
    return nginx.check(conf(f"{directives}\nserver {{ listen 127.0.0.1:8080; }}"))


# ---- Contexts ----

DIRECTIVES = [
    KEY,
    "encrypted_session_iv 0123456789abcdef;",
    "encrypted_session_expires 1d;",
    RING,
    "encrypted_session_context login;",
    f"{KEY} {RING} {UNTIL}",
    "set_encrypt_session $x;",
    "set_encrypt_session $x hello;",
    "set_decrypt_session $x;",
    "set_decrypt_session $x hello;",
]
SERVER = "server {{ listen 127.0.0.1:8080;"
CONTEXTS = {
    "http": "{} " + SERVER + " }}",
    "server": SERVER + " {} }}",
    "if in server": SERVER + " if ($arg_a) {{ {} }} }}",
    "location": SERVER + " location / {{ {} }} }}",
    "if in location": SERVER + " location / {{ if ($arg_a) {{ {} }} }} }}",
}


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("directive", DIRECTIVES)
def test_allowed_in(ring, directive, context):
    result = ring.check(conf(CONTEXTS[context].format(directive)))
    assert result.ok, result.output


@pytest.mark.parametrize("directive", DIRECTIVES)
def test_not_allowed_outside_http(nginx, directive):
    result = nginx.check(conf("", main=directive))
    assert not result.ok and "directive is not allowed here" in result.output


@pytest.mark.parametrize(
    "directives",
    [
        "encrypted_session_key;",
        "encrypted_session_iv a b;",
        "encrypted_session_expires;",
        "encrypted_session_keyring;",
        "encrypted_session_keyring a b;",
        "encrypted_session_context;",
        "encrypted_session_context a b;",
        "encrypted_session_legacy_until;",
        "set_encrypt_session;",
        "set_decrypt_session $a b c;",
    ],
)
def test_number_of_arguments(nginx, directives):
    result = check(nginx, directives)
    assert not result.ok and "invalid number of arguments" in result.output


# ---- Errors of the old directives, word for word ----


@pytest.mark.parametrize("key", ['""', "short", OLD_KEY[:-1], OLD_KEY + "x"])
def test_key_of_another_size(nginx, key):
    result = check(nginx, f"encrypted_session_key {key};")
    assert not result.ok
    message = "[emerg] {} encrypted_session_key: the key must be of 32 bytes long in {}:4"
    assert matches(message, nginx, result.output)


def test_iv_of_17_bytes(nginx):
    result = check(nginx, "encrypted_session_iv 0123456789abcdefg;")
    assert not result.ok
    message = (
        "[emerg] {} encrypted_session_iv: the init vector must NOT be longer than 16 bytes in {}:4"
    )
    assert matches(message, nginx, result.output)


@pytest.mark.parametrize("value", ["-1", "abc", "500ms", "1.5s", '""', "9223372036854775808"])
def test_expires_that_is_no_time(nginx, value):
    result = check(nginx, f"encrypted_session_expires {value};")
    assert not result.ok
    assert '"encrypted_session_expires" directive invalid value in' in result.output


@pytest.mark.parametrize(
    "directive",
    [
        KEY,
        "encrypted_session_iv 0123456789abcdef;",
        "encrypted_session_expires 1d;",
        "encrypted_session_expires 0;",
        RING,
        "encrypted_session_context login;",
        'encrypted_session_context "";',
        UNTIL,
    ],
)
def test_duplicate(ring, directive):
    result = check(ring, directive + directive)
    assert not result.ok
    assert f'"{directive.split()[0]}" directive is duplicate in' in result.output


def matches(pattern: str, nginx, output: str) -> bool:
    """Whether a line of the output matches the pattern, with the process for the first placeholder and
    the configuration file for the second."""
    parts = [re.escape(part) for part in pattern.split("{}")]
    name = re.escape(str(nginx.folder / "nginx.conf"))
    whole = parts[0] + r"\d+#\d+:" + parts[1] + (name + parts[2] if len(parts) > 2 else "")
    return re.search(whole + "$", output, re.MULTILINE) is not None


# ---- Days ----


@pytest.mark.parametrize("day", ["2099-12-31", "2096-02-29", "2400-02-29", "9999-12-31"])
def test_days(ring, day):
    result = check(ring, f"{KEY} {RING} encrypted_session_legacy_until {day};")
    assert result.ok, result.output
    assert "[warn]" not in result.output


@pytest.mark.parametrize(
    "day",
    [
        '""',
        "2027-02-29",
        "2100-02-29",
        "2027-04-31",
        "2027-13-01",
        "2027-00-10",
        "2027-01-00",
        "2027-1-1",
        "27-01-01",
        "2027/01-01",
        "2027-01/01",
        "01-02-2027",
        "2027-01-01T00:00:00Z",
        '" 2027-01-01"',
        "2027-01-0x",
        "+027-01-01",
        "1969-12-31",
        "tomorrow",
    ],
)
def test_what_is_no_day(ring, day):
    result = check(ring, f"{KEY} {RING} encrypted_session_legacy_until {day};")
    assert not result.ok
    text = day.strip('"')
    message = (
        f'[emerg] {{}} encrypted_session_legacy_until: "{text}" is not a day; write the last day '
        "(UTC) on which tokens of the old key open as YYYY-MM-DD, as in 2027-01-31 in {}:4"
    )
    assert matches(message, ring, result.output), result.output


# ---- Directives that need one another ----


@pytest.mark.parametrize(
    "directives, words",
    [
        (f"{KEY}\n{UNTIL}", "no encrypted_session_keyring is in effect beside it, so after that"),
        (f"{RING}\n{UNTIL}", "no encrypted_session_key is in effect with it, so there are no old"),
        (f"\n{UNTIL}", "no encrypted_session_keyring is in effect with it; add one or remove"),
    ],
)
def test_legacy_until_needs_both(ring, directives, words):
    result = check(ring, directives)
    assert not result.ok
    assert f"encrypted_session_legacy_until: {words}" in result.output
    assert result.output.count("[emerg]") == 1
    assert "nginx.conf:5" in result.output


def test_context_needs_a_ring(nginx):
    result = check(nginx, f"{KEY}\nencrypted_session_context login;")
    assert not result.ok
    assert (
        "[emerg]" in result.output
        and "encrypted_session_context: tokens of encrypted_session_key cannot be bound to a "
        "context; add encrypted_session_keyring or remove this line" in result.output
        and "nginx.conf:5" in result.output
    )


def test_a_context_may_stand_further_out_than_the_ring(ring):
    result = ring.check(
        conf(
            f"""encrypted_session_context login;
            server {{ listen 127.0.0.1:8080; location / {{ {RING} }} }}"""
        )
    )
    assert result.ok and "[warn]" not in result.output, result.output


def test_context_of_1024_bytes_at_most(ring):
    assert check(ring, f"{RING} encrypted_session_context {'c' * 1024};").ok
    result = check(ring, f"{RING} encrypted_session_context {'c' * 1025};")
    assert not result.ok
    assert "the context must not be longer than 1024 bytes" in result.output


def test_context_with_an_unknown_variable(ring):
    result = check(ring, f"{RING} encrypted_session_context $nothing;")
    assert not result.ok and 'unknown "nothing" variable' in result.output


# ---- Warnings ----


def test_ring_alone_is_silent(ring):
    result = check(ring, RING)
    assert result.ok and "[warn]" not in result.output


def test_no_directives_are_silent(nginx):
    result = check(nginx, "")
    assert result.ok and "[warn]" not in result.output


MANY_LOCATIONS = "".join(f"location /{number} {{ }}" for number in range(20))
TWO_SERVERS = "".join(
    f"server {{ listen 127.0.0.1:8080; server_name {name}; {MANY_LOCATIONS} }}" for name in "ab"
)


def test_legacy_alone_warns_once(nginx):
    result = nginx.check(conf(f"{KEY}\n{TWO_SERVERS}"))
    assert result.ok
    assert result.output.count("[warn]") == 1
    message = (
        "[warn] {} encrypted_session_key: tokens of this key are not authenticated: anyone who "
        f'has a few of them can build others. Run "sealring keyring init {nginx.folder}/'
        'session.keys" and add "encrypted_session_keyring session.keys;" beside this line in {}:4'
    )
    assert matches(message, nginx, result.output), result.output


def test_legacy_without_an_end_warns_once(ring):
    result = ring.check(conf(f"{KEY}\n{RING} {TWO_SERVERS}"))
    assert result.ok
    assert result.output.count("[warn]") == 1
    line = re.search(r'add "(encrypted_session_legacy_until (\S+);)" beside', result.output)
    assert date.fromisoformat(line[2]) >= datetime.now(timezone.utc).date() + timedelta(days=29)
    assert check(ring, f"{KEY} {RING} {line[1]}").ok
    assert "nginx.conf:4" in result.output


def test_an_end_that_has_passed_warns(ring):
    wait_out_midnight()
    today = datetime.now(timezone.utc).date()
    passed = f"encrypted_session_legacy_until {today - timedelta(days=1)};"
    result = check(ring, f"{KEY} {RING}\n{passed}")
    assert result.ok
    assert (
        f"encrypted_session_legacy_until: {today - timedelta(days=1)} has passed" in result.output
    )
    assert "nginx.conf:5" in result.output and result.output.count("[warn]") == 1
    result = check(ring, f"{KEY} {RING} encrypted_session_legacy_until {today};")
    assert result.ok and "[warn]" not in result.output


def test_place_of_a_directive_in_an_included_file(nginx):
    nginx.write("session.conf", f"\n\n{KEY}\n")
    result = nginx.check(conf("include session.conf; server { listen 127.0.0.1:8080; }"))
    assert result.ok
    assert f"beside this line in {nginx.folder}/session.conf:3" in result.output


# ---- Ring files ----


def broken(nginx, what: str) -> str:
    """Writes a ring with a fault. Returns the words that the message must contain."""
    whole = jwk_set(new_key())
    if what == "missing":
        return "No such file"
    if what == "torn":
        nginx.write("bad.keys", whole[: len(whole) // 2], mode=0o640)
        return "JSON"
    if what == "empty":
        nginx.write("bad.keys", "", mode=0o640)
        return "empty"
    if what == "no keys":
        nginx.write("bad.keys", '{"keys":[]}', mode=0o640)
        return "no key"
    if what == "world-readable":
        nginx.write("bad.keys", whole, mode=0o644)
        return "chmod 640"
    if what == "group-writable":
        nginx.write("bad.keys", whole, mode=0o660)
        return "chmod 640"
    nginx.write("bad.keys/file", "")
    return "not a regular file"


@pytest.mark.parametrize("context", ["http", "server", "location"])
@pytest.mark.parametrize(
    "what",
    ["missing", "torn", "empty", "no keys", "world-readable", "group-writable", "a folder"],
)
def test_a_ring_that_cannot_be_used(nginx, what, context):
    words = broken(nginx, what)
    result = nginx.check(
        conf(CONTEXTS[context].format("\n\nencrypted_session_keyring bad.keys;\n\n"))
    )
    assert not result.ok
    lines = [line for line in result.output.splitlines() if "[emerg]" in line]
    assert len(lines) == 1, result.output
    assert "encrypted_session_keyring: " in lines[0]
    assert f"{nginx.folder}/bad.keys" in lines[0]
    assert words in lines[0]
    assert lines[0].endswith(f"in {nginx.folder}/nginx.conf:6")


def test_an_absolute_path(nginx):
    nginx.write("elsewhere/ring", jwk_set(new_key()), mode=0o640)
    result = check(nginx, f"encrypted_session_keyring {nginx.folder}/elsewhere/ring;")
    assert result.ok, result.output


def test_a_relative_path_starts_where_nginx_conf_lies(nginx):
    """Like ssl_certificate and include; not relative to the prefix."""
    assert not check(nginx, RING).ok
    (nginx.folder / "conf").mkdir()
    (nginx.folder / "nginx.conf").rename(nginx.folder / "conf/nginx.conf")
    nginx.write("conf/session.keys", jwk_set(new_key()), mode=0o640)
    command = ["nginx", "-t", "-p", f"{nginx.folder}/", "-c", "conf/nginx.conf"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr
