# SPDX-License-Identifier: Apache-2.0
"""A benchmark of requests to servers, with each source of AES-256-GCM: all in the same rounds."""

import contextlib
import tempfile
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import callgrind
import intervals
import report
import server_load
from server_load import Request

# Starts a server in a folder, with an AEAD, under a command, and gives its requests by name.
Serve = Callable[[Path, str, Sequence[str], Namespace], contextlib.AbstractContextManager[Mapping[str, Request]]]


def folder(stack: contextlib.ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sealring-bench-")))


def measure(serve: Serve, options: Namespace) -> dict[str, list[float]]:
    with report.priority(options), contextlib.ExitStack() as stack:
        requests = {f"{aead} {name}": request for aead in report.aeads()
                    for name, request in stack.enter_context(serve(folder(stack), aead, (), options)).items()}
        return server_load.measure(requests, options.rounds)


def instructions(serve: Serve, options: Namespace) -> dict[str, dict[str, int]]:
    counts = {}
    for aead in report.aeads():
        with contextlib.ExitStack() as stack:
            place = folder(stack)
            requests = stack.enter_context(serve(place, aead, callgrind.command(place), options))
            counts |= {f"{aead} {name}": count for name, count in callgrind.count(place, requests).items()}
    return counts


def main(part: str, description: str, serve: Serve, bases: Callable[[str], Sequence[str]], rounds: int,
         counts: bool = True) -> None:
    """`bases`: the names of what a request is compared with."""
    options = report.arguments(part, description, rounds)
    taken = measure(serve, options)
    counted = instructions(serve, options) if options.instructions and counts else {}

    def bases_of(name):
        aead, _, kind = name.partition(" ")
        return [f"{aead} {base}" for base in bases(kind)]

    results = intervals.compared(taken, {name: bases_of(name) for name in taken})
    rows = []
    for name, result in results.items():
        total = f"{sum(counted[name].values()):,}" if name in counted else ""
        row = [name, report.shown(result["microseconds"], 2), total]
        for base, against in result["against"].items():
            rows.append([*row, base, report.shown(against["share"]),
                         report.shown(against["added_microseconds"], 2)])
            row = ["", "", ""]
        if not result["against"]:
            rows.append([*row, "", "", ""])
    print(report.table(["", "CPU us a request", "instructions", "compared with", "share", "us added"], rows))
    report.save(part, {"requests": results, "instructions": counted}, options)
