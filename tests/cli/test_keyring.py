# SPDX-License-Identifier: Apache-2.0
"""keyring init, list, rotate and prune."""

import json
import re
import stat
import time

import pytest
from commands import DAY, OLD_SECRET, XAES, bytes_of, change, keys_in, near

# ---- init ----


def test_init_makes_a_ring_of_one_key_that_seals_at_once(cli):
    said = cli.run("keyring", "init", "session.keys").decode()
    (key,) = keys_in(cli.folder / "session.keys")
    assert key["alg"] == XAES and key["kid"] in said and len(bytes_of(key["k"])) == 32
    assert key["k"] not in said
    (shown,) = cli.listed()
    assert shown["primary"] and near(shown["seal_from"], time.time()) and shown["open_until"] == 0
    assert cli.open(cli.seal(b"p")) == b"p"
    assert "chgrp www-data session.keys && chmod 640 session.keys" in said


def test_init_never_makes_the_same_key_twice(cli):
    rings = [cli.ring(f"{number}.keys") for number in range(5)]
    assert len({keys_in(ring)[0]["k"] for ring in rings}) == 5


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o027, 0o077])
def test_init_makes_mode_0640_less_the_umask(cli, mask):
    cli.run("keyring", "init", "session.keys", umask=mask)
    assert mode_of(cli.folder / "session.keys") == 0o640 & ~mask


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_init_for_later(cli):
    said = cli.run("keyring", "init", "session.keys", "--activate-in", "1d").decode()
    (key,) = cli.listed()
    assert near(key["seal_from"], time.time() + DAY) and key["next"] and not key["primary"]
    assert "UTC (in 1d)" in said
    assert "No key seals until " in cli.run("keyring", "list", "session.keys").decode()


def test_init_leaves_what_exists_alone(cli):
    for name, content in (("file", b"precious"), ("empty", b"")):
        (cli.folder / name).write_bytes(content)
        said = cli.run("keyring", "init", name, status=3)
        assert f'"{name}" exists already' in said and f"sealring keyring rotate {name}" in said
        assert (cli.folder / name).read_bytes() == content


@pytest.mark.parametrize("algorithm, hint", [
    ("nginx-legacy", "sealring keyring add"), ("apache-aes256", "sealring keyring add"),
    ("AES", "XAES-256-GCM"), ("xaes-256-gcm", "XAES-256-GCM"), ("", "XAES-256-GCM")])
def test_init_makes_keys_of_the_new_formats_only(cli, algorithm, hint):
    assert hint in cli.run("keyring", "init", "session.keys", f"--alg={algorithm}", status=2)
    assert list(cli.folder.iterdir()) == []


# ---- list ----


def ring_of_every_state(cli):
    """One key in each state, and one that never seals."""
    ring = cli.ring()
    for _ in range(4):
        cli.run("keyring", "rotate", ring)
    cli.run("keyring", "add", ring, "--alg", "nginx-legacy", "--open-only", stdin=OLD_SECRET)
    change(ring, {"seal_from": 1_700_000_000, "open_until": 4_000_000_000},
           {"seal_from": 1_750_000_000, "open_until": 4_000_000_000},
           {"seal_from": 3_800_000_000, "open_until": 4_100_000_000},
           {"seal_from": 3_900_000_000, "open_until": 4_100_000_000},
           {"seal_from": 1_600_000_000, "open_until": 1_650_000_000})
    return ring


