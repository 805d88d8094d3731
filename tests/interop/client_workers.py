# SPDX-License-Identifier: Apache-2.0
"""Runs a client: one process for a whole batch. Bytes are passed in hex.

    seal   [now, lifetime, context, payload]   ->  the token
    open   [now, context, token]               ->  an Outcome, as the core's
    read   the path of a ring file             ->  the number of its keys; 0: refused
"""

import json
import subprocess
from pathlib import Path

from libsealring import Outcome

FOLDER = Path(__file__).resolve().parent / "workers"
CLIENTS = {
    "node": ["node", "client.mjs"],
    # Of the batch, PHP holds everything at once.
    "php": ["php", "-d", "memory_limit=2G", "-d", "display_errors=stderr", "client.php"],
    "python": ["/usr/bin/python3", "client.py"],
}


class Results:
    def __init__(self, answer: dict):
        self.tokens = answer["seal"]
        self.outcomes = [
            Outcome(*known, payload=None if payload is None else bytes.fromhex(payload))
            for *known, payload in answer["open"]
        ]
        self.keys = answer["read"]


def run(client: str, ring: Path, *, seal=(), open=(), read=()) -> Results:
    work = {
        "ring": str(ring),
        "seal": [[*times, context.hex(), payload.hex()] for *times, context, payload in seal],
        "open": [[now, context.hex(), token.hex()] for now, context, token in open],
        "read": [str(path) for path in read],
    }
    done = subprocess.run(
        CLIENTS[client], input=json.dumps(work), capture_output=True, text=True, cwd=FOLDER,
        timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Results(json.loads(done.stdout))
