# SPDX-License-Identifier: Apache-2.0
"""Several agents and one store: lists are equal, in outages too (spec/fleet.md)."""

import os
import re
import signal
import time

import pytest
from agents import FOREVER, base64url, table, until
from ports import free_port
from stores import USER, Fleet

NOW = int(time.time())
ENTRIES, CHANGES = "sealring:entries:session.revoked", "sealring:changes:session.revoked"
LIST, NAMES = "sealring:list:session.revoked", "sealring:names:session.revoked"


@pytest.fixture
def fleet(agents, store):
    return Fleet(agents, store, 3).start()


def test_what_one_revokes_all_have(fleet):
    one, two, three = fleet.agents
    assert one.list().salt == two.list().salt == three.list().salt
    two.revoke("user=alice", "--before", str(NOW - 7), "--until", str(NOW + 5000))
    three.tell("sid", "a", revoked_at=NOW)
    fleet.wait_until_has("user", "alice")
    fleet.wait_until_has("sid", "a")
    for agent in fleet.agents:
        listed = agent.list()
        assert listed.entries[listed.hash("user", "alice")] == (NOW - 7, NOW + 5000)
        assert set(listed.names) == {"sid", "user"}
    for agent in fleet.agents:
        until(lambda agent=agent: agent.status()["lists"][0]["unsent"] == 0, "all is sent")


def test_the_layout_of_the_store(fleet, store):
    fleet.agents[0].revoke("user=alice", "--before", "1000", "--until", str(NOW + 5000))
    fleet.wait_until_has("user", "alice")
    listed = fleet.agents[1].list()
    hashed = listed.hash("user", "alice")
    member = hashed + (1000).to_bytes(5, "big")
    assert store("ZRANGE", ENTRIES, 0, -1, "WITHSCORES") == [member, str(NOW + 5000).encode()]
    assert store("HGET", LIST, "salt").decode() == base64url(listed.salt)
    assert store("SMEMBERS", NAMES) == [b"user"]
    items = [fields for _, fields in store("XRANGE", CHANGES, "-", "+")]
    assert items[-1] == [b"e", member + (NOW + 5000).to_bytes(5, "big"), b"n", b"\x04user"]
    assert items[0] == [b"e", b"", b"n", b""]
    until(lambda: len(store("HKEYS", "sealring:nodes")) == 3, "all nodes are there")


def test_a_later_revocation_replaces_an_earlier_one(fleet, store):
    one, two, three = fleet.agents
    one.revoke("user=alice", "--before", "1000")
    fleet.wait_until_has("user", "alice")
    two.revoke("user=alice", "--before", "2000")
    for agent in fleet.agents:
        until(lambda agent=agent: list(agent.list().entries.values()) == [(2000, FOREVER)],
              "the later time counts")
    until(lambda: store("ZCARD", ENTRIES) == 1, "the earlier member is gone")
    three.revoke("user=alice", "--before", "500")
    assert list(three.list().entries.values()) == [(2000, FOREVER)]


def test_a_machine_that_comes_later(agents, fleet, store):
    fleet.agents[0].revoke("user=alice")
    fleet.wait_until_has("user", "alice")
    late = Fleet(agents, store, 4).agents[3]
    late.start()
    until(lambda: late.lists[0].exists() and late.list().has("user", "alice"), "it has the list")


def test_a_machine_that_was_away(fleet):
    away, *others = fleet.agents
    away.kill()
    for number in range(100):
        others[0].tell("sid", str(number))
    until(lambda: len(others[1].list().entries) == 100, "the others have all")
    away.start()
    until(lambda: len(away.list().entries) == 100, "and so has it")


def test_what_was_revoked_while_the_store_was_away_arrives_after_it(fleet, store):
    store.stop()
    for agent in fleet.agents:
        until(lambda agent=agent: not agent.status()["good"], "the agents notice")
        agent.run("status", status=1)
    for number, agent in enumerate(fleet.agents):
        agent.revoke(f"user={number}")
        assert agent.list().has("user", str(number)), "it is effective here at once"
        assert agent.status()["lists"][0]["unsent"] >= 1
    # Also what an agent that has restarted since then had to send.
    fleet.agents[0].kill()
    fleet.agents[0].start()
    store.start()
    for number in range(3):
        fleet.wait_until_has("user", str(number))
    fleet.wait_until_in_touch()


def test_what_is_revoked_again_while_its_agent_is_away_arrives_although_the_first_has_ended(fleet):
    away, *others = fleet.agents
    end = int(time.time()) + 8
    away.revoke("user=alice", "--before", str(NOW - 7), "--until", str(end))
    fleet.wait_until_has("user", "alice")
    away.stop()
    until(lambda: time.time() > end + 1, "it has ended")
    away.revoke("user=alice", "--before", str(NOW), "--until", str(NOW + 5000))
    away.start()
    for agent in others:
        until(lambda agent=agent: list(agent.list().entries.values()) == [(NOW, NOW + 5000)],
              "the later one counts", patience=20)