def test_list_tells_which_key_does_what(cli):
    ring = ring_of_every_state(cli)
    kids = [key["kid"] for key in keys_in(ring)]
    table = cli.run("keyring", "list", "session.keys", env={"TZ": "UTC0"}).decode()
    assert [re.search(rf"^{kid}  (.*)$", table, re.MULTILINE)[1].split() for kid in kids] == [
        [XAES, "opens", *"2023-11-14 22:13:20 UTC 2096-10-02 07:06:40 UTC".split()],
        [XAES, *"seals now 2025-06-15 15:06:40 UTC 2096-10-02 07:06:40 UTC".split()],
        [XAES, *"seals next 2090-06-01 11:33:20 UTC 2099-12-03 16:53:20 UTC".split()],
        [XAES, *"seals later 2093-08-01 21:20:00 UTC 2099-12-03 16:53:20 UTC".split()],
        [XAES, "closed", *"2020-09-13 12:26:40 UTC 2022-04-15 05:20:00 UTC".split()],
        ["nginx-legacy", "opens", "never", "no", "end"]]
    assert "Remove them: sealring keyring prune session.keys" in table
    assert all(key["k"] not in table for key in keys_in(ring))
    json_keys = cli.listed()
    assert [key["kid"] for key in json_keys if key["primary"]] == [kids[1]]
    assert [key["kid"] for key in json_keys if key["next"]] == [kids[2]]
    assert [key["open_only"] for key in json_keys] == [False] * 5 + [True]
    assert json_keys[0] == {
        "kid": kids[0], "alg": XAES, "seal_from": 1_700_000_000, "open_until": 4_000_000_000,
        "open_only": False, "primary": False, "next": False}


def test_list_tells_local_time_and_utc(cli):
    ring = ring_of_every_state(cli)
    kid = keys_in(ring)[1]["kid"]
    table = cli.run("keyring", "list", ring, env={"TZ": "HERE-5:30"}).decode()
    local, utc = table.partition(f"{kid}  ")[2].splitlines()[:2]
    assert re.search("2025-06-15 20:36:40 HERE  +2096-10-02 12:36:40 HERE$", local)
    assert re.fullmatch(" +2025-06-15 15:06:40 UTC   ?2096-10-02 07:06:40 UTC", utc)
    assert re.search(r"^Key ring \S+ at [-\d]+ [:\d]+ HERE$", table, re.MULTILINE)
    column = len(f"{kid}  ") + local.index("2025")
    assert utc.index("2025") == column, "one below the other"


def test_list_says_what_is_to_be_done(cli):
    ring = cli.ring()
    assert cli.run("keyring", "list", ring).decode().count("\n\n") == 1, "nothing"
    change(ring, {"open_until": 4_000_000_000})
    said = cli.run("keyring", "list", "session.keys").decode()
    assert "No key follows" in said and "sealring keyring rotate session.keys\n" in said
    change(ring, {"key_ops": ["decrypt"]})
    said = cli.run("keyring", "list", "session.keys").decode()
    assert "No key seals." in said and "rotate session.keys --activate-in 0" in said


def test_list_says_which_keys_are_ignored(cli):
    ring = cli.ring()
    keys = [*keys_in(ring), {"kty": "RSA", "n": "AQAB"}, {"kty": "oct", "alg": "Xaes"}]
    ring.write_text(json.dumps({"keys": keys}))
    said = cli.run("keyring", "list", ring).decode()
    assert said.endswith('Ignored, because they are for other programs:\n  key 2 of the file: "kty" is'
                         ' "RSA"\n  key 3 of the file: "alg" is "Xaes"\n')
    shown = json.loads(cli.run("keyring", "list", "--json", ring))
    assert shown["ignored"][0] == {"place": 2, "why": '"kty" is "RSA"'} and len(shown["keys"]) == 1
    cli.run("keyring", "rotate", ring)
    assert keys_in(ring)[2:] == keys[1:]


# ---- rotate ----


def test_rotate_publishes_a_key_for_later_and_bounds_the_others(cli):
    ring = cli.ring()
    old_token = cli.seal(b"old", "--lifetime", "30d")
    said = cli.run("keyring", "rotate", ring).decode()
    old, new = cli.listed()
    now = time.time()
    assert new["kid"] in said and "(in 1h)" in said
    assert old["primary"] and near(old["open_until"], now + 3600 + 30 * DAY)
    assert new["next"] and near(new["seal_from"], now + 3600) and new["open_until"] == 0
    assert old["open_until"] - new["seal_from"] == 30 * DAY

    # Only time passes; the file does not change.
    before, switch = ring.read_bytes(), new["seal_from"]
    for at, kid in ((switch - 1, old["kid"]), (switch, new["kid"])):
        token = cli.seal(b"p", "--now", at)
        assert json.loads(cli.run("inspect", "--json", token))["kid"] == kid
        assert cli.open(token, "--now", switch - 1) == b"p", "all servers open it before the switch"
    assert cli.open(old_token, "--now", switch) == b"old"
    assert "unknown_key" in cli.open(old_token, "--now", old["open_until"], status=12)
    assert ring.read_bytes() == before


