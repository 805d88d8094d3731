# SPDX-License-Identifier: Apache-2.0
"""Times bench_core: medians of repetitions in random order. With --instructions also counts them."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

import report

PROGRAM = report.BUILD / "bench_core"
ROUNDS = 100
LIMIT = "aes_256_gcm"


def times(quick: bool) -> dict[str, float]:
    """Nanoseconds of CPU, by name."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run([PROGRAM, "--benchmark_enable_random_interleaving=true",
                        f"--benchmark_repetitions={2 if quick else 25}",
                        f"--benchmark_min_time={0.001 if quick else 0.02}",
                        "--benchmark_report_aggregates_only=true",
                        f"--benchmark_out={out.name}", "--benchmark_out_format=json"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        entries = json.load(out)["benchmarks"]
    return {entry["run_name"]: round(entry["cpu_time"], 1) for entry in entries
            if entry["aggregate_name"] == "median"}


def instructions() -> dict[str, int]:
    """Instructions of one call, by name."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["valgrind", "-q", "--tool=callgrind",
                        f"--callgrind-out-file={folder}/dump", PROGRAM, "--count", str(ROUNDS)],
                       check=True, capture_output=True)
        counts = {}
        for dump in Path(folder).iterdir():
            text = dump.read_text()
            name = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.M)
            if name:
                total = int(re.search(r"^(?:summary|totals): (\d+)", text, re.M)[1])
                counts[name[1]] = round(total / ROUNDS)
        return counts


def print_results(nanoseconds: dict[str, float], counts: dict[str, int]) -> None:
    def ratio(values, name):
        _, _, size = name.partition("/")
        limit = values.get(f"{LIMIT}/{size}")
        return f"{values[name] / limit:.2f}" if limit else ""

    head = ["", "ns", "/ cipher"] + (["instructions", "/ cipher"] if counts else [])
    rows = []
    for name in nanoseconds:
        row = [name, f"{nanoseconds[name]:.0f}", ratio(nanoseconds, name)]
        rows.append(row + ([counts[name], ratio(counts, name)] if counts else []))
    print(report.table(head, rows))


def main() -> None:
    options = report.arguments("core", __doc__)
    nanoseconds = times(options.quick)
    counts = instructions() if options.instructions else {}
    # In the order of core.cc, not in the random order in which they ran.
    listed = subprocess.run([PROGRAM, "--benchmark_list_tests"], check=True, capture_output=True,
                            text=True).stdout.split()
    nanoseconds = {name: nanoseconds[name] for name in listed}
    print_results(nanoseconds, counts)
    report.save("core", {"nanoseconds": nanoseconds,
                         **({"instructions": counts} if counts else {})}, options.json)


if __name__ == "__main__":
    main()
