# SPDX-License-Identifier: Apache-2.0
"""Writers of a key ring that are killed, run out of space or run at the same time."""

import json
import os
import re
import resource
import signal
import subprocess

import pytest
from commands import OLD_SECRET, PROGRAM

INIT = ["init", "session.keys"]
ROTATE = ["rotate", "session.keys"]
PRUNE = ["prune", "session.keys"]
ADD = ["add", "session.keys", "--alg", "nginx-legacy"]


def prepare(cli, command):
    """Makes the ring for the command; init needs none."""
    for file in cli.folder.iterdir():
        file.unlink()
    if command == INIT:
        return None
    ring = cli.ring()
    cli.run("keyring", "rotate", ring)
    keys = json.loads(ring.read_text())
    keys["keys"][0]["open_until"] = 1_700_000_000  # for prune to remove
    keys["keys"][1]["seal_from"] = 0
    ring.write_text(json.dumps(keys))
    ring.chmod(0o600)
    return ring.read_bytes()


def strace(cli, command, *options):
    return subprocess.run(["strace", *options, PROGRAM, "keyring", *command], cwd=cli.folder,
                          input=OLD_SECRET, capture_output=True, timeout=60)


def system_calls_of(cli, command):
    """All calls from the first that names the ring, as (name, number among calls of this name)."""
    prepare(cli, command)
    assert strace(cli, command, "-o", "trace").returncode == 0
    counts, calls = {}, []
    for name, arguments in re.findall(r"^(\w+)\((.*)", (cli.folder / "trace").read_text(), re.M):
        counts[name] = counts.get(name, 0) + 1
        if calls or (name != "execve" and "session.keys" in arguments):
            calls.append((name, counts[name]))
    return calls


def check_whole(cli, before):
    """The ring is the old one or the new one, and does not block the next writer."""
    ring = cli.folder / "session.keys"
    if before is None and not ring.exists():
        cli.run("keyring", *INIT)
        return "old"
    after = ring.read_bytes()
    cli.run("keyring", "list", ring)
    if before is not None:
        assert oct(ring.stat().st_mode)[-3:] == "600"
    cli.run("keyring", *ROTATE)
    return "old" if after == before else "new"


@pytest.mark.parametrize("command", [INIT, ROTATE, ADD, PRUNE], ids=lambda command: command[0])
def test_a_writer_killed_at_any_system_call_leaves_a_whole_ring(cli, command):
    calls = system_calls_of(cli, command)
    assert {"fsync", "link" if command == INIT else "rename"} <= {name for name, _ in calls}
    left = []
    for name, which in calls:
        if name == "exit_group":
            continue
        before = prepare(cli, command)
        done = strace(cli, command, "-o", "/dev/null", "-e",
                      f"inject={name}:signal=KILL:when={which}")
        if name == "getrandom" and done.returncode == 0:
            continue  # the libraries decide how often they call it
        assert done.returncode == -signal.SIGKILL, (name, which)
        left.append(check_whole(cli, before))
    switch = left.index("new")
    assert switch > 3 and set(left[:switch]) == {"old"} and set(left[switch:]) == {"new"}


@pytest.mark.parametrize("call", ["write", "fsync", "fchmod", "rename", "flock", "openat"])
def test_a_call_that_fails_leaves_the_ring_and_no_other_file(cli, call):
    before = prepare(cli, ROTATE)
    which = next(number for name, number in system_calls_of(cli, ROTATE) if name == call)
    before = prepare(cli, ROTATE)
    done = strace(cli, ROTATE, "-o", "/dev/null", "-e", f"inject={call}:error=EIO:when={which}")
    assert done.returncode == 3
    assert b'session.keys" was not changed: ' in done.stderr and b"Input/output" in done.stderr
    assert (cli.folder / "session.keys").read_bytes() == before
    assert [file.name for file in cli.folder.iterdir()] == ["session.keys"]


def test_a_slow_disk_is_told_where_servers_may_see_the_key_too_late(cli):
    prepare(cli, ROTATE)
    slow = ["-o", "/dev/null", "-e", "inject=fsync:delay_enter=2000000:when=1"]
    done = strace(cli, [*ROTATE, "--activate-in", "4s"], *slow)
    assert done.returncode == 0
    assert re.search(rb"Writing the file took \d+s .*longer --activate-in\.\n\n", done.stdout, re.S)
    assert b"Writing" not in strace(cli, [*ROTATE, "--activate-in", "1m"], *slow).stdout


def test_a_full_disk_leaves_the_ring_and_no_other_file(cli):
    before = prepare(cli, ROTATE)
    said = cli.run("keyring", *ROTATE, status=3, restore_signals=False, preexec_fn=lambda:
                   resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)))
    assert "writing: File too large" in said
    assert (cli.folder / "session.keys").read_bytes() == before
    assert [file.name for file in cli.folder.iterdir()] == ["session.keys"]


def test_writers_wait_for_each_other_and_no_key_is_lost(cli):
    ring = cli.ring()
    command = [PROGRAM, "keyring", "rotate", ring]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(30)]
    while any(writer.poll() is None for writer in writers):
        cli.run("keyring", "list", ring)
    said = [writer.communicate()[0].decode() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * len(writers)
    added = {re.search("Added key (.{8})", text)[1] for text in said}
    assert len(added) == len(writers)
    keys = cli.listed()
    assert added < {key["kid"] for key in keys} and len(keys) == 1 + len(writers)
    assert os.listdir(cli.folder) == ["session.keys"]
