# SPDX-License-Identifier: Apache-2.0
"""Publishing a ring while others publish too, or the store goes away: nothing is published over, and the operator
is told what happened."""

import json
import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from agents import until
from stores import Between
from test_agent_rings import RINGS, RingFleet, fleet, fleet_key, keyring, ring_of, sealed  # noqa: F401


def test_two_machines_that_rotate(fleet):
    fleet.publish_first()
    one, two, _ = fleet.agents
    keyring("rotate", one.ring)
    keyring("rotate", two.ring)
    until(lambda: "publish" in ring_of(two).get("problem", ""), "it has changes of its own")
    fleet.publish(one, "--timeout", "20s", status=1)
    own = two.ring.read_bytes()
    until(lambda: "move the file away" in ring_of(two).get("store_problem", ""), "it keeps its own")
    assert two.ring.read_bytes() == own != one.ring.read_bytes()
    said = two.run("publish", two.ring, status=3)
    assert "nothing was published" in said and "generation 2" in said and "move the file away" in said
    two.ring.rename(two.ring.with_suffix(".mine"))
    fleet.wait_until_equal(one)


def test_two_machines_that_publish_at_once(fleet, store):
    fleet.publish_first()
    publishers = fleet.agents[:2]
    fleet.wait_until_equal(publishers[0])
    for agent in publishers:
        keyring("rotate", agent.ring)
    for agent in publishers:
        until(lambda agent=agent: "publish" in ring_of(agent).get("problem", ""), "it has changes of its own")
    store("CLIENT", "PAUSE", "2000")  # so that both have asked before the store answers one
    with ThreadPoolExecutor() as threads:
        said = list(threads.map(lambda agent: agent.run_any("publish", agent.ring, "--timeout", "1s"), publishers))
    assert sum("nothing was published" in text for text in said) == 1, said


def test_a_newer_one_that_the_agent_has_not_heard_of(fleet, store, fleet_key):
    """It was asked to publish before it has asked the store again."""
    fleet.publish_first()
    one, *others = fleet.agents
    newer = sealed(fleet_key, 3, one.ring.read_bytes() + b"\n")
    for agent in others:
        agent.stop()
    keyring("rotate", one.ring)
    until(lambda: ring_of(one)["in_touch"], "it is in touch")
    one.process.send_signal(signal.SIGSTOP)
    with one.connect() as connection:
        connection.sendall(f"do=publish&ring={one.ring}\n".replace("/", "%2f").encode())
        connection.shutdown(socket.SHUT_WR)
        store("HSET", RINGS, 3, newer)
        one.process.send_signal(signal.SIGCONT)
        answer = json.loads(connection.makefile().read())
    assert "nothing was published" in answer.get("error", ""), answer
    assert "the fleet has another one, of generation 3; move the file away" in answer["error"]
    assert b"2" not in store("HKEYS", RINGS)


@pytest.fixture
def between(store):
    made = Between(store)
    yield made
    made.stop()


def test_a_newer_one_that_comes_at_the_same_time(agents, store, between, fleet_key):
    """Two generations were published after the agent has asked which there are."""
    fleet = RingFleet(agents, between, 1, fleet_key).start().publish_first()
    one = fleet.agents[0]
    newer = sealed(fleet_key, 3, one.ring.read_bytes() + b"\n")
    keyring("rotate", one.ring)

    def before(data):
        if b"HSETNX" in data and RINGS.encode() in data:
            store("HSET", RINGS, 3, newer)
        return True

    between.before = before
    said = fleet.publish(one, status=3)
    assert "nothing was published, because another machine has just published this ring" in said
    until(lambda: b"2" not in store("HKEYS", RINGS), "what came too late is removed")
    until(lambda: "generation 3; move the file away" in ring_of(one).get("store_problem", ""), "it says what to do")
    assert ring_of(one)["generation"] == 1


def test_a_store_that_is_lost_meanwhile(agents, store, between, fleet_key):
    fleet = RingFleet(agents, between, 1, fleet_key).start().publish_first()
    one = fleet.agents[0]
    for lost, why in ((b"HSETNX", "it is not known whether the ring was published: "),
                      (b"HKEYS", "nothing was published, because this machine does not follow the store: ")):
        keyring("rotate", one.ring)
        until(lambda: ring_of(one)["in_touch"], "it is in touch")
        between.before = lambda data, lost=lost: not (lost in data and RINGS.encode() in data)
        assert why in one.run("publish", one.ring, status=3)
        between.before = lambda data: True
        assert "is published" not in fleet.publish(one)
    assert ring_of(one)["generation"] == 3
