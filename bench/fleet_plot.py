# SPDX-License-Identifier: Apache-2.0
"""Draws docs/fleet.svg from docs/fleet.json, and fills the tables of docs/fleet.md: how long revocations
take, and what they cost, by the number of machines."""

import json

import fleet
import tables
from plot import DOCS, HEIGHT, WIDTH, Panel, document, legend, nice_top

# A line has one colour in all panels.
NAMES = {"calm": "calm, median", "calm most": "calm, 99.9 %", "loss most": "loss", "cut most": "cut off",
         "failover most": "failover"}


def draw(results: dict) -> str:
    fleets = {int(nodes): result for nodes, result in results["fleets"].items()}

    def line(trouble, part, share):
        return {nodes: result[trouble][part][share] for nodes, result in fleets.items()}

    def coloured(lines):
        return {name: lines.get(name, {}) for name in NAMES}

    times = {"calm": line("calm", "everywhere", "median"), "calm most": line("calm", "everywhere", "most"),
             "loss most": line("loss", "everywhere", "most")}
    after = {"cut most": line("cut", "after_outage", "most"),
             "failover most": line("failover", "after_outage", "most")}
    megabytes = {"calm": {nodes: (result["idle"]["bytes_a_day"] + result["idle"]["headers_a_day"]) / 1e6
                          for nodes, result in fleets.items()}}
    load = {"calm": {nodes: 100 * fleet.load(result["calm"], results["costs"][str(nodes)])
                     for nodes, result in fleets.items()}}
    panels = [
        Panel(0, 0, "until it counts everywhere", "machines", "s", coloured(times), nice_top(times)),
        Panel(WIDTH, 0, "the same, after trouble", "machines", "s", coloured(after), nice_top(after)),
        Panel(0, HEIGHT, "a machine's traffic without logouts", "machines", "MB a day",
              coloured(megabytes), nice_top(megabytes)),
        Panel(WIDTH, HEIGHT, "the store's load", "machines", "% of one processor", coloured(load),
              nice_top(load))]
    return document([part for panel in panels for part in panel.parts] +
                    legend(2 * HEIGHT + 20, NAMES.values()))


def filled(text: str, results: dict) -> str:
    return tables.filled(text, fleet.tables(results))


if __name__ == "__main__":
    measured = json.loads((DOCS / "fleet.json").read_text())["fleet"]
    (DOCS / "fleet.svg").write_text(draw(measured))
    path = DOCS / "fleet.md"
    path.write_text(filled(path.read_text(), measured))
