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


def run(*command):
    environment = os.environ | {"LD_LIBRARY_PATH": str(BUILD)}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment
    )


@pytest.fixture
def ring(tmp_path):
    path = tmp_path / "session.keys"
    run(BUILD / "sealring", "keyring", "init", path)
    assert path.exists()
    return path


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The C example, with everything watched that a C program can do wrong."""
    program = tmp_path_factory.mktemp("c") / "seal_and_open"
    done = run("cc", "-std=c11", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
               "-fsanitize=address,undefined", EXAMPLES / "c" / "seal_and_open.c",
               f"-I{ROOT / 'include'}", f"-L{BUILD}", "-lsealring", "-o", program)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return program


@pytest.mark.parametrize("text", ["alice", "", "ŝlosilo", "x" * 10_000])
def test_c(program, ring, text):
    done = run(program, ring, text)
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


@pytest.mark.parametrize("language", FFI)
def test_ffi(language, ring):
    done = run(*FFI[language], ring)
    assert (done.stderr, done.stdout) == ("", "alice\nauthentication_failed\n")
    assert done.returncode == 0

    ring.chmod(0o644)
    done = run(*FFI[language], ring)
    assert done.returncode != 0
    assert "others may read or change it" in done.stderr


def plain(text: str) -> str:
    """C without comments, names of parameters and white space."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = text.replace("SEALRING_API ", "").replace("sealring_status ", "int ")
    text = re.sub(r"char kid\[\w+\]", "char kid[64]", text)
    return re.sub(r"\s+|const", "", text)


@pytest.mark.parametrize("language", FFI)
def test_declarations_are_those_of_the_header(language):
    """A declaration by hand is a promise that nobody checks: here they are. Of pointers to bytes,
    which may be void or char, only that they are pointers."""
    bytes_ = re.compile(r"(?:void|char)\*")
    header = plain(HEADER.read_text())
    source = FFI[language][-1].read_text()
    declared = re.findall(r"^ *([\w ]+\*?sealring_\w+\([^;{}=]*\));", source, re.MULTILINE)
    assert len(declared) >= 8
    for declaration in declared:
        wanted = bytes_.sub("bytes*", plain(declaration))
        candidates = bytes_.sub("bytes*", header).replace("sealring_key*more", "bytes*more")
        assert wanted in candidates, declaration
