# SPDX-License-Identifier: Apache-2.0
"""sealring status: what a server or an agent says is shown, but not done to the terminal."""

import json

import pytest

EVIL = "\x1b[2Jx\x07\x7f\x9b1m\r\nforged"
STATUS = {
    "version": EVIL, "now": 1_800_000_000, "counting_since": 1_799_990_000,
    "counters": {EVIL: [{EVIL: EVIL, "value": 3}]},
    "keys": [{"kid": EVIL, "alg": EVIL, "in_keyring": True, "removal": "possible", "last_open": 0,
              "counting_since": 1_799_990_000, "sealed": {"minute": 1}, "opened": {}},
             {"kid": "uncounted", "alg": "s1", "in_keyring": True, "removal": "unknown"}],
    "keyrings": [{"keyring": EVIL, "keys": 1, "primary": EVIL}],
    "revocation_lists": [{"list": EVIL, "entries": 2}],
}
AGENT = {"good": False, "lists": [{"path": EVIL, "problem": EVIL}],
         "rings": [{"path": EVIL, "kids": [EVIL]}], "backchannel_logout": {"results": {EVIL: 1}},
         "store": {"address": EVIL, "up": False, "problem": EVIL},
         "nodes": [{"name": EVIL, "missing": True, "lists": {EVIL: {}}, "rings": {EVIL: {"kids": EVIL}}}]}


def controls(text: str) -> set[str]:
    return {c for c in text if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f"}


@pytest.mark.parametrize("status", [STATUS, AGENT], ids=["server", "agent"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_nothing_controls_the_terminal(cli, status, ascii_only):
    text = cli.run("status", "-", stdin=json.dumps(status, ensure_ascii=ascii_only).encode()).decode()
    assert controls(text) == set()
    assert "?[2Jx???1m??forged" in text and "\nforged" not in text


def test_a_key_is_not_said_to_go_unless_that_is_known(cli):
    lines = cli.run("status", "-", stdin=json.dumps(STATUS).encode()).decode().splitlines()
    known = next(line for line in lines if "can go if no token of it is older" in line)
    assert "opened nothing since counting began" in known
    assert "it is not known whether it can go" in next(line for line in lines if line.startswith("uncounted"))


@pytest.mark.parametrize("removal, use", [("needed", "needed: not counted by itself"),
                                          ("possible", "it is not known whether it can go"),
                                          ("closed", "closed: it can go")])
def test_a_key_that_is_not_counted_by_itself(cli, removal, use):
    """It has no time at which counting began, and only its end says that it can go."""
    key = {"kid": "pending", "alg": "s1", "in_keyring": True, "removal": removal, "last_open": 0, "counting_since": 0}
    text = cli.run("status", "-", stdin=json.dumps({**STATUS, "keys": [key]}).encode()).decode()
    [line] = [line for line in text.splitlines() if line.startswith("pending")]
    assert line.endswith(use) and "1970" not in line and "can go if" not in line


@pytest.mark.parametrize("stdin", [
    b"", b"[]", b"1", b"{", b"\xff", b'{"counters":1}', b'{"keys":[1,"x",{"kid":1,"sealed":[]}],"counters":{"a":1,"b":[1]}}',
    b'{"lists":"x","nodes":[[]],"store":7}', b'{"now":-1,"counters":{},"counting_since":1e300}',
    b'{"now":18446744073709551615,"counters":{},"counting_since":18446744073709551615}',
    b"[" * 100_000], ids=range(11))
def test_what_is_no_status_is_refused_or_shown_as_far_as_it_can_be(cli, stdin):
    good = b'"' in stdin
    cli.run("status", "-", stdin=stdin, status=0 if good else 3)


@pytest.mark.parametrize("flags", [[], ["--json"]], ids=["table", "json"])
@pytest.mark.parametrize("member", ["version", "nodes", "counters"])
def test_what_is_nested_deeply_is_refused(cli, flags, member):
    """To copy, write or free it would need more stack than there is."""
    depth = 1_000_000
    stdin = f'{{"{member}":'.encode() + depth * b"[" + depth * b"]" + b"}"
    assert "not a status" in cli.run("status", "-", *flags, stdin=stdin, status=3)


@pytest.mark.parametrize("status", [
    {"counters": {}, "keys": [{"kid": 100_000 * "a"}, *1000 * [0]]},
    {"counters": {100_000 * "a": 1000 * [{"value": 1}]}},
    {"lists": [{"path": 100_000 * "a"}, *1000 * [0]]},
    {"nodes": [{"name": 100_000 * "a"}, *1000 * [0]]}], ids=["keys", "counters", "lists", "nodes"])
def test_a_long_text_is_not_printed_in_each_line(cli, status):
    text = cli.run("status", "-", stdin=json.dumps(status).encode())
    assert text.count(b"\n") > 1000 and len(text) < 1_000_000
