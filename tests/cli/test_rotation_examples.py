# SPDX-License-Identifier: Apache-2.0
"""examples/rotation: runs what systemd and cron would run, with this machine's paths."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import time

import pytest
from commands import DAY, ROOT, keys_in, near
from machine import EXAMPLES, Machine

ROTATE, TIMER = "sealring-rotate@.service", "sealring-rotate@.timer"
UNITS = [ROTATE, TIMER, "sealring-publish.service"]


@pytest.fixture
def machine(cli):
    return Machine(cli)


def settings(unit, name):
    return re.findall(rf"^{name}=(.*)$", (EXAMPLES / unit).read_text(), re.MULTILINE)


def check_rotated(machine):
    """A key that seals in a day was added, the closed one was removed, and all have the ring."""
    (old, new) = machine.cli.listed(machine.ring)
    assert old["primary"] and new["next"] and near(new["seal_from"], time.time() + DAY)
    assert old["open_until"] == new["seal_from"] + 30 * DAY
    for other in machine.others:
        assert other.read_bytes() == machine.ring.read_bytes()


def add_a_key_that_is_over(machine):
    machine.cli.run("keyring", "add", machine.ring, "--alg", "nginx-legacy", "--open-for", "1s",
                    stdin=b"k" * 32)
    time.sleep(1.1)


def test_the_units_are_good(machine):
    (machine.folder / "man/man1").mkdir(parents=True)
    shutil.copy(ROOT / "docs/sealring.1", machine.folder / "man/man1")
    units = [machine.folder / unit for unit in UNITS]
    for unit in units:
        unit.write_text(machine.map((EXAMPLES / unit.name).read_text()))
    done = subprocess.run(["systemd-analyze", "verify", "--man=yes", *units], capture_output=True,
                          text=True, env={"MANPATH": f"{machine.folder}/man"}, timeout=60)
    said = [line for line in done.stderr.splitlines() if "sealring" in line]
    assert done.returncode == 0 and said == []
    for expression in settings(TIMER, "OnCalendar"):
        machine.run(["systemd-analyze", "calendar", expression])


def test_what_systemd_runs(machine):
    add_a_key_that_is_over(machine)
    assert settings("sealring-publish.conf", "OnSuccess") == ["sealring-publish.service"]
    instance = subprocess.run(["systemd-escape", "--path", "/etc/nginx/session.keys"],
                              capture_output=True, text=True, check=True).stdout.strip()
    assert instance == "etc-nginx-session.keys", "the instance that the documents name"
    for unit in (ROTATE, "sealring-publish.service"):
        assert settings(unit, "Type") == ["oneshot"]
        for command in settings(unit, "ExecStart"):
            machine.run(shlex.split(machine.map(command.replace("%f", "/etc/nginx/session.keys"))))
    check_rotated(machine)


def test_what_cron_runs(machine):
    add_a_key_that_is_over(machine)
    commands = []
    for line in machine.map((EXAMPLES / "sealring-rotate.cron").read_text()).splitlines():
        if setting := re.fullmatch(r"(\w+)=(.*)", line):
            machine.environment[setting[1]] = setting[2]
        elif line and not line.startswith("#"):
            commands.append(re.fullmatch(r"(?:[\d*]+ ){5}root (.*)", line)[1])
    assert len(commands) == 2 and "%" not in "".join(commands), "to cron, % is an end of line"
    for command in commands:
        assert machine.run(["/bin/sh", "-c", command]).stdout == "", "cron would mail it"
    check_rotated(machine)


def test_publishing_replaces_the_ring_with_its_mode_and_group(machine):
    place = machine.others[0]
    place.chmod(0o600)
    machine.cli.run("keyring", "rotate", machine.ring)
    with place.open("rb") as opened_before:
        before = place.read_bytes()
        machine.publish(f"root@web2:{place}")
        assert opened_before.read() == before
    assert place.read_bytes() == machine.ring.read_bytes()
    was, now = machine.ring.stat(), place.stat()
    assert stat.S_IMODE(now.st_mode) == 0o640 and now.st_gid == was.st_gid
    assert os.listdir(place.parent) == ["session.keys"]


def test_publishing_goes_on_past_a_machine_that_is_gone_and_may_run_again(machine):
    machine.cli.run("keyring", "rotate", machine.ring)
    gone, place = f"gone:{machine.others[0]}", machine.others[1]
    said = machine.publish(gone, f"web3:{place}", status=1).stderr
    assert f"sealring-publish: {gone} does not have {machine.ring} yet; run this again" in said
    assert place.read_bytes() == machine.ring.read_bytes()
    machine.publish(f"web2:{machine.others[0]}", f"web3:{place}")
    assert machine.others[0].read_bytes() == machine.ring.read_bytes()


def test_what_is_no_ring_is_not_published(machine):
    before = machine.others[0].read_bytes()
    machine.ring.write_bytes(machine.ring.read_bytes()[:-20])
    assert "session.keys" in machine.publish(f"web2:{machine.others[0]}", status=1).stderr
    assert machine.others[0].read_bytes() == before
    assert len(keys_in(machine.others[0])) == 1
