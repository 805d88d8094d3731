# SPDX-License-Identifier: Apache-2.0
"""Sessions that are in use while the server is reloaded and while its keys are rotated, every second:
nobody is signed out."""

import re
import signal
import time

from nginx_server import wait_until
from rotation_load import ACTIVATE_IN, Rotation, seconds_of_load
from session_load import IDLE, Visitors
from sessions import site

SITE = site(f"""
    session_idle {IDLE}s; session_lifetime off; session_renew 1s; session_require user;
    location = /sign-in {{ session_require off; session_set user $arg_user; try_files /none @done; }}
    location @done {{ session_require off; session_set user $arg_user; return 204; }}
    location = /fields {{ try_files /none @fields; }}
    location @fields {{ return 200 $session_fields; }}
    """).replace("events", "worker_processes 2; events", 1)  # fmt: skip


def test_reloads_every_second_end_no_session(ring):
    server = ring.start(SITE)
    with Visitors(server) as visitors:
        for count in range(1, seconds_of_load(6)):
            time.sleep(1)
            server.process.send_signal(signal.SIGHUP)
            wait_until(
                lambda n=count: server.error_log.count(": reconfiguring") == n, "the reload", 60)
        time.sleep(0.5)
        wait_until(lambda: visitors.answered > 200 or visitors.lost, "answers")
    print(f"{visitors.answered} answers over {count} reloads")


def test_a_ring_that_is_rotated_every_second_ends_no_session(ring):
    server = ring.start(SITE)
    first = ring.key.kid
    # Keys are dropped while sessions are in use that they had sealed.
    enough = max(ACTIVATE_IN + IDLE + 5, seconds_of_load(0))
    with Visitors(server) as visitors, Rotation(ring.folder / "session.keys") as rotation:
        wait_until(
            lambda: visitors.lost
            or (rotation.times >= enough and first not in (ring.folder / "session.keys").read_text()),
            "the first key to be dropped", 600)  # fmt: skip
    assert len(visitors.kids) > 3
    assert not re.search(r"session: refused|\[error\]", server.error_log)
    print(f"{visitors.answered} answers, {len(visitors.kids)} keys, {rotation.times} rotations")
