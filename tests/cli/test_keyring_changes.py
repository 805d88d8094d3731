# SPDX-License-Identifier: Apache-2.0
"""What all commands that change a ring have in common."""

import os

import pytest
from commands import OLD_SECRET

CHANGES = {"rotate": ([], b""), "prune": ([], b""), "add": (["--alg", "nginx-legacy"], OLD_SECRET)}


@pytest.fixture(params=CHANGES)
def change_ring(cli, request):
    """Runs one of the commands that change a ring, on session.keys or another file."""
    options, stdin = CHANGES[request.param]

    def run(ring="session.keys", **more):
        return cli.run("keyring", request.param, ring, *options, stdin=stdin, **more)

    return run


def test_a_change_replaces_the_file_and_leaves_no_other(cli, change_ring):
    ring = cli.ring()
    with ring.open("rb") as opened_before:
        before = ring.read_bytes()
        change_ring()
        assert opened_before.read() == before, "a program that is reading the old ring can finish"
        assert os.fstat(opened_before.fileno()).st_ino != ring.stat().st_ino
    assert list(cli.folder.iterdir()) == [ring]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o440])
def test_mode_owner_and_group_stay(cli, change_ring, mode):
    ring = cli.ring()
    if os.geteuid() == 0:
        os.chown(ring, 12_345, 54_321)
    ring.chmod(mode)
    before = ring.stat()
    change_ring(umask=0o077)
    after = ring.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode, before.st_uid, before.st_gid)


def test_a_symbolic_link_stays_one(cli, change_ring):
    ring = cli.ring()
    (cli.folder / "folder").mkdir()
    link = cli.folder / "folder" / "link.keys"
    link.symlink_to("../session.keys")
    inode = ring.stat().st_ino
    change_ring("folder/link.keys")
    assert link.is_symlink() and not ring.is_symlink() and ring.stat().st_ino != inode


@pytest.mark.parametrize("content, mode, message", [
    (None, 0, "No such file or directory"),
    (b"", 0o640, "it is empty"),
    (b'{"keys":[', 0o640, "not JSON"),
    ("as it was", 0o644, "chmod 640 session.keys"),
    ("as it was", 0o660, "chmod 640 session.keys"),
])
def test_what_is_no_ring_is_named_and_left_alone(cli, change_ring, content, mode, message):
    ring = cli.ring()
    if content is None:
        ring.unlink()
    else:
        if isinstance(content, bytes):
            ring.write_bytes(content)
        ring.chmod(mode)
    before = ring.read_bytes() if ring.exists() else None
    said = change_ring(status=3)
    assert '"session.keys"' in said and message in said
    assert (ring.read_bytes() if ring.exists() else None) == before
