# SPDX-License-Identifier: Apache-2.0
"""Agents that end with their test."""

import subprocess
import sys
from pathlib import Path

import pytest

for folder in ("nginx", "fleet"):
    sys.path.append(str(Path(__file__).resolve().parents[1] / folder))

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


@pytest.fixture
def certificates(tmp_path):
    """An authority, the store's certificate for 127.0.0.1, and an agent's."""

    def make(name, *options):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "36500", "-subj", f"/CN={name}",
                        "-keyout", tmp_path / f"{name}.key", "-out", tmp_path / f"{name}.pem", *options],
                       check=True, capture_output=True, timeout=60)

    make("ca")
    by_ca = ["-CA", tmp_path / "ca.pem", "-CAkey", tmp_path / "ca.key", "-addext",
             "basicConstraints=CA:FALSE"]
    make("store", *by_ca, "-addext", "subjectAltName=IP:127.0.0.1")
    make("other", *by_ca, "-addext", "subjectAltName=IP:127.0.0.2,DNS:other.example")
    make("agent", *by_ca)
    return tmp_path
