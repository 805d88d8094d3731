# SPDX-License-Identifier: Apache-2.0
"""Servers that are measured: started for it, on ports of their own, and asked."""

import contextlib
import http.client
import os
import random
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import report

DEBIAN_MODULES = "/usr/lib/nginx/modules"
MODULES = (f"{DEBIAN_MODULES}/ndk_http_module.so", report.BUILD / "ngx_http_encrypted_session_module.so")
# At the top of each configuration of nginx. The worker has to read the folder, which is root's.
NGINX_HEAD = f"""
daemon off;
{"user root;" if os.geteuid() == 0 else ""}
worker_processes 1;
error_log {{folder}}/{{name}}.log;
pid {{folder}}/{{name}}.pid;
{{modules}}
events {{{{ worker_connections 256; }}}}
"""
# In each http block.
NGINX_HTTP = "access_log off; keepalive_requests 1000000000; keepalive_timeout 1h;"

# Below those of clients: one that asks such a port before the server listens may come from it, and
# then it is connected with itself.
PORTS = iter(random.sample(range(20000, 32000), 12000))


def free_port() -> int:
    """A different port at each call."""
    for port in PORTS:
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def await_connections(server: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


class Server(NamedTuple):
    port: int
    pid: int

    def cpu_nanoseconds(self) -> int:
        """CPU time so far, in the kernel too, of the process and its children."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        # What clock_getcpuclockid() returns for a process.
        return sum(time.clock_gettime_ns((~pid << 3) | 2) for pid in (self.pid, *map(int, children)))

    def at(self, port: int) -> "Server":
        """The same processes, at another port."""
        return self._replace(port=port)


@contextlib.contextmanager
def running(folder: Path, name: str, command: list, port: int, aead: str | None = None):
    """`aead`: by whose AES-256-GCM; None: by what the machine has."""
    environment = os.environ | ({"SEALRING_AEAD": aead} if aead else {})
    with (folder / f"{name}.startup").open("ab") as log:
        # In a process group of its own, because httpd sends a signal to its group when it ends.
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    try:
        await_connections(process, port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def nginx(folder: Path, name: str, http: str, port: int, modules=MODULES, aead=None, under=()):
    """`http`: what is in its http block; `under`: the command that runs it, and then it is one process."""
    folder.chmod(0o755)
    loads = [f"load_module {module};" for module in modules]
    if under:
        loads.append("master_process off;")
    path = folder / f"{name}.conf"
    path.write_text(NGINX_HEAD.format(folder=folder, name=name, modules="\n".join(loads)) +
                    f"http {{\n{NGINX_HTTP}\n{http}\n}}\n")
    command = [*under, "/usr/sbin/nginx", "-p", folder, "-c", path]
    with running(folder, name, command, port, aead) as server:
        yield server


def make_ring(path: Path, *options: str) -> None:
    subprocess.run([report.BUILD / "sealring", "keyring", "init", path, *options], check=True,
                   capture_output=True)


def ask(port: int, path: str, method: str = "GET",
        headers: Mapping[str, str] = {}) -> http.client.HTTPResponse:
    """Its body is in `.text`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        response.text = response.read().decode("latin-1")
        return response


def cookies_of(response: http.client.HTTPResponse) -> str:
    """As a client that was set them sends them."""
    return "; ".join(line.split(";")[0] for line in response.headers.get_all("Set-Cookie"))
