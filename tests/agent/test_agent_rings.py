# SPDX-License-Identifier: Apache-2.0
"""Rings of a fleet: published by one machine, followed by the others, sealed in the store."""

import json
import os
import re
import shutil
import stat
import subprocess
import time

import pytest
from agents import PATIENCE, PROGRAM, ROOT, TOOL, until
from stores import Fleet, Store

RINGS, NODES = "sealring:ring:session.keys", "sealring:nodes"


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "store").start()
    yield made
    made.stop()


@pytest.fixture
def fleet_key(tmp_path):
    path = tmp_path / "fleet.keys"
    keyring("init", path)
    return path


def keyring(*words):
    return subprocess.run([TOOL, "keyring", *words], check=True, capture_output=True, text=True,
                          timeout=PATIENCE).stdout


def kids(ring):
    return [key["kid"] for key in json.loads(keyring("list", "--json", ring))["keys"]]


def sealed(key, generation, ring):
    """A ring as an agent would seal it."""
    payload = generation.to_bytes(8, "big") + b"\x0csession.keys" + ring
    return subprocess.run([TOOL, "seal", "--keyring", key, "--context", "sealring-ring", "--lifetime", "0"],
                          input=payload, capture_output=True, check=True, timeout=PATIENCE).stdout.strip()


class RingFleet(Fleet):
    """Agents that follow the ring session.keys, each in its own folder."""

    def __init__(self, agents, store, count, fleet_key, *options):
        super().__init__(agents, store, count, f"--fleet-key={fleet_key}", *options)
        for agent in self.agents:
            agent.ring = agent.folder / "session.keys"
            agent.options += (f"--ring={agent.ring}",)

    def start(self):
        for agent in self.agents:
            agent.start()
        return self

    def publish_first(self):
        keyring("init", self.agents[0].ring)
        self.publish(self.agents[0])
        return self

    def publish(self, agent, *options, status=0):
        """Waits until the agent knows the store, as an operator would run the command again."""
        until(lambda: ring_of(agent)["in_touch"], "it is in touch")
        return agent.run("publish", agent.ring, *options, status=status)

    def wait_until_equal(self, agent):
        for other in self.agents:
            until(lambda other=other: other.ring.exists() and
                  other.ring.read_bytes() == agent.ring.read_bytes(), f"{other.folder.name} has it")


def ring_of(agent):
    return agent.status()["rings"][0]


@pytest.fixture
def fleet(agents, store, fleet_key):
    return RingFleet(agents, store, 3, fleet_key).start()


def test_a_ring_that_one_publishes_all_have(fleet):
    one = fleet.agents[0]
    until(lambda: "waits for the one of the fleet" in ring_of(one).get("problem", ""), "there is none")
    one.run("status", status=1)
    fleet.publish_first()
    for agent in fleet.agents:
        assert agent.ring.read_bytes() == one.ring.read_bytes(), "publish has waited for it"
        assert stat.S_IMODE(agent.ring.stat().st_mode) & 0o037 == 0
        assert ring_of(agent)["generation"] == 1 and ring_of(agent)["kids"] == kids(one.ring)
    for agent in fleet.agents:
        until(lambda agent=agent: agent.status()["good"], "all are good")


def test_a_new_key_is_on_all_machines_before_it_seals(fleet):
    fleet.publish_first()
    one = fleet.agents[0]
    keyring("rotate", one.ring, "--activate-in", "1h")
    assert "All nodes that follow this ring have generation 2: 3." in fleet.publish(one)
    for agent in fleet.agents:
        new = json.loads(keyring("list", "--json", agent.ring))["keys"][-1]
        assert new["seal_from"] > time.time() + 3000 and len(kids(agent.ring)) == 2
    assert "generation 2" in fleet.publish(one), "again, nothing is new"
    until(lambda: fleet.store("HKEYS", RINGS) == [b"2"], "older ones are removed")


