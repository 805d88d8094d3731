# SPDX-License-Identifier: Apache-2.0
"""Ways to replace the ring PLACE/keys/session.keys, for tests of each server: how it is placed at first,
how it is replaced, what may be wrong with it."""

import grp
import os
import shutil
import time

from tokens import jwk_set, new_key, now, opened


def see_within_two_seconds(questions):
    """Asks until each answer is yes. The ring was changed just before: two seconds later every answer
    must show that, provided that something was asked meanwhile."""
    changed = time.monotonic()
    waiting = list(questions)
    while waiting:
        for question in list(waiting):
            asked = time.monotonic()
            if question():
                waiting.remove(question)
            else:
                assert asked - changed < 2
        time.sleep(0.05)


def put(folder, *keys):
    """A folder with a ring that servers running as www-data may read."""
    folder.mkdir()
    folder.chmod(0o755)
    ring = folder / "session.keys"
    ring.write_text(jwk_set(*keys))
    ring.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(ring, -1, grp.getgrnam("www-data").gr_gid)


def rename_file(place, key):
    put(place / "next", key)
    (place / "next" / "session.keys").rename(place / "keys" / "session.keys")


def write_in_place(place, key):
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
    """As the kubelet replaces a secret: the file is a link through ..data, and that link is changed."""
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
    keys.chmod(0o755)
    put(keys / "..2027_01", key)
    (keys / "..data").symlink_to("..2027_01")
    (keys / "session.keys").symlink_to("..data/session.keys")


def while_it_is_refused(errors, count, check):
    """Checks again and again that the ring in use stays, until there are `count` errors in the log,
    and for longer than it takes to check the file once more. Returns the errors."""
    deadline = time.monotonic() + 60
    while len(errors()) < count:
        assert time.monotonic() < deadline
        check()
    deadline = time.monotonic() + 1.2
    while time.monotonic() < deadline:
        check()
        time.sleep(0.02)
    assert len(errors()) == count
    return errors()


def check_schedule(place, begin_to_ask):
    """A ring gets a key that seals in eight seconds. `begin_to_ask` starts a server and returns the
    processes to ask, each with a pid and a function sealed() that seals a token."""
    first = new_key()
    put(place / "keys", first)
    ring = place / "keys" / "session.keys"
    sealed_by = set()
    with begin_to_ask() as processes:
        second = new_key(seal_from=now() + 8)
        put(place / "next", first, second)
        (place / "next" / "session.keys").rename(ring)
        before = ring.stat()
        while now() < second.seal_from + 2:
            for process in processes:
                token = opened(process.sealed(), first, second)
                assert (token.kid == second.kid) == (token.issued_at >= second.seal_from)
                sealed_by.add((process.pid, token.kid))
            time.sleep(0.02)
    assert len(sealed_by) == 2 * len(processes), "each of them sealed with each key"
    assert ring.stat().st_mtime_ns == before.st_mtime_ns and ring.stat().st_ino == before.st_ino


CHANGES = [
    (as_folder, rename_file),
    (as_folder, write_in_place),
    (as_folder, replace_folder),
    (as_link_to_folder, turn_link_to_folder),
    (as_kubernetes_secret, turn_kubernetes_link),
]


def empty(ring):
    ring.write_bytes(b"")


def torn(ring):
    ring.write_bytes(ring.read_bytes()[:-20])


def readable_by_others(ring):
    ring.chmod(0o644)


def gone(ring):
    ring.unlink()


def folder_gone(ring):
    ring.parent.rename(ring.parent.parent / "elsewhere")


def a_pipe_that_nobody_writes_to(ring):
    ring.unlink()
    os.mkfifo(ring)
    ring.chmod(0o644)


FAULTS = [
    (empty, "it is empty"),
    (torn, "it is not JSON, or torn"),
    (readable_by_others, "others may read or change it"),
    (gone, "No such file or directory"),
    (folder_gone, "No such file or directory"),
    (a_pipe_that_nobody_writes_to, "it is not a regular file"),
]


def name_of(value):
    """For the name of a test; a whole reason would be too long."""
    return getattr(value, "__name__", str(value).split(maxsplit=1)[0])
