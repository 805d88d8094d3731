# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions that a server takes for a request, in user space, and in which file they are."""

import contextlib
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import server_load
from server_load import Request

REQUESTS = 200


def command(folder: Path) -> list[str]:
    """Under which the server runs: as one process."""
    return ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.%p"]


def by_file(dump: str) -> Counter[str]:
    """Instructions by the name of the library or program."""
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    file, skips = "", False
    for line in dump.splitlines():
        if found := re.match(r"ob=(\(\d+\))(?: (.*))?", line):
            if found[2]:
                names[found[1]] = Path(found[2]).name
            file = names[found[1]]
        elif line.startswith(("cob=", "cobj=")):
            number, _, path = line.partition("=")[2].partition(" ")
            if path:
                names[number] = Path(path).name
        elif line.startswith("calls="):
            skips = True  # the next line is what was called, which is counted where it is
        elif line[:1] in "+-*0123456789" and line:
            if not skips:
                counts[file] += int(line.split()[-1])
            skips = False
    return counts


def control(server, *words):
    subprocess.run(["callgrind_control", *words, str(server.pid)], check=True, capture_output=True)


def count(folder: Path, requests: Mapping[str, Request]) -> dict[str, dict[str, int]]:
    """By the name of the request, then of the file. Their servers run under command(folder)."""
    for number, (name, request) in enumerate(requests.items()):
        with contextlib.closing(server_load.Client(request.server.port, connections=1)) as client:
            text = request.text()
            size = client.size_of_response(text)
            client.load(text, size, REQUESTS)  # now everything is in its place
            control(request.server, "--zero")
            client.load(text, size, REQUESTS)
            control(request.server, f"--dump={number}")
    names, counts = list(requests), {}
    for dump in folder.glob("callgrind*"):
        text = dump.read_text()
        if number := re.search(r"^desc: Trigger: .*?(\d+)$", text, re.M):
            counts[names[int(number[1])]] = {file: round(total / REQUESTS)
                                             for file, total in by_file(text).items()
                                             if total >= REQUESTS}
    return counts
