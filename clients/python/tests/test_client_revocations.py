# SPDX-License-Identifier: Apache-2.0
"""Revocation lists: which are refused, what they revoke, and how they are followed."""

import logging
import os
import struct

import pytest
from revocation_files import list_of, whole
from ring_files import NOW, jwk, text_of, write
from sealring import (
    InvalidRevocationListError,
    Keyring,
    LiveRevocationList,
    RefusedError,
    RevocationList,
    open_session,
)

RING = Keyring.parse(text_of(jwk()))
SID = "AAAAAAAAAAAAAAAAAAAAAA"
ALICE = ("user", "alice", NOW)


def revocations_of(*entries) -> RevocationList:
    return RevocationList.parse(list_of(entries))


def cookie_of(text, now=NOW) -> str:
    return f"__Host-session={RING.seal(text, lifetime=60, context='__Host-session', now=now)}"


def reason_of(open_it) -> str:
    """'': it opens."""
    try:
        open_it()
    except RefusedError as refusal:
        assert refusal.kid == RING.keys[0].kid
        assert refusal.expires_at == refusal.issued_at + 60
        return refusal.reason
    return ""


def session_reason(text, revocations, *, now=NOW, sealed_at=NOW) -> str:
    cookie = cookie_of(text, sealed_at)
    return reason_of(lambda: open_session(cookie, RING, revocations=revocations, now=now))


def test_a_list_that_revokes_nothing():
    revocations = revocations_of()
    assert (revocations.size, revocations.written_at) == (0, NOW)
    assert revocations.revoked_at("", "") is None
    assert session_reason("user=alice", revocations) == ""


@pytest.mark.parametrize("size", range(1, 40))
def test_entries_are_found_in_lists_of_all_sizes(size):
    entries = [("user", str(number), number) for number in range(size)]
    revocations = revocations_of(*entries)
    assert revocations.size == size
    for name, value, revoked_at in entries:
        assert revocations.revoked_at(name, value) == revoked_at
    assert revocations.revoked_at("user", str(size)) is None


def test_names_have_any_case_and_values_are_bytes():
    revocations = revocations_of(("user", b"\xff\x00", 2**40 - 1), ("\u00e9", "", 5))
    assert revocations.revoked_at("USER", b"\xff\x00") == 2**40 - 1
    assert revocations.revoked_at(b"user", "\udcff\x00") == 2**40 - 1
    assert revocations.revoked_at("\u00e9", "") == 5
    assert revocations.revoked_at("\u00c9", "") is None
    with pytest.raises(TypeError):
        revocations.revoked_at("user", None)


def test_a_name_that_is_not_in_use_is_not_looked_up():
    revocations = RevocationList.parse(list_of([ALICE], names=["tenant"]))
    assert revocations.revoked_at("user", "alice") is None
    assert session_reason("user=alice", revocations) == ""


def test_a_session_that_signed_in_at_the_time_of_the_revocation_or_before_is_revoked():
    revocations = revocations_of(ALICE)
    assert session_reason(f"user=alice&auth_time={NOW}", revocations) == "revoked"
    assert session_reason(f"user=alice&auth_time={NOW + 1}", revocations) == ""
    assert session_reason("user=alice", revocations) == "revoked", "issued_at counts"
    assert session_reason("user=alice", revocations, sealed_at=NOW + 1, now=NOW + 1) == ""
    assert session_reason("user=bob", revocations) == ""
    assert session_reason("name=alice", revocations) == ""


@pytest.mark.parametrize(
    "text, entries, reason",
    [
        ("USER=alice", [ALICE], "revoked"),
        ("user=M%c3%bc+%ff", [("user", b"M\xc3\xbc \xff", NOW)], "revoked"),
        (f"user=alice&sid={SID}", [("sid", SID, NOW)], "revoked"),
        (f"user=alice&sid={SID}", [("sid", SID, NOW - 30)], "revoked"),  # whenever it began
        ("user=alice&sid=x", [("sid", "x", NOW)], ""),  # it is no sid
        (f"user={'x' * 1024}", [("user", "x" * 1024, NOW)], "revoked"),
        (f"user={'x' * 1025}", [("user", "x" * 1025, NOW)], ""),  # too long to be revoked
        ("a=1", [("user", "", NOW), ("sid", "", NOW)], ""),
        ("a=1", [("user", "x", 0), ("", "", NOW)], "revoked"),
    ],
)
def test_which_fields_are_looked_up(text, entries, reason):
    assert session_reason(text, revocations_of(*entries)) == reason


