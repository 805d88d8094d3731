# SPDX-License-Identifier: Apache-2.0
"""Real httpd for tests: a folder that stands for /etc/apache2, a running server, a response."""

import contextlib
import grp
import http.client
import os
import pwd
import re
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

from nginx_server import AS_ROOT, BUILD, REPOSITORY, environment, wait_until
from ports import free_port

MODULE = BUILD / "mod_session_crypto.so"
SEALRING = BUILD / "sealring"
# Whether the module was built with the crypto driver for NSS.
HAS_NSS = "SEALRING_NSS:BOOL=OFF" not in (BUILD / "CMakeCache.txt").read_text()
DEBIAN = Path("/etc/apache2/mods-available")
CHILD_USER = "www-data"
MODULES = ("session_cookie", "lua")
# Of those that Debian enables, the ones that matter here.
ENABLED = ("alias", "authn_core", "authn_file", "authz_core", "authz_user", "dir", "env")
# Few processes, so that a test knows whom it asks, and several threads where there are any.
PROCESSES = {
    "event": "StartServers 1\nServerLimit 1\nThreadsPerChild 4\nMaxRequestWorkers 4",
    "worker": "StartServers 1\nServerLimit 1\nThreadsPerChild 4\nMaxRequestWorkers 4",
    "prefork": "StartServers 1\nServerLimit 1\nMaxSpareServers 1\nMaxRequestWorkers 1",
}
# An application: shows its own fields of the session, and all of them in a header, and replaces them
# by the query where there is one.
APPLICATION = """
function handle(r)
  local session = r.subprocess_env["HTTP_SESSION"] or ""
  local own = ("&" .. session):gsub("&sid=[^&]*", ""):gsub("&auth_time=[^&]*", "")
  if r.args then r.headers_out["X-Replace-Session"] = r.args end
  r.headers_out["X-Session"] = session
  r.content_type = "text/plain"
  r:puts(own:sub(2))
  return apache2.OK
end
"""


class Response(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    text: str

    def cookie(self, name="session") -> str | None:
        """The value that this response gives to the cookie: "" if it removes it, None if it leaves
        it alone."""
        for header in self.headers.get_all("Set-Cookie") or []:
            if header.startswith(f"{name}="):
                return header.removeprefix(f"{name}=").split(";")[0]
        return None


class Check(NamedTuple):
    """What `apachectl configtest` said."""

    ok: bool
    output: str


class Server:
    """A running httpd.

    error_log, startup   what httpd has written so far
    """

    def __init__(self, setup: "Setup", name: str, command: list[str]):
        self._setup = setup
        self._name = name
        self._stderr = setup.folder / f"{name}.stderr"
        self._told_to_end: set[int] = set()
        self.crashes: list[str] | None = None
        with self._stderr.open("wb") as stderr:
            # In a process group of its own, because httpd sends a signal to its group when it ends.
            self.process = subprocess.Popen(
                command, stdout=stderr, stderr=stderr, start_new_session=True, env=environment()
            )
        try:
            wait_until(self._is_up, "httpd to start", 60)
        except BaseException:
            self.stop()
            raise

    def _is_up(self) -> bool:
        """Its sockets accept connections earlier, and are closed again if it fails after that."""
        said = f"{self.startup}\n{self.error_log}"
        assert self.process.poll() is None, f"httpd did not start:\n{said}"
        # The last that it says of its start, after "resuming normal operations".
        return "Command line: " in said

    @property
    def port(self) -> int:
        return self._setup.port(self._name, 8080)

    @property
    def startup(self) -> str:
        return self._stderr.read_text(errors="replace")

    @property
    def error_log(self) -> str:
        path = self._setup.folder / f"{self._name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def refusals(self) -> list[str]:
        """The reasons for which tokens were refused, in order, without what follows in brackets."""
        return re.findall(r"session refused: (.*?)(?: \(.*\))?$", self.error_log, re.MULTILINE)

    def get(
        self, path="/session", cookie=None, *, port=8080, method="GET", body=None, headers=None
    ) -> Response:
        """Sends one request to the server at the configuration's port `port`. `cookie` is the value
        of the cookie named session, or a whole Cookie header."""
        headers = {"Connection": "close", **(headers or {})}
        if cookie is not None:
            whole = re.match(r"[A-Za-z0-9_-]+=[^=]", cookie) and ";" in cookie
            headers["Cookie"] = cookie if whole else f"session={cookie}"
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._setup.port(self._name, port), timeout=30
        )
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read().decode("latin-1"))

    def children(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(pid) for pid in children.read_text().split()}

    def begin_reload(self) -> set[int]:
        """Tells httpd to reload gracefully; the children that it then ends."""
        old = self.children()
        self._told_to_end |= old
        self.process.send_signal(signal.SIGUSR1)
        return old

    def reload(self, seconds: float = 10) -> None:
        """Reloads the configuration gracefully and waits until only new children are left."""
        old = self.begin_reload()
        wait_until(
            lambda: self.children() and not self.children() & old, "new children", seconds
        )

    def stop(self) -> None:
        """Ends it, and notes in `crashes` what it said of children that crashed while they served.

        At its end, a child of the event MPM of httpd 2.4.71 may crash: its main thread closes
        connections that a worker is freeing. That is so with the stock module, too.
        """
        if self.process.poll() is None:
            self._told_to_end |= self.children()
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.crashes is None:
            found = re.findall(r"(.* child pid (\d+) exit signal .*)", self.error_log)
            self.crashes = [line for line, pid in found if int(pid) not in self._told_to_end]


