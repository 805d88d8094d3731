# SPDX-License-Identifier: Apache-2.0
"""The library from C and through foreign function interfaces, by the programs of docs/c-api.md."""

import os
import re
import subprocess

import pytest
from libsealring import BUILD, ROOT

EXAMPLES = ROOT / "examples"
HEADER = ROOT / "include" / "sealring" / "sealring.h"
FFI = {
    "lua": ["luajit", EXAMPLES / "ffi" / "seal-and-open.lua"],
    "php": ["php", "-d", "ffi.enable=1", "-d", "display_errors=stderr",
            EXAMPLES / "ffi" / "seal-and-open.php"],
}  # fmt: skip


def run(*command, cwd=None):
    environment = os.environ | {"LD_LIBRARY_PATH": str(BUILD)}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment,
        cwd=cwd,
    )


@pytest.fixture
def ring(tmp_path):
    path = tmp_path / "session.keys"
    run(BUILD / "sealring", "keyring", "init", path)
    assert path.exists()
    return path


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    program = tmp_path_factory.mktemp("c") / "seal_and_open"
    done = run("cc", "-std=c11", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
               EXAMPLES / "c" / "seal_and_open.c", f"-I{ROOT / 'include'}", f"-L{BUILD}",
               "-lsealring", "-o", program)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return program


@pytest.mark.parametrize("text", ["", "ŝlosilo"])
def test_c(program, ring, text):
    """Under valgrind: buffers are large enough, and everything is freed."""
    watch = ["valgrind", "-q", "--leak-check=full", "--error-exitcode=9"]
    done = run(*watch, program, ring, text)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{text}\n", "")


def test_c_with_a_ring_that_cannot_be_used(program, ring):
    ring.chmod(0o644)
    done = run(program, ring, "alice")
    assert done.returncode == 1
    assert f'key ring "{ring}": others may read' in done.stderr


def test_c_with_a_ring_that_does_not_seal(program, ring):
    ring.write_text(ring.read_text().replace('"encrypt",', ""))
    done = run(program, ring, "alice")
    assert (done.returncode, done.stderr) == (1, "cannot seal: no_primary_key\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with sealring-ffi.h, made by the command that the document shows."""
    folder = tmp_path_factory.mktemp("ffi")
    document = (ROOT / "docs" / "c-api.md").read_text()
    [command] = re.findall(r"^grep .*sealring-ffi\.h$", document, re.MULTILINE)
    command = command.replace("/usr/local/include/sealring/sealring.h", str(HEADER))
    assert str(HEADER) in command
    subprocess.run(command, shell=True, check=True, cwd=folder)
    return folder


@pytest.mark.parametrize("language", FFI)
def test_ffi(language, folder, ring):
    done = run(*FFI[language], ring, cwd=folder)
    assert (done.stderr, done.stdout) == ("", "alice\nauthentication_failed\n")
    assert done.returncode == 0

    ring.chmod(0o644)
    done = run(*FFI[language], ring, cwd=folder)
    assert done.returncode != 0
    assert "others may read or change it" in done.stderr
