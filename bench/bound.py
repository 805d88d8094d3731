# SPDX-License-Identifier: Apache-2.0
"""What device binding costs nginx, one worker: a request with a bound session, of the same request with one
that is not bound, and a refresh with a proof."""

import contextlib
import functools
import json
import re
import sys
import time

import report
import revocation_list
import server_benchmark
import sessions
from server_load import Request
from servers import ask, cookies_of

sys.path.insert(0, str(report.ROOT / "tests" / "vectors"))

from browser import EC, proof  # noqa: E402

SETTINGS = "session on; session_revocations list; session_binding on refresh=1h;"
RENEWING = SETTINGS.replace("on refresh", "on path=/renewing/ refresh") + " session_renew 1s;"
LOCATIONS = "\n    ".join([
    f"location = /in/bound {{ {SETTINGS} session_set user $arg_user; return 204; }}",
    f"location = /renew/bound {{ {RENEWING} return 204; }}",
    sessions.places({"bound": SETTINGS + " session_require user;"}),
])  # fmt: skip
REFRESH = "/session-binding/refresh"


def bound_session(port: int) -> tuple[str, str]:
    """Its cookies, and its sid."""
    started = ask(port, f"/in/bound?user={sessions.USER}")
    challenge = re.search('challenge="([^"]*)"', started.headers["Secure-Session-Registration"])[1]
    registered = ask(port, "/session-binding/register", "POST",
                     {"Cookie": cookies_of(started),
                      "Secure-Session-Response": proof(challenge, EC, registers=True)})  # fmt: skip
    assert registered.status == 200
    bound, sid = cookies_of(registered), json.loads(registered.text)["session_identifier"]
    # Most requests come after the first renewal, with which the sid from before the binding goes.
    time.sleep(2)
    renewed = cookies_of(ask(port, "/renew/bound", headers={"Cookie": bound}))
    return f"{renewed}; {bound.split('; ')[1]}", sid


def refreshing(port: int, bound: str, sid: str) -> dict[str, str]:
    """The headers of a refresh with a proof, which is good for as long as its challenge: 120 seconds."""
    headers = {"Cookie": bound, "Sec-Secure-Session-Id": sid}
    challenged = ask(port, REFRESH, "POST", headers)
    challenge = re.search('^"([^"]*)"', challenged.headers["Secure-Session-Challenge"])[1]
    return headers | {"Secure-Session-Response": proof(challenge, EC)}


@contextlib.contextmanager
def serve(folder, aead, under, options):
    revocation_list.write(folder / "list", 1000)
    with sessions.server(folder, aead, under, LOCATIONS) as server:
        bound, sid = bound_session(server.port)
        unbound = cookies_of(ask(server.port, f"/in/bound?user={sessions.USER}"))
        requests = {f"{answer}/{kind}": Request(server, f"/{answer}/bound", {"Cookie": f"a=1; {cookies}; b=2"})
                    for answer in sessions.HANDLERS
                    for kind, cookies in (("unbound", unbound), ("bound", bound))}  # fmt: skip
        requests["binding/refresh"] = Request(
            server, REFRESH, functools.partial(refreshing, server.port, bound, sid), "POST")
        yield requests


def bases(name: str) -> list[str]:
    answer, _, kind = name.partition("/")
    return [f"{answer}/unbound"] if kind == "bound" else []


if __name__ == "__main__":
    server_benchmark.main("bound", __doc__, serve, bases, rounds=200)
