# SPDX-License-Identifier: Apache-2.0
"""What sealing and opening cost a request to nginx, one worker, against `return 200`."""

import contextlib
import http.client
import os
import subprocess
import tempfile
from pathlib import Path

import report
import server_load
from server_load import Request, await_connections, free_port
from tables import has_cookie

SIZES = (64, 512, 3000)
MODULE = report.BUILD / "ngx_http_encrypted_session_module.so"
DEBIAN_MODULES = Path("/usr/lib/nginx/modules")

# The payload comes from the configuration, so that sealing reads no header. `unread` locations get
# the same request as `open` ones. Responses are of one size, empty.
CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
load_module {debian}/ndk_http_module.so;
load_module {debian}/ngx_http_set_misc_module.so;
load_module {module};
events {{ worker_connections 64; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    large_client_header_buffers 4 16k;
    server {{
        listen 127.0.0.1:{port};
        encrypted_session_keyring {folder}/ring;
        encrypted_session_expires 1h;
        location = /plain {{ return 200; }}
        {locations}
    }}
    server {{
        listen 127.0.0.1:{legacy_port};
        encrypted_session_key "abcdefghijklmnopqrstuvwxyz123456";
        encrypted_session_expires 1h;
        {legacy_locations}
    }}
}}
"""
LOCATIONS = """
        location = /seal/{size} {{ set_encrypt_session $token "{payload}"; return 200; }}
        location = /open/{size} {{ set_decrypt_session $payload $cookie_token; return 200; }}
        location = /both/{size} {{
            set_decrypt_session $payload $cookie_token;
            set_encrypt_session $token $payload;
            return 200;
        }}
        location = /make/{size} {{
            set_encrypt_session $token "{payload}";
            return 200 $token;
        }}
"""
LEGACY_LOCATIONS = """
        location = /seal/{size} {{
            set_encrypt_session $token "{payload}";
            set_encode_base64 $token;
            return 200;
        }}
        location = /open/{size} {{
            set_decode_base64 $token $cookie_token;
            set_decrypt_session $payload $token;
            return 200;
        }}
        location = /both/{size} {{
            set_decode_base64 $token $cookie_token;
            set_decrypt_session $payload $token;
            set_encrypt_session $token $payload;
            set_encode_base64 $token;
            return 200;
        }}
        location = /make/{size} {{
            set_encrypt_session $token "{payload}";
            set_encode_base64 $token;
            return 200 $token;
        }}
"""


def get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == 200, f"{path}: {response.status}"
        return response.read().decode()


@contextlib.contextmanager
def server(folder: Path):
    """Yields the two ports and a function that lists the worker's process."""
    port, legacy_port = free_port(), free_port()

    def of_sizes(template):
        return "".join(template.format(size=size, payload="p" * size) for size in SIZES)

    subprocess.run([report.BUILD / "sealring", "keyring", "init", folder / "ring"], check=True,
                   capture_output=True)
    (folder / "nginx.conf").write_text(CONFIGURATION.format(
        folder=folder, user="user root;" if os.geteuid() == 0 else "", debian=DEBIAN_MODULES, module=MODULE, port=port, legacy_port=legacy_port,
        locations=of_sizes(LOCATIONS), legacy_locations=of_sizes(LEGACY_LOCATIONS)))
    with (folder / "startup.log").open("wb") as log:
        nginx = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-c", folder / "nginx.conf"],
                                 stdout=log, stderr=log)
    try:
        await_connections(nginx, port)
        children = Path(f"/proc/{nginx.pid}/task/{nginx.pid}/children")
        yield port, legacy_port, lambda: [int(pid) for pid in children.read_text().split()]
    finally:
        nginx.terminate()
        nginx.wait()


def main() -> None:
    options = report.arguments("nginx", __doc__)
    rounds = 1 if options.quick else 9
    sizes = SIZES[:1] if options.quick else SIZES
    with (tempfile.TemporaryDirectory(prefix="sealring-bench-") as folder,
          server(Path(folder)) as (port, legacy_port, worker)):
        requests = {"return 200": Request(port, "/plain")}
        for size in sizes:
            for name, of_port in (("s1", port), ("legacy", legacy_port)):
                cookie = {"Cookie": f"token={get(of_port, f'/make/{size}')}"}
                if of_port == port:
                    requests[f"unread/{size}"] = Request(port, "/plain", cookie)
                requests[f"seal_{name}/{size}"] = Request(of_port, f"/seal/{size}")
                requests[f"open_{name}/{size}"] = Request(of_port, f"/open/{size}", cookie)
                requests[f"both_{name}/{size}"] = Request(of_port, f"/both/{size}", cookie)
        rates = server_load.measure(requests, worker, rounds)
    results, rows = {}, []
    for name in requests:
        _, _, size = name.partition("/")
        unread = f"unread/{size or SIZES[0]}"
        result = server_load.summary(rates, name, ["return 200", unread])
        results[name] = result
        bare, same = result["against"]["return 200"], result["against"][unread]
        rows.append([name, result["requests_per_second"], f"{bare['requests']:.3f}",
                     f"{same['requests']:.3f}" if has_cookie(name) else "",
                     f"{result['cpu_microseconds']:.2f}",
                     f"{bare['cpu']:.3f}", f"{bare['added_cpu_microseconds']:.2f}"])
    print(report.table(["", "requests/s", "of return 200", "of unread", "CPU us a request",
                        "of return 200", "us added"], rows))
    report.save("nginx", {"rounds": rounds, "requests": results}, options.json)


if __name__ == "__main__":
    main()