def test_a_store_that_was_wiped_un_revokes_nothing(fleet, store):
    fleet.agents[0].revoke("user=alice")
    fleet.wait_until_has("user", "alice")
    salt = fleet.agents[0].list().salt
    store("FLUSHALL")
    until(lambda: store("ZCARD", ENTRIES) == 1, "the agents fill it again")
    until(lambda: store("HGET", LIST, "salt") == base64url(salt).encode(), "with the same salt")
    assert set(store("SMEMBERS", NAMES)) == {b"user"}
    for agent in fleet.agents:
        assert agent.list().has("user", "alice") and agent.list().salt == salt
    fleet.agents[1].revoke("user=bob")
    fleet.wait_until_has("user", "bob")


def test_entries_that_vanish_from_the_store_alone_come_back(fleet, store):
    """As a store does that evicts keys. The stream shows nothing of it, the digest does."""
    fleet.agents[0].revoke("user=alice")
    fleet.wait_until_has("user", "alice")
    store("DEL", ENTRIES)
    for agent in fleet.agents[:2]:
        agent.stop()
        agent.start()
    until(lambda: store("ZCARD", ENTRIES) == 1, "they are back")


def test_a_list_with_another_salt_is_not_mixed_in(agents, store):
    alone = agents("web1").start()
    alone.revoke("user=alice")
    alone.stop()
    other = Fleet(agents, store, 2).agents[1]
    other.start()
    until(lambda: other.status()["good"], "it has joined")
    alone.options = (f"--store={store.url}", "--node=web1")
    alone.start()
    until(lambda: "another salt" in alone.status()["lists"][0].get("store_problem", ""), "it says so")
    alone.run("status", status=1)
    alone.revoke("user=bob")
    assert alone.list().has("user", "alice") and alone.list().has("user", "bob")
    assert store("ZCARD", ENTRIES) == 0
    # To let it join, as docs/fleet.md has it. An agent that runs writes the file again.
    alone.lists[0].unlink()
    until(alone.lists[0].exists, "it is written again")
    assert alone.list().salt != other.list().salt
    alone.stop()
    alone.lists[0].unlink()
    alone.start()
    until(lambda: alone.status()["good"], "it has joined")
    assert alone.list().salt == other.list().salt


def test_a_list_that_was_alone_brings_its_entries_and_its_salt(agents, store):
    alone = agents("web1").start()
    alone.revoke("user=alice")
    alone.stop()
    salt = alone.list().salt
    alone.options = (f"--store={store.url}", "--node=web1")
    alone.start()
    other = Fleet(agents, store, 2).agents[1].start()
    until(lambda: other.lists[0].exists() and other.list().has("user", "alice"), "the other has it")
    assert other.list().salt == salt


def test_what_another_writer_adds_to_the_file_is_sent(fleet, agents):
    one = fleet.agents[0]
    writer = agents("writer")
    writer.lists = one.lists
    writer.start()
    writer.revoke("user=alice")
    fleet.wait_until_has("user", "alice")


def test_the_bound_of_a_list_and_when_it_is_confirmed(agents, store):
    fleet = Fleet(agents, store, 2)
    fleet.agents[0].options += ("--max-staleness=12s",)
    fleet.start()
    for agent in fleet.agents:
        until(lambda agent=agent: agent.list().max_staleness == 12, "both have it")
    for agent in fleet.agents:
        os.utime(agent.lists[0], (1, 1))
        until(lambda agent=agent: agent.lists[0].stat().st_mtime > 1, "they confirm it")
    store.stop()
    for agent in fleet.agents:
        until(lambda agent=agent: not agent.status()["lists"][0]["in_touch"], "they notice")
    agent = fleet.agents[0]
    os.utime(agent.lists[0], (1000, 1000))
    confirmed = agent.lists[0].stat().st_mtime
    time.sleep(7)
    assert agent.lists[0].stat().st_mtime == confirmed, "without the store they do not"
    agent.revoke("user=alice")
    until(lambda: agent.lists[0].stat().st_mtime < time.time() - 6, "nor by writing it")
    store.start()
    until(lambda: agent.lists[0].stat().st_mtime > time.time() - 6, "again with it")


