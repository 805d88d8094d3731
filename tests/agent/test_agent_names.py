# SPDX-License-Identifier: Apache-2.0
"""The store's name is looked up while the agent goes on, also if no name server answers.

The agent is on a machine of its own, a network namespace, whose name server is the test.
"""

import contextlib
import os
import re
import signal
import socket
import struct
import threading
import time
from pathlib import Path

import pytest
from agents import PATIENCE, until
from network import Machine, Unavailable
from ports import free_port

NO_ANSWER = 'the name "store.example" cannot be looked up: no name server answers'
NO_SUCH_NAME = 'the name "store.example" cannot be looked up: Name or service not known'


class NameServer:
    """Of one machine. It is silent until it is given an answer."""

    def __init__(self, machine, folder):
        self.machine, self.folder = machine, folder
        self.answer = None
        self.asked = 0
        (folder / "nsswitch.conf").write_text("hosts: files dns\n")
        with machine.inside():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                query, client = self.socket.recvfrom(4096)
                self.asked += 1
                if self.answer is not None:
                    self.socket.sendto(self.answer(query), client)

    def wrapper(self, options):
        """Asks this one, with these options of resolv.conf."""
        file = self.folder / "resolv.conf"
        file.write_text(f"nameserver 127.0.0.1\noptions {options}\n")
        script = (f"mount --bind '{file}' /etc/resolv.conf && "
                  f"mount --bind '{self.folder}/nsswitch.conf' /etc/nsswitch.conf && exec \"$@\"")
        return ["unshare", "--mount", "bash", "-c", script, "-"]


def answer(query, code, address):
    """As RFC 1035 has it, to the one question."""
    end = query.index(b"\0", 12) + 5
    is_found = address is not None and query[end - 4:end - 2] == b"\0\1"
    header = struct.pack(">2s5H", query[:2], 0x8180 | code, 1, is_found, 0, 0)
    record = struct.pack(">3HIH4s", 0xC00C, 1, 1, 0, 4, socket.inet_aton(address)) if is_found else b""
    return header + query[12:end] + record


def loopback(query):
    return answer(query, 0, "127.0.0.1")


def no_such_name(query):
    return answer(query, 3, None)


@pytest.fixture
def machine():
    try:
        made = Machine()
    except Unavailable as reason:
        pytest.skip(f"no network namespaces: {reason}")
    made.ip("link set lo up")
    yield made
    made.end()


@pytest.fixture
def names(machine, tmp_path):
    made = NameServer(machine, tmp_path)
    yield made
    made.socket.close()


@pytest.fixture
def agent(agents, store):
    """With a list, for a store that has a name."""
    made = agents("web1", f"--store={store.url}", "--node=web1").start()
    until(lambda: made.status()["good"], "there is a list")
    made.stop()
    made.options = (f"--store=redis://store.example:{store.port}", "--node=web1")
    return made


def start(agent, names, options):
    with names.machine.inside():
        agent.start(wrapper=names.wrapper(options))
    until(lambda: names.asked, "it asks for the name")


def problem(agent):
    return agent.status()["store"].get("problem", "")


def test_a_name_server_that_is_silent_keeps_nothing_waiting(agent, names):
    start(agent, names, "timeout:30 attempts:5")
    started = time.monotonic()
    while problem(agent) != NO_ANSWER:
        begun = time.monotonic()
        agent.status()
        assert time.monotonic() < min(begun + 5, started + 25)
        time.sleep(0.1)
    assert "NOT connected" in agent.run_any("status") and NO_ANSWER in agent.run_any("status")
    agent.tell("sid", "a")
    until(lambda: agent.list().has("sid", "a"), "what is told is written", patience=5)
    # One thread looks it up; another one is not started beside it, however many trials there were.
    time.sleep(3)  # the time of the next trial has come
    tasks = Path(f"/proc/{agent.process.pid}/task")
    [thread] = [task for task in tasks.iterdir() if task.name != str(agent.process.pid)]
    blocked = int(re.search(r"SigBlk:\s*(\w+)", (thread / "status").read_text())[1], 16)
    assert blocked & 1 << signal.SIGHUP - 1 and blocked & 1 << signal.SIGTERM - 1
    assert agent.status()["store"]["failures"] == 1
    begun = time.monotonic()
    assert agent.stop() == 0
    assert time.monotonic() < begun + 5


@pytest.mark.parametrize("attempts", [1, 2], ids=["to the next trial", "late"])
def test_a_name_server_that_answers(agent, names, stores, tmp_path, attempts):
    start(agent, names, f"timeout:7 attempts:{attempts}")
    until(lambda: problem(agent) == NO_ANSWER, "it does not wait for it any more")
    with names.machine.inside():
        store = stores(tmp_path / "other")
        store.port = int(agent.options[0].rpartition(":")[2])
        store.start()
    names.answer = loopback
    until(lambda: agent.status()["good"], "it is connected")
    assert len(os.listdir(f"/proc/{agent.process.pid}/task")) == 1
    assert agent.status()["store"]["failures"] == 1
    log = agent.log.read_text()
    assert log.count(NO_ANSWER) == 1 and "Temporary failure" not in log


def test_a_name_that_is_not_known(agent, names):
    names.answer = no_such_name
    start(agent, names, "timeout:7 attempts:1")
    until(lambda: problem(agent) == NO_SUCH_NAME, "it says so")
    until(lambda: names.asked >= 6, "it asks again, for addresses of both kinds")
    time.sleep(2)
    assert names.asked < 30, "it pauses after each time"
    assert agent.log.read_text().count(NO_SUCH_NAME) == 1


def test_a_name_in_a_file(agents, store):
    agent = agents("web1", f"--store=redis://localhost:{store.port}", "--node=web1").start()
    until(lambda: agent.status()["good"], "it is connected, at whichever of the addresses")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_an_address_needs_no_name_server(agents, names, host):
    agent = agents("web1", f"--store=redis://{host}:{free_port()}", "--node=web1")
    with names.machine.inside():
        agent.start(wrapper=names.wrapper("timeout:30"))
    until(lambda: problem(agent) == "Connection refused", "it connects at once", patience=PATIENCE)
    assert names.asked == 0
    assert len(os.listdir(f"/proc/{agent.process.pid}/task")) == 1
