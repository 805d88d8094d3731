# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment: what was acknowledged is in the list."""

import json
import os
import random
import threading
import time

from agents import FOREVER

ROUNDS = int(os.environ.get("SEALRING_AGENT_KILLS", "12"))
A_SECOND = 200


class Client(threading.Thread):
    """Logs out 200 sessions a second, and knows which of them were acknowledged."""

    def __init__(self, agent, number):
        super().__init__()
        self.connection = agent.connect()
        self.path, self.number = agent.lists[0], number
        self.acknowledged = []

    def run(self):
        sender = threading.Thread(target=self.send)
        sender.start()
        try:
            with self.connection.makefile() as answers:
                for i, line in enumerate(answers):
                    if "generation" in json.loads(line):
                        self.acknowledged.append(f"{self.number}-{i}")
        except (OSError, ValueError):
            pass  # the agent was killed
        sender.join()
        self.connection.close()

    def send(self):
        try:
            for i in range(A_SECOND * 60):
                self.connection.sendall(
                    f"do=revoke&list={self.path}&name=sid&value={self.number}-{i}&until={FOREVER}\n"
                    .encode())
                time.sleep(1 / A_SECOND)
        except OSError:
            pass


def test_nothing_that_was_acknowledged_is_lost(agent):
    moments = random.Random(os.environ.get("SEALRING_SEED"))
    acknowledged = []
    for number in range(ROUNDS):
        client = Client(agent, number)
        client.start()
        time.sleep(moments.uniform(0.2, 1.2))
        agent.kill()
        client.join()
        acknowledged += client.acknowledged
        listed = agent.list()
        missing = [sid for sid in acknowledged if not listed.has("sid", sid)]
        assert not missing, f"of {len(acknowledged)} acknowledged: {missing[:5]}"
        agent.start()
    assert acknowledged
