# SPDX-License-Identifier: Apache-2.0
"""Sessions: arguments, defaults, fields, and the header that replaces one. The vectors have the rest."""

import time

import pytest
from ring_files import NOW, jwk, text_of, write
from sealring import Keyring, LiveKeyring, RefusedError, open_session, session_header

RING = Keyring.parse(text_of(jwk()))


def cookie_of(text, *, name="__Host-session", context=None, now=NOW) -> str:
    token = RING.seal(text, lifetime=60, context=name if context is None else context, now=now)
    return f"{name}={token}"


def session_of(text):
    return open_session(cookie_of(text), RING, now=NOW)


def refusal_of(header, ring=RING, **arguments) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        open_session(header, ring, **{"now": NOW, **arguments})
    return refused.value


def test_the_defaults_are_those_of_the_servers():
    session = session_of("a=1&user=alice")
    assert session.subject == "alice"
    assert list(session.fields.items()) == [("a", "1"), ("user", "alice")]
    assert (session.auth_time, session.issued_at, session.expires_at) == (NOW, NOW, NOW + 60)
    token = cookie_of("cart=" + "x" * 3000).split("=")[1]
    in_two = f"__Host-session=2~{token[:3000]}; __Host-session-1={token[3000:]}"
    assert len(open_session(in_two, RING, now=NOW).fields) == 1
    in_three = f"__Host-session=3~{token[:9]}; __Host-session-1={token[9:]}; __Host-session-2="
    assert refusal_of(in_three).reason == "malformed"
    assert len(open_session(in_three, RING, now=NOW, parts=3).fields) == 1


def test_another_name_has_another_context():
    cookie = cookie_of("user=alice", name="app")
    assert open_session(cookie, RING, now=NOW, cookie="app").subject == "alice"
    assert open_session(cookie, RING, now=NOW) is None
    assert refusal_of(cookie, cookie="app", context="shop").reason == "authentication_failed"
    plain = cookie_of("user=alice", context="")
    assert open_session(plain, RING, now=NOW, context="").subject == "alice"


def test_the_clock_is_the_default():
    now = int(time.time())
    assert open_session(cookie_of("user=alice", now=now), RING).issued_at == now
    with pytest.raises(RefusedError) as refused:
        open_session(cookie_of("user=alice", now=1), RING)
    assert refused.value.end == "idle"


@pytest.mark.parametrize("header", [None, "", [], ["", "a=1"], iter(["a=1"])])
def test_no_cookie_is_no_session(header):
    assert open_session(header, RING) is None


def test_a_ring_that_follows_its_file(tmp_path):
    live = LiveKeyring(write(tmp_path / "session.keys", text_of(jwk())))
    assert open_session(cookie_of("user=alice"), live, now=NOW).subject == "alice"
    assert refusal_of(cookie_of("user=alice"), live, now=NOW + 60).end == "idle"


def test_a_token_alone_expires_without_an_end_of_a_session():
    token = RING.seal("", lifetime=1, now=NOW)
    with pytest.raises(RefusedError) as refused:
        RING.open(token, now=NOW + 1)
    assert (refused.value.reason, refused.value.end) == ("expired", "")


@pytest.mark.parametrize(
    "arguments",
    [{"parts": 0}, {"parts": 10}, {"parts": 1.5}, {"idle": -1}, {"lifetime": 0.5}, {"now": -1}],
)
def test_arguments_out_of_bounds(arguments):
    with pytest.raises(ValueError):
        open_session(None, RING, **arguments)


def test_fields_are_found_in_any_case_of_their_ascii_letters():
    fields = session_of("User=alice&%c3%84=1").fields
    assert fields["uSER"] == "alice" and fields.get("none") is None
    assert "USER" in fields and "Ä" in fields and "ä" not in fields and "use" not in fields
    assert dict(fields) == {"User": "alice", "Ä": "1"}
    assert fields == {"User": "alice", "Ä": "1"}
    assert repr(fields) == "Fields({'User': 'alice', 'Ä': '1'})"


def test_bytes_that_are_not_utf_8_are_kept():
    fields = session_of("%ff=1&a=%c3").fields
    assert dict(fields) == {"\udcff": "1", "a": "\udcc3"}
    assert session_header(fields) == "%ff=1&a=%c3"


def test_a_long_text_is_refused_whatever_is_in_it():
    assert len(session_of("a=" + "x" * 65534).fields["a"]) == 65534
    assert refusal_of(cookie_of("&" * 65537)).reason == "malformed"


def test_a_header_of_fields():
    fields = {"user": "alice", "name": "Müller & Söhne", "tab": "\t"}
    assert session_header(fields) == "user=alice&name=M%c3%bcller+%26+S%c3%b6hne&tab=%09"
    assert session_header({}) == ""
    assert session_header({"user": "alice", "role": ""}) == "user=alice"
    assert session_header(session_of("user=alice&sid=x&auth_time=1&b=+").fields) == "user=alice&b=+"


MANY = {f"f{number}": "v" for number in range(65)}


@pytest.mark.parametrize(
    "fields",
    [
        {"sid": "x"}, {"Auth_Time": "1"}, {"EXPIRY": "1"}, {"bound": ""}, {"prior": "x"}, {"": "x"},
        {"user": "a", "USER": "b"}, {"a": "", "A": "1"}, {"a": "b\0"}, {"a\0": "b"}, {"a": "\ud800"},
        MANY, {"a": "x" * 65535},
    ],
)  # fmt: skip
def test_a_header_that_is_refused(fields):
    with pytest.raises(ValueError):
        session_header(fields)


def test_the_largest_headers():
    assert len(session_header({"a": "x" * 65534})) == 65536
    assert session_header(dict(list(MANY.items())[1:])).count("&") == 63


@pytest.mark.parametrize("fields", [{"a": 1}, {"a": None}, {"a": b"x"}, {1: "a"}])
def test_fields_are_text(fields):
    with pytest.raises(TypeError):
        session_header(fields)
