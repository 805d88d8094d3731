# SPDX-License-Identifier: Apache-2.0
"""What a session of 100 bytes costs a request to nginx, one worker, against the same request with the
cookie read into a variable."""

import contextlib
import http.client
import os
import re
import subprocess
import tempfile
from pathlib import Path

import report
import server_load
from server_load import Request, await_connections, free_port

MODULE = report.BUILD / "ngx_http_encrypted_session_module.so"
SIZE = 100
USER = "u" * (SIZE - len("user=&sid=&auth_time=") - 22 - 10)
NAME = "__Host-session"

CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module {module};
events {{ worker_connections 64; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    encrypted_session_keyring {folder}/ring;
    session_idle 10h;
    session_renew 9h;
    server {{
        listen 127.0.0.1:{port};
        location = /in {{ session on; session_set user $arg_user; return 204; }}
        location = /empty/unread {{ empty_gif; }}
        location = /empty/variable {{ set $read $cookie___host-session; empty_gif; }}
        location = /empty/session {{ session on; session_require user; empty_gif; }}
        root {folder};
        location = /file/unread {{ try_files /file =404; }}
        location = /file/variable {{ set $read $cookie___host-session; try_files /file =404; }}
        location = /file/session {{ session on; session_require user; try_files /file =404; }}
        location = /proxy/unread {{ proxy_pass http://up/; }}
        location = /proxy/variable {{ set $read $cookie___host-session; proxy_pass http://up/; }}
        location = /proxy/session {{ session on; session_require user; proxy_pass http://up/; }}
        {locations}
        proxy_http_version 1.1;
        proxy_set_header Connection "";
    }}
    upstream up {{ server 127.0.0.1:{upstream}; keepalive 32; }}
}}
"""
UPSTREAM = """
daemon off;
{user}
worker_processes 1;
error_log {folder}/upstream.log;
pid {folder}/upstream.pid;
events {{ worker_connections 64; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    server {{ listen 127.0.0.1:{upstream}; location / {{ return 200 "an answer"; }} }}
}}
"""
# What the worker does for a request, apart from the session.
ANSWERS = ("empty", "file", "proxy")
READINGS = ("unread", "variable", "session")


@contextlib.contextmanager
def nginx(folder: Path, name: str, text: str, port: int, under=()):
    (folder / f"{name}.conf").write_text(text)
    with (folder / f"{name}.startup").open("wb") as log:
        process = subprocess.Popen([*under, "/usr/sbin/nginx", "-p", folder, "-c",
                                    folder / f"{name}.conf"], stdout=log, stderr=log)
    try:
        await_connections(process, port)
        yield process
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def server(folder: Path, under=(), more="", locations=""):
    """Yields the port and the process of nginx in front of another one."""
    folder.chmod(0o755)
    (folder / "file").write_bytes(b"x" * 4096)
    port, upstream = free_port(), free_port()
    subprocess.run([report.BUILD / "sealring", "keyring", "init", folder / "ring"], check=True,
                   capture_output=True)
    words = {"folder": folder, "user": "user root;" if os.geteuid() == 0 else "", "module": MODULE,
             "port": port, "upstream": upstream, "locations": locations}  # fmt: skip
    with (nginx(folder, "upstream", UPSTREAM.format(**words), upstream),
          nginx(folder, "nginx", more + CONFIGURATION.format(**words), port, under) as process):
        yield port, process


def cookie(port: int) -> str:
    """A session's, as the server makes it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", f"/in?user={USER}")
        response = connection.getresponse()
        assert response.status == 204
        return response.headers["Set-Cookie"].split(";")[0]


def requests(port: int) -> dict[str, Request]:
    headers = {"Cookie": f"a=1; {cookie(port)}; b=2"}
    return {f"{answer}/{reading}": Request(port, f"/{answer}/{reading}", headers)
            for answer in ANSWERS for reading in READINGS}


def control(process: subprocess.Popen, *words: str) -> None:
    subprocess.run(["callgrind_control", *words, str(process.pid)], check=True, capture_output=True)


def instructions(folder: Path, count: int, made=requests, locations="") -> dict[str, int]:
    """What one request takes in the worker, by its name."""
    under = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={folder}/dump"]
    with server(folder, under, "master_process off;", locations) as (port, process):
        for name, request in made(port).items():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            with contextlib.closing(connection):
                for i in range(2 * count):
                    if i == count:  # now everything is in its place
                        control(process, "--zero")
                    connection.request("GET", request.path, headers=request.headers)
                    connection.getresponse().read()
                control(process, f"--dump={name}")
    counts = {}
    for dump in folder.glob("dump*"):
        text = dump.read_text()
        if name := re.search(r"^desc: Trigger: .* (\w+/\w+)$", text, re.M):
            total = int(re.search(r"^(?:summary|totals): (\d+)", text, re.M)[1])
            counts[name[1]] = round(total / count)
    return counts


def main() -> None:
    options = report.arguments("sessions", __doc__)
    rounds = 1 if options.quick else 9
    with (tempfile.TemporaryDirectory(prefix="sealring-bench-") as folder,
          server(Path(folder)) as (port, process)):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        rates = server_load.measure(requests(port), lambda: list(map(int, children.read_text().split())),
                                    rounds)
    counts = {}
    if options.instructions:
        with tempfile.TemporaryDirectory(prefix="sealring-bench-") as folder:
            counts = instructions(Path(folder), 200)
    results, rows = {}, []
    for name in rates:
        variable = name.split("/")[0] + "/variable"
        results[name] = result = server_load.summary(rates, name, [variable])
        same = result["against"][variable]
        rows.append([name, result["requests_per_second"], f"{same['requests']:.3f}",
                     f"{result['cpu_microseconds']:.2f}", f"{same['cpu']:.3f}",
                     f"{same['added_cpu_microseconds']:.2f}", counts.get(name, "")])
    print(report.table(["", "requests/s", "of variable", "CPU us a request", "of variable", "us added",
                        "instructions"], rows))
    report.save("sessions", {"rounds": rounds, "requests": results, "instructions": counts},
                options.json)


if __name__ == "__main__":
    main()
