# SPDX-License-Identifier: Apache-2.0
"""Runs a client: one process for a whole batch. Bytes are passed in hex.

    seal   [now, lifetime, context, payload]   ->  the token
    open   [now, context, token]               ->  an Outcome, like the core's
    read   the path of a ring file             ->  the number of its keys; 0: refused
    session  [now, cookie, parts, subject, idle, lifetime, headers]  ->  an Opened, like the core's
    header   [[name, value], ...]              ->  the header's value; null: refused
    revoked  [name, value]                     ->  its revoked_at in the list `revocations`, which is then
                                                   also that of open and session; null: not in it
"""

import json
import subprocess
from pathlib import Path

from libsealring import Outcome
from libsealring_sessions import Opened

FOLDER = Path(__file__).resolve().parent / "workers"
CLIENTS = {
    "node": ["node", "client.mjs"],
    # PHP keeps everything of a batch in memory.
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
        self.sessions = [
            Opened(*known, tuple((bytes.fromhex(n), bytes.fromhex(v)) for n, v in fields),
                   bytes.fromhex(subject), sid.encode(), *times)
            for *known, fields, subject, sid, times in answer["session"]
        ]  # fmt: skip
        self.headers = answer["header"]
        self.revoked = answer["revoked"]


def run(
    client: str, ring: Path, *, revocations: Path | None = None,
    seal=(), open=(), read=(), session=(), header=(), revoked=(),
) -> Results:  # fmt: skip
    work = {
        "ring": str(ring),
        "revocations": None if revocations is None else str(revocations),
        "revoked": [[name.hex(), value.hex()] for name, value in revoked],
        "seal": [[*times, context.hex(), payload.hex()] for *times, context, payload in seal],
        "open": [[now, context.hex(), token.hex()] for now, context, token in open],
        "read": [str(path) for path in read],
        "session": [[*known, [text.hex() for text in headers]] for *known, headers in session],
        "header": [[[name.hex(), value.hex()] for name, value in fields] for fields in header],
    }
    done = subprocess.run(
        CLIENTS[client], input=json.dumps(work), capture_output=True, text=True, cwd=FOLDER,
        timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Results(json.loads(done.stdout))