def test_an_ended_session_has_ended_and_a_revoked_one_does_not_hide_another():
    revocations = revocations_of(ALICE)
    assert session_reason("user=alice", revocations, now=NOW + 60) == "expired"
    header = f"{cookie_of('user=alice')}; {cookie_of('user=bob')}"
    assert open_session(header, RING, revocations=revocations, now=NOW).subject == "bob"


def test_tokens():
    token = RING.seal("x", lifetime=60, now=NOW)
    token_id = RING.open(token, now=NOW).id

    def reason(*entries, now=NOW):
        revocations = revocations_of(*entries)
        return reason_of(lambda: RING.open(token, revocations=revocations, now=now))

    assert reason(("token", token_id, 0)) == "revoked", "whenever it was issued"
    assert reason(("token", token_id + "x", NOW)) == ""
    assert reason(("", "", NOW)) == "revoked"
    assert reason(("", "", NOW - 1)) == ""
    assert reason(("token", token_id, 0), now=NOW + 60) == "expired"


@pytest.mark.parametrize("revocations", ["/a/path", {}, b"", 0])
def test_what_is_no_list(revocations):
    with pytest.raises(TypeError):
        open_session(None, RING, revocations=revocations)
    with pytest.raises(TypeError):
        RING.open("x", revocations=revocations)
    with pytest.raises(TypeError):
        RevocationList.parse("sealrev")


GOOD = list_of([ALICE, ("sid", SID, NOW)])


def changed(offset: int, data: bytes) -> bytes:
    return whole(GOOD[:offset] + data + GOOD[offset + len(data) :])


def reordered(*places: int) -> bytes:
    """GOOD with its two entries in another order."""
    entries = GOOD[-26:], GOOD[-52:-26]
    return whole(GOOD[:-52] + b"".join(entries[place] for place in places))


