# SPDX-License-Identifier: Apache-2.0
"""sealring revoke and sealring revocations; what open refuses because of them."""

import json
import os
import re
import time

import pytest
from commands import DAY, near
from revocation_list import NEVER, RevocationList

SID = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def path(cli):
    cli.run("revocations", "--create", "revoked")
    return cli.folder / "revoked"


@pytest.fixture
def revoke(cli, path):
    def run(*arguments, **options):
        said = cli.run("revoke", path, *arguments, **options)
        return said if isinstance(said, str) else said.decode()

    return run


def shown(cli, path):
    return json.loads(cli.run("revocations", path, "--json"))


def test_a_new_list_is_empty_and_says_what_is_next(cli):
    said = cli.run("revocations", "--create", "revoked").decode()
    assert "session_revocations revoked;" in said and "SessionCryptoRevocations revoked\n" in said
    path = cli.folder / "revoked"
    made = RevocationList(path)
    assert (made.generation, made.max_staleness, made.names, made.entries) == (1, 0, [], {})
    assert near(made.written_at, time.time())
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o644 & ~umask
    content = path.read_bytes()
    assert "exists already" in cli.run("revocations", "--create", "revoked", status=3)
    assert path.read_bytes() == content
    cli.run("revocations", "--create", "other")
    assert RevocationList(cli.folder / "other").salt != made.salt


def test_a_user_is_revoked_from_now_on_and_for_ever(path, revoke):
    said = revoke("user=alice")
    assert "all sessions with user=alice that signed in until 20" in said
    assert "within a second" in said and "--until +31m" in said and "has 1 entry.\n" in said
    revoked = RevocationList(path)
    assert (revoked.generation, revoked.names) == (2, ["user"])
    revoked_at, until = revoked.find("user", "alice")
    assert near(revoked_at, time.time()) and revoked_at <= time.time() and until == NEVER


def test_both_times_can_be_given(path, revoke):
    said = revoke("tenant=7", "--before", 5, "--until", "+31m")
    assert "until 1970-01-01 00:00:05 UTC" in said and "dropped from the list after 20" in said
    revoked_at, until = RevocationList(path).find("tenant", "7")
    assert revoked_at == 5 and near(until, time.time() + 31 * 60)
    revoke("tenant=8", "--before", "+5m", "--until", NEVER - 1)
    revoked_at, until = RevocationList(path).find("tenant", "8")
    assert near(revoked_at, time.time() + 300) and until == NEVER - 1


@pytest.mark.parametrize("arguments, name, value, says", [
    (["User=a=b c"], "user", "a=b c", "all sessions with User=a=b c that"),
    ([f"sid={SID}"], "sid", SID, "Revoked: this session."),
    (["--token", "jJH0"], "token", "jJH0", "Revoked: this token."),
    (["--all"], "", "", "everything: all sessions that signed in, and all tokens that were"),
    ([b"user=\xff\n"], "user", b"\xff\n", "all sessions with this value that")])
def test_what_is_revoked(path, revoke, arguments, name, value, says):
    assert says in revoke(*arguments)
    assert RevocationList(path).names == [name]
    assert RevocationList(path).find(name, value)


def test_many_are_revoked_at_once_or_not_at_all(path, revoke):
    said = revoke("-", "--until", "+1d", stdin=b"user=a\r\n\nuser=b\nsid=" + SID.encode())
    assert "what these 3 lines say" in said
    revoked = RevocationList(path)
    assert (revoked.generation, revoked.names) == (2, ["user", "sid"])
    assert all(map(revoked.find, ["user", "user", "sid"], ["a", "b", SID]))
    for stdin, problem in [(b"user=c\nbad\n", "line 2: this is not NAME=VALUE"), (b"\n", "there is no"),
                           (b"user=c\n\nsid=x\n", "line 3: this is not a sid"),
                           (b"user=c\n" + b"n" * 65 + b"=x\n", "line 2: the name of a field"),
                           (b"user=" + b"c" * 70000, "line 1: a value that is revoked has at most")]:
        assert problem in revoke("-", stdin=stdin, status=2)
    assert RevocationList(path).generation == 2


def test_a_list_of_many_thousands(cli, path, revoke):
    lines = b"".join(b"user=%d\n" % number for number in range(20000))
    assert "has 20000 entries" in revoke("-", "--until", "+1d", stdin=lines)
    revoked = RevocationList(path)
    assert all(revoked.find("user", str(number)) for number in range(20000))
    assert shown(cli, path)["entries"] == 20000


