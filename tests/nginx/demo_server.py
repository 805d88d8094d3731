# SPDX-License-Identifier: Apache-2.0
"""script/demo as a child process, and a visitor that keeps cookies like a browser."""

import http.client
import os
import re
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from nginx_server import REPOSITORY, Response
from ports import free_port


def descendants(pid: int) -> set[int]:
    try:
        found = set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:  # it has ended
        return set()
    return found.union(*map(descendants, found))


class Demo:
    """A running script/demo, in its own process group.

    port        nginx's; Apache has the next one, and device binding the one after that
    folder      where it keeps its temporary folder; nginx's workers may enter it
    """

    def __init__(self):
        self.port = free_port(3)
        self.folder = Path(tempfile.mkdtemp(prefix="sealring-test-"))
        self.folder.chmod(0o755)
        # In the background of a shell, tests ignore SIGINT, and under nohup SIGHUP; a script that did
        # so from its start could not trap it.
        self.process = subprocess.Popen(
            ["env", "--default-signal", REPOSITORY / "script" / "demo", str(self.port)],
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(self.folder)},
            text=True,
            start_new_session=True,
        )
        self.output = ""
        for line in self.process.stdout:
            self.output += line
            if "Ctrl-C" in line:
                return
        self.stop()
        raise AssertionError(f"script/demo did not start:\n{self.output}")

    def stop(self, kind=signal.SIGINT, *, to_group=False) -> int:
        """Ends it; with `to_group`, as Ctrl-C in a terminal does. Returns the exit status."""
        if self.process.poll() is None:
            (os.killpg if to_group else os.kill)(self.process.pid, kind)
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            for pid in [self.process.pid, *descendants(self.process.pid)]:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
            raise
        self.process.stdout.close()
        self.folder.rmdir()  # fails if the demo has left anything
        return status


class Visitor:
    """Sends a request to the demo, with the cookies that it has set."""

    def __init__(self, port: int, **headers: str):
        self.port = port
        self.headers = headers
        self.cookies = {}

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def get(self, path: str, method="GET", *, body: str | None = None) -> Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**self.headers, **({"Cookie": cookies} if cookies else {})}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            answer = Response(response.status, response.headers, response.read())
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            name, value = re.match("([^=]+)=([^;]*)", line).groups()
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return answer


@pytest.fixture(scope="module")
def demo():
    running = Demo()
    yield running
    running.stop()
