# SPDX-License-Identifier: Apache-2.0
"""Runs the built command line: build/sealring, or that of the folder SEALRING_BUILD names."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("SEALRING_BUILD", ROOT / "build")).resolve() / "sealring"
NOW = 1_800_000_000


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


def _text(argument):
    return argument if isinstance(argument, (os.PathLike, bytes)) else str(argument)
