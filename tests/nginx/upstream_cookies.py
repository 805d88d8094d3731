# SPDX-License-Identifier: Apache-2.0
"""What the tests of sealed cookies share: configurations, and a client that keeps cookies as they are."""

from urllib.parse import quote

from nginx_server import Response, conf
from sessions import APPLICATION, RING, received

CONTEXT = "sealed_cookies_context shop;"
LARGE = " proxy_buffer_size 16k; proxy_buffers 4 16k;"  # for the headers of a response
ON = f"{RING} {CONTEXT} sealed_cookies sid;"


def site(on: str = ON, text: str = APPLICATION, *, before: str = "", listen: str = "listen 127.0.0.1:8080;"):
    return conf(f"{before} server {{ {listen} {on}\n{text}\n}}")


class Client:
    """Keeps what it is set, byte for byte, and sends it with every request.

    cookies   name to value, as stored
    lines     the values of Set-Cookie of the last answer
    """

    def __init__(self, server):
        self.server = server
        self.cookies: dict[str, str] = {}
        self.lines: list[str] = []

    def get(self, path="/", headers=None, **options) -> Response:
        headers = dict(headers or {})
        if self.cookies and "Cookie" not in headers:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        response = self.server.get(path, headers, **options)
        self.lines = response.headers.get_all("Set-Cookie") or []
        for line in self.lines:
            pair, _, attributes = line.partition(";")
            name, _, value = pair.partition("=")
            if "max-age=0" in attributes.lower() or "1970" in attributes:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return response

    def set(self, *lines: str, path="/") -> Response:
        """The application sets these cookies."""
        return self.get(path + "?" + "&".join(f"Set-Cookie={quote(line)}" for line in lines))

    def sent(self, path="/", headers=None) -> list[str]:
        """The Cookie headers that the application gets."""
        return received(self.get(path, headers)).get("cookie", [])
