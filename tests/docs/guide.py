# SPDX-License-Identifier: Apache-2.0
"""The commands that a guide shows, for tests that run each of them in the guide's order, on folders
in place of the machine's own."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Blocks without a language are commands, or what they print.
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(\$ )?(\w+=\S+ )*(a2dismod|a2enmod|apachectl|apt|cd|chgrp|cp|curl|date|grep|install|ln|"
                     r"nginx(?!:)|printf|rm|rsync|sealring|script/build|ssh|systemctl|umask)\b")  # fmt: skip
# A line that a prompt marks, with those that continue it.
MARKED = re.compile(r"^\$ (.*(?:\n> .*)*)\n?", re.MULTILINE)
# From one run to the next.
VARYING = {r"s1\.[\w-]+": "TOKEN", r"\d{4}([-/])\d\d\1\d\d( \d\d:\d\d:\d\d)?": "TIME",
           r"\d+#\d+:": "PROCESS:", r"\*\d+ ": "*CONNECTION ", r"[ \r]+$": ""}  # fmt: skip

# What makes the clock another one: docs/testing.md.
OTHER_CLOCK = {name: os.environ[name] for name in ("LD_PRELOAD", "FAKETIME") if name in os.environ}


def as_shown(text: str) -> str:
    """Without what differs from one run to the next."""
    for pattern, word in VARYING.items():
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text.strip()


class Guide:
    """run() runs the next block of commands; `shown` is then what the block has beside them, and
    printed() is the block of output behind it."""

    def __init__(self, document: str, machine: dict[str, str], programs: Path, folder: Path = ROOT):
        """`machine` maps paths of the guide to those of the test; `programs` holds programs that
        come before the system's; commands run in `folder`."""
        text = (ROOT / document).read_text()
        self._blocks = [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE)
                        for indent, language, block in FENCE.findall(text) if not language]  # fmt: skip
        self._machine = machine
        self._programs = programs
        self._folder = folder
        self.shown = ""

    def here(self, text: str) -> str:
        for path, place in self._machine.items():
            text = text.replace(path, str(place))
        return text

    def command(self) -> str:
        """The next block, which must be one of commands. The lines that a prompt marks, if any."""
        block = self._blocks.pop(0)
        assert COMMAND.match(block), f"no command: {block}"
        marked = MARKED.findall(block)
        self.shown = self.here(MARKED.sub("", block)) if marked else ""
        return self.here("\n".join(marked) if marked else block)

    def printed(self) -> str:
        """The next block, which must be one of output, with this machine's paths."""
        block = self._blocks.pop(0)
        assert not COMMAND.match(block), f"a command: {block}"
        return self.here(block)

    def shell(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], text=True, timeout=120, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self._folder,
            env={"PATH": f"{self._programs}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
                 "HOME": str(self._programs.parent), "LC_ALL": "C.UTF-8", **OTHER_CLOCK},
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def run(self, replace: dict[str, str] | None = None) -> str:
        """Runs the next block and returns what it printed."""
        command = self.command()
        for old, new in (replace or {}).items():
            assert old in command, f"no {old!r} in {command}"
            command = command.replace(old, new)
        return self.shell(command)

    def end(self) -> None:
        assert self._blocks == [], "blocks that no test ran"
