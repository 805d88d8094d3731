# SPDX-License-Identifier: Apache-2.0
"""docs/key-rotation.md: each block of commands, run on folders that stand for three machines, and what
the guide says that they print and do."""

import re
import shlex
import stat
import sys
import time

import pytest
from commands import DAY, ROOT, near
from machine import EXAMPLES, Machine

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from guide import Guide, as_shown  # noqa: E402

# systemctl notes what it was asked for. kubectl knows one secret, a file.
SYSTEMCTL = '#!/bin/sh\necho "$*" >>{folder}/systemctl.log\n'
KUBECTL = """#!/bin/sh
case "$*" in
  "get secret session-keys -o jsonpath={{.data.session\\\\.keys}}") base64 -w0 {folder}/secret ;;
  "create secret generic session-keys --from-file=session.keys --dry-run=client -o yaml")
    base64 -w0 session.keys ;;
  "apply -f -") base64 -d >{folder}/secret.new && mv {folder}/secret.new {folder}/secret ;;
  *) echo "kubectl: $*" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def machine(cli):
    machine = Machine(cli)
    for name, text in [("systemctl", SYSTEMCTL), ("kubectl", KUBECTL)]:
        (machine.folder / "bin" / name).write_text(text.format(folder=machine.folder))
        (machine.folder / "bin" / name).chmod(0o755)
    ssh = f'#!/bin/sh\nwhile [ "$1" = -o ]; do shift 2; done\nexec {machine.folder}/bin/rsh "$@"\n'
    (machine.folder / "bin" / "ssh").write_text(ssh)
    (machine.folder / "bin" / "ssh").chmod(0o755)
    (machine.folder / "systemd").mkdir()
    (machine.folder / "usr-local").mkdir()
    return machine


def kids(keys):
    return [key["kid"] for key in keys]


def test_the_guide(machine):
    cli, folder, ring = machine.cli, machine.folder, machine.ring
    scratch = folder / "scratch"
    scratch.mkdir()
    (scratch / "examples").symlink_to(ROOT / "examples")
    guide = Guide("docs/key-rotation.md", {
        **{f"web{n}:/etc/nginx": f"web{n}:{folder}/web{n}" for n in (2, 3)}, "/etc/nginx": folder / "web1",
        "/etc/systemd/system": folder / "systemd", "/usr/local/bin": folder / "usr-local",
    }, folder / "bin", scratch)  # fmt: skip

    def everywhere():
        return all(other.read_bytes() == ring.read_bytes() for other in machine.others)

    assert "rotate        +activate-in" in guide.printed()  # how it works

    printed = guide.run()  # one machine
    shown_kids = re.findall(r"^(\S{8}) +XAES", guide.shown, re.MULTILINE)
    for shown, kid in zip(shown_kids, kids(cli.listed(ring)), strict=True):
        guide.shown = guide.shown.replace(shown, kid)
    assert as_shown(printed) == as_shown(guide.shown)
    old, new = cli.listed(ring)
    assert old["primary"] and new["next"] and near(new["seal_from"], time.time() + 3600)
    assert "Nothing to remove" in guide.run()

    assert not everywhere()  # several machines
    guide.run()
    assert everywhere()
    assert len(cli.listed(ring)) == 3

    guide.run()  # systemd
    unit = "sealring-rotate@etc-nginx-session.keys"
    log = folder / "systemctl.log"
    assert log.read_text().splitlines() == [f"enable --now {unit}.timer", f"start {unit}.service"]
    template = (EXAMPLES / "sealring-rotate@.service").read_text()
    assert (EXAMPLES / "sealring-rotate@.timer").exists()
    before = cli.listed(ring)
    for command in re.findall("^ExecStart=(.*)$", template, re.MULTILINE):
        guide.shell(shlex.join(shlex.split(command.replace("%f", str(ring)))))
    assert kids(cli.listed(ring))[:-1] == kids(before)

    guide.run()  # systemd, several machines
    assert log.read_text().splitlines()[-1] == "daemon-reload"
    assert stat.S_IMODE((folder / "usr-local" / "sealring-publish").stat().st_mode) == 0o755
    drop_in = folder / "systemd" / f"{unit}.service.d" / "publish.conf"
    after = re.search("^OnSuccess=(.*)$", drop_in.read_text(), re.MULTILINE)[1]
    unit_file = (folder / "systemd" / after).read_text()
    command = re.search("^ExecStart=(.*)$", unit_file, re.MULTILINE)[1]
    guide.shell(guide.here(command))
    assert everywhere()

    (folder / "secret").write_bytes(ring.read_bytes())  # Kubernetes
    guide.run()
    (folder / "secret").chmod(0o640)
    of_the_secret = cli.listed(folder / "secret")
    assert kids(of_the_secret)[:-1] == kids(cli.listed(ring))
    assert not (scratch / "session.keys").exists()

    opened = kids(cli.listed(ring))  # emergency
    guide.run()
    assert everywhere()
    time.sleep(1.1)
    cli.run("keyring", "prune", ring)
    (new,) = cli.listed(ring)
    assert new["primary"] and new["kid"] not in opened

    was = ring.stat()  # emergency, a new ring
    guide.run()
    (newer,) = cli.listed(ring)
    assert newer["kid"] != new["kid"]
    is_now = ring.stat()
    assert (is_now.st_mode, is_now.st_uid, is_now.st_gid) == (was.st_mode, was.st_uid, was.st_gid)
    guide.end()


def test_the_times_that_the_guide_promises(machine):
    """The gradual change, and the default times of `rotate`."""
    cli, ring = machine.cli, machine.ring
    text = (ROOT / "docs" / "key-rotation.md").read_text()
    assert "`--activate-in` (1h)" in text and "`--max-lifetime` (30d)" in text
    cli.run("keyring", "rotate", ring)
    old, new = cli.listed(ring)
    assert near(new["seal_from"], time.time() + 3600)
    assert old["open_until"] == new["seal_from"] + 30 * DAY
    soft = re.search(r"with\s+`(--activate-in 10m\s+--max-lifetime 8h)`", text)[1]
    cli.run("keyring", "rotate", ring, *soft.split())
    oldest, waiting, newest = cli.listed(ring)
    assert near(newest["seal_from"], time.time() + 600)
    assert oldest["open_until"] == newest["seal_from"] + 8 * 3600
    assert waiting["open_only"], "a key that waited to seal later never seals"
