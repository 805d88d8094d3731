# SPDX-License-Identifier: Apache-2.0
"""cmake --install into a folder of its own, and a C program that knows the library by pkg-config
alone, there and after the folder was moved."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from libsealring import BUILD, ROOT

PROGRAM = ROOT / "examples" / "c" / "seal_and_open.c"


def run(*command, **options) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("install") / "usr"
    run("cmake", "--install", BUILD, "--prefix", prefix)
    return prefix


def library_folder(prefix: Path) -> Path:
    [library] = prefix.glob("lib/**/libsealring.so")
    return library.parent


def pkg_config(folder: Path, *arguments) -> list[str]:
    environment = os.environ | {"PKG_CONFIG_PATH": str(folder / "pkgconfig")}
    return run("pkg-config", *arguments, "sealring", env=environment).split()


@pytest.fixture
def ring(prefix, tmp_path):
    run(prefix / "bin" / "sealring", "keyring", "init", tmp_path / "session.keys")
    return tmp_path / "session.keys"


def test_what_is_installed_where(prefix):
    version = re.search(r"VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text().split("project")[1])[1]
    folder = library_folder(prefix).relative_to(prefix)
    found = {path.relative_to(prefix).as_posix() for path in prefix.rglob("*") if not path.is_dir()}
    expected = {
        "bin/sealring",
        "include/sealring/sealring.h",
        f"{folder}/libsealring.a",
        f"{folder}/libsealring.so",
        f"{folder}/libsealring.so.0",
        f"{folder}/libsealring.so.{version}",
        f"{folder}/pkgconfig/sealring.pc",
        "lib/nginx/modules/ngx_http_encrypted_session_module.so",
        "lib/apache2/modules/mod_session_crypto.so",
        "share/man/man1/sealring.1",
    }
    assert found == expected
    for path in found:
        assert not (prefix / path).stat().st_mode & 0o022, f"{path} may be written by others"
    assert pkg_config(library_folder(prefix), "--modversion") == [version]


def test_nothing_of_the_build_is_left_in_it(prefix):
    """No path to look for libraries in: neither the build's nor any."""
    for program in ["bin/sealring", "lib/nginx/modules/ngx_http_encrypted_session_module.so"]:
        assert "RUNPATH" not in run("readelf", "--dynamic", prefix / program)
    assert str(ROOT) not in (library_folder(prefix) / "pkgconfig/sealring.pc").read_text()


@pytest.mark.parametrize("kind", ["shared", "moved", "static"])
def test_a_program_that_uses_pkg_config(prefix, ring, tmp_path, kind):
    if kind != "shared":
        prefix = shutil.copytree(prefix, tmp_path / "elsewhere", symlinks=True)
    folder = library_folder(prefix)
    flags = pkg_config(folder, "--cflags", "--libs")
    if kind == "static":
        flags = pkg_config(folder, "--static", "--cflags", "--libs")
        flags[flags.index("-lsealring")] = "-l:libsealring.a"
    assert f"-I{prefix}/include" in [os.path.normpath(flag) for flag in flags]
    program = tmp_path / "program"
    run("cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", PROGRAM,
        *flags, "-o", program)  # fmt: skip
    environment = os.environ | {"LD_LIBRARY_PATH": str(folder)}
    linked = run("ldd", program, env=environment)
    assert ("libsealring.so.0" in linked) == (kind != "static")
    assert run(program, ring, "alice", env=environment) == "alice\n"