def test_the_later_times_count(path, revoke):
    revoke("user=alice", "--before", 7, "--until", "+2d")
    assert "the later one of its times" in revoke("user=alice", "--before", 5, "--until", "+1d")
    revoked_at, until = RevocationList(path).find("user", "alice")
    assert revoked_at == 7 and near(until, time.time() + 2 * DAY)


def test_what_has_ended_is_dropped_and_counted(cli, path, revoke):
    revoke("-", "--until", "+2s", stdin=b"user=a\nuser=b\n")
    revoke("user=c", "--until", "+1d")
    revoke("user=d")
    while shown(cli, path)["ended"] != 2:
        time.sleep(0.1)
    text = cli.run("revocations", path).decode()
    assert re.search(r"have ended  2, dropped by the next change\n", text)
    assert "dropped: 2." in revoke("user=e")
    revoked = RevocationList(path)
    assert [bool(revoked.find("user", name)) for name in "abcde"] == [False, False, True, True, True]
    assert shown(cli, path)["never_end"] == 2


def test_the_report(cli, path, revoke):
    assert "names in use  none\nentries       0\n" in cli.run("revocations", path).decode()
    revoke("user=alice", "--until", "+1h")
    revoke("--all", "--until", "+3h")
    revoke(b"\xff=1")
    text = cli.run("revocations", path).decode()
    assert "generation    4\n" in text
    assert "names in use  user, (everything), (not text)\nentries       3\n" in text
    assert re.search(r"first end   .* UTC \(in (1h|59m.*)\)\n  last end    .* UTC \(in (3h|2h 59m)\)", text)
    assert "never end   1, because" in text
    assert "alice" not in text
    known = shown(cli, path)
    assert known["names"] == ["user", "", "\ufffd"]
    assert near(known.pop("next_end"), time.time() + 3600)
    assert near(known.pop("last_end"), time.time() + 3 * 3600)
    assert near(known.pop("written_at"), time.time()) and near(known.pop("confirmed_at"), time.time())
    assert known == {"generation": 4, "max_staleness": 0, "stale": False, "names": known["names"],
                     "entries": 3, "ended": 0, "never_end": 1}


@pytest.mark.parametrize("arguments, problem", [
    ([], "say what to revoke"), (["user=a", "--all"], "only one of them"),
    (["--token", "x", "--all"], "only one of them"), (["user"], "this is not NAME=VALUE"),
    (["=x"], "this is not NAME=VALUE"), (["user="], "to revoke everything, use --all"),
    (["sid=AAAAAAAAAAAAAAAA"], "this is not a sid"), ([f"SID={SID[:-1]}B"], "this is not a sid"),
    (["--token", "x", "--before", "5"], "whenever it was"), (["--token="], "the ID is empty"),
    (["user=a", "--until", "5"], "has passed"), (["user=a", "--until", "soon"], "+30m"),
    (["user=a", "--until", "+-5m"], "+30m"), (["user=a", "--before", 2**40], "milliseconds"),
    (["user=a", "--until", f"+{2**63 - 1}"], "+30m")])
def test_wrong_use_changes_nothing(path, revoke, arguments, problem):
    assert problem in revoke(*arguments, status=2)
    assert RevocationList(path).generation == 1


def test_lists_that_cannot_be_used(cli, path):
    assert "it cannot be found" in cli.run("revoke", "none", "user=a", status=3)
    assert "make one: sealring revocations none --create" in cli.run("revocations", "none", status=3)
    path.write_bytes(path.read_bytes()[:-1])
    for command in (["revoke", path, "user=a"], ["revocations", path]):
        assert f'revocation list "{path}": ' in cli.run(*command, status=3)
    cli.run("revocations", "--create", "--json", "other", status=2)
    assert not (cli.folder / "other").exists()


def test_open_refuses_what_is_revoked(cli, path, revoke):
    cli.ring()
    token = cli.seal(b"x")
    opened = json.loads(cli.open(token, "--json"))
    assert opened["id"] in token and len(opened["id"]) == 32
    revoke("user=x")
    assert cli.open(token, "--revocations", path) == b"x"
    revoke("--token", opened["id"])
    assert "revoked: the token was revoked" in cli.open(token, "--revocations", path, status=16)
    other = cli.seal(b"y")
    assert cli.open(other, "--revocations", path) == b"y"
    revoke("--all", "--before", "+1m")
    cli.open(other, "--revocations", path, status=16)
    assert cli.open(other) == b"y", "only a list that is named is asked"
    cli.open(token, "--revocations", "none", status=3)
    cli.open(token, "--revocations", path, "--now", "+2d", status=14)
