# SPDX-License-Identifier: Apache-2.0
"""What the tests over HTTP/3 share. Debian 12 has neither an nginx nor a curl for it."""

import re
import subprocess
from typing import NamedTuple

import pytest
from nginx_server import configured_with


def curl_has_http3() -> bool:
    said = subprocess.run(["curl", "-V"], capture_output=True, text=True, check=True).stdout
    return re.search(r"^Features:.* HTTP3\b", said, re.MULTILINE) is not None


needs_http3 = [
    pytest.mark.skipif(not configured_with("--with-http_v3_module"), reason="this nginx has no HTTP/3"),
    pytest.mark.skipif(not curl_has_http3(), reason="this curl has no HTTP/3"),
]


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: str

    def cookies(self) -> dict[str, str]:
        lines = [value for name, value in self.headers if name == "set-cookie"]
        return dict(line.split(";")[0].split("=", 1) for line in lines)


def ask(app, path: str, *cookies: str) -> Answer:
    """Sends each cookie in a header of its own, as clients may."""
    headers = [word for cookie in cookies for word in ("-H", f"Cookie: {cookie}")]
    said = subprocess.run(["curl", "-sik", "--http3-only", *headers,
                           f"https://127.0.0.1:{app.port(8443)}{path}"],
                          capture_output=True, check=True, timeout=60).stdout.decode()  # fmt: skip
    head, body = said.split("\r\n\r\n", 1)
    version, *lines = head.split("\r\n")
    assert version.startswith("HTTP/3 ")
    return Answer(int(version.split()[1]), [tuple(line.split(": ", 1)) for line in lines], body)
