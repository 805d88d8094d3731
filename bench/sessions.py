# SPDX-License-Identifier: Apache-2.0
"""What a session of 100 bytes costs a request to nginx, one worker, against the same request with the
cookie read into a variable."""

import contextlib

import server_benchmark
import servers
from server_load import Request
from servers import free_port

SIZE = 100
USER = "u" * (SIZE - len("user=&sid=&auth_time=") - 22 - 10)

# What the worker does for a request, apart from the session.
HANDLERS = {"empty": "empty_gif;", "file": "try_files /file =404;", "proxy": "proxy_pass http://up/;"}
READINGS = {"unread": "", "variable": "set $read $cookie___host-session;",
            "session": "session on; session_require user;"}

CONFIGURATION = """
encrypted_session_keyring {folder}/ring;
session_idle 10h;
session_renew 9h;
proxy_http_version 1.1;
proxy_set_header Connection "";
server {{
    listen 127.0.0.1:{port};
    root {folder};
    location = /in {{ session on; session_set user $arg_user; return 204; }}
    {locations}
}}
upstream up {{ server 127.0.0.1:{upstream}; keepalive 32; keepalive_timeout 1h; keepalive_requests 1000000000; }}
"""
UPSTREAM = 'server {{ listen 127.0.0.1:{upstream}; location / {{ return 200 "an answer"; }} }}'


def places(readings: dict[str, str]) -> str:
    """A location for each reading and each handler."""
    return "\n    ".join(f"location = /{answer}/{reading} {{ {directives} {handler} }}"
                         for answer, handler in HANDLERS.items() for reading, directives in readings.items())


@contextlib.contextmanager
def server(folder, aead, under, locations):
    """nginx in front of another one."""
    (folder / "file").write_bytes(b"x" * 4096)
    servers.make_ring(folder / "ring")
    port, upstream = free_port(), free_port()
    text = CONFIGURATION.format(folder=folder, port=port, upstream=upstream, locations=locations)
    with (servers.nginx(folder, "upstream", UPSTREAM.format(upstream=upstream), upstream),
          servers.nginx(folder, "nginx", text, port, aead=aead, under=under) as running):
        yield running


def cookie(port: int) -> str:
    """A session's, as the server makes it."""
    response = servers.ask(port, f"/in?user={USER}")
    assert response.status == 204
    return servers.cookies_of(response)


def requests(running: servers.Server, readings) -> dict[str, Request]:
    headers = {"Cookie": f"a=1; {cookie(running.port)}; b=2"}
    return {f"{answer}/{reading}": Request(running, f"/{answer}/{reading}", headers)
            for answer in HANDLERS for reading in readings}


@contextlib.contextmanager
def serve(folder, aead, under, options):
    with server(folder, aead, under, places(READINGS)) as running:
        yield requests(running, READINGS)


def bases(name: str) -> list[str]:
    answer, _, reading = name.partition("/")
    return [] if reading == "variable" else [f"{answer}/variable"]


if __name__ == "__main__":
    server_benchmark.main("sessions", __doc__, serve, bases, rounds=200)
