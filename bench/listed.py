# SPDX-License-Identifier: Apache-2.0
"""What a revocation list of a million entries costs a request with a session, to nginx, one worker, of
the same request without a list. The session's sid and user are looked up."""

import contextlib

import revocation_list
import server_benchmark
import sessions

ENTRIES = 1_000_000
READINGS = {"session": sessions.READINGS["session"],
            "listed": "session_revocations list; " + sessions.READINGS["session"]}


@contextlib.contextmanager
def serve(folder, aead, under, options):
    revocation_list.write(folder / "list", 1000 if options.quick else ENTRIES)
    with sessions.server(folder, aead, under, sessions.places(READINGS)) as running:
        yield sessions.requests(running, READINGS)


def bases(name: str) -> list[str]:
    answer, _, reading = name.partition("/")
    return [f"{answer}/session"] if reading == "listed" else []


if __name__ == "__main__":
    server_benchmark.main("listed", __doc__, serve, bases, rounds=200)
