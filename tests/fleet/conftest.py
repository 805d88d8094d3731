# SPDX-License-Identifier: Apache-2.0
"""A fleet: three nginx and one Apache, each on a machine of its own with an agent, and a store."""

import sys
import warnings
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
for folder in ("vectors", "nginx", "apache", "agent"):
    sys.path.insert(0, str(TESTS / folder))

from network import Network, OneHost, Unavailable  # noqa: E402
from site_of_fleet import Fleet  # noqa: E402


@pytest.fixture
def network():
    try:
        made = Network()
    except Unavailable as reason:
        warnings.warn(f"the fleet runs on ports of 127.0.0.1, not in network namespaces: {reason}",
                      stacklevel=1)
        made = OneHost()
    yield made
    made.end()


@pytest.fixture
def fleet(network, tmp_path):
    made = Fleet(network, tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.stop()
