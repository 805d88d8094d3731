# SPDX-License-Identifier: Apache-2.0
"""A command line of its own for each test."""

import pytest
from commands import Commands


@pytest.fixture
def cli(tmp_path):
    return Commands(tmp_path)
