# SPDX-License-Identifier: Apache-2.0
"""Workers that die, and reloads, while requests are answered."""

import os
import re
import signal
import time

from load import Load
from nginx_server import conf, wait_until

SITE = """
    encrypted_session_keyring session.keys;
    server { listen 127.0.0.1:8080;
        add_header X-Process $pid;
        location /round { set_encrypt_session $t $arg_p; set_decrypt_session $p $t;
                          return 200 "$p $encrypted_session_verify"; }
    }"""
WORKERS = "worker_processes 3;"


def is_right(status: int, body: bytes) -> bool:
    return status == 200 and body == b"payload OK"


def test_killed_workers_lose_what_was_on_their_connections_alone(ring):
    server = ring.start(conf(SITE, main=WORKERS))
    killed = {}
    with Load(server.port, "/round?p=payload", is_right, clients=6, keep_alive=True) as load:
        for _ in range(6):
            time.sleep(0.4)
            before = server.workers()
            worker = min(before)
            killed[str(worker)] = time.monotonic()
            os.kill(worker, signal.SIGKILL)
            wait_until(lambda old=before: len(server.workers() - old) == 1, "a worker in its place")
        time.sleep(0.4)
        wait_until(lambda: load.answered > 500, "answers")
    server.stop()
    ends = re.findall(r"exited on signal (\d+)", server.error_log)
    # One more for each that was slow to end when the server was stopped.
    assert set(ends) == {"9"} and 6 <= len(ends) <= 9

    assert load.wrong == []
    for loss in load.losses:
        # If a connection has had no answer yet, it is not known which worker accepted it.
        at = [killed[loss.server]] if loss.server else killed.values()
        assert any(abs(loss.at - moment) < 10 for moment in at), loss
    assert len(load.losses) <= 6 * 6
    print(f"{load.answered} answers, {len(load.losses)} lost with {len(killed)} workers")


def test_reloads_every_second_lose_nothing(ring):
    server = ring.start(conf(SITE, main=WORKERS))
    with Load(server.port, "/round?p=payload", is_right) as load:
        for count in range(1, 6):
            time.sleep(1)
            server.process.send_signal(signal.SIGHUP)
            wait_until(
                lambda n=count: server.error_log.count(": reconfiguring") == n, "the reload", 60)
        time.sleep(0.5)
        wait_until(lambda: load.answered > 500, "answers")
    assert (load.wrong, load.losses) == ([], [])
    assert "[error]" not in server.error_log
    print(f"{load.answered} answers over 5 reloads")
