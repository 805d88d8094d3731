# SPDX-License-Identifier: Apache-2.0
"""Runs the built agent: build/sealring-agent, or that of the folder SEALRING_BUILD names."""

import base64
import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("SEALRING_BUILD", ROOT / "build")).resolve()
PROGRAM, TOOL = BUILD / "sealring-agent", BUILD / "sealring"
FOREVER = 2**40 - 1
PATIENCE = 60  # seconds; a test waits this long only if it fails


def until(condition, what, patience=PATIENCE):
    """Waits until the condition holds, and returns its value."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"it did not happen: {what}")


def table(text, first):
    """The rows of the table of which this is the first head, as what is under the heads."""
    lines = text.partition(f"\n{first}  ")[2].partition("\n\n")[0].splitlines()
    heads = [first, *re.split("  +", lines[0].strip())]
    return [dict(zip(heads, re.split("  +", line))) for line in lines[1:] if "  " in line]


class List:
    """A revocation list, read as spec/revocations.md has it."""

    def __init__(self, path):
        data = Path(path).read_bytes()
        assert data[:8] == b"sealrev\x01"
        self.salt = data[8:24]
        self.generation, self.written_at, self.max_staleness, count, size = struct.unpack(
            ">QQIIH", data[24:50])
        assert len(data) == 80 + size + 26 * count
        self.names, rest = [], data[80:80 + size]
        while rest:
            self.names.append(rest[1:1 + rest[0]].decode())
            rest = rest[1 + rest[0]:]
        self.entries = {}
        for at in range(80 + size, len(data), 26):
            entry = data[at:at + 26]
            self.entries[entry[:16]] = (int.from_bytes(entry[16:21], "big"),
                                        int.from_bytes(entry[21:], "big"))

    def hash(self, name, value):
        return hash_of(self.salt, name, value)

    def has(self, name, value):
        return name in self.names and self.hash(name, value) in self.entries


def hash_of(salt, name, value):
    name = name.encode()
    return hashlib.sha256(salt + bytes([len(name)]) + name + value.encode()).digest()[:16]


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Agent:
    """An agent with a folder of its own, as a child process."""

    def __init__(self, folder, *options, lists=("session.revoked",)):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.lists = [self.folder / name for name in lists]
        self.socket, self.control = self.folder / "agent.sock", self.folder / "control.sock"
        self.options = options
        self.process = None
        self.log = self.folder / "log"

    def command(self):
        lists = [f"--list={path}" for path in self.lists]
        return [PROGRAM, "run", "--config=/dev/null", *lists, f"--socket={self.socket}",
                f"--control={self.control}", *self.options]

    def start(self, wait=True, wrapper=(), **options):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*wrapper, *self.command()], stderr=log, **options)
        if wait:
            until(self.answers, "the agent answers")
        return self

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            with self.connect():
                return True
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
        return None if self.process is None else self.process.wait(PATIENCE)

    def kill(self):
        return self.stop(signal.SIGKILL)

    @contextlib.contextmanager
    def paused(self):
        """It stands still within, and finds what happened meanwhile."""
        self.process.send_signal(signal.SIGSTOP)
        stat = Path(f"/proc/{self.process.pid}/stat")
        until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", "it stands still")
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def list(self, index=0):
        return List(self.lists[index])

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self.control))
        except OSError:
            connection.close()
            raise
        connection.settimeout(PATIENCE)
        return connection

    def ask(self, *lines):
        """The answers to requests."""
        with self.connect() as connection:
            connection.sendall("".join(line + "\n" for line in lines).encode())
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile() as answers:
                return [json.loads(line) for line in answers]

    def status(self):
        return self.ask("do=status")[0]

    def run(self, *arguments, status=0):
        done = subprocess.run([PROGRAM, *arguments[:1], f"--control={self.control}",
                               "--config=/dev/null", *arguments[1:]],
                              capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == status, (done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    def run_any(self, *arguments):
        """What it prints, whatever its exit status is."""
        done = subprocess.run([PROGRAM, *arguments[:1], f"--control={self.control}",
                               "--config=/dev/null", *arguments[1:]],
                              capture_output=True, text=True, timeout=PATIENCE)
        return done.stdout + done.stderr

    def revoke(self, *what, status=0, index=0):
        """Revokes as an operator does, and returns when the agent has seen it."""
        done = subprocess.run([TOOL, "revoke", self.lists[index], *what], capture_output=True,
                              text=True, timeout=PATIENCE)
        assert done.returncode == status, (done.stdout, done.stderr)
        if status == 0 and self.process is not None and self.process.poll() is None:
            generation = self.list(index).generation
            until(lambda: self.status()["lists"][index].get("generation", 0) >= generation,
                  "the agent sees what was written")
        return done.stdout if status == 0 else done.stderr

    def tell(self, name, value, revoked_at=None, until=FOREVER, index=0):
        """Sends a logout, as a server does."""
        fields = {"list": self.lists[index], "name": name,
                  "hash": base64url(self.list(index).hash(name, value)),
                  "revoked_at": int(time.time()) if revoked_at is None else revoked_at,
                  "until": until}
        self.send("&".join(f"{key}={value}" for key, value in fields.items() if value != ""))

    def send(self, text):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(text if isinstance(text, bytes) else text.encode(), str(self.socket))