class Setup:
    """A folder that stands for /etc/apache2, and what runs in it. See the fixture `apache`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.servers: list[Server] = []
        self._ports: dict[tuple[str, int], int] = {}
        self.write("app.lua", APPLICATION)
        self.write("html/index.html", "a page\n")

    def port(self, name: str, number: int) -> int:
        """The free port that stands for 127.0.0.1:`number` in the server `name`."""
        if (name, number) not in self._ports:
            self._ports[name, number] = free_port()
        return self._ports[name, number]

    def write(self, name: str, content: str, mode: int = 0o644) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(mode)
        return path

    def write_ring(self, text: str, name="session.keys") -> None:
        """Replaces a key ring file as a whole, as the tool does, readable by httpd's children."""
        new = self.write(f"{name}.new", text, 0o640)
        if AS_ROOT:
            os.chown(new, -1, grp.getgrnam(CHILD_USER).gr_gid)
        new.rename(self.folder / name)

    def give_to_children(self, path: Path) -> None:
        """Makes a folder or file one that httpd's children may write."""
        if AS_ROOT:
            os.chown(path, pwd.getpwnam(CHILD_USER).pw_uid, -1)

    def _loads(self, modules, crypto: str | None) -> str:
        """As a2enmod enables modules, and httpd loads them: in the order of their names, then ours."""
        wanted = {"session", *ENABLED, *modules} - {"sealring", "session_crypto"}
        if crypto == "stock":
            wanted.add("session_crypto")
        loads = "".join((DEBIAN / f"{module}.load").read_text() for module in sorted(wanted))
        if crypto == "ours":
            ours = (REPOSITORY / "packaging/debian/sealring.conf").read_text()
            loads += re.sub(r"\S+/mod_sealring\.so", str(MODULE), ours)
        return loads

    def as_here(self, site: str, name: str) -> str:
        """The text of a site with the places and ports that the server `name` has here."""
        site = re.sub(r"(?<![\w/.])/(etc|var/log|var/lib)/apache2/", f"{self.folder}/", site)
        site = site.replace("/var/www/html", f"{self.folder}/html")
        return re.sub(r"127\.0\.0\.1:(\d+)",
                      lambda m: f"127.0.0.1:{self.port(name, int(m.group(1)))}", site)

    def _write_config(self, name, site, *, crypto, modules, mpm, log_level, replace) -> Path:
        for old, new in (replace or {}).items():
            site = site.replace(old, str(new))
        self.write(f"{name}.site", self.as_here(site, name))
        user = f"User {CHILD_USER}\nGroup {CHILD_USER}" if AS_ROOT else ""
        return self.write(f"{name}.conf", f"""
            ServerRoot {self.folder}
            ServerName localhost
            DefaultRuntimeDir {self.folder}
            PidFile {name}.pid
            ErrorLog {name}.log
            LogLevel {log_level}
            {user}
            {self._loads((f"mpm_{mpm}", *modules), crypto)}
            {PROCESSES[mpm]}
            Include {name}.site
        """)  # fmt: skip

    def start(
        self, site: str, *, name="httpd", crypto="ours", modules=MODULES, mpm="event",
        log_level="info", replace=None, under=(), options=(),
    ) -> Server:  # fmt: skip
        """Starts httpd with the text of a site. Servers that run together have different names.
        `crypto` is the mod_session_crypto that it loads: "ours", "stock" or None. `under` is a
        command that httpd runs under, as valgrind."""
        (self.folder / f"{name}.log").unlink(missing_ok=True)
        path = self._write_config(name, site, crypto=crypto, modules=modules, mpm=mpm,
                                  log_level=log_level, replace=replace)  # fmt: skip
        command = [*under, "apache2", "-f", str(path), "-DFOREGROUND", *options]
        server = Server(self, name, command)
        self.servers.append(server)
        return server

    def command(self, site: str, *, name="httpd", crypto="ours", modules=MODULES) -> list[str]:
        """What starts httpd with the text of a site, for tests that call it themselves."""
        path = self._write_config(name, site, crypto=crypto, modules=modules, mpm="event",
                                  log_level="info", replace=None)  # fmt: skip
        return ["apache2", "-f", str(path)]

    def rewrite(self, site: str, *, name="httpd", replace=None) -> None:
        """Replaces the site of a running server with default options, for a reload."""
        self._write_config(name, site, crypto="ours", modules=MODULES, mpm="event",
                           log_level="info", replace=replace)  # fmt: skip

    def check(self, site: str, *, crypto="ours", modules=MODULES, replace=None) -> Check:
        """Runs `apache2 -t`, which is `apachectl configtest`."""
        path = self._write_config("check", site, crypto=crypto, modules=modules, mpm="event",
                                  log_level="warn", replace=replace)  # fmt: skip
        done = subprocess.run(["apache2", "-f", str(path), "-t"], capture_output=True, text=True,
                              timeout=60, check=False, env=environment())  # fmt: skip
        return Check(done.returncode == 0, done.stdout + done.stderr)

    def stop(self) -> None:
        """Ends every server and makes sure that no child had crashed while it served."""
        for server in self.servers:
            server.stop()
        crashes = [line for server in self.servers for line in server.crashes]
        assert not crashes, crashes


def own(payload: bytes) -> bytes:
    """The text of the fields that an application set, of a sealed session's."""
    return re.sub(rb"&(sid|auth_time)=[^&]*", b"", payload)


def modules_of(example: str) -> tuple[str, ...]:
    """Those that the text of an example says to enable."""
    return tuple(re.search(r"^#   a2enmod (.*)$", example, re.MULTILINE)[1].split())


def warnings_of(text: str) -> list[str]:
    """What the module warned of, in the output of configtest or the error log."""
    return re.findall(r"session_crypto:warn\] \[[^\]]*\] (.*)", text)


def site(body: str = "") -> str:
    """A site whose application at .../session keeps its session in the cookie `session`."""
    return f"""Listen 127.0.0.1:8080
DocumentRoot /var/www/html
LuaMapHandler session$ /etc/apache2/app.lua
Session On
SessionEnv On
SessionHeader X-Replace-Session
SessionCookieName session path=/
{body}
"""
