# SPDX-License-Identifier: Apache-2.0
"""Real nginx for tests: a folder in place of /etc/nginx, a running server, a response."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("SEALRING_BUILD", REPOSITORY / "build"))
MODULE = BUILD / "ngx_http_encrypted_session_module.so"
# The other modules: Debian's, or those of another nginx that is tested.
DEBIAN_MODULES = Path(os.environ.get("NGINX_MODULES", "/usr/lib/nginx/modules"))
# An nginx that has them built in (packaging/nginx/try-module) loads none.
STATIC = os.environ.get("NGINX_MODULES") == ""
AS_ROOT = os.geteuid() == 0


def configured_with(option: str) -> bool:
    return option in subprocess.run(["nginx", "-V"], check=True, capture_output=True, text=True).stderr


def has_directive(name: str) -> bool:
    """Of nginx itself; its modules that are loaded are not looked at."""
    return name.encode() in Path(shutil.which("nginx")).read_bytes()


needs_debug = pytest.mark.skipif(not configured_with("--with-debug"), reason="nginx has no debug lines")


def environment() -> dict[str, str]:
    """For servers. If the modules are instrumented (SEALRING_BUILD=build/asan), preloads what they need,
    and makes what the sanitizers find fatal. Finding leaks is left to memcheck."""
    if BUILD.name != "asan":
        return dict(os.environ)
    library = subprocess.run(["c++", "-print-file-name=libasan.so"], check=True,
                             capture_output=True, text=True).stdout.strip()
    return {**os.environ, "LD_PRELOAD": library, "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
            "UBSAN_OPTIONS": "abort_on_error=1:print_stacktrace=1"}  # fmt: skip


def make_certificate(folder: Path) -> None:
    """tls.key and tls.crt."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=localhost", "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
        capture_output=True, check=True)  # fmt: skip


