# SPDX-License-Identifier: Apache-2.0
"""Every benchmark runs, and the document shows what was measured. Nothing here looks at a time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("SEALRING_BUILD", ROOT / "build"))
DOCS = ROOT / "docs"
sys.path.insert(0, str(ROOT / "bench"))

import fleet_plot  # noqa: E402
import plot  # noqa: E402
import tables  # noqa: E402


@pytest.fixture(scope="module")
def measured():
    return json.loads((DOCS / "performance.json").read_text())


def test_each_benchmark_of_the_core_runs():
    names = subprocess.run([BUILD / "bench_core", "--count", "2"], check=True, capture_output=True,
                           text=True).stdout.split()
    assert {f"{family}/{size}" for family in tables.CORE for size in tables.SIZES} < set(names)
    assert {f"open_s1_keys/keys:{count}" for count in (1, 10, 100, 1000)} < set(names)


@pytest.mark.parametrize("part", ["core", "nginx", "sessions", "listed", "cookies", "bound"])
def test_a_short_run_gives_results(part, tmp_path):
    file = tmp_path / "results.json"
    file.write_text('{"other": 1}')
    said = subprocess.run(["/usr/bin/python3", ROOT / "bench" / f"{part}.py", "--quick", "--json",
                           file], check=True, capture_output=True, text=True).stdout
    results = json.loads(file.read_text())
    assert results["other"] == 1
    values = results[part]["nanoseconds" if part == "core" else "requests"]
    known = {"sessions": "proxy/session", "listed": "proxy/session", "cookies": "both/sealed",
             "bound": "binding/refresh"}
    assert known.get(part, "open_s1/64") in values
    for name in values:
        assert f"| {name} " in said


def test_a_revocation_list_is_measured():
    said = subprocess.run([BUILD / "bench_revocations", "--quick"], check=True, capture_output=True,
                          text=True).stdout
    assert "| 1000 | " in said


def test_the_plot_is_of_these_results(measured):
    assert (DOCS / "performance.svg").read_text() == plot.draw(measured)


def test_the_tables_are_of_these_results(measured):
    document = (DOCS / "performance.md").read_text()
    assert document == tables.filled(document, tables.tables(measured))


def test_a_small_fleet_is_simulated(tmp_path):
    file = tmp_path / "results.json"
    said = subprocess.run(["/usr/bin/python3", ROOT / "bench" / "fleet.py", "--quick", "--json", file],
                          check=True, capture_output=True, text=True).stdout
    results = json.loads(file.read_text())["fleet"]
    assert "| failover |" in said
    for trouble, result in results["fleets"]["10"].items():
        assert result["lost"] == 0, trouble
        assert result["everywhere"]["all"] < 2.5, "in simulated time"
        assert result["snapshots"] < 10 * (3 if trouble == "failover" else 2), trouble


def test_the_plot_and_the_tables_are_of_this_fleet():
    measured = json.loads((DOCS / "fleet.json").read_text())["fleet"]
    assert (DOCS / "fleet.svg").read_text() == fleet_plot.draw(measured)
    document = (DOCS / "fleet.md").read_text()
    assert document == fleet_plot.filled(document, measured)
