# SPDX-License-Identifier: Apache-2.0
"""What the tests of sessions share: an application behind nginx, and a browser in front of it."""

import contextlib
import http.server
import json
import socket
import threading
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlsplit

from nginx_server import Response, Server, conf

NAME = "s"
RING = "encrypted_session_keyring session.keys;"
# Over plain HTTP, as the tests speak it.
ON = f"{RING} session on; session_cookie {NAME} insecure;"
APPLICATION = "location / { proxy_pass http://127.0.0.1:9000; }"


def site(text: str = APPLICATION, *, on: str = ON, before: str = "", modules=None) -> str:
    """A whole configuration: a server with sessions, in front of the application."""
    options = {} if modules is None else {"modules": modules}
    return conf(f"{before} server {{ listen 127.0.0.1:8080; {on}\n{text}\n}}", **options)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the request's headers as JSON, and with what the query says: `status`, `fill` for a
    session with a field of so many bytes, and each other name is a header."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps([[name, value] for name, value in self.headers.items()]).encode()
        answer = parse_qsl(urlsplit(self.path).query, keep_blank_values=True)
        status = int(dict(answer).get("status", 200))
        self.send_response(status)
        for name, value in answer:
            if name == "fill":
                self.send_header("X-Replace-Session", "user=alice&x=" + "y" * int(value))
            elif name != "status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)

    do_POST = do_HEAD = do_GET

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def application(nginx, port=9000):
    """The application, at the configuration's 127.0.0.1:9000."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", nginx.port(port)), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Browser:
    """Keeps cookies, which it sends with every request.

    cookies   name to value
    set       what the last answer set, Morsels by name
    """

    def __init__(self, server: Server, cookies: dict[str, str] | None = None):
        self.server = server
        self.cookies = dict(cookies or {})
        self.set: dict = {}

    def get(self, path="/", headers=None, **options) -> Response:
        headers = dict(headers or {})
        if self.cookies and "Cookie" not in headers:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        response = self.server.get(path, headers, **options)
        self.set = {}
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                assert name not in self.set, f"two cookies named {name} in one answer"
                self.set[name] = morsel
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return response

    def sign_in(self, user="alice", more="") -> Response:
        response = self.get(f"/?X-Replace-Session=user%3D{user}{more}")
        assert response.status == 200 and NAME in self.set
        return response


def received(response: Response) -> dict[str, list[str]]:
    """The headers that the application got."""
    headers: dict[str, list[str]] = {}
    for name, value in json.loads(response.text):
        headers.setdefault(name.lower(), []).append(value)
    return headers


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
