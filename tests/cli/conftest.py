# SPDX-License-Identifier: Apache-2.0
"""A command line of its own for each test."""

import sys
from pathlib import Path

import pytest
from commands import Commands

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "vectors"))


@pytest.fixture
def cli(tmp_path):
    return Commands(tmp_path)
