# SPDX-License-Identifier: Apache-2.0
"""One machine: logouts come as datagrams or are written by others, and are in the list."""

import os
import re
import signal
import socket
import stat
import subprocess
import time

import pytest
from agents import FOREVER, PATIENCE, PROGRAM, base64url, table, until

NOW = int(time.time())


def test_a_datagram_becomes_an_entry(agent):
    assert agent.list().entries == {} and agent.list().generation == 1
    agent.tell("sid", "a", revoked_at=NOW, until=NOW + 3600)
    until(lambda: agent.list().has("sid", "a"), "the list has the session")
    listed = agent.list()
    assert listed.names == ["sid"] and listed.generation == 2
    assert list(listed.entries.values()) == [(NOW, NOW + 3600)]


def test_what_the_list_has_is_ignored(agent):
    agent.tell("sid", "a", revoked_at=NOW)
    until(lambda: agent.list().has("sid", "a"), "the list has the session")
    generation = agent.list().generation
    for _ in range(20):
        agent.tell("sid", "a", revoked_at=NOW)
    agent.revoke("user=b")
    assert agent.list().generation == generation + 1


def test_a_datagram_that_revokes_everything(agent):
    agent.tell("", "", revoked_at=NOW)
    until(lambda: agent.list().has("", ""), "the list has the entry")


HASH = base64url(bytes(16))
GOOD = f"list={{list}}&name=sid&hash={HASH}&revoked_at=1&until=9999999999"


@pytest.mark.parametrize("change", [
    ("list={list}&", ""), ("&until=9999999999", ""), ("&revoked_at=1", ""), (f"&hash={HASH}", ""),
    (HASH, HASH[:-1]), (HASH, HASH + "A"), (HASH, HASH[:-1] + "B"), ("=1&", "=-1&"), ("=1&", "=1.0&"),
    ("=1&", "=+1&"), ("until=9999999999", f"until={FOREVER + 1}"), ("list={list}", "list=/other"),
    ("name=sid", "name=" + "n" * 65), ("name=sid", "nick=sid"), ("name=sid", "name=%sid"),
    ("name=sid", "name=sid&more=1"), ("name=sid", "name=sid" + "&" * 4096)],
    ids=lambda change: f"{change[0][:12]} {change[1][:12]}")
def test_a_datagram_in_another_form_is_refused_and_counted(agent, change):
    good = GOOD.format(list=agent.lists[0])
    bad = GOOD.replace(*change).format(list=agent.lists[0])
    assert bad != good
    agent.send(bad)
    until(lambda: agent.status()["refused"] == 1, "it is counted")
    assert agent.list().entries == {}
    agent.send(good)
    until(lambda: agent.list().entries, "one in the right form is accepted")


def test_a_server_that_sends_to_another_list_is_named_once_in_the_log(agent):
    for _ in range(3):
        agent.send(GOOD.format(list="/etc/other.revoked"))
    until(lambda: agent.status()["refused"] == 3, "they are counted")
    assert agent.log.read_text().count("add \"list = /etc/other.revoked\"") == 1


def test_a_name_too_many_keeps_no_other_out(agent):
    for i in range(18):
        agent.tell(f"n{i}", "v")
    until(lambda: agent.log.read_text().count("at most 16 names") == 2, "two are refused")
    assert len(agent.list().entries) == 16 and agent.status()["good"]


def test_requests_in_one_go_have_their_answers_in_order(agent):
    lines = ["do=status", "do=nothing"] * 1500
    answers = agent.ask(*lines)
    assert len(answers) == 3000
    assert all(answer["good"] for answer in answers[::2])
    assert all("no such request" in answer["error"] for answer in answers[1::2])


def test_many_logouts_are_written_at_once(agent):
    for i in range(3000):
        agent.tell("sid", str(i))
    until(lambda: len(agent.list().entries) == 3000, "all are written")
    assert agent.list().generation < 1000


def test_publish_without_a_store(agent):
    assert "no store" in agent.run("publish", "/etc/session.keys", status=3)


@pytest.mark.parametrize("line", ["", "x", "do=publish", "do=status&x=1", "a" * 70_000, "%",
                                  "do=publish&ring=%ff&x=1"])
def test_other_requests_are_refused(agent, line):
    assert "error" in agent.ask(line)[0]
    assert agent.status()["good"]


def test_a_client_that_goes_before_its_answer_disturbs_nobody(agent):
    for _ in range(50):  # fewer than the agent has room for
        with agent.connect() as connection:
            connection.sendall(b"do=status\ndo=status\ndo=sta")
    assert agent.status()["good"]


def test_status(agent):
    agent.revoke("user=alice")
    agent.send("nonsense")
    until(lambda: agent.status()["refused"] == 1, "it is refused")
    shown = agent.run("status")
    assert re.match(r"agent \S+, running for .+: good\nrefused datagrams of servers: 1\n", shown)
    [row] = table(shown, "list")
    assert re.fullmatch(r"\d+s ago", row.pop("written"))
    assert row == {"list": str(agent.lists[0]), "generation": "2", "entries": "1", "waiting": "0", "from here": "0",
                   "from store": "-", "sent": "-", "unsent": "-", "store": "-"}
    only = agent.status()["lists"][0]
    assert (only["generation"], only["entries"], only["waiting"]) == (2, 1, 0)
    agent.stop()
    assert "systemctl status sealring-agent" in agent.run("status", status=3)