def test_the_store_has_no_key(fleet, store):
    fleet.publish_first()
    secret = json.loads(fleet.agents[0].ring.read_text())["keys"][0]["k"].encode()
    token = store("HGET", RINGS, "1")
    assert token.startswith(b"s1.") and secret not in token
    until(lambda: kids(fleet.agents[0].ring)[0].encode() in store("HGET", NODES, "web2"), "its kid")
    assert secret not in store("HGET", NODES, "web1")
    for agent in fleet.agents:
        assert secret not in agent.log.read_bytes() and secret.decode() not in json.dumps(agent.status())


def test_whoever_owns_the_store_cannot_make_or_change_a_ring(fleet, store, tmp_path):
    fleet.publish_first()
    one = fleet.agents[0]
    before, token = one.ring.read_bytes(), store("HGET", RINGS, "1")
    keyring("rotate", one.ring)
    fleet.publish(one)
    fleet.wait_until_equal(one)
    newest = one.ring.read_bytes()
    # An older ring as a newer one, an altered one, one under another key, and none.
    other = tmp_path / "other.keys"
    keyring("init", other)
    forged = sealed(other, 7, before)
    altered = token[:100] + (b"B" if token[100:101] == b"A" else b"A") + token[101:]
    for number, forgery in enumerate((token, altered, forged, b"x"), 3):
        store("HSET", RINGS, number, forgery)
    for agent in fleet.agents:
        until(lambda agent=agent: "generation" in ring_of(agent).get("store_problem", ""), "it says so")
        assert agent.ring.read_bytes() == newest and ring_of(agent)["generation"] == 2
        agent.run("status", status=1)
    for number in range(3, 7):
        store("HDEL", RINGS, number)
    for agent in fleet.agents:
        until(lambda agent=agent: agent.status()["good"], "it is good again")
        assert agent.ring.read_bytes() == newest and ring_of(agent)["generation"] == 2


def test_stray_generations_block_publishing_until_they_are_removed(fleet, store):
    fleet.publish_first()
    one = fleet.agents[0]
    strays = {"9007199254740991", "77", "78"}
    for generation in strays:
        store("HSET", RINGS, generation, "s1.forged")
    keyring("rotate", one.ring)
    until(lambda: "and 2 more" in ring_of(one).get("store_problem", ""), "it says so")
    fetched = store.calls("hget")
    until(lambda: store.calls("hget") >= fetched + 18, "they were tried again, by all three")
    assert one.log.read_text().count("in the store: generation") < 3, "it says so once"
    while strays:
        said = one.run("publish", one.ring, status=3)
        assert "nothing was published" in said and "if no machine of the fleet can use it" in said
        command = re.search(r"remove it from the store: (HDEL \S+ (\d+))$", said, re.MULTILINE)
        strays.remove(command[2])
        store(*command[1].split())
        until(lambda stray=command[2]: f"generation {stray}" not in ring_of(one).get("store_problem", ""), "it is gone")
    fleet.publish(one)
    fleet.wait_until_equal(one)


def test_a_store_that_refuses_writes_is_a_line_not_a_flood(fleet, store):
    fleet.publish_first()
    one = fleet.agents[0]
    until(lambda: one.status()["good"], "it is good")
    store("CONFIG", "SET", "maxmemory", "1")
    store("DEL", RINGS)
    until(lambda: "OOM" in ring_of(one).get("store_problem", ""), "it says so")
    refused = store.calls("hsetnx", "rejected_calls")
    until(lambda: store.calls("hsetnx", "rejected_calls") >= refused + 12, "they have tried again")
    assert one.log.read_text().count("OOM command not allowed") <= 2 and "OOM" in ring_of(one)["store_problem"]
    store("CONFIG", "SET", "maxmemory", "0")
    until(lambda: one.status()["good"], "it is good again")
    assert store("HKEYS", RINGS) == [b"1"]


