# SPDX-License-Identifier: Apache-2.0
"""Children that die and graceful reloads that come while requests are answered."""

import os
import signal
import time

from apache_server import site, wait_until
from load import Load
from tokens import s1

RING = "SessionCryptoKeyring session.keys"


def load_on(setup, **options) -> Load:
    headers = {"Cookie": f"session={s1(setup.key, b'user=alice', lifetime=0)}"}
    return Load(setup.port("httpd", 8080), "/session",
                lambda status, body: (status, body) == (200, b"user=alice"),
                headers=headers, **options)  # fmt: skip


def test_killed_children_lose_what_was_on_their_connections_alone(ring):
    server = ring.start(site(RING))
    kills = []
    with load_on(ring) as load:
        for _ in range(3):
            time.sleep(0.5)
            (child,) = server.children()
            kills.append(time.monotonic())
            os.kill(child, signal.SIGKILL)
            wait_until(lambda old=child: server.children() - {old}, "a child in its place")
        time.sleep(0.5)

    assert load.wrong == []
    assert load.answered > 100
    for loss in load.losses:
        assert any(abs(loss.at - kill) < 1 for kill in kills), loss
    assert len(load.losses) <= 3 * 8, "four clients, and what the child had accepted"
    print(f"{load.answered} answers, {len(load.losses)} lost with {len(kills)} children")


def test_graceful_reloads_every_second_lose_nothing(ring):
    server = ring.start(site(RING))
    with load_on(ring) as load:
        for count in range(2, 7):
            time.sleep(1)
            server.begin_reload()
            wait_until(
                lambda n=count: server.error_log.count("resuming normal operations") == n,
                "the reload", 60)
        time.sleep(0.5)
    assert (load.wrong, load.losses) == ([], [])
    assert load.answered > 100
    assert "session_crypto:error" not in server.error_log
    print(f"{load.answered} answers over 5 reloads")