def test_what_others_put_into_the_store_does_no_harm(fleet, store):
    one = fleet.agents[0]
    one.revoke("user=alice")
    fleet.wait_until_has("user", "alice")
    store("ZADD", ENTRIES, FOREVER, b"short")
    store("ZADD", ENTRIES, 2**50, b"x" * 21)
    store("ZADD", ENTRIES, -5, b"y" * 21)
    store("SADD", NAMES, b"n" * 100, b"UPPER")
    for fields in ([b"e", b"x" * 25, b"n", b""], [b"e", b"", b"n", b"\xff"], [b"a", b"b"],
                   [b"e", b"x" * 26 * 33, b"n", b""], [b"n", b"", b"e", b""]):
        store("XADD", CHANGES, "*", *fields)
    one.revoke("user=bob")
    fleet.wait_until_has("user", "bob")
    for agent in fleet.agents:
        agent.stop()
        agent.start()
    fleet.wait_until_in_touch()
    for agent in fleet.agents:
        assert set(agent.list().names) == {"user"} and len(agent.list().entries) == 2


def test_more_names_than_a_list_can_have_keep_nothing_out(fleet, store):
    one, two, _ = fleet.agents
    one.revoke("user=alice")
    fleet.wait_until_has("user", "alice")
    store("SADD", NAMES, *(f"name{number}" for number in range(20)))
    store("XADD", CHANGES, "*", "e", "", "n", b"".join(b"\x05more%d" % number for number in range(10)))
    two.stop()
    two.start()
    until(lambda: two.status()["lists"][0].get("store_problem"), "it says so")
    assert "more names" in two.status()["lists"][0]["store_problem"]
    for agent in (one, two):
        agent.revoke("user=bob")
        fleet.wait_until_has("user", "bob")
        assert len(agent.list().names) <= 16


def test_keys_of_another_type_are_reported(agents, store):
    store("SET", LIST, "x")
    agent = Fleet(agents, store, 1).agents[0]
    agent.start()
    until(lambda: "WRONGTYPE" in agent.status()["lists"][0].get("store_problem", ""), "it says so")
    store("DEL", LIST)
    until(lambda: agent.status()["good"], "it goes on by itself")


def test_nodes(fleet):
    one, two, _ = fleet.agents
    two.revoke("user=alice")
    fleet.wait_until_has("user", "alice")

    def nodes():
        return {node["name"]: node for node in one.status().get("nodes", [])}

    until(lambda: nodes().get("web2", {}).get("lists", {}).get("session.revoked", {}).get("entries") == 1, "web2 says so")
    assert set(nodes()) == {"web1", "web2", "web3"} and not nodes()["web2"]["missing"]
    printed = one.run("status")
    assert f"store {fleet.store.url}: connected, connections 1, failures 0" in printed
    [row] = table(printed, "list")
    assert (row["store"], row["unsent"], row["from store"]) == ("in touch", "0", "1")
    row = table(printed, "node")[1]
    assert (row["node"], row["state"]) == ("web2", "good") and "HDEL" not in printed
    assert re.fullmatch(r"session.revoked: generation 2, entries 1, unsent 0, lag \d+s", row["lists and key rings"])
    two.kill()
    until(lambda: nodes()["web2"]["missing"], "it is missing")
    assert one.status()["good"] is False
    printed = one.run_any("status")
    assert table(printed, "node")[1]["state"] == "MISSING"
    # What it says to do about a machine that does not come back.
    command = re.search(r"removed from the store now: (HDEL \S+) NODE$", printed, re.MULTILINE)[1]
    fleet.store(*command.split(), "web2")
    until(lambda: set(nodes()) == {"web1", "web3"}, "it is forgotten")
    one.run("status")


def test_a_node_that_is_gone_is_forgotten_although_nobody_looks(agents, store):
    """When an agent connects, and every five minutes."""
    day_ago = int(time.time()) - 86_400
    store("HSET", "sealring:nodes", "old", f"time={day_ago - 60}", "new", f"time={day_ago + 600}")
    Fleet(agents, store, 1).agents[0].start()
    until(lambda: set(store("HKEYS", "sealring:nodes")) == {b"new", b"web1"}, "only the old one is forgotten")


def test_a_password_and_a_user_of_the_acl(agents, stores, tmp_path):
    store = stores(tmp_path / "store", "--requirepass", "operator", *USER)
    store.login = ("operator",)
    store.start()
    (tmp_path / "password").write_text("pass word\n")
    (tmp_path / "password").chmod(0o600)
    fleet = Fleet(agents, store, 2, "--store-user=agent",
                  f"--store-password-file={tmp_path / 'password'}").start()
    fleet.agents[0].revoke("user=alice")
    fleet.wait_until_has("user", "alice")
    (tmp_path / "password").write_text("wrong")
    fleet.agents[0].stop()
    fleet.agents[0].start()
    until(lambda: "WRONGPASS" in fleet.agents[0].status()["store"].get("problem", ""), "it says so")
    assert "pass word" not in fleet.agents[0].log.read_text()
    (tmp_path / "password").chmod(0o644)
    fleet.agents[0].stop()
    fleet.agents[0].start(wait=False)
    assert fleet.agents[0].process.wait(60) == 2
    assert "chmod 640" in fleet.agents[0].log.read_text()


