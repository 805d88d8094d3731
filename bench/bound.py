# SPDX-License-Identifier: Apache-2.0
"""What device binding costs nginx, one worker: a request with a bound session, of the same request with one
that is not bound, and a refresh with a proof."""

import contextlib
import http.client
import json
import re
import sys
import tempfile
import time
from pathlib import Path

import report
import server_load
import sessions
from listed import HANDLERS, write_list
from server_load import Request

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "vectors"))

from browser import EC, proof  # noqa: E402

SETTINGS = "session on; session_revocations list; session_binding on refresh=1h;"
PLACES = [f"location = /{answer}/bound {{ {SETTINGS} session_require user; {handler} }}"
          for answer, handler in HANDLERS.items()]  # fmt: skip
RENEWING = SETTINGS.replace("on refresh", "on path=/renewing/ refresh") + " session_renew 1s;"
LOCATIONS = "\n        ".join([
    f"location = /in/bound {{ {SETTINGS} session_set user $arg_user; return 204; }}",
    f"location = /renew/bound {{ {RENEWING} return 204; }}",
    *PLACES,
])  # fmt: skip
REFRESH = "/session-binding/refresh"


def ask(port: int, path: str, method="GET", cookies="", **headers) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=sent | ({"Cookie": cookies} if cookies else {}))
        response = connection.getresponse()
        response.text = response.read().decode()
        return response


def cookies_of(response) -> str:
    return "; ".join(line.split(";")[0] for line in response.headers.get_all("Set-Cookie"))


def bound_session(port: int) -> tuple[str, str, str]:
    """Its cookies, its sid, and a proof."""
    started = ask(port, f"/in/bound?user={sessions.USER}")
    unbound = cookies_of(started)
    challenge = re.search('challenge="([^"]*)"', started.headers["Secure-Session-Registration"])[1]
    registered = ask(port, "/session-binding/register", "POST", unbound,
                     Secure_Session_Response=proof(challenge, EC, registers=True))  # fmt: skip
    assert registered.status == 200
    bound, sid = cookies_of(registered), json.loads(registered.text)["session_identifier"]
    # Most requests come after the first renewal, with which the sid from before the binding goes.
    time.sleep(2)
    renewed = cookies_of(ask(port, "/renew/bound", cookies=bound))
    bound = f"{renewed}; {bound.split('; ')[1]}"
    challenged = ask(port, REFRESH, "POST", bound, Sec_Secure_Session_Id=sid)
    challenge = re.search('^"([^"]*)"', challenged.headers["Secure-Session-Challenge"])[1]
    return bound, sid, proof(challenge, EC)


def requests(port: int) -> dict[str, Request]:
    """The refresh is good for as long as the challenge: 120 seconds."""
    bound, sid, sent = bound_session(port)
    unbound = cookies_of(ask(port, f"/in/bound?user={sessions.USER}"))
    made = {f"{answer}/{kind}": Request(port, f"/{answer}/bound", {"Cookie": f"a=1; {cookies}; b=2"})
            for answer in HANDLERS for kind, cookies in (("unbound", unbound), ("bound", bound))}  # fmt: skip
    headers = {"Cookie": bound, "Sec-Secure-Session-Id": sid, "Secure-Session-Response": sent}
    made["binding/refresh"] = Request(port, REFRESH, headers, "POST")
    return made


def main() -> None:
    options = report.arguments("bound", __doc__)
    rounds = 1 if options.quick else 9
    with tempfile.TemporaryDirectory(prefix="sealring-bench-") as name:
        folder = Path(name)
        write_list(folder, 1000)
        with sessions.server(folder, locations=LOCATIONS) as (port, process):
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            rates = server_load.measure(requests(port),
                                        lambda: list(map(int, children.read_text().split())), rounds)
    results, rows = {}, []
    for name in rates:
        unbound = name.split("/")[0] + "/unbound" if "/refresh" not in name else name
        results[name] = result = server_load.summary(rates, name, [unbound])
        same = result["against"][unbound]
        rows.append([name, f"{result['cpu_microseconds']:.2f}", f"{1 / same['cpu']:.3f}",
                     f"{same['added_cpu_microseconds']:.2f}"])
    print(report.table(["", "CPU us a request", "of unbound", "us added"], rows))
    report.save("bound", {"rounds": rounds, "requests": results}, options.json)


if __name__ == "__main__":
    main()
