# SPDX-License-Identifier: Apache-2.0
"""Two agents whose lists have the same number of entries, but not the same ones (spec/fleet.md section 5)."""

import time

from agents import FOREVER, hash_of, until
from stores import USER, Fleet

ENTRIES, CHANGES = "sealring:entries:session.revoked", "sealring:changes:session.revoked"
MEMBER = (1000).to_bytes(5, "big")
LONG = 180  # seconds: a vote is once a minute, and is counted up to 30 seconds later


def test_as_many_entries_but_different_ones(agents, stores, tmp_path):
    """As a user of the ACL that the example has."""
    store = stores(tmp_path / "store", "--requirepass", "operator", *USER)
    store.login = ("operator",)
    store.start()
    password = tmp_path / "password"
    password.write_text("pass word\n")
    password.chmod(0o600)
    fleet = Fleet(agents, store, 2, "--store-user=agent", f"--store-password-file={password}").start()
    one, two = fleet.agents
    one.revoke("user=alice")
    fleet.wait_until_has("user", "alice")
    salt = one.list().salt

    # The stream has an entry only while the first agent reads it, and the store another one.
    two.stop()
    only_told = hash_of(salt, "user", "told") + MEMBER
    item = store("XADD", CHANGES, "*", "e", only_told + FOREVER.to_bytes(5, "big"), "n", b"\x04user")
    until(lambda: one.list().has("user", "told"), "the first agent has it")
    store("XADD", CHANGES, "*", "e", "", "n", "")
    store("ZADD", ENTRIES, FOREVER, hash_of(salt, "user", "stored") + MEMBER)
    read = store.calls("xrange")
    until(lambda: store.calls("xrange") >= read + 2, "the first agent has read the item after it")
    assert store("XDEL", CHANGES, item) == 1
    two.start()
    until(lambda: two.list().has("user", "stored"), "the second agent has the other one")
    assert len(one.list().entries) == len(two.list().entries) == store("ZCARD", ENTRIES) == 2
    assert set(one.list().entries) != set(two.list().entries)

    def are_equal():
        store("XADD", CHANGES, "*", "e", "", "n", "")
        time.sleep(0.5)
        return set(one.list().entries) == set(two.list().entries)

    until(are_equal, "the lists to be equal", LONG)
    assert len(one.list().entries) == 3
    until(lambda: store("ZCARD", ENTRIES) == 3, "the store has all")
