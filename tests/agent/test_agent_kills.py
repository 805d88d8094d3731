# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment: what was in the list stays in it, and what servers send is in it in the end."""

import os
import random
import socket
import threading
import time

from agents import until

ROUNDS = int(os.environ.get("SEALRING_AGENT_KILLS", "12"))
A_SECOND = 200


class Server(threading.Thread):
    """Logs out 200 sessions a second, and reads the list as servers do."""

    def __init__(self, agent):
        super().__init__()
        self.agent = agent
        self.sent, self.listed = [], set()
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.1):
            for _ in range(A_SECOND // 10):
                self.sent.append(f"{len(self.sent)}")
                self.agent.tell("sid", self.sent[-1])
            self.read()

    def read(self):
        listed = self.agent.list()
        self.listed |= {sid for sid in set(self.sent) - self.listed if listed.has("sid", sid)}
        return self.listed


def test_nothing_that_the_list_had_is_lost(agent):
    agent.stop()
    agent.socket.unlink()
    moments = random.Random(os.environ.get("SEALRING_SEED"))
    # As systemd keeps it open: what is sent while no agent runs waits in it.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as passed:
        passed.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        passed.bind(str(agent.socket))
        script = f'exec 3<&{passed.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'

        def start():
            agent.start(wrapper=["bash", "-c", script, "-"], pass_fds=[passed.fileno()])

        start()
        server = Server(agent)
        server.start()
        for _ in range(ROUNDS):
            time.sleep(moments.uniform(0.2, 1.2))
            agent.kill()
            had = set(server.listed)
            listed = agent.list()
            missing = [sid for sid in had if not listed.has("sid", sid)]
            assert not missing, f"of {len(had)} that the list had: {missing[:5]}"
            start()
        server.ended.set()
        server.join()
        # An agent that is killed loses what it has read and not written, so servers send it again.
        for sid in set(server.sent) - server.read():
            agent.tell("sid", sid)
        until(lambda: server.read() == set(server.sent), "all are in the list")
        listed = agent.list()
        assert all(listed.has("sid", sid) for sid in server.sent)
        assert len(server.sent) > ROUNDS
