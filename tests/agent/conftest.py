# SPDX-License-Identifier: Apache-2.0
"""Agents that end with their test."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "nginx"))

from agents import Agent  # noqa: E402
from stores import Store  # noqa: E402


@pytest.fixture
def agents(tmp_path):
    """Makes agents: agents("web1", "--max-staleness=10s")."""
    made = []

    def make(name="agent", *options, **more):
        made.append(Agent(tmp_path / name, *options, **more))
        return made[-1]

    yield make
    for agent in made:
        agent.stop()


@pytest.fixture
def agent(agents):
    return agents().start()


@pytest.fixture
def stores():
    """Makes stores that end with the test."""
    made = []

    def make(*arguments):
        made.append(Store(*arguments))
        return made[-1]

    yield make
    for store in made:
        store.stop()


@pytest.fixture
def store(stores, tmp_path):
    return stores(tmp_path / "store").start()