def test_no_machine_goes_back_to_an_older_ring(fleet, store):
    fleet.publish_first()
    one, two, _ = fleet.agents
    token = store("HGET", RINGS, "1")
    keyring("rotate", one.ring)
    fleet.publish(one)
    newest = one.ring.read_bytes()
    for agent in fleet.agents:
        agent.kill()
    store("DEL", RINGS)
    store("HSET", RINGS, "1", token)
    two.start()
    until(lambda: store("HKEYS", RINGS) == [b"2"], "the newest is back in the store")
    assert two.ring.read_bytes() == newest and ring_of(two)["generation"] == 2


def test_a_store_that_was_wiped_is_filled_again(agents, fleet, store, fleet_key):
    fleet.publish_first()
    store("FLUSHALL")
    until(lambda: store("HKEYS", RINGS) == [b"1"], "the ring is back")
    late = RingFleet(agents, store, 4, fleet_key).agents[3]
    late.start()
    until(lambda: late.ring.exists() and late.ring.read_bytes() == fleet.agents[0].ring.read_bytes(),
          "a machine that comes later has it")


def test_a_machine_that_is_away_is_named(fleet):
    fleet.publish_first()
    one, two, three = fleet.agents
    three.kill()
    keyring("rotate", one.ring)
    said = fleet.publish(one, "--timeout", "20s", status=1)
    assert "web3" in said and "web2" not in said and "generation 2 is published" in said
    until(lambda: two.ring.read_bytes() == one.ring.read_bytes(), "the other has it")
    three.start()
    fleet.wait_until_equal(one)
    assert "generation 2: 3." in fleet.publish(one)


def test_a_machine_that_is_behind_is_no_good_status(fleet):
    fleet.publish_first()
    one, _, three = fleet.agents
    three.ring.with_suffix(".keys.sealed").unlink()
    three.ring.write_text(keyring_text(three))  # another ring, changed on this machine
    three.stop()
    three.start()
    keyring("rotate", one.ring)
    said = fleet.publish(one, "--timeout", "20s", status=1)
    assert "web3" in said and "BEHIND" in said
    until(lambda: "move the file away" in ring_of(three).get("store_problem", ""), "it says what to do")
    assert "BEHIND" in one.run_any("status")
    three.ring.unlink()
    fleet.wait_until_equal(one)


def keyring_text(agent):
    path = agent.folder / "another.keys"
    keyring("init", path)
    return path.read_text()


def test_a_ring_that_is_gone_or_damaged_is_written_again(fleet):
    fleet.publish_first()
    one, two, _ = fleet.agents
    for damage in (lambda: two.ring.unlink(), lambda: two.ring.write_text("torn")):
        damage()
        fleet.wait_until_equal(one)
    assert "is written again" in two.log.read_text()


def test_the_store_is_away(fleet, store):
    fleet.publish_first()
    one = fleet.agents[0]
    store.stop()
    until(lambda: not ring_of(one)["in_touch"], "it notices")
    keyring("rotate", one.ring)
    assert "nothing was published" in one.run("publish", one.ring, status=3)
    store.start()
    fleet.publish(one)
    fleet.wait_until_equal(one)


def test_killed_at_any_moment(fleet):
    """An agent that is killed while it replaces a ring has one or the other, and goes on."""
    fleet.publish_first()
    one, two, _ = fleet.agents
    for number in range(8):
        keyring("rotate", one.ring, "--activate-in", "0")
        sent = subprocess.Popen([PROGRAM, "publish", "--config=/dev/null", f"--control={one.control}",
                                 one.ring], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.17 * number)
        two.kill()
        assert kids(two.ring), "it is a ring"
        two.start()
        assert sent.wait(PATIENCE) == 0, sent.stderr.read()
    fleet.wait_until_equal(one)


@pytest.mark.parametrize("missing, message", [("--store", "rings come from a store"),
                                              ("--fleet-key", "make a fleet key"),
                                              ("", "letters, digits")])
