# SPDX-License-Identifier: Apache-2.0
"""What the parts of script/bench share: options, the file of results, tables."""

import argparse
import json
import os
import platform
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("SEALRING_BUILD", ROOT / "build"))


def arguments(part: str, description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(f"script/bench {part}", description=description)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    parser.add_argument("--instructions", action="store_true",
                        help="also count instructions with callgrind; slow")
    parser.add_argument("--quick", action="store_true",
                        help="as short as can be, to see that it works: the numbers mean nothing")
    return parser.parse_args()


def machine() -> dict:
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    openssl = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True)
    return {"cpu": cpu[1] if cpu else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "openssl": openssl.stdout.split()[1]}


def save(part: str, results: dict, file: Path | None) -> None:
    """Replaces all of this part's results in the file."""
    if file is None:
        return
    everything = json.loads(file.read_text()) if file.exists() else {}
    everything[part] = {"machine": machine(), **results}
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n")
    fresh.replace(file)


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
