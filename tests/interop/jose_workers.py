# SPDX-License-Identifier: Apache-2.0
"""Other projects' JOSE libraries, used through the files of examples/backends/jose: one process
for many tokens.

A worker gets the ring file and reads lines, {"context", "claims"} to seal or {"context", "token"} to
open, and answers each with {"token"}, or {"claims"}, null where the token was refused.
"""

import fcntl
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from libsealring import BUILD, ROOT

HERE = Path(__file__).resolve().parent
EXAMPLES = ROOT / "examples" / "backends" / "jose"
WORKERS = HERE / "workers"


def _run(command, **options):
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, **options
    )


def _jose():
    """The package of the lock file, from the registry or npm's cache, and the example beside it."""
    folder = BUILD / "interop" / "node"
    lock = (HERE / "package-lock.json").read_text()
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        done = _run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
            cwd=folder, timeout=300,
        )  # fmt: skip
        if done.returncode != 0:
            pytest.fail(
                "npm could not fetch the package jose, for which it needs the network once; "
                f"when there is one: (cd {folder} && npm ci)\n{done.stderr[-2000:]}"
            )
        stamp.write_text(lock)
    for source in (EXAMPLES / "jose.mjs", WORKERS / "jose_worker.mjs"):
        shutil.copy(source, folder)
    return ["node", folder / "jose_worker.mjs"]


def _jwcrypto():
    return [sys.executable, WORKERS / "jose_jwcrypto_worker.py"]


def _cjose():
    """Compiled again when a source is newer."""
    program = BUILD / "interop" / "jose_cjose_worker"
    program.parent.mkdir(parents=True, exist_ok=True)
    sources = [WORKERS / "jose_cjose_worker.c", EXAMPLES / "jose_cjose.c"]
    newest = max(source.stat().st_mtime for source in sources)
    if not program.exists() or program.stat().st_mtime < newest:
        flags = _run(["pkg-config", "--cflags", "--libs", "cjose", "jansson"])
        assert flags.returncode == 0, flags.stderr
        done = _run(["cc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O1",
                     f"-I{EXAMPLES}", "-o", program, sources[0], *flags.stdout.split()])  # fmt: skip
        assert done.returncode == 0, done.stderr
    return [program]


LIBRARIES = {"jose": _jose, "jwcrypto": _jwcrypto, "cjose": _cjose}


class Library:
    """One of LIBRARIES with the ring of a file."""

    def __init__(self, name: str, ring):
        # Another process of the tests may be installing the same.
        with open(BUILD / "interop.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.command = [*LIBRARIES[name](), ring]

    def _ask(self, requests: list[dict]) -> list[dict]:
        lines = "".join(json.dumps(request) + "\n" for request in requests)
        done = _run(self.command, input=lines, timeout=600)
        assert done.returncode == 0, done.stderr
        # Not splitlines(), which also splits at characters that JSON allows in strings.
        answers = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
        assert len(answers) == len(requests), done.stderr
        return answers

    def seal(self, requests: list[tuple[str, dict]]) -> list[str]:
        """Makes tokens from contexts and claims."""
        asked = [{"context": context, "claims": claims} for context, claims in requests]
        return [answer["token"] for answer in self._ask(asked)]

    def open(self, requests: list[tuple[str, str]]) -> list[dict | None]:
        """The claims of tokens; None where a token was refused."""
        asked = [{"context": context, "token": token} for context, token in requests]
        return [answer["claims"] for answer in self._ask(asked)]
