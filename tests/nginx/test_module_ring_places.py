# SPDX-License-Identifier: Apache-2.0
"""Ways to replace a server's ring: by renaming, through links, with its folder; and scheduled keys.

Every worker gets requests through its own connection."""

import contextlib
import http.client
import shutil

import pytest
from nginx_server import conf
from ring_places import (
    CHANGES,
    FAULTS,
    as_folder,
    check_schedule,
    name_of,
    see_within_two_seconds,
    while_it_is_refused,
)
from tokens import new_key, opened, s1

WORKERS = 2
SITE = conf(
    """
    encrypted_session_keyring keys/session.keys;
    keepalive_requests 100000;
    server {
        listen 127.0.0.1:8080 reuseport;
        location /pid { return 200 $pid; }
        location /seal { set_encrypt_session $t x; return 200 $t; }
        location /open { set_decrypt_session $p $arg_t; return 200 $encrypted_session_verify; }
    }""",
    main=f"worker_processes {WORKERS};",
)


class Worker:
    """A connection that one worker serves."""

    def __init__(self, port):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.pid = self.get("/pid")

    def get(self, path):
        self._connection.request("GET", path)
        return self._connection.getresponse().read().decode()

    def sealed(self):
        return self.get("/seal")

    def opens(self, key):
        """A question: does it open a token of the key?"""

        def ask():
            said = self.get(f"/open?t={s1(key, b'x')}")
            assert said in ("OK", "FAILED:unknown_key")
            return said == "OK"

        return ask

    def close(self):
        self._connection.close()


@contextlib.contextmanager
def every_worker(server):
    with contextlib.ExitStack() as stack:
        workers = {}
        for _ in range(200):
            worker = Worker(server.port)
            stack.callback(worker.close)
            workers.setdefault(worker.pid, worker)
            if len(workers) == WORKERS:
                break
        assert len(workers) == WORKERS
        yield list(workers.values())


@pytest.mark.parametrize(("begin", "change"), CHANGES, ids=name_of)
def test_every_worker_sees_a_changed_ring_within_two_seconds(nginx, begin, change):
    first, second = new_key(), new_key()
    begin(nginx.folder, first)
    server = nginx.start(SITE)
    with every_worker(server) as workers:
        for worker in workers:
            assert opened(worker.sealed(), first).payload == b"x"
        change(nginx.folder, second)
        see_within_two_seconds([worker.opens(second) for worker in workers])
        for worker in workers:
            assert opened(worker.sealed(), second).payload == b"x"
            assert worker.get(f"/open?t={s1(first, b'x')}") == "FAILED:unknown_key"
        assert server.workers() == {int(worker.pid) for worker in workers}


@pytest.mark.parametrize(("fault", "reason"), FAULTS, ids=name_of)
def test_a_bad_ring_is_logged_once_by_each_worker_and_the_one_in_use_stays(nginx, fault, reason):
    key, successor = new_key(), new_key()
    as_folder(nginx.folder, key)
    ring = nginx.folder / "keys" / "session.keys"
    server = nginx.start(SITE)
    with every_worker(server) as workers:

        def errors():
            return [line for line in server.error_log.splitlines() if "[error]" in line]

        def check():
            for worker in workers:
                assert worker.get(f"/open?t={s1(key, b'x')}") == "OK"
                assert opened(worker.sealed(), key).payload == b"x"

        fault(ring)
        for line in while_it_is_refused(errors, WORKERS, check):
            assert f'encrypted_session_keyring: key ring "{ring}": {reason}' in line
            assert "(the keys loaded before stay in use)" in line
            assert line.endswith('server: , location: "/open"') or line.endswith(
                'server: , location: "/seal"'), "never the request line, where a token may be"

        shutil.rmtree(ring.parent, ignore_errors=True)
        as_folder(nginx.folder, successor)
        see_within_two_seconds([worker.opens(successor) for worker in workers])


def test_a_scheduled_key_seals_from_its_second_on_and_the_file_stays(nginx):
    check_schedule(nginx.folder, lambda: every_worker(nginx.start(SITE)))