def test_what_a_ring_needs(agents, store, fleet_key, missing, message):
    agent = RingFleet(agents, store, 1, fleet_key).agents[0]
    agent.options = tuple(option for option in agent.options
                          if not missing or not option.startswith(missing))
    if not missing:
        agent.options += (f"--ring={agent.folder}/a b",)
    agent.start(wait=False)
    assert agent.process.wait(PATIENCE) == 2
    assert message in agent.log.read_text()


def test_a_fleet_key_that_others_can_read_is_refused(agents, store, fleet_key):
    fleet_key.chmod(0o644)
    agent = RingFleet(agents, store, 1, fleet_key).agents[0].start(wait=False)
    assert agent.process.wait(PATIENCE) == 3
    assert "chmod 640" in agent.log.read_text()


def test_a_fleet_key_that_is_rotated(agents, store, fleet_key, tmp_path):
    fleet = RingFleet(agents, store, 2, fleet_key).start()
    fleet.publish_first()
    keyring("rotate", fleet_key, "--activate-in", "0", "--max-lifetime", "1h")
    one = fleet.agents[0]
    keyring("rotate", one.ring)
    fleet.publish(one)
    fleet.wait_until_equal(one)


def test_an_unknown_ring(fleet):
    one = fleet.agents[0]
    assert "does not follow the ring" in one.run("publish", "/etc/other.keys", status=3)
    assert "--timeout" in one.run("publish", one.ring, "--timeout", "soon", status=2)
    assert "RING" in one.run("publish", status=2)


def test_a_machine_that_has_the_ring_already_joins(agents, store, fleet_key, tmp_path):
    """As a fleet does that copied its ring with rsync before."""
    fleet = RingFleet(agents, store, 2, fleet_key)
    keyring("init", fleet.agents[0].ring)
    shutil.copy(fleet.agents[0].ring, fleet.agents[1].ring)
    os.chmod(fleet.agents[1].ring, 0o640)
    fleet.start()
    fleet.publish(fleet.agents[0])
    for agent in fleet.agents:
        until(lambda agent=agent: agent.status()["good"], "both are good")


def test_the_example_and_the_commands_of_the_document(agents, store, fleet_key, tmp_path):
    """docs/fleet-rings.md: the configuration of one machine, and each command that it shows for rings."""
    agent = agents()
    folder = agent.folder / "rings"
    text = (ROOT / "examples/agent/rings.conf").read_text()
    wanted = {"/etc/sealring/rings": str(folder), "/etc/sealring": str(tmp_path),
              "/var/lib/sealring": str(agent.folder)}
    for path, own in wanted.items():
        text = text.replace(path, own)
    text = text.replace("rediss://store.example:6379", store.url)
    text = "\n".join(line for line in text.splitlines() if not line.startswith("store-"))
    configuration = agent.folder / "agent.conf"
    configuration.write_text(f"{text}\nsocket = {agent.socket}\ncontrol = {agent.control}\n")
    text = (ROOT / "docs/fleet-rings.md").read_text()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```\n", text, re.MULTILINE | re.DOTALL)
    commands = [line for language, block in blocks if not language for line in block.splitlines()]
    assert len(commands) == 7
    agent.command = lambda: [PROGRAM, "run", "--config", configuration]
    fleet_key.unlink()
    for command in commands:
        if "publish" in command and agent.process is None:
            agent.start()
        for path, own in wanted.items():
            command = command.replace(path, own)
        words = command.replace("-g www-data", "").split()
        if words[0].startswith("sealring"):
            words[0] = TOOL if words[0] == "sealring" else PROGRAM
        if "publish" in words:
            words.insert(2, f"--config={configuration}")
            until(lambda: agent.status()["rings"][0]["in_touch"], "it is in touch")
        subprocess.run(words, check=True, capture_output=True, timeout=PATIENCE)
    assert len(kids(folder / "session.keys")) == 2
    until(lambda: store("HKEYS", RINGS) == [b"2"], "the older one is removed")
