# SPDX-License-Identifier: Apache-2.0
"""What a token takes, and how that grows: CPU time, with each source of AES-256-GCM. With --instructions
also instructions, counted one by one."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import intervals
import report
import revocation_list

PROGRAM = report.BUILD / "bench_core"
LIMIT = "aes_256_gcm"
ENTRIES = (0, 1000, 10_000, 100_000, 1_000_000)  # of revocation lists


def run(aead: str, *words) -> dict:
    environment = os.environ | {"SEALRING_AEAD": aead}
    if words[0] == "memory":
        # Freed memory that glibc keeps for a thread would count as in use.
        environment["GLIBC_TUNABLES"] = "glibc.malloc.tcache_count=0"
    said = subprocess.run([PROGRAM, *map(str, words)], check=True, capture_output=True, text=True,
                          env=environment).stdout
    return json.loads(said)


def bases(name: str) -> list[str]:
    family, _, number = name.rpartition("/")
    is_of_size = family != LIMIT and number in ("64", "512", "3000")
    return [f"{LIMIT}/{number}"] if is_of_size else []


def measure(aead: str, lists: Path, options) -> dict:
    with report.priority(options):
        times = run(aead, "times", options.rounds, "", lists)
        threads = run(aead, "threads", max(2, options.rounds // 4))
    result = intervals.compared(times, {name: bases(name) for name in times})
    result |= intervals.compared(threads, {})
    return {
        "calls": result,
        "bytes": run(aead, "memory"),
        "instructions": run(aead, "instructions", "", lists) if options.instructions else {},
    }


def main() -> None:
    options = report.arguments("core", __doc__, rounds=1000)
    results = {}
    with tempfile.TemporaryDirectory(prefix="sealring-bench-") as lists:
        for entries in ENTRIES[:2] if options.quick else ENTRIES:
            revocation_list.write(Path(lists) / str(entries), entries)
        for aead in report.aeads():
            results[aead] = measure(aead, Path(lists), options)
    rows = []
    for aead, result in results.items():
        for name, call in result["calls"].items():
            share = call["against"].get(f"{LIMIT}/{name.rpartition('/')[2]}")
            rows.append([f"{aead} {name}", report.shown([1000 * it for it in call["microseconds"]], 0),
                         report.shown(share["share"]) if share else "",
                         result["instructions"].get(name, "")])
    print(report.table(["", "ns", "of the time of one EVP call", "instructions"], rows))
    report.save("core", results, options)


if __name__ == "__main__":
    main()
