# SPDX-License-Identifier: Apache-2.0
"""What is shipped is built as hardened as Debian builds: cmake/hardening.cmake."""

import os
import platform
import re
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("SEALRING_BUILD", Path(__file__).resolve().parents[2] / "build"))
SHIPPED = ["sealring", "sealring-agent", "libsealring.so", "ngx_http_encrypted_session_module.so",
           "mod_session_crypto.so"]
FLAGS = ["-O2", "-fstack-protector-strong", "-fstack-clash-protection"]
if platform.machine() == "x86_64":
    FLAGS.append("-fcf-protection=full")


def readelf(file, *options):
    return subprocess.run(["readelf", "--wide", *options, BUILD / file], capture_output=True,
                          text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize("file", SHIPPED)
def test_the_linker_was_told(file):
    assert re.search(r"FLAGS_1\) +Flags: NOW\b", readelf(file, "--dynamic"))
    assert "GNU_RELRO" in readelf(file, "--program-headers")
    assert re.search(r"GNU_STACK .* RW ", readelf(file, "--program-headers"))
    assert re.search("Type: +DYN", readelf(file, "--file-header"))


@pytest.mark.parametrize("file", SHIPPED)
def test_the_compiler_was_told(file):
    said = readelf(file, "--debug-dump=info", "--dwarf-depth=1")
    units = re.findall(r"DW_AT_producer +: .*?(GNU C.*)", said)
    assert units
    for unit in units:
        assert set(FLAGS) <= set(unit.split()), unit


@pytest.mark.parametrize("file", SHIPPED)
def test_macros_were_defined(file):
    """_GLIBCXX_ASSERTIONS and _FORTIFY_SOURCE leave no trace but the functions that they call."""
    names = readelf(file, "--dyn-syms")
    assert "__glibcxx_assert_fail" in names
    assert re.search(r"__explicit_bzero_chk\b", names)
