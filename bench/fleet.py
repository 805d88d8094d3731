# SPDX-License-Identifier: Apache-2.0
"""How long a revocation takes in fleets of 10, 1,000 and 10,000 machines, in calm and in trouble, and
what it costs. Simulated time, the agents' own state machines, a real store (docs/fleet.md)."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import report
import servers

SIZES = (10, 1000, 10_000)
RATE = 20  # revocations a second, in the whole fleet, from 10 s to 60 s
SECONDS = 80
TROUBLES = {
    "calm": {},
    "loss": {"loss": 0.01, "clocks": 5},
    "cut": {"loss": 0.01, "clocks": 5, "cut": 0.1},
    "failover": {"loss": 0.01, "clocks": 5, "failover": 1},
}
HEADERS = 2 * 52  # of TCP and IPv4, for a question and its answer
NAMES = ("valkey", "redis") if shutil.which("valkey-server") else ("redis",)


def tool(name: str) -> str:
    return f"{NAMES[0]}-{name}"


def ask(port: int, *command) -> str:
    return subprocess.run([tool("cli"), "-p", str(port), *map(str, command)], check=True,
                          capture_output=True, text=True).stdout


@contextmanager
def store(folder: Path, clients: int):
    port = servers.free_port()
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen([tool("server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                                    "--dir", str(folder), "--maxclients", str(clients + 50)],
                                   stdout=log, stderr=log)  # fmt: skip
    try:
        while b"PONG" not in subprocess.run([tool("cli"), "-p", str(port), "ping"],
                                            capture_output=True, check=False).stdout:
            assert process.poll() is None, (folder / f"{port}.log").read_text()
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def cpu(port: int) -> float:
    lines = dict(line.split(":") for line in ask(port, "info", "cpu").split() if ":" in line)
    return float(lines["used_cpu_user"]) + float(lines["used_cpu_sys"])


def simulate(folder: Path, nodes: int, seconds: float, rate: float, trouble: dict) -> dict:
    with ExitStack() as stack:
        port = stack.enter_context(store(folder, 100))
        more = dict(trouble)
        if "failover" in trouble:
            more["replica"] = stack.enter_context(store(folder, 100))
            ask(more["replica"], "replicaof", "127.0.0.1", port)
            while "master_link_status:up" not in ask(more["replica"], "info", "replication"):
                time.sleep(0.1)
        plan = {"nodes": nodes, "seconds": SECONDS, "rate": rate, "port": port, **more}
        words = [str(word) for pair in plan.items() for word in pair]
        done = subprocess.run([report.BUILD / "bench_fleet", *words], check=True, capture_output=True,
                              text=True)
    assert done.stderr == "", done.stderr
    result = json.loads(done.stdout)
    day = 86_400 / seconds / nodes
    result["bytes_a_day"] = round((result["sent"] + result["received"]) * day)
    result["headers_a_day"] = round(result["exchanges"] * HEADERS * day)
    result["questions_a_second"] = round(result["exchanges"] / seconds)
    result["commands_a_second"] = round(sum(result["commands"].values()) / seconds)
    return result


def question_cost(folder: Path, connections: int, questions: int) -> dict:
    """What a question costs the store that has as many connections, each with a question of its own."""
    with store(folder, connections) as port:
        key = "sealring:changes:session.revoked"
        last = ask(port, "xadd", key, "*", "e", "x" * 26, "n", "xsid").strip()
        before = cpu(port)
        done = subprocess.run([tool("benchmark"), "-p", str(port), "-c", str(connections), "-n",
                               str(questions), "--csv", "XRANGE", key, last, "+", "COUNT", "200"],
                              check=True, capture_output=True, text=True).stdout
        rate = float(done.strip().splitlines()[-1].split(",")[1].strip('"'))
        return {"cpu_microseconds": round((cpu(port) - before) / questions * 1e6, 2),
                "answers_a_second": round(rate)}


def load(result: dict, cost: dict) -> float:
    """The part of one processor that the store uses."""
    return result["questions_a_second"] * cost["cpu_microseconds"] / 1e6


def tables(results: dict) -> dict[str, str]:
    def seconds(values):
        return [f"{values['median']:.1f} s", f"{values['most']:.1f} s"]

    fleets, costs = results["fleets"], results["costs"]
    times, prices = [], []
    for nodes in map(str, results["sizes"]):
        for trouble in TROUBLES:
            result = fleets[nodes][trouble]
            after = result["after_outage"]
            times.append([f"{int(nodes):,}", trouble, f"{result['everywhere']['count']:,}",
                          *seconds(result["everywhere"]),
                          *(seconds(after) if after["count"] else ["", ""])])
        idle, calm = fleets[nodes]["idle"], fleets[nodes]["calm"]
        count = calm["everywhere"]["count"]
        each = (calm["sent"] + calm["received"] - idle["sent"] - idle["received"]) / count / int(nodes)
        total = idle["bytes_a_day"] + idle["headers_a_day"]
        prices.append([f"{int(nodes):,}", f"{idle['bytes_a_day'] / 1e6:.0f} MB", f"{total / 1e6:.0f} MB",
                       f"{each:.0f}", f"{idle['questions_a_second']:,}",
                       f"{calm['commands_a_second']:,}", f"{costs[nodes]['cpu_microseconds']:.1f}",
                       f"{100 * load(calm, costs[nodes]):.1f} %"])
    return {
        "times": report.table(["machines", "", "revocations", "median", "99.9 %", "after: median",
                               "99.9 %"], times),
        "costs": report.table(["machines", "a day", "with headers", "bytes a revocation",
                               "questions/s", "commands/s", "us a question", "store"], prices),
    }


def main() -> None:
    options = report.arguments("fleet", __doc__)
    sizes = (10,) if options.quick else SIZES
    results: dict = {"sizes": sizes, "rate": RATE, "seconds": SECONDS, "fleets": {}, "costs": {},
                     "store": subprocess.run([tool("server"), "--version"], check=True,
                                             capture_output=True, text=True).stdout.strip()}
    with tempfile.TemporaryDirectory(prefix="sealring-bench-") as name:
        for nodes in sizes:
            fleet = results["fleets"][str(nodes)] = {}
            for trouble, how in {"idle": {}, **TROUBLES}.items():
                rate = 1e-9 if trouble == "idle" else RATE
                print(f"{nodes} machines, {trouble}", file=sys.stderr, flush=True)
                fleet[trouble] = simulate(Path(name), nodes, SECONDS, rate, how)
            results["costs"][str(nodes)] = question_cost(Path(name), nodes,
                                                         1000 if options.quick else 300_000)
    for table in tables(results).values():
        print(table, end="\n\n")
    report.save("fleet", results, options)


if __name__ == "__main__":
    main()
