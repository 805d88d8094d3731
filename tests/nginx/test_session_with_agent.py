# SPDX-License-Identifier: Apache-2.0
"""nginx and the real agent: a logout outlives nginx, and reaches another nginx by the list."""

import pytest
from agents import Agent
from logouts import SID, cookie, is_good, logout_site, token
from nginx_server import wait_until


@pytest.fixture
def agent(ring):
    """An agent that keeps the list of the site in the folder of `ring`."""
    made = Agent(ring.folder, lists=("revocations.list",)).start()
    yield made
    made.stop()


def entries(agent) -> int:
    return agent.status()["lists"][0]["entries"]


def test_a_logout_outlives_the_server(ring, agent):
    site = logout_site(f"agent=unix:{agent.socket}")
    server = ring.start(site)
    value, other = token(ring.key), token(ring.key, sid="B" * 21 + "A")
    assert is_good(server, value) and is_good(server, other)
    assert server.get("/out", cookie(value)).status == 303
    wait_until(lambda: entries(agent) == 1, "the agent to have the logout")
    assert agent.list().has("sid", SID)
    server.stop()
    server = ring.start(site)
    assert not is_good(server, value)
    assert is_good(server, other)


def test_the_agent_revokes_for_the_server(ring, agent):
    server = ring.start(logout_site(f"agent=unix:{agent.socket}"))
    value = token(ring.key)
    assert is_good(server, value)
    agent.revoke("user=alice")
    wait_until(lambda: not is_good(server, value), "the server to see the list")


def test_an_agent_that_was_away(ring, agent):
    """What nginx could not tell it arrives when it is back."""
    server = ring.start(logout_site(f"agent=unix:{agent.socket}"))
    agent.kill()
    assert server.get("/out", cookie(token(ring.key))).status == 303
    assert not is_good(server, token(ring.key))
    agent.start()
    wait_until(lambda: entries(agent) == 1, "nginx to send the logout again")
    assert agent.list().has("sid", SID)
