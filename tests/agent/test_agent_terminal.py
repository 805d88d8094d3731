# SPDX-License-Identifier: Apache-2.0
"""What other machines and the store say is shown in a terminal, but not done to it."""

import contextlib
import json
import socket
import subprocess
import threading
import time
from urllib.parse import unquote

from agents import PATIENCE, TOOL, until
from stores import Fleet
from test_agent_rings import NODES, RingFleet, fleet_key, keyring  # noqa: F401

# As a node's fields have it: a title for the window, a line of its own, and a control character of C1.
EVIL, SHOWN = "%1b]0;x%07%0aforged%c2%9b1m", "?]0;x??forged?1m"


def check(text, *shown):
    assert not {c for c in text if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f"}, text
    assert "\nforged" not in text
    for part in shown:
        assert part in text


def evil_node(store, *fields):
    store("HSET", NODES, b"web9\x1b\nforged\xc2\x9b", "&".join(
        [f"time={int(time.time())}", f"version={EVIL}", f"{EVIL}.generation=1", f"{EVIL}.ring=1", *fields]))


def test_the_fields_of_a_node(agents, store):
    agent = Fleet(agents, store, 1).start().agents[0]
    evil_node(store, f"{EVIL}.kids={EVIL}")
    until(lambda: len(agent.status().get("nodes", [])) == 2, "it sees the node")
    other = subprocess.run([TOOL, "status", agent.control], capture_output=True, text=True, timeout=PATIENCE)
    for text in (agent.run_any("status"), other.stdout):
        check(text, "web9??forged?", f"{SHOWN}: generation 1, entries 0", f"{SHOWN}: generation 1, kids {SHOWN}")


def test_the_nodes_that_do_not_have_a_ring(agents, store, fleet_key):  # noqa: F811
    fleet = RingFleet(agents, store, 1, fleet_key).start()
    keyring("init", fleet.agents[0].ring)
    evil_node(store, "session.keys.ring=0")
    until(lambda: len(fleet.agents[0].status().get("nodes", [])) == 2, "it sees the node")
    said = fleet.publish(fleet.agents[0], "--timeout", "1s", status=1)
    check(said, "is published", "web9??forged?", f"{SHOWN}: generation 1, entries 0")


@contextlib.contextmanager
def agent_that_says(path, answer):
    """A control socket at which one request gets this answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(PATIENCE)

        def serve():
            connection, _ = listener.accept()
            with connection, connection.makefile() as request:
                connection.settimeout(PATIENCE)
                request.read()
                connection.sendall(json.dumps(answer).encode() + b"\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(PATIENCE)


def test_the_text_of_an_error(agents):
    agent = agents()
    with agent_that_says(agent.control, {"error": "the store answers: " + unquote(EVIL)}):
        check(agent.run("publish", "/etc/session.keys", status=3), f"the store answers: {SHOWN}")
