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


@pytest.mark.parametrize("part, known", [
    ("nginx", "open_s1/64"), ("sessions", "proxy/session"), ("listed", "proxy/listed"),
    ("cookies", "both/sealed"), ("bound", "binding/refresh"), ("apache", "both/s1")])  # fmt: skip
def test_a_short_run_gives_results(part, known, tmp_path):
    file = tmp_path / "results.json"
    file.write_text('{"other": 1}')
    said = subprocess.run(["/usr/bin/python3", ROOT / "bench" / f"{part}.py", "--quick", "--json",
                           file], check=True, capture_output=True, text=True).stdout
    results = json.loads(file.read_text())
    assert results["other"] == 1
    requests = results[part]["requests"]
    assert f"openssl {known}" in requests
    for name, result in requests.items():
        assert f"| {name} " in said
        assert len(result["microseconds"]) == 3 and min(result["microseconds"]) > 0


def test_a_short_run_of_the_core_gives_results(tmp_path):
    file = tmp_path / "results.json"
    said = subprocess.run(["/usr/bin/python3", ROOT / "bench" / "core.py", "--quick", "--json", file],
                          check=True, capture_output=True, text=True).stdout
    openssl = json.loads(file.read_text())["core"]["openssl"]
    assert {f"{family}/{size}" for family in tables.CORE for size in tables.SIZES} < set(openssl["calls"])
    for name in tables.GROWTH:
        assert len(tables.family(openssl["calls"], name)) >= 2, name
    assert openssl["bytes"]["1/1"][0] <= openssl["bytes"]["1/1"][1] <= openssl["bytes"]["1/1"][2]
    assert "| openssl open_s1/64 " in said


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