DAMAGES = {
    "an empty file": (b"", "ends within its header"),
    "a torn header": (GOOD[:79], "ends within its header"),
    "a torn file": (GOOD[:-1], "its header says"),
    "a byte more": (GOOD + b"\0", "its header says"),
    "another format": (changed(7, b"\2"), "version 1"),
    "written_at beyond the greatest time": (changed(32, struct.pack(">Q", 2**40)), "out of bounds"),
    "more entries than fit": (changed(44, struct.pack(">I", 2**24 + 1)), "out of bounds"),
    "names that are too long together": (changed(48, struct.pack(">H", 1041)), "out of bounds"),
    "bytes that are not zero": (changed(63, b"\1"), "out of bounds"),
    "a name of 65 bytes": (list_of([], names=["x" * 65]), "names is damaged"),
    "a name that goes beyond the names": (changed(80, b"\x40"), "names is damaged"),
    "a name with a capital letter": (list_of([], names=["User"]), "lower case"),
    "a name twice": (list_of([], names=["user", "user"]), "name twice"),
    "entries that are not in order": (reordered(0, 1), "not in order"),
    "an entry twice": (reordered(1, 1), "not in order"),
    "17 names": (list_of([], names=[f"n{number}" for number in range(17)]), "16 names"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_refused(damage):
    content, why = DAMAGES[damage]
    with pytest.raises(InvalidRevocationListError, match=why):
        RevocationList.parse(content)


def test_a_list_at_all_bounds_is_read():
    names = ["x" * (64 - number) + "y" * number for number in range(16)]
    revocations = revocations_of(*((name, name, 1) for name in names))
    assert revocations.revoked_at(names[3], names[3]) == 1


def test_any_bit_of_a_list_flipped_is_refused():
    assert RevocationList.parse(GOOD).size == 2
    for bit in range(8 * len(GOOD)):
        content = bytearray(GOOD)
        content[bit // 8] ^= 1 << bit % 8
        with pytest.raises(InvalidRevocationListError):
            RevocationList.parse(bytes(content))


def test_refused_files(tmp_path):
    path = tmp_path / "revoked"

    def refusal() -> str:
        with pytest.raises(InvalidRevocationListError) as refused:
            RevocationList.load(path)
        assert str(refused.value).startswith(f'revocation list "{path}": ')
        return str(refused.value)

    assert refusal().endswith(f"make one: sealring revocations {path} --create")
    for mode in (0o644, 0o640, 0o600, 0o444):
        RevocationList.load(write(path, GOOD, mode))
    for mode in (0o660, 0o646, 0o622):
        write(path, GOOD, mode)
        assert f"others than its owner can change it; run: chmod go-w {path}" in refusal()
    write(path, GOOD[1:])
    assert "not a revocation list" in refusal()
    path.unlink()
    os.mkfifo(path, 0o600)
    assert "not a regular file" in refusal()


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "revoked", list_of([ALICE]))


@pytest.fixture
def problems():
    return []


@pytest.fixture
def live(path, problems):
    return LiveRevocationList(path, problems.append)


def test_a_new_generation_is_taken_over_within_a_second(path, live, problems):
    assert session_reason("user=bob", live) == ""
    write(path, list_of([ALICE, ("user", "bob", NOW)], generation=2))
    assert session_reason("user=bob", live) == "", "it looks once a second"
    live.current(NOW + 1)
    assert session_reason("user=bob", live) == "revoked"
    token = RING.seal("x", lifetime=60, now=NOW)
    write(path, list_of([("", "", NOW)], generation=2**33))
    assert reason_of(lambda: RING.open(token, revocations=live, now=NOW + 2)) == "revoked"
    assert not problems


def test_a_list_that_an_agent_confirms_is_not_read_again(path, live, problems):
    revocations = live.current(NOW)
    for second in range(1, 9):
        os.utime(path, (NOW + second, NOW + second))
        assert live.current(NOW + second) is revocations
    # The header says that it is the same list, so what follows is not even looked at.
    write(path, list_of([ALICE])[:-1] + b"x")
    assert live.current(NOW + 9) is revocations
    assert not problems


CHANGES = {
    "torn": lambda path: write(path, list_of([], generation=2)[:-1]),
    "gone": lambda path: path.unlink(),
    "open to changes": lambda path: path.chmod(0o666),
    "older": lambda path: write(path, list_of([], generation=0)),
    "of the same generation": lambda path: write(path, list_of([])),
    "made anew": lambda path: write(path, list_of([], generation=2, salt=bytes(16))),
    "damaged": lambda path: write(path, list_of([ALICE], generation=2)[:-1] + b"x"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_list_in_use_stays_which_is_reported_once(path, live, problems, change):
    CHANGES[change](path)
    for second in range(1, 4):
        assert live.current(NOW + second).revoked_at("user", "alice") == NOW
    assert len(problems) == 1
    assert str(path) in problems[0] and "stays in use" in problems[0]

    path.write_bytes(b"x")
    live.current(NOW + 5)
    assert len(problems) == 2

    write(path, list_of([], generation=3))
    assert live.current(NOW + 6).size == 0
    assert len(problems) == 2


def test_a_relative_path_and_the_clock(path, problems, monkeypatch):
    monkeypatch.chdir(path.parent)
    live = LiveRevocationList(path.name, problems.append)
    monkeypatch.chdir("/")
    write(path, list_of([], generation=2))
    assert live.current().size == 0
    assert not problems


def test_problems_are_logged(path, caplog):
    live = LiveRevocationList(path)
    path.unlink()
    live.current(NOW)
    [record] = caplog.records
    assert (record.name, record.levelno) == ("sealring", logging.ERROR)
    assert record.getMessage().startswith(f'revocation list "{path}"')


def test_a_bad_list_does_not_start(path):
    path.chmod(0o666)
    with pytest.raises(InvalidRevocationListError):
        LiveRevocationList(path)
