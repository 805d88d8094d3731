# SPDX-License-Identifier: Apache-2.0
"""What bash offers after `sealring ...<Tab>`: what --help prints, command by command."""

import shlex
import subprocess

import pytest
from commands import HELPS, PROGRAM, ROOT, listed

SCRIPT = """
PATH={folder}:$PATH
. {completion}
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_sealring
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def offered(*words):
    script = SCRIPT.format(folder=PROGRAM.parent, completion=ROOT / "cli/completion.bash",
                           words=shlex.join(["sealring", *words]))
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("command", HELPS, ids=" ".join)
def test_commands_and_options(command):
    assert offered(*command, "") == set(listed(HELPS[command], "Commands")), "files where no command follows"
    assert offered(*command, "--") == set(listed(HELPS[command], "Options"))


def test_the_beginning_of_a_word_chooses():
    assert offered("keyr") == {"keyring"}
    assert offered("keyring", "ro") == {"rotate"}
    assert offered("seal", "--keyr") == {"--keyring"}


def test_files_elsewhere():
    assert offered("keyring", "rotate", "--activate-in", "1d", "sess") == set()