def test_a_list_that_servers_do_not_trust_is_no_good_status(agent):
    agent.lists[0].chmod(0o666)
    until(lambda: "chmod go-w" in agent.status()["lists"][0].get("problem", ""), "it says so")
    agent.run("status", status=1)
    agent.tell("sid", "a")
    agent.lists[0].chmod(0o644)
    until(lambda: agent.list().has("sid", "a"), "what waited is written")
    until(lambda: agent.status()["good"], "it is good again")


def torn(data):
    return data[:-1]


def altered(data):
    return data[:90] + bytes([data[90] ^ 1]) + data[91:]


@pytest.mark.parametrize("damaged", [torn, altered, lambda data: b"", lambda data: b"x" * 1000, None],
                         ids=["torn", "altered", "empty", "something else", "gone"])
def test_a_list_that_is_damaged_is_written_again(agent, damaged):
    agent.revoke("user=alice")
    good = agent.lists[0].read_bytes()
    if damaged is None:
        agent.lists[0].unlink()
    else:
        agent.lists[0].write_bytes(damaged(good))
    until(lambda: "it is written again" in agent.log.read_text(), "the agent notices")
    assert agent.list().has("user", "alice") and agent.list().salt == good[8:24]
    assert agent.list().generation == 3 and agent.status()["good"]
    agent.tell("sid", "a")
    until(lambda: agent.list().has("sid", "a"), "it goes on")


def test_a_list_that_is_older_is_written_again(agent):
    old = agent.lists[0].read_bytes()
    agent.revoke("user=alice")
    agent.lists[0].write_bytes(old)
    until(lambda: "it is written again" in agent.log.read_text(), "the agent notices")
    assert agent.list().has("user", "alice")


def test_another_list_is_not_replaced(agents, agent):
    other = agents("other").start()
    other.tell("sid", "b")
    until(lambda: other.list().has("sid", "b"), "there is another list")
    data = other.lists[0].read_bytes()
    agent.lists[0].write_bytes(data)
    until(lambda: "another list" in agent.status()["lists"][0].get("problem", ""), "it says so")
    agent.run("status", status=1)
    assert agent.lists[0].read_bytes() == data


def test_several_lists(agents):
    agent = agents("two", lists=("a.revoked", "b.revoked")).start()
    agent.tell("sid", "a", index=0)
    agent.tell("sid", "b", index=1)
    until(lambda: agent.list(0).has("sid", "a") and agent.list(1).has("sid", "b"), "both are written")
    assert not agent.list(0).has("sid", "b") and agent.list(0).salt != agent.list(1).salt


def test_it_writes_what_waits_when_it_is_told_to_end(agent):
    for i in range(50):
        agent.tell("sid", str(i))
    assert agent.stop() == 0
    assert len(agent.list().entries) == 50


def test_it_goes_on_with_the_list_that_is_there(agents, agent):
    agent.revoke("user=alice")
    agent.stop()
    before = agent.list()
    agent.start()
    assert agent.list().salt == before.salt and agent.list().has("user", "alice")


def test_what_another_writer_adds_stays(agents, agent):
    agent.revoke("user=alice")
    other = agents("other")
    other.lists = agent.lists
    other.start()
    other.revoke("user=bob")
    agent.revoke("user=carol")
    assert all(agent.list().has("user", name) for name in ("alice", "bob", "carol"))


def test_what_has_ended_is_dropped(agent):
    agent.tell("user", "alice", until=NOW - 1)
    agent.revoke("user=bob")
    assert len(agent.list().entries) == 1


def test_a_list_with_a_bound_is_confirmed(agents):
    agent = agents("bound", "--max-staleness=10s").start()
    assert agent.list().max_staleness == 10
    os.utime(agent.lists[0], (1, 1))
    until(lambda: agent.lists[0].stat().st_mtime > NOW - PATIENCE, "it is confirmed")
    assert agent.list().generation == 1


def test_sockets_are_for_the_group_and_replace_those_that_were_left(agent):
    for path in (agent.socket, agent.control):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
    agent.kill()
    assert agent.socket.exists()
    agent.start()
    agent.revoke("user=alice")


def test_a_second_agent_does_not_take_the_sockets(agents, agent):
    other = agents("other")
    other.socket, other.control = agent.socket, agent.control
    other.start(wait=False)
    assert other.process.wait(PATIENCE) == 3
    assert "another process listens there" in other.log.read_text()
    agent.revoke("user=alice")


def test_sockets_of_systemd(agent):
    agent.stop()
    agent.socket.unlink()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as passed:
        passed.bind(str(agent.socket))
        # What comes while no agent runs waits in the socket.
        agent.tell("sid", "early")
        script = f'exec 3<&{passed.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
        agent.start(wrapper=["bash", "-c", script, "-"], pass_fds=[passed.fileno()])
        until(lambda: agent.list().has("sid", "early"), "it reads from the socket that it was given")
        agent.tell("sid", "late")
        until(lambda: agent.list().has("sid", "late"), "and goes on")


def test_systemd_is_told_when_it_is_ready(agents, tmp_path):
    agent = agents()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        agent.start(env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert manager.recv(100) == b"READY=1"
        agent.stop(signal.SIGINT)
        assert manager.recv(100) == b"STOPPING=1"


def test_the_tool_shows_it_too(agent):
    agent.revoke("user=a")
    shown = subprocess.run([PROGRAM.parent / "sealring", "status", agent.control], capture_output=True, text=True,
                           timeout=60, check=True).stdout
    assert table(shown, "list")[0]["generation"] == "2" and ": good" in shown
