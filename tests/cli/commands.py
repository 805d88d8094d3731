# SPDX-License-Identifier: Apache-2.0
"""Runs the built command line: build/sealring, or that of the folder SEALRING_BUILD names."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("SEALRING_BUILD", ROOT / "build")).resolve() / "sealring"
NOW = 1_800_000_000
DAY = 86400
XAES = "XAES-256-GCM"
# What makes the clock another one, for every child: docs/testing.md.
OTHER_CLOCK = {name: os.environ[name] for name in ("LD_PRELOAD", "FAKETIME") if name in os.environ}
OLD_SECRET = b"abcdefghijklmnopqrstuvwxyz123456"


class Commands:
    """Runs commands in a folder of their own, with what is passed as `stdin` (bytes) as input."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *arguments, stdin=b"", status=0, **options):
        done = subprocess.run(
            [PROGRAM, *map(os.fspath, map(_text, arguments))], cwd=self.folder, input=stdin,
            capture_output=True, timeout=60, **options)
        assert done.returncode == status, (arguments, done.returncode, done.stderr)
        if status == 0:
            return done.stdout
        assert done.stdout == b"", "a command that fails prints nothing where its result goes"
        assert done.stderr.startswith(b"sealring: ")
        return done.stderr.decode()

    def ring(self, name="session.keys", *options):
        self.run("keyring", "init", name, *options)
        return self.folder / name

    def seal(self, payload, *options, ring="session.keys"):
        return self.run("seal", "--keyring", ring, *options, stdin=payload).rstrip(b"\n").decode()

    def open(self, token, *options, ring="session.keys", status=0):
        return self.run("open", "--keyring", ring, *options, token, status=status)

    def listed(self, ring="session.keys"):
        """The keys, as keyring list --json shows them."""
        return json.loads(self.run("keyring", "list", "--json", ring))["keys"]


def _text(argument):
    return argument if isinstance(argument, (os.PathLike, bytes)) else str(argument)


def keys_in(path):
    return json.loads(path.read_text())["keys"]


def change(path, *changes):
    """Sets the members of each dictionary in the key at the same place in the file."""
    keys = keys_in(path)
    for key, members in zip(keys, changes, strict=False):
        key.update(members)
    path.write_text(json.dumps({"keys": keys}))


def bytes_of(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def near(time_or_zero, expected):
    return abs(time_or_zero - expected) <= 60


def listed(text, heading):
    """The names in a column of a help text."""
    entries = text.partition(f"\n{heading}:\n")[2].partition("\n\n")[0]
    return re.findall(r"^  (-*\w[\w-]*)", entries, re.MULTILINE)


def helps():
    """The words that call each command, and its help."""

    def of(*command):
        text = subprocess.run([PROGRAM, *command, "--help"], capture_output=True, check=True)
        found = {command: text.stdout.decode()}
        for name in listed(found[command], "Commands"):
            found |= of(*command, name)
        return found

    return of()


HELPS = helps()
