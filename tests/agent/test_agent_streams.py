# SPDX-License-Identifier: Apache-2.0
"""Standard streams that are closed, and readers that went away, do not end the agent."""

import os
import subprocess

import pytest
from agents import PATIENCE, PROGRAM, until
from ports import free_port
from stores import Fleet
from test_agent_fleet import tls_store


@pytest.fixture
def closed_pipe():
    """To which nobody can write."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def test_nobody_reads_the_log(agents, store, closed_pipe):
    agent = agents("web1", f"--store=redis://127.0.0.1:{free_port()}", "--node=web1")
    agent.start(wrapper=["bash", "-c", f'exec "$@" 2>&{closed_pipe}', "-"], pass_fds=[closed_pipe])
    until(lambda: agent.status()["store"]["failures"] >= 2, "it has had something to say")
    agent.stop()
    agent.options = (f"--store={store.url}", "--node=web1")
    agent.start(wrapper=["bash", "-c", f'exec "$@" 2>&{closed_pipe}', "-"], pass_fds=[closed_pipe])
    until(lambda: agent.status()["good"], "it is in touch")
    assert agent.stop() == 0


def test_it_is_started_without_standard_streams(agents, store):
    """A connection that had the number of standard error would get the lines of the log."""
    agent = Fleet(agents, store, 1).agents[0]
    agent.start(wrapper=["bash", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "-"])
    until(lambda: agent.status()["good"], "it is in touch")
    streams = [os.readlink(f"/proc/{agent.process.pid}/fd/{number}") for number in range(3)]
    assert streams == ["/dev/null"] * 3
    agent.revoke("user=alice")
    assert agent.stop() == 0


def test_a_store_with_tls_that_ends_while_it_is_asked(agents, stores, certificates):
    """More is written to it than TLS sends at once, and it has closed the connection before."""
    store = tls_store(stores, certificates, "store")
    store.stop()
    store.url = f"rediss://127.0.0.1:{store.options[1]}"
    agent = Fleet(agents, store, 1, f"--store-ca={certificates / 'ca.pem'}",
                  f"--store-certificate={certificates / 'agent.pem'}",
                  f"--store-key={certificates / 'agent.key'}").agents[0].start()
    until(lambda: agent.status()["store"]["failures"], "it waits for its next trial")
    # Of what is ready at once, the agent handles that with the lowest number first: so the requests of
    # these, which it has before the store, are in front of the end of the store.
    clients = [agent.connect() for _ in range(4)]
    for client in clients:
        client.sendall(b"do=status\n")
        assert client.recv(1)
    store.start()
    until(lambda: agent.status()["good"], "it is in touch")
    with agent.paused():
        for client in clients:
            client.sendall(b"do=status\n" * 1000)
        # What is sent to it is read: otherwise its end would be a reset, which is handled first.
        for _ in range(2):
            assert store("PING") == "PONG"
        store.stop()
    until(lambda: agent.answers() and not agent.status()["store"]["up"], "it notices")
    assert "TLS: Broken pipe" in agent.log.read_text(), agent.log.read_text()
    store.start()
    until(lambda: agent.status()["good"], "it goes on")
    for client in clients:
        client.close()


def test_a_reader_of_the_status_that_went_away_is_noticed(agent, closed_pipe):
    done = subprocess.run([PROGRAM, "status", "--config=/dev/null", f"--control={agent.control}"],
                          stdout=closed_pipe, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert done.returncode == 3 and b"cannot write to standard output: Broken pipe" in done.stderr
