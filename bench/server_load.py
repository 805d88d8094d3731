# SPDX-License-Identifier: Apache-2.0
"""Loads a server with several kinds of request in alternating rounds, and compares them.

A machine's speed changes from one second to the next. So each round measures every kind of request,
each time in another order, ratios are computed within a round, and their median is the result.
"""

import contextlib
import random
import re
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple


class Request(NamedTuple):
    port: int
    path: str
    headers: Mapping[str, str] = {}
    method: str = "GET"


class Rate(NamedTuple):
    requests_per_second: float
    cpu_microseconds: float  # of the server's processes, per request


Rates = Mapping[str, list[Rate]]  # by the name of a kind of request; one a round


# Below those of clients: one that asks such a port before the server listens may come from it, and
# then it is connected with itself.
PORTS = iter(random.sample(range(20000, 32000), 12000))


def free_port() -> int:
    """A different port at each call."""
    for port in PORTS:
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def await_connections(server: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


def cpu_seconds(processes: list[int]) -> float:
    """CPU time so far, to the nanosecond, of all threads."""
    tasks = [task for process in processes for task in Path(f"/proc/{process}/task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def load(request: Request, processes: list[int], seconds: int) -> Rate:
    """Every response must be a 2xx or 3xx."""
    headers = [part for name, value in request.headers.items() for part in ("-H", f"{name}: {value}")]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f'wrk.method = "{request.method}"\n')
        script.flush()
        before = cpu_seconds(processes)
        said = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", script.name, *headers,
                               "--timeout", "20s", f"http://127.0.0.1:{request.port}{request.path}"],
                              check=True, capture_output=True, text=True).stdout
    spent = cpu_seconds(processes) - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{request.path} was not answered as it should be:\n{said}")
    count = int(re.search(r"(\d+) requests in", said)[1])
    return Rate(float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), 1e6 * spent / count)


def measure(requests: Mapping[str, Request], processes: Callable[[], list[int]], rounds: int,
            seconds: int = 1) -> Rates:
    """`processes` lists those of the server that serve requests; they may change."""
    rates: dict[str, list[Rate]] = {name: [] for name in requests}
    for _ in range(rounds):
        for name in random.sample(list(requests), len(requests)):
            rates[name].append(load(requests[name], processes(), seconds))
    return rates


def summary(rates: Rates, name: str, baselines: list[str]) -> dict:
    """Medians, and the medians of each round's ratios to the baselines."""
    def median(of, *names):
        return statistics.median(map(of, *(rates[each] for each in names)))

    return {
        "requests_per_second": round(median(lambda rate: rate.requests_per_second, name)),
        "cpu_microseconds": round(median(lambda rate: rate.cpu_microseconds, name), 2),
        "against": {baseline: {
            "requests": round(median(lambda rate, base: rate.requests_per_second /
                                     base.requests_per_second, name, baseline), 3),
            "cpu": round(median(lambda rate, base: rate.cpu_microseconds / base.cpu_microseconds,
                                name, baseline), 3),
            "added_cpu_microseconds": round(median(lambda rate, base: rate.cpu_microseconds -
                                                   base.cpu_microseconds, name, baseline), 2),
        } for baseline in baselines},
    }
