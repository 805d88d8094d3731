# SPDX-License-Identifier: Apache-2.0
"""mod_session_dbd: examples/apache/database-*.conf with SQLite, and with a PostgreSQL server."""

import os
import pwd
import subprocess
from pathlib import Path

import pytest
from apache_server import AS_ROOT, REPOSITORY, modules_of, wait_until
from ports import free_port
from tokens import opened

POSTGRES = max(Path("/usr/lib/postgresql").glob("*/bin"))
TABLE = "create table session (key varchar(36) primary key, value text, expiry bigint)"
UUID_SIZE = 36


class Sqlite:
    name = "sqlite"

    def __init__(self, apache):
        self.folder = apache.folder / "sessions"
        self.folder.mkdir()
        self.replace = {}
        self.sql(TABLE)
        apache.give_to_children(self.folder)
        apache.give_to_children(self.folder / "sessions.db")

    def sql(self, statement: str) -> str:
        command = ["sqlite3", str(self.folder / "sessions.db"), statement]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def stop(self):
        pass


class Postgresql:
    """A server of its own, which is started by a user other than root, as it demands."""

    name = "postgresql"

    def __init__(self, apache):
        self.folder = apache.folder / "postgresql"
        self.folder.mkdir()
        self.user = {}
        if AS_ROOT:
            entry = pwd.getpwnam("postgres")
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        self.port = free_port()
        self.replace = {"port=5432": f"port={self.port}", "host=127.0.0.1": "host=127.0.0.1"}
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", "apache", "-A", "trust", "--no-sync")
        self.process = subprocess.Popen(
            [POSTGRES / "postgres", "-D", data, "-p", str(self.port), "-h", "127.0.0.1",
             "-k", str(self.folder), "-F"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.user,
        )  # fmt: skip
        try:
            wait_until(lambda: self._ready(), "PostgreSQL to start", 60)
            self._run("createdb", *self._where(), "sessions")
            self.sql(TABLE)
        except BaseException:
            self.stop()
            raise

    def _where(self):
        return ["-h", "127.0.0.1", "-p", str(self.port), "-U", "apache"]

    def _ready(self) -> bool:
        command = [POSTGRES / "pg_isready", "-q", *self._where()]
        return subprocess.run(command, check=False).returncode == 0

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run([POSTGRES / program, *arguments], cwd=self.folder, check=True,
                              capture_output=True, text=True, **self.user)  # fmt: skip
        return done.stdout.strip()

    def sql(self, statement: str) -> str:
        return self._run("psql", *self._where(), "-At", "-c", statement, "sessions")

    def stop(self):
        self.process.terminate()  # at its end, once nobody is connected
        self.process.wait(30)


@pytest.fixture
def database(ring, request):
    database = request.param(ring)
    yield database
    ring.stop()  # the servers, which are connected
    ring.servers.clear()
    database.stop()


def start(apache, database, **options):
    text = (REPOSITORY / f"examples/apache/database-{database.name}.conf").read_text()
    replace = {**database.replace, **options.pop("replace", {})}
    return apache.start(f"{text}\nLuaMapHandler session$ /etc/apache2/app.lua\n",
                        modules=(*modules_of(text), "lua"), replace=replace, **options)  # fmt: skip


@pytest.mark.parametrize("database", [Sqlite, Postgresql], indirect=True)
def test_sessions_in_a_database(ring, database):
    server = start(ring, database)
    number = server.get("/session?user=alice").cookie()
    assert len(number) == UUID_SIZE
    value = database.sql("select value from session")
    assert b"user=alice" in opened(value, ring.key, context=b"members").payload
    assert "user=alice" in server.get("/session", number).text

    # Changed: another number and value, and the old number is worth nothing.
    changed = server.get("/session?user=bob", number).cookie()
    assert changed != number and "user" not in server.get("/session", number).text
    assert "user=bob" in server.get("/session", changed).text

    # Altered in the database: no session, and one can be written again.
    database.sql(f"update session set value = 'user=mallory' where key = '{changed}'")
    assert "user" not in server.get("/session", changed).text
    assert server.refusals() == ["malformed"]
    fresh = server.get("/session?user=carol", changed).cookie()
    assert "user=carol" in server.get("/session", fresh).text


@pytest.mark.parametrize("database", [Sqlite], indirect=True)
def test_a_row_ends_with_its_session(ring, database):
    """What deletes old rows also deletes those of sessions that SessionCryptoLifetime ended."""
    ends = {"SessionMaxAge 3600": "SessionMaxAge 3600\nSessionCryptoLifetime 60"}
    start(ring, database, replace=ends).get("/session?user=alice")
    value, expiry = database.sql("select value, expiry from session").split("|")
    assert int(expiry) == opened(value, ring.key, context=b"members").expires_at * 1_000_000


@pytest.mark.parametrize("database", [Sqlite], indirect=True)
def test_sessions_that_the_stock_module_wrote(ring, database):
    """Passphrases, first with the stock module, then with ours, in the same database."""
    passphrase = {
        "SessionCryptoKeyring /etc/apache2/session.keys": 'SessionCryptoPassphrase "one two"',
        "SessionCryptoContext members": "",
    }
    stock = start(ring, database, name="stock", crypto="stock", replace=passphrase)
    ours = start(ring, database, name="ours", replace=passphrase)
    for writer, reader in ((stock, ours), (ours, stock)):
        number = writer.get("/session?user=alice").cookie()
        assert "user=alice" in reader.get("/session", number).text
    assert "alice" not in database.sql("select value from session")
