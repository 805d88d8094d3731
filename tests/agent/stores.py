# SPDX-License-Identifier: Apache-2.0
"""A real store, Redis or Valkey, as a child process, on a free port of 127.0.0.1."""

import contextlib
import re
import shutil
import signal
import socket
import subprocess
import threading

from agents import PATIENCE, ROOT, until
from ports import free_port

# Valkey where it is installed.
PROGRAM = shutil.which("valkey-server") or shutil.which("redis-server")
# The user of the ACL in the example.
RULES = re.search(r"^user sealring on >PASSWORD (.*)$", (ROOT / "examples/agent/store.conf").read_text(),
                  re.MULTILINE)[1].split()
USER = ("--user", "agent", "on", ">pass word", *RULES)


class Store:
    def __init__(self, folder, *options):
        self.folder, self.options = folder, options
        self.folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.login = ()  # what AUTH needs
        self.process = None

    def start(self, wait=True):
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir",
                 str(self.folder), *self.options], stdout=log, stderr=log)
        if wait:
            until(self.answers, "the store answers")
        return self

    def answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            return self("PING") == "PONG"
        except OSError:
            return False

    def stop(self, number=signal.SIGKILL):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)

    def __call__(self, *command):
        """Asks it, and returns the answer."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            with connection.makefile("rwb") as stream:
                if self.login:
                    self._write(stream, ("AUTH", *self.login))
                    self._read(stream)
                self._write(stream, command)
                return self._read(stream)

    def calls(self, command, what="calls"):
        """How often it was asked this; or "rejected_calls", "failed_calls"."""
        stats = re.search(rf"cmdstat_{command}:.*?\b{what}=(\d+)", self("INFO", "commandstats").decode())
        return int(stats[1]) if stats else 0

    def _write(self, stream, command):
        parts = [part if isinstance(part, bytes) else str(part).encode() for part in command]
        stream.write(b"*%d\r\n" % len(parts) +
                     b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
        stream.flush()

    def _read(self, stream):
        line = stream.readline()
        if not line:
            raise ConnectionError("the store has closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind in b"+-":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if int(rest) < 0:
            return None
        if kind == b"$":
            return stream.read(int(rest) + 2)[:-2]
        return [self._read(stream) for _ in range(int(rest))]


class Between:
    """Between agents and a store, on a port of its own. `before` gets what an agent sends before the store does;
    if it says False, the connection is lost."""

    def __init__(self, store):
        self.store, self.before = store, lambda data: True
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                agent = self.listening.accept()[0]
                store = socket.create_connection(("127.0.0.1", self.store.port), PATIENCE)
            except OSError:
                return
            for ends in ((agent, store, lambda data: self.before(data)), (store, agent, lambda data: True)):
                threading.Thread(target=self._pass, args=ends, daemon=True).start()

    @staticmethod
    def _pass(source, target, before):
        with contextlib.suppress(OSError):
            while (data := source.recv(65_536)) and before(data):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def stop(self):
        self.listening.close()


class Fleet:
    """Agents web1, web2, ... with one store."""

    def __init__(self, agents, store, count, *options):
        self.store = store
        self.agents = [agents(f"web{number}", f"--store={store.url}", f"--node=web{number}", *options)
                       for number in range(1, count + 1)]

    def start(self):
        for agent in self.agents:
            agent.start()
        self.wait_until_in_touch()
        return self

    def wait_until_in_touch(self):
        for agent in self.agents:
            until(lambda agent=agent: agent.status()["good"], f"{agent.folder.name} is in touch")

    def wait_until_has(self, name, value):
        for agent in self.agents:
            until(lambda agent=agent: agent.list().has(name, value),
                  f"{agent.folder.name} has {name}={value}")
