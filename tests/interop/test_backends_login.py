# SPDX-License-Identifier: Apache-2.0
"""examples/backends: a backend of each language seals at login, real nginx opens the cookie and
passes the user on to the backend. Also the ten-line programs of docs/backends.md."""

import contextlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "nginx"))
sys.path.insert(0, str(ROOT / "tests" / "vectors"))

from nginx_server import BUILD, Setup, wait_until  # noqa: E402
from tokens import jwk_set, new_key, opened, s1  # noqa: E402

EXAMPLES = ROOT / "examples" / "backends"
CLIENTS = ROOT / "clients"
PHP = ["php", "-d", f"include_path={CLIENTS / 'php'}", "-d", "display_errors=stderr"]
RING = new_key()


def environment(folder: Path) -> dict:
    """Where programs find the clients, which are not installed. Node only looks beside the program,
    so programs run from a copy in the folder."""
    modules = folder / "node_modules"
    modules.mkdir(exist_ok=True)
    if not (modules / "sealring").exists():
        (modules / "sealring").symlink_to(CLIENTS / "node")
    return {**os.environ, "PYTHONPATH": str(CLIENTS / "python"), "PYTHONDONTWRITEBYTECODE": "1"}


def command(folder: Path, program: str, port: int | None = None) -> list:
    path = EXAMPLES / program
    if path.suffix == ".py":
        return ["/usr/bin/python3", path]
    if path.suffix == ".php":
        return [*PHP, *(["-S", f"127.0.0.1:{port}"] if port else []), path]
    copy = folder / path.name
    copy.write_text(path.read_text())
    return ["node", copy]


@contextlib.contextmanager
def backend(folder: Path, program: str, port: int):
    variables = {"SESSION_KEYS": str(folder / "session.keys"), "PORT": str(port)}
    log = folder / "backend.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(folder, program, port), cwd=folder, stdout=output, stderr=output,
            env=environment(folder) | variables,
        )  # fmt: skip
    try:
        yield process, log
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def site(tmp_path):
    """A folder in place of /etc/nginx, with a ring."""
    setup = Setup(tmp_path)
    setup.write("session.keys", jwk_set(RING), mode=0o640)
    yield setup
    setup.stop()


def session_of(response) -> str:
    return re.match(r"session=([^;]+); ", response.headers["Set-Cookie"])[1]


@pytest.mark.parametrize("program", ["node/login.mjs", "python/login.py", "php/login.php"])
def test_login(site, program):
    with backend(site.folder, program, site.port(9000)) as (process, log):
        config = (EXAMPLES / "nginx.conf").read_text()
        server = site.start(config, replace={"user www-data;": ""})

        def answers():
            assert process.poll() is None, log.read_text()
            return server.get("/login").status == 400

        wait_until(answers, "the backend to answer")

        response = server.get("/login?user=alice")
        assert (response.status, response.body) == (200, b"signed in as alice\n")
        token = session_of(response)
        attributes = response.headers["Set-Cookie"].split("; ")[1:]
        assert attributes == ["Path=/", "Max-Age=3600", "HttpOnly", "SameSite=Lax"]
        content = opened(token, RING, context=b"session")
        assert content.payload == b"alice"
        assert content.expires_at - content.issued_at == 3600

        def account(cookie, **headers):
            response = server.get("/account", {"Cookie": f"session={cookie}", **headers})
            return response.status, response.body

        assert account(token) == (200, b"hello, alice\n")
        assert account(token, **{"X-User": "mallory"}) == (200, b"hello, alice\n")
        assert account(s1(RING, b"bob", context=b"session")) == (200, b"hello, bob\n")
        bad = ["", "x", token[:-1], token + "A", s1(RING, b"bob", context=b"download")]
        bad.append(s1(RING, b"bob", context=b"session", lifetime=1, at=int(time.time()) - 9))
        for cookie in bad:
            status, body = account(cookie, **{"X-User": "mallory"})
            assert status == 401 and b"hello" not in body
        for user in ("", "a%20b", "a%0d%0ax:y", "alice%0a", "x" * 65, "%C3%A9"):
            response = server.get(f"/login?user={user}")
            assert (response.status, response.headers["Set-Cookie"]) == (400, None), user
        assert server.get("/other", {"Cookie": f"session={token}"}).status == 404

        # A rotation reaches both ends, and nobody is logged out.
        rotate = [BUILD / "sealring", "keyring", "rotate", "--activate-in", "0", "session.keys"]
        subprocess.run(rotate, cwd=site.folder, check=True, capture_output=True, timeout=60)

        def renewed():
            renewed = session_of(server.get("/login?user=alice"))
            return renewed if renewed[:11] != token[:11] else None

        fresh = wait_until(renewed, "a token of the new key")
        wait_until(lambda: account(fresh) == (200, b"hello, alice\n"), "nginx to know the new key")
        assert account(token) == (200, b"hello, alice\n")


@pytest.mark.parametrize(
    "program",
    ["node/seal-and-open.mjs", "python/seal_and_open.py", "php/seal-and-open.php",
     "node/open-session.mjs", "python/open_session.py", "php/open-session.php"],
)
def test_ten_lines(tmp_path, program):
    ring = tmp_path / "session.keys"
    ring.write_text(jwk_set(RING))
    ring.chmod(0o640)
    done = subprocess.run(
        command(tmp_path, program), cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env=environment(tmp_path), check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "alice\n", "")


@pytest.mark.parametrize(
    "program", ["node/open-revoked.mjs", "python/open_revoked.py", "php/open-revoked.php"]
)
def test_sessions_that_are_revoked(tmp_path, program):
    ring = tmp_path / "session.keys"
    ring.write_text(jwk_set(RING))
    ring.chmod(0o640)

    def sealring(*arguments):
        subprocess.run(
            [BUILD / "sealring", *arguments], cwd=tmp_path, check=True, capture_output=True, timeout=60
        )

    def printed() -> str:
        done = subprocess.run(
            command(tmp_path, program), cwd=tmp_path, capture_output=True, text=True, timeout=60,
            env=environment(tmp_path), check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    sealring("revocations", "session.revoked", "--create")
    sealring("revoke", "session.revoked", "user=bob", "--before", "+1h")
    assert printed() == "alice\n"
    sealring("revoke", "session.revoked", "user=alice", "--before", "+1h")
    assert printed() == "nobody: revoked\n"