def wait_until(condition, what: str, seconds: float = 60):
    """Returns the first true value of condition(), or raises an AssertionError with what was awaited.
    The time is for a busy machine; a test that passes does not wait that long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class Response(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("latin-1")


class Check(NamedTuple):
    """The result of `nginx -t`."""

    ok: bool
    output: str


class Server:
    """A running nginx.

    port        the free port that replaces the configuration's 127.0.0.1:8080
    error_log, access_log, startup   what nginx has written so far
    """

    def __init__(self, setup: "Setup", config: Path, command: list[str]):
        self._setup = setup
        self._stderr = setup.folder / "stderr.log"
        with self._stderr.open("wb") as stderr:
            self.process = subprocess.Popen(command, stdout=stderr, stderr=stderr, env=environment())
        text = config.read_text()
        listens = re.findall(r"listen\s+127\.0\.0\.1:(\d+)(?!\s+quic)\b", text)
        try:
            for port in listens:
                wait_until(lambda p=int(port): self._answers(p), "nginx to answer", 60)
            # Until it has workers, a signal may end it, because it listens first. And a
            # reload waits for the end of those that there are: one that came later would go on.
            if "master_process off" not in text:
                given = re.search(r"worker_processes\s+(\d+)", text)
                count = int(given[1]) if given else 1
                wait_until(lambda: len(self.workers()) >= count, "workers", 60)
        except BaseException:
            self.stop()
            raise

    def _answers(self, port: int) -> bool:
        said = f"{self.startup}\n{self.error_log}"
        assert self.process.poll() is None, f"nginx did not start:\n{said}"
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    @property
    def port(self) -> int:
        return self._setup.port(8080)

    @property
    def startup(self) -> str:
        return self._stderr.read_text(errors="replace")

    @property
    def error_log(self) -> str:
        return self._read("error.log")

    @property
    def access_log(self) -> str:
        return self._read("access.log")

    def _read(self, name: str) -> str:
        path = self._setup.folder / name
        return path.read_text(errors="replace") if path.exists() else ""

    def get(self, path="/", headers=None, *, port=8080, method="GET", body=None) -> Response:
        """Sends one request to the server at the configuration's port `port`. When it returns, the
        request is in the access log: nginx closes the connection after that."""
        connection = http.client.HTTPConnection("127.0.0.1", self._setup.port(port), timeout=30)
        headers = {"Connection": "close", **(headers or {})}
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers)
            with connection.sock.dup() as end:
                response = connection.getresponse()
                answer = Response(response.status, response.headers, response.read())
                assert end.recv(1) == b""
        return answer

    def wait_for_log(self, text: str, seconds: float = 60) -> None:
        wait_until(lambda: text in self.error_log, f'"{text}" in the error log', seconds)

    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(pid) for pid in children.read_text().split()}

    def reload(self, seconds: float = 60) -> None:
        """Reloads the configuration and waits until only new workers are left."""
        old = self.workers()
        self.process.send_signal(signal.SIGHUP)
        # Checked one by one: the list of children may be incomplete while others start and end.
        wait_until(
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in old) and self.workers(),
            "new workers",
            seconds,
        )

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Setup:
    """A folder in place of /etc/nginx, and what runs in it. See the fixture `nginx`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.servers: list[Server] = []
        self._ports: dict[int, int] = {}
        modules = folder / "modules"
        modules.mkdir()
        for module in [*DEBIAN_MODULES.glob("*.so"), MODULE]:
            (modules / module.name).symlink_to(module)
        for name in ("mime.types", "fastcgi_params", "fastcgi.conf", "proxy_params"):
            (folder / name).symlink_to(Path("/etc/nginx") / name)

    def port(self, number: int) -> int:
        """The free port that replaces 127.0.0.1:`number` in configurations."""
        if number not in self._ports:
            self._ports[number] = free_port()
        return self._ports[number]

    def write(self, name: str, content: str | bytes, mode: int = 0o644) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    def _write_config(self, config: str, replace: dict, log_level: str, user: str) -> Path:
        for old, new in replace.items():
            config = config.replace(old, str(new))
        if STATIC:
            config = re.sub(r"load_module [^;]*;", "", config)
        for place in ("/etc/nginx/", "/var/log/nginx/", "/run/"):
            config = re.sub(rf"(?<![\w/.]){place}", f"{self.folder}/", config)
        config = re.sub(
            r"127\.0\.0\.1:(\d+)", lambda m: f"127.0.0.1:{self.port(int(m.group(1)))}", config
        )

        # Everything is added to existing lines, so that line numbers in messages stay correct.
        def missing(directive: str, value: str) -> str:
            present = re.search(rf"(^|[;{{}}])\s*{directive}\s", config, re.MULTILINE)
            return "" if present else f"{directive} {value}; "

        main = missing("pid", "nginx.pid") + missing("error_log", f"error.log {log_level}")
        main += missing("daemon", "off") + missing("worker_processes", "1")
        main += missing("user", user) if AS_ROOT else ""
        http = "access_log access.log; " + "".join(
            missing(f"{kind}_temp_path", f"{kind}_temp")
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = re.sub(r"^http\s*\{", lambda m: f"{m.group()} {http}", config, flags=re.MULTILINE)
        return self.write("nginx.conf", main + config)

    def _command(self, config: Path) -> list[str]:
        return ["nginx", "-p", f"{self.folder}/", "-c", str(config)]

    def start(
        self, config: str, *, replace=None, log_level="info", user="root", under=()
    ) -> Server:
        """Starts nginx with the configuration text, after the substitutions that the fixture
        describes. `replace` maps further strings to strings and is applied first. `under` is a command
        that nginx runs under, for example valgrind."""
        path = self._write_config(config, replace or {}, log_level, user)
        server = Server(self, path, [*under, *self._command(path)])
        self.servers.append(server)
        return server

    def rewrite(self, config: str, *, replace=None, log_level="info", user="root") -> None:
        """Replaces the configuration file of the running server, for a reload."""
        self._write_config(config, replace or {}, log_level, user)

    def check(self, config: str, *, replace=None, user="root") -> Check:
        """Runs `nginx -t` on the configuration text, with nginx's default level for error_log:
        what an operator should see must be visible at that level."""
        path = self._write_config(config, replace or {}, "error", user)
        done = subprocess.run(
            [*self._command(path), "-t"], capture_output=True, text=True, timeout=60, check=False,
            env=environment(),
        )  # fmt: skip
        return Check(done.returncode == 0, done.stdout + done.stderr)

    def stop(self) -> None:
        """Ends every server and makes sure that none of them has crashed."""
        for server in self.servers:
            server.stop()
        for server in self.servers:
            crashes = [
                line
                for line in server.error_log.splitlines()
                if ("[alert]" in line or "exited on signal" in line)
                and "session_revocations: the memory" not in line  # an alert of the module's own
                # A worker that takes longer than 1.5 seconds to end is killed by the master: no crash,
                # but a busy machine.
                and "exited on signal 9" not in line
            ]
            assert not crashes, crashes


def conf(http: str, *, modules=("ndk_http", "ngx_http_set_misc"), main="") -> str:
    """A whole configuration around the content of an http block."""
    names = [*modules, "ngx_http_encrypted_session"]
    loads = " ".join(f"load_module modules/{name}_module.so;" for name in names)
    return f"{loads} {main}\nevents {{}}\nhttp {{\n{http}\n}}\n"
