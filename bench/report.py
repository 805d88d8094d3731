# SPDX-License-Identifier: Apache-2.0
"""What the parts of script/bench share: options, the file of results, tables."""

import argparse
import contextlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("SEALRING_BUILD", ROOT / "build"))
# By whose AES-256-GCM tokens can be sealed: values of SEALRING_AEAD.
AEADS = ("openssl", "ipsec-mb")


def arguments(part: str, description: str, rounds: int | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(f"script/bench {part}", description=description)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    if rounds:
        parser.add_argument("--instructions", action="store_true", help="also count instructions; slow")
        parser.add_argument("--priority", action="store_true",
                            help="measure times with real-time priority: other programs wait; as root")
        parser.add_argument("--rounds", type=int, default=rounds, metavar="N", help=f"instead of {rounds}")
    parser.add_argument("--quick", action="store_true",
                        help="as short as can be, to see that it works: the numbers mean nothing")
    options = parser.parse_args()
    if options.quick and rounds:
        options.rounds = 2
    return options


@contextlib.contextmanager
def priority(options: argparse.Namespace):
    """If it is wanted: what is started within has it too."""
    if options.priority:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        yield
    finally:
        if options.priority:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def aeads() -> list[str]:
    """Those that this machine has."""
    def tried(aead):
        return subprocess.run([BUILD / "sealring", "keyring", "init", "/dev/null/none"], capture_output=True,
                              env=os.environ | {"SEALRING_AEAD": aead}, text=True, check=False)

    return [aead for aead in AEADS if "SEALRING_AEAD" not in tried(aead).stderr]


def machine() -> dict:
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    openssl = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True)
    return {"cpu": cpu[1] if cpu else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "openssl": openssl.stdout.split()[1],
            # Of the last minute, so also of what was just measured.
            "load": round(os.getloadavg()[0], 1)}


def save(part: str, results: dict, options: argparse.Namespace) -> None:
    """Replaces all of this part's results in the file."""
    file = options.json
    if file is None:
        return
    how = {"rounds": options.rounds, "priority": options.priority} if hasattr(options, "rounds") else {}
    everything = json.loads(file.read_text()) if file.exists() else {}
    everything[part] = {"machine": machine(), **how, **results}
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n")
    fresh.replace(file)


def shown(interval: Sequence[float], places: int = 3) -> str:
    """The median, and how far the interval reaches from it, to the farther side."""
    low, median, high = interval
    return f"{median:,.{places}f} ± {max(median - low, high - median):.{places}f}"


def table(head: list[str], rows: list[list]) -> str:
    """A Markdown table, with numbers aligned to the right."""
    cells = [head, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["| " + " | ".join(
        cell.ljust(width) if i == 0 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(row, widths))) + " |" for row in cells]
    rule = ["-" * widths[0], *["-" * (width - 1) + ":" for width in widths[1:]]]
    lines.insert(1, "| " + " | ".join(rule) + " |")
    return "\n".join(lines)
