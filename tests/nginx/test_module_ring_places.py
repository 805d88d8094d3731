# SPDX-License-Identifier: Apache-2.0
"""How a ring comes to a server: renamed, through links, with its folder; and scheduled keys.

Every worker is asked through a connection of its own."""

import contextlib
import http.client
import os
import shutil
import time

import pytest
from nginx_server import conf
from tokens import jwk_set, new_key, now, opened, s1

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


def see_within_two_seconds(workers, key, changed):
    """Every worker opens a token of the key. None that had traffic may fail to, two seconds after
    the moment of the change."""
    waiting = list(workers)
    while waiting:
        for worker in list(waiting):
            asked = time.monotonic()
            said = worker.get(f"/open?t={s1(key, b'x')}")
            if said == "OK":
                waiting.remove(worker)
            else:
                assert said == "FAILED:unknown_key" and asked - changed < 2
        time.sleep(0.05)


def put(folder, *keys):
    folder.mkdir()
    (folder / "session.keys").write_text(jwk_set(*keys))
    (folder / "session.keys").chmod(0o640)


def rename_file(place, key):
    put(place / "next", key)
    (place / "next" / "session.keys").rename(place / "keys" / "session.keys")


def write_in_place(place, key):
    (place / "keys" / "session.keys").write_text(jwk_set(key))


def copy_over(place, key):
    put(place / "next", key)
    shutil.copy(place / "next" / "session.keys", place / "keys" / "session.keys")


def replace_folder(place, key):
    put(place / "next", key)
    (place / "keys").rename(place / "before")
    (place / "next").rename(place / "keys")


def turn_link_to_folder(place, key):
    put(place / "next", key)
    (place / "link").symlink_to("next")
    (place / "link").rename(place / "keys")


def turn_kubernetes_link(place, key):
    """As the kubelet replaces a secret: the file is a link through ..data, which is turned."""
    keys = place / "keys"
    put(keys / "..2027_02", key)
    (keys / "..data_tmp").symlink_to("..2027_02")
    (keys / "..data_tmp").rename(keys / "..data")
    shutil.rmtree(keys / "..2027_01")


def as_folder(place, key):
    put(place / "keys", key)


def as_link_to_folder(place, key):
    put(place / "first", key)
    (place / "keys").symlink_to("first")


def as_kubernetes_secret(place, key):
    keys = place / "keys"
    keys.mkdir()
    put(keys / "..2027_01", key)
    (keys / "..data").symlink_to("..2027_01")
    (keys / "session.keys").symlink_to("..data/session.keys")


@pytest.mark.parametrize("begin, change", [
    (as_folder, rename_file), (as_folder, write_in_place), (as_folder, copy_over),
    (as_folder, replace_folder), (as_link_to_folder, turn_link_to_folder),
    (as_kubernetes_secret, turn_kubernetes_link)], ids=lambda step: step.__name__)
def test_every_worker_sees_a_changed_ring_within_two_seconds(nginx, begin, change):
    first, second = new_key(), new_key()
    begin(nginx.folder, first)
    server = nginx.start(SITE)
    with every_worker(server) as workers:
        for worker in workers:
            assert opened(worker.get("/seal"), first).payload == b"x"
        change(nginx.folder, second)
        see_within_two_seconds(workers, second, time.monotonic())
        for worker in workers:
            assert opened(worker.get("/seal"), second).payload == b"x"
            assert worker.get(f"/open?t={s1(first, b'x')}") == "FAILED:unknown_key"
        assert server.workers() == {int(worker.pid) for worker in workers}


def empty(ring):
    ring.write_bytes(b"")


def torn(ring):
    ring.write_bytes(ring.read_bytes()[:-20])


def readable_by_others(ring):
    ring.chmod(0o644)


def writable_by_the_group(ring):
    ring.chmod(0o660)


def gone(ring):
    ring.unlink()


def folder_gone(ring):
    ring.parent.rename(ring.parent.parent / "elsewhere")


def a_pipe_that_nobody_writes_to(ring):
    ring.unlink()
    os.mkfifo(ring, 0o640)


@pytest.mark.parametrize("fault, reason", [
    (empty, "it is empty"), (torn, "it is not JSON, or torn"),
    (readable_by_others, "others may read or change it"),
    (writable_by_the_group, "others may read or change it"),
    (gone, "No such file or directory"), (folder_gone, "No such file or directory"),
    (a_pipe_that_nobody_writes_to, "it is not a regular file")],
    ids=lambda value: getattr(value, "__name__", ""))
def test_a_bad_ring_is_logged_once_by_each_worker_and_the_one_in_use_stays(nginx, fault, reason):
    key, successor = new_key(), new_key()
    as_folder(nginx.folder, key)
    ring = nginx.folder / "keys" / "session.keys"
    server = nginx.start(SITE)
    with every_worker(server) as workers:
        fault(ring)
        deadline = time.monotonic() + 2.2
        while time.monotonic() < deadline:
            for worker in workers:
                assert worker.get(f"/open?t={s1(key, b'x')}") == "OK"
                assert opened(worker.get("/seal"), key).payload == b"x"
            time.sleep(0.05)
        errors = [line for line in server.error_log.splitlines() if "[error]" in line]
        assert len(errors) == WORKERS
        for line in errors:
            assert f'encrypted_session_keyring: key ring "{ring}": {reason}' in line
            assert "(the keys loaded before stay in use)" in line
            assert line.endswith('server: , location: "/open"') or line.endswith(
                'server: , location: "/seal"'), "never the request line, where a token may be"

        shutil.rmtree(ring.parent, ignore_errors=True)
        as_folder(nginx.folder, successor)
        see_within_two_seconds(workers, successor, time.monotonic())


def test_a_scheduled_key_seals_from_its_second_on_and_the_file_stays(nginx):
    first, second = new_key(), new_key(seal_from=now() + 3)
    put(nginx.folder / "keys", first, second)
    ring = nginx.folder / "keys" / "session.keys"
    before = ring.stat()
    server = nginx.start(SITE)
    sealed_by = set()
    with every_worker(server) as workers:
        while now() < second.seal_from + 2:
            for worker in workers:
                token = opened(worker.get("/seal"), first, second)
                assert (token.kid == second.kid) == (token.issued_at >= second.seal_from)
                sealed_by.add((worker.pid, token.kid))
            time.sleep(0.02)
    assert len(sealed_by) == 2 * WORKERS, "each worker sealed with each key"
    assert ring.stat().st_mtime_ns == before.st_mtime_ns and ring.stat().st_ino == before.st_ino