def test_rotate_with_other_times(cli):
    ring = cli.ring()
    cli.run("keyring", "rotate", ring, "--activate-in", "2h", "--max-lifetime", "1w 12h")
    old, new = cli.listed()
    assert near(new["seal_from"], time.time() + 7200)
    assert old["open_until"] - new["seal_from"] == 7 * DAY + 12 * 3600


def test_rotate_at_once_when_a_key_was_stolen(cli):
    ring = cli.ring()
    token = cli.seal(b"p", "--lifetime", "30d")
    said = cli.run("keyring", "rotate", ring, "--activate-in", "0", "--max-lifetime", "1s").decode()
    assert "Copy the ring to every server at once" in said
    old, new = cli.listed()
    assert new["primary"] and not new["next"]
    said = cli.open(token, "--now", old["open_until"], status=12)
    assert "unknown_key" in said and "opened until" in said
    assert cli.open(cli.seal(b"q")) == b"q"


def test_rotate_withdraws_a_key_that_would_take_over_from_the_new_one(cli):
    ring = cli.ring()
    cli.run("keyring", "rotate", ring, "--activate-in", "1d")
    table = cli.run("keyring", "rotate", ring, env={"TZ": "UTC0"}).decode()
    old, waiting, new = cli.listed()
    assert waiting["open_only"] and not waiting["next"] and new["next"]
    assert re.search(rf"^{waiting['kid']}  {XAES}  opens +withdrawn +20", table, re.MULTILINE)
    token = cli.seal(b"p", "--now", new["seal_from"] + DAY)
    assert json.loads(cli.run("inspect", "--json", token))["kid"] == new["kid"]
    # Nor does it open after an emergency.
    cli.run("keyring", "rotate", ring, "--activate-in", "0", "--max-lifetime", "1s")
    assert all(near(key["open_until"], time.time()) for key in cli.listed()[:3])


def test_rotate_keeps_a_key_that_seals_before_the_new_one(cli):
    ring = cli.ring()
    cli.run("keyring", "rotate", ring, "--max-lifetime", "1h")
    cli.run("keyring", "rotate", ring, "--activate-in", "1d", "--max-lifetime", "1h")
    old, next_, new = cli.listed()
    for at, kid in ((next_["seal_from"] - 1, old["kid"]), (old["open_until"], next_["kid"]),
                    (new["seal_from"] - 1, next_["kid"]), (new["seal_from"], new["kid"])):
        token = cli.seal(b"p", "--now", at)
        assert json.loads(cli.run("inspect", "--json", token))["kid"] == kid


def test_rotate_leaves_open_only_keys_alone(cli):
    ring = cli.ring()
    cli.run("keyring", "add", ring, "--alg", "nginx-legacy", "--open-only", stdin=OLD_SECRET)
    cli.run("keyring", "rotate", ring)
    assert cli.listed()[1]["open_until"] == 0


# ---- prune ----


def test_prune_removes_what_no_longer_opens(cli):
    ring = ring_of_every_state(cli)
    before = keys_in(ring)
    assert "Removed 1 key.\n" in cli.run("keyring", "prune", ring).decode()
    assert keys_in(ring) == before[:4] + before[5:]
    assert "Nothing to remove" in cli.run("keyring", "prune", ring).decode()


def test_prune_keeps_the_last_key_that_seals(cli):
    ring = cli.ring()
    change(ring, {"open_until": 1_700_000_000})
    before = ring.read_bytes()
    said = cli.run("keyring", "prune", "session.keys", status=3)
    assert "no key would be left that seals" in said and "sealring keyring rotate" in said
    assert ring.read_bytes() == before
