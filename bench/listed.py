# SPDX-License-Identifier: Apache-2.0
"""What a revocation list of a million entries costs a request with a session, to nginx, one worker, of
the same request without a list. The session's sid and user are looked up."""

import subprocess
import tempfile
from pathlib import Path

import report
import server_load
import sessions
from server_load import Request

ENTRIES = 1_000_000
LISTED = """location = /{answer}/listed {{
            session on; session_revocations list; session_require user; {handler} }}"""
HANDLERS = {"empty": "empty_gif;", "file": "try_files /file =404;", "proxy": "proxy_pass http://up/;"}
LOCATIONS = "\n        ".join(LISTED.format(answer=answer, handler=handler)
                             for answer, handler in HANDLERS.items())  # fmt: skip


def write_list(folder: Path, entries: int) -> None:
    sealring, path = report.BUILD / "sealring", folder / "list"
    subprocess.run([sealring, "revocations", "--create", path], check=True, capture_output=True)
    revoked = "".join(f"user={i}\n" for i in range(entries - 1)) + "sid=AAAAAAAAAAAAAAAAAAAAAA\n"
    subprocess.run([sealring, "revoke", path, "-"], input=revoked, text=True, check=True,
                   capture_output=True)


def requests(port: int) -> dict[str, Request]:
    headers = {"Cookie": f"a=1; {sessions.cookie(port)}; b=2"}
    return {f"{answer}/{reading}": Request(port, f"/{answer}/{reading}", headers)
            for answer in HANDLERS for reading in ("session", "listed")}


def main() -> None:
    options = report.arguments("listed", __doc__)
    rounds = 1 if options.quick else 15
    counts = {}
    with tempfile.TemporaryDirectory(prefix="sealring-bench-") as name:
        folder = Path(name)
        write_list(folder, 1000 if options.quick else ENTRIES)
        with sessions.server(folder, locations=LOCATIONS) as (port, process):
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            rates = server_load.measure(requests(port),
                                        lambda: list(map(int, children.read_text().split())), rounds)
        (folder / "ring").unlink()
        if options.instructions:
            counts = sessions.instructions(folder, 200, requests, LOCATIONS)
    results, rows = {}, []
    for name in rates:
        session = name.split("/")[0] + "/session"
        results[name] = result = server_load.summary(rates, name, [session])
        same = result["against"][session]
        rows.append([name, f"{result['cpu_microseconds']:.2f}", f"{1 / same['cpu']:.3f}",
                     f"{same['added_cpu_microseconds']:.2f}", counts.get(name, "")])
    print(report.table(["", "CPU us a request", "of no list", "us added", "instructions"], rows))
    report.save("listed", {"rounds": rounds, "requests": results, "instructions": counts},
                options.json)


if __name__ == "__main__":
    main()
