# SPDX-License-Identifier: Apache-2.0
"""This machine with a ring, and two more that hold copies of it, for what rotates and publishes."""

import os
import re
import shutil
import subprocess

from commands import OTHER_CLOCK, PROGRAM, ROOT

EXAMPLES = ROOT / "examples" / "rotation"
# Replaces ssh, because all machines are this one: a local shell runs what the remote one would.
RSH = """#!/bin/sh
[ "$1" = -l ] && shift 2
case $1 in *gone*) echo "no route to host" >&2; exit 255 ;; esac
shift
exec sh -c "$*"
"""


class Machine:
    """This machine with a ring, and web2 and web3, whose files are in folders of these names."""

    def __init__(self, cli):
        self.cli, self.folder = cli, cli.folder
        for name in ("bin", "web1", "web2", "web3"):
            (self.folder / name).mkdir()
        (self.folder / "bin/sealring").symlink_to(PROGRAM)
        (self.folder / "bin/sealring-publish").symlink_to(EXAMPLES / "sealring-publish")
        (self.folder / "bin/rsh").write_text(RSH)
        (self.folder / "bin/rsh").chmod(0o755)
        self.ring = cli.ring("web1/session.keys")
        if os.geteuid() == 0:
            os.chown(self.ring, -1, 33)
        self.others = [self.folder / f"web{number}/session.keys" for number in (2, 3)]
        for other in self.others:
            shutil.copy(self.ring, other)
        self.environment = {"RSYNC_RSH": str(self.folder / "bin/rsh"),
                            "PATH": f"{self.folder}/bin:/usr/bin:/bin", **OTHER_CLOCK}

    def map(self, text):
        for host in ("web2", "web3"):
            text = text.replace(f"{host}:$RING", f"{host}:{self.folder}/{host}/session.keys")
            text = text.replace(f"{host}:/etc/nginx/", f"{host}:{self.folder}/{host}/")
        text = re.sub(r"(?<![\w/-])/etc/nginx/", f"{self.folder}/web1/", text)
        text = text.replace("ExecStart=sealring ", f"ExecStart={self.folder}/bin/sealring ")
        return text.replace("/usr/local/bin", f"{self.folder}/bin")

    def run(self, command, status=0):
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == status, done.stderr
        return done

    def publish(self, *places, status=0):
        return self.run([self.folder / "bin/sealring-publish", self.ring, *places], status)
