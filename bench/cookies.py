# SPDX-License-Identifier: Apache-2.0
"""What sealed_cookies costs a request to nginx, one worker, in front of an application that sets three
cookies, gets three, or does both, against the same request with them unsealed."""

import contextlib
import http.client
import os
import subprocess
import tempfile
from pathlib import Path

import report
import server_load
import sessions
from server_load import Request, free_port

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
    sealed_cookies_context shop;
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        location /plain/ {{ proxy_pass http://up/; }}
        location /sealed/ {{ sealed_cookies sessionid remember cart; proxy_pass http://up/; }}
    }}
    upstream up {{ server 127.0.0.1:{upstream}; keepalive 32; }}
}}
"""
COOKIES = {"sessionid": "0123456789abcdef0123456789abcdef", "remember": "alice|1800000000|9c1185a5c5e9fc54",
           "cart": "eyJpdGVtcyI6W3siaWQiOjQyLCJuIjoxfSx7ImlkIjo3LCJuIjozfV19"}  # fmt: skip
SETS = " ".join(f'add_header Set-Cookie "{name}={value}; Path=/; HttpOnly; SameSite=Lax";'
                for name, value in COOKIES.items())  # fmt: skip
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
    server {{
        listen 127.0.0.1:{upstream};
        location / {{ return 200 "an answer"; }}
        location /sets {{ {sets} return 200 "an answer"; }}
    }}
}}
"""


@contextlib.contextmanager
def server(folder: Path):
    folder.chmod(0o755)
    port, upstream = free_port(), free_port()
    subprocess.run([report.BUILD / "sealring", "keyring", "init", folder / "ring"], check=True,
                   capture_output=True)
    words = {"folder": folder, "user": "user root;" if os.geteuid() == 0 else "", "sets": SETS,
             "module": sessions.MODULE, "port": port, "upstream": upstream}  # fmt: skip
    with (sessions.nginx(folder, "upstream", UPSTREAM.format(**words), upstream),
          sessions.nginx(folder, "nginx", CONFIGURATION.format(**words), port) as process):
        yield port, process


def cookies_of(port: int, path: str) -> str:
    """As a client that was set them sends them."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path)
        lines = connection.getresponse().headers.get_all("Set-Cookie")
    assert len(lines) == 3
    return "; ".join(line.split(";")[0] for line in lines)


def requests(port: int) -> dict[str, Request]:
    made = {}
    for kind in ("plain", "sealed"):
        headers = {"Cookie": cookies_of(port, f"/{kind}/sets")}
        assert (kind == "sealed") == ("1~s1." in headers["Cookie"])
        made[f"sets/{kind}"] = Request(port, f"/{kind}/sets")
        made[f"gets/{kind}"] = Request(port, f"/{kind}/", headers)
        made[f"both/{kind}"] = Request(port, f"/{kind}/sets", headers)
    return made


def main() -> None:
    options = report.arguments("cookies", __doc__)
    rounds = 1 if options.quick else 15
    with tempfile.TemporaryDirectory(prefix="sealring-bench-") as name, server(Path(name)) as (port, process):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        rates = server_load.measure(requests(port), lambda: list(map(int, children.read_text().split())),
                                    rounds)
    results, rows = {}, []
    for name in rates:
        plain = name.split("/")[0] + "/plain"
        results[name] = result = server_load.summary(rates, name, [plain])
        same = result["against"][plain]
        rows.append([name, result["requests_per_second"], f"{same['requests']:.3f}",
                     f"{result['cpu_microseconds']:.2f}", f"{same['added_cpu_microseconds']:.2f}"])
    print(report.table(["", "requests/s", "of unsealed", "CPU us a request", "us added"], rows))
    report.save("cookies", {"rounds": rounds, "requests": results}, options.json)


if __name__ == "__main__":
    main()
