# SPDX-License-Identifier: Apache-2.0
"""What an agent is told of logouts, whether or not it is there, and how many nginx remembers."""

import contextlib
import http.client
import re
import resource

from logouts import PLACES, SID, cookie, eventually, is_good, logout_site, token
from pipeline import send_pipelined
from revocation_lists import Agent, told
from sessions import NAME
from tokens import now


def test_the_agent_is_told(listed):
    agent = Agent(listed.folder / "agent.sock")
    server = listed.start(logout_site(f"agent=unix:{agent.path}"))
    value = token(listed.key, lifetime=1800)
    before = now()
    server.get("/out", cookie(value))
    said = agent.receive(wait=False)  # it was sent before the answer
    assert said.items() >= told(listed.revocations, SID).items()
    assert before <= int(said["revoked_at"]) <= now()
    assert before + 1800 + 60 <= int(said["until"]) <= now() + 1800 + 60
    assert agent.receive() == said, "again, until the list has it"
    listed.revocations.revoke("sid", SID, at=int(said["revoked_at"]))
    assert not is_good(server, value)
    agent.quiet(12, said)
    agent.close()


class ToOneWorker:
    """A connection that stays, and so always asks the same worker."""

    def __init__(self, server):
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.pid = int(self.get("/", {}).split()[0])

    def get(self, path: str, headers: dict[str, str]) -> str:
        self._connection.request("GET", path, headers=headers)
        return self._connection.getresponse().read().decode()

    def is_good(self, value: str) -> bool:
        return self.get("/", cookie(value)).split()[-1] == "OK"

    def close(self) -> None:
        self._connection.close()


def test_a_worker_that_cannot_read_the_list(listed):
    """The others can, and it has no free descriptor: what was revoked here holds in it, too."""
    agent = Agent(listed.folder / "agent.sock")
    server = listed.start(logout_site(f"agent=unix:{agent.path}"))
    with contextlib.ExitStack() as stack:
        def ask(worker: int) -> ToOneWorker:
            return eventually(lambda: next((c for c in [stack.enter_context(
                contextlib.closing(ToOneWorker(server)))] if c.pid == worker), None), "the worker")

        sender, *_, last = sorted(server.workers())
        able, unable = ask(sender), ask(last)
        resource.prlimit(last, resource.RLIMIT_NOFILE, (0, 0))
        value, other = token(listed.key), token(listed.key, sid="B" * 21 + "A")
        able.get("/out", cookie(value))
        assert not unable.is_good(value)
        said = agent.receive()
        listed.revocations.revoke("sid", "B" * 21 + "A")
        listed.revocations.revoke("sid", SID, at=int(said["revoked_at"]))
        eventually(lambda: not able.is_good(other), "the list to count")
        assert unable.is_good(other)
        agent.quiet(17, said)
        assert not unable.is_good(value)
    agent.close()


def test_an_agent_that_comes_later(listed):
    path = listed.folder / "agent.sock"
    server = listed.start(logout_site(f"agent=unix:{path}"))
    for number in range(3):
        server.get("/out", cookie(token(listed.key, sid=f"{number}" * 21 + "A")))
        assert not is_good(server, token(listed.key, sid=f"{number}" * 21 + "A"))
    agent = Agent(path)
    got = {agent.receive()["hash"] for _ in range(6)}
    assert got == {told(listed.revocations, f"{n}" * 21 + "A")["hash"] for n in range(3)}
    agent.close()
    lines = re.findall(r"\[error\] (\d+)#.*session_revocations: the agent at \"unix:\S+\" cannot be told:"
                       " No such file or directory", server.error_log)  # fmt: skip
    assert lines and len(set(lines)) == len(lines), "once in each worker"


def test_an_agent_that_does_not_read(listed):
    agent = Agent(listed.folder / "agent.sock")
    server = listed.start(logout_site(f"agent=unix:{agent.path}", main=""))
    for number in range(600):  # more than a queue holds
        sid = f"{number:03}".ljust(21, "x") + "A"
        assert server.get("/out", cookie(token(listed.key, sid=sid))).status == 303
    assert not is_good(server, token(listed.key, sid=sid))
    server.wait_for_log("cannot be told: it does not read", 120)
    assert server.error_log.count("cannot be told") == 1
    wanted = {told(listed.revocations, f"{n:03}".ljust(21, "x") + "A")["hash"] for n in range(600)}
    while wanted:
        wanted.discard(agent.receive()["hash"])
    agent.close()


def test_memory_that_is_full(listed):
    """The one that ends first is dropped, with an alert, and a new one still counts."""
    room = 45_000
    server = listed.start(logout_site(text="keepalive_requests 100000; access_log off;" + PLACES, main=""),
                          log_level="error")  # fmt: skip
    at = now()
    values = [token(listed.key, sid=f"{number:06}".ljust(21, "x") + "A", at=at) for number in range(room)]
    send_pipelined(server.port, "/out", [f"{NAME}={value}" for value in values], "303 See Other")
    assert not is_good(server, values[-1])
    assert re.search(r"\[alert\].*session_revocations: the memory for logouts that \"\S+\" does not have is "
                     "full", server.error_log)  # fmt: skip