def test_an_acl_from_before_nodes_were_forgotten(agents, stores, tmp_path):
    user = [word for word in USER if word != "+hrandfield"]
    assert len(user) == len(USER) - 1
    store = stores(tmp_path / "store", *user).start()
    (tmp_path / "password").write_text("pass word\n")
    (tmp_path / "password").chmod(0o600)
    agent = Fleet(agents, store, 1, "--store-user=agent",
                  f"--store-password-file={tmp_path / 'password'}").start().agents[0]
    until(lambda: "nodes that are gone cannot be forgotten in the store: the store answers: NOPERM"
          in agent.log.read_text(), "it says so")


def tls_store(stores, folder, name):
    return stores(folder / name, "--tls-port", str(free_port()), "--tls-cert-file",
                 str(folder / f"{name}.pem"), "--tls-key-file", str(folder / f"{name}.key"),
                 "--tls-ca-cert-file", str(folder / "ca.pem")).start()


def test_a_store_with_tls(agents, stores, certificates):
    store = tls_store(stores, certificates, "store")
    store.url = f"rediss://127.0.0.1:{store.options[1]}"
    fleet = Fleet(agents, store, 2, f"--store-ca={certificates / 'ca.pem'}",
                  f"--store-certificate={certificates / 'agent.pem'}",
                  f"--store-key={certificates / 'agent.key'}").start()
    for number in range(500):
        fleet.agents[0].tell("sid", str(number))
    until(lambda: len(fleet.agents[1].list().entries) == 500, "all arrive")


@pytest.mark.parametrize("name, ca", [("other", "ca"), ("store", "agent")])
def test_a_store_with_a_certificate_that_is_not_its_own(agents, stores, certificates, name, ca):
    store = tls_store(stores, certificates, name)
    store.url = f"rediss://127.0.0.1:{store.options[1]}"
    agent = Fleet(agents, store, 1, f"--store-ca={certificates / ca}.pem",
                  f"--store-certificate={certificates / 'agent.pem'}",
                  f"--store-key={certificates / 'agent.key'}").agents[0].start()
    until(lambda: "certificate is refused" in agent.status()["store"].get("problem", ""), "it says so")
    assert not agent.lists[0].exists()


def test_a_store_behind_a_unix_socket(agents, stores, tmp_path):
    store = stores(tmp_path / "store", "--unixsocket", str(tmp_path / "redis.sock")).start()
    store.url = f"unix:{tmp_path / 'redis.sock'}"
    fleet = Fleet(agents, store, 2).start()
    fleet.agents[0].revoke("user=alice")
    fleet.wait_until_has("user", "alice")


def test_a_store_that_hangs_is_noticed(fleet, store):
    store.process.send_signal(signal.SIGSTOP)
    for agent in fleet.agents:
        until(lambda agent=agent: not agent.status()["good"], "the agents notice")
    fleet.agents[0].revoke("user=alice")
    store.process.send_signal(signal.SIGCONT)
    fleet.wait_until_has("user", "alice")


def test_a_primary_that_becomes_a_replica(agents, stores, tmp_path):
    """The address is a link to the socket of the primary, as a name is to its address."""
    first, second = (stores(tmp_path / name, "--unixsocket", str(tmp_path / f"{name}.sock")).start()
                     for name in ("first", "second"))
    address = tmp_path / "store.sock"
    address.symlink_to("first.sock")
    first.url = f"unix:{address}"
    fleet = Fleet(agents, first, 2).start()
    fleet.agents[0].revoke("user=alice")
    fleet.wait_until_has("user", "alice")
    second("REPLICAOF", "127.0.0.1", first.port)
    until(lambda: second("ZCARD", ENTRIES) == 1, "the replica has all")
    second("REPLICAOF", "NO", "ONE")
    first("REPLICAOF", "127.0.0.1", second.port)
    for agent in fleet.agents:
        until(lambda agent=agent: "is a replica" in agent.status()["store"].get("problem", ""), "it says so")
    fleet.agents[0].revoke("user=bob")
    (tmp_path / "new.sock").symlink_to("second.sock")
    (tmp_path / "new.sock").rename(address)
    fleet.wait_until_has("user", "bob")
    fleet.wait_until_in_touch()
    until(lambda: second("ZCARD", ENTRIES) == 2, "the new primary has all")
    for agent in fleet.agents:
        assert agent.log.read_text().count("is a replica") == 1, "once"
