# SPDX-License-Identifier: Apache-2.0
"""sealed_cookies is turned on and off again under load, while a hundred clients are signed in."""

import contextlib
import http.client
import http.server
import secrets
import threading
from http.cookies import SimpleCookie

import pytest
from nginx_server import wait_until
from tokens import new_key, now, write_ring
from upstream_cookies import ON, site

CLIENTS, THREADS = 100, 4


class Handler(http.server.BaseHTTPRequestHandler):
    """An application with sessions in its memory, whose cookie it sets again at each request."""

    protocol_version = "HTTP/1.1"
    users: dict[str, str] = {}

    def do_GET(self):
        found = SimpleCookie(self.headers.get("Cookie", "")).get("sid")
        user = self.users.get(found.value) if found else None
        sid = found.value if user else secrets.token_hex(16)
        if self.path.startswith("/sign-in/"):
            self.users[sid] = user = self.path.rpartition("/")[2]
        body = (user or "nobody").encode()
        self.send_response(200)
        if user:
            self.send_header("Set-Cookie", f"sid={sid}; Path=/; HttpOnly")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def shop(ring):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", ring.port(9000)), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield ring
    server.shutdown()
    thread.join()
    server.server_close()


class Visitors(threading.Thread):
    """A few signed-in clients that ask one after another, until they are told to end."""

    def __init__(self, port: int, names: list[str], end: threading.Event):
        super().__init__()
        self._port, self._end = port, end
        self.cookies = dict.fromkeys(names, "")
        self.rounds = 0
        self.lost: list[str] = []

    def ask(self, name: str, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        with contextlib.closing(connection):
            headers = {"Cookie": f"sid={self.cookies[name]}"} if self.cookies[name] else {}
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            if line := response.headers["Set-Cookie"]:
                self.cookies[name] = line.partition(";")[0].partition("=")[2]
            return response.read().decode()

    def run(self):
        for name in self.cookies:
            self.ask(name, f"/sign-in/{name}")
        while not self._end.is_set() and not self.lost:
            for name in self.cookies:
                said = self.ask(name, "/")
                if said != name:
                    self.lost.append(f"{name} is {said}")
            self.rounds += 1


def test_nobody_is_logged_out_on_the_way_there_and_back(shop):
    server = shop.start(site(ON + " sealed_cookies_mode report;"), log_level="error")
    end = threading.Event()
    names = [f"user{i}" for i in range(CLIENTS)]
    visitors = [Visitors(server.port, names[i::THREADS], end) for i in range(THREADS)]

    def one_round():
        before = [each.rounds for each in visitors]
        wait_until(lambda: any(each.lost for each in visitors) or
                   all(each.rounds > rounds + 1 for each, rounds in zip(visitors, before)),
                   "two more rounds of all clients", 300)

    for each in visitors:
        each.start()
    try:
        one_round()
        for mode in ("migrate", "enforce", "migrate", "report"):
            shop.rewrite(site(f"{ON} sealed_cookies_mode {mode};"), log_level="error")
            server.reload(120)
            if mode == "enforce":  # and a rotation in the middle
                one_round()
                # Every worker has the key before one of them seals with it.
                key = new_key(seal_from=now() + 20)
                write_ring(shop, shop.key, key)
                wait_until(lambda: now() > key.seal_from, "the new key to seal")
            one_round()
            assert [lost for each in visitors for lost in each.lost] == [], mode
            sealed = [value.startswith("1~") for each in visitors for value in each.cookies.values()]
            assert len(sealed) == CLIENTS and all(found == (mode != "report") for found in sealed), mode
    finally:
        end.set()
        for each in visitors:
            each.join()
    assert [lost for each in visitors for lost in each.lost] == []
