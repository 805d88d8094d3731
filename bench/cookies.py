# SPDX-License-Identifier: Apache-2.0
"""What sealed_cookies costs a request to nginx, one worker, in front of an application that sets three
cookies, gets three, or does both, against the same request with them unsealed."""

import contextlib

import server_benchmark
import servers
from server_load import Request
from servers import free_port

CONFIGURATION = """
encrypted_session_keyring {folder}/ring;
sealed_cookies_context shop;
server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    location /plain/ {{ proxy_pass http://up/; }}
    location /sealed/ {{ sealed_cookies sessionid remember cart; proxy_pass http://up/; }}
}}
upstream up {{ server 127.0.0.1:{upstream}; keepalive 32; keepalive_timeout 1h; keepalive_requests 1000000000; }}
"""
COOKIES = {"sessionid": "0123456789abcdef0123456789abcdef", "remember": "alice|1800000000|9c1185a5c5e9fc54",
           "cart": "eyJpdGVtcyI6W3siaWQiOjQyLCJuIjoxfSx7ImlkIjo3LCJuIjozfV19"}  # fmt: skip
SETS = " ".join(f'add_header Set-Cookie "{name}={value}; Path=/; HttpOnly; SameSite=Lax";'
                for name, value in COOKIES.items())  # fmt: skip
UPSTREAM = """
server {{
    listen 127.0.0.1:{upstream};
    location / {{ return 200 "an answer"; }}
    location /sets {{ {sets} return 200 "an answer"; }}
}}
"""


def cookies_of(port: int, path: str) -> str:
    cookies = servers.cookies_of(servers.ask(port, path))
    assert len(cookies.split("; ")) == 3
    return cookies


@contextlib.contextmanager
def serve(folder, aead, under, options):
    port, upstream = free_port(), free_port()
    servers.make_ring(folder / "ring")
    with (servers.nginx(folder, "upstream", UPSTREAM.format(upstream=upstream, sets=SETS), upstream),
          servers.nginx(folder, "nginx", CONFIGURATION.format(folder=folder, port=port, upstream=upstream),
                        port, aead=aead, under=under) as server):
        requests = {}
        for kind in ("plain", "sealed"):
            headers = {"Cookie": cookies_of(port, f"/{kind}/sets")}
            assert (kind == "sealed") == ("1~s1." in headers["Cookie"])
            requests[f"sets/{kind}"] = Request(server, f"/{kind}/sets")
            requests[f"gets/{kind}"] = Request(server, f"/{kind}/", headers)
            requests[f"both/{kind}"] = Request(server, f"/{kind}/sets", headers)
        yield requests


def bases(name: str) -> list[str]:
    work, _, kind = name.partition("/")
    return [f"{work}/plain"] if kind == "sealed" else []


if __name__ == "__main__":
    server_benchmark.main("cookies", __doc__, serve, bases, rounds=200)
