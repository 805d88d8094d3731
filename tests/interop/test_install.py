# SPDX-License-Identifier: Apache-2.0
"""cmake --install into a separate folder, and a C program that finds the library only through
pkg-config, there and after the folder was moved."""

import json
import os
import re
import shutil
import subprocess
import tomllib
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


VERSION = re.search(r"project\(sealring VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]


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
    folder = library_folder(prefix).relative_to(prefix)
    found = {path.relative_to(prefix).as_posix() for path in prefix.rglob("*") if not path.is_dir()}
    expected = {
        "bin/sealring",
        "bin/sealring-agent",
        "etc/sealring/agent.conf",
        "include/sealring/cookies.h",
        "include/sealring/sealring.h",
        "include/sealring/binding.h",
        "include/sealring/session.h",
        "include/sealring/status.h",
        f"{folder}/libsealring.a",
        f"{folder}/libsealring.so",
        f"{folder}/libsealring.so.0",
        f"{folder}/libsealring.so.{VERSION}",
        f"{folder}/pkgconfig/sealring.pc",
        "lib/nginx/modules/ngx_http_encrypted_session_module.so",
        "lib/apache2/modules/mod_sealring.so",
        "lib/systemd/system/sealring-agent.service",
        "lib/systemd/system/sealring-agent.socket",
        "lib/systemd/system/sealring-rotate@.service",
        "lib/systemd/system/sealring-rotate@.timer",
        "lib/sysusers.d/sealring-agent.conf",
        "share/bash-completion/completions/sealring",
        "share/doc/sealring/LICENSE",
        "share/man/man1/sealring-agent.1",
        "share/man/man1/sealring.1",
    }
    assert found == expected
    for path in found:
        assert not (prefix / path).stat().st_mode & 0o022, f"{path} may be written by others"
    assert pkg_config(library_folder(prefix), "--modversion") == [VERSION]


def test_nothing_of_the_build_is_left_in_it(prefix):
    """No run path: neither that of the build nor any other."""
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


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("clients")
    run("cmake", "--install", BUILD, "--prefix", prefix, "--component", "clients")
    return prefix


def test_the_clients_are_installed_on_request(prefix, clients):
    assert not list(prefix.rglob("*.php"))
    for installed, source in [
        ("share/nodejs/sealring/lib", "clients/node/lib"),
        ("share/php/Sealring/src", "clients/php/src"),
        ("lib/python3/dist-packages/sealring", "clients/python/sealring"),
    ]:
        names = {path.name for path in (ROOT / source).iterdir()} - {"__pycache__"}
        assert {path.name for path in (clients / installed).iterdir()} == names


def test_the_installed_clients_open_what_the_tool_seals(prefix, clients, ring, tmp_path):
    token = subprocess.run([prefix / "bin/sealring", "seal", "--keyring", ring], input="alice",
                           capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    python = f"import sealring; print(sealring.Keyring.load({str(ring)!r}).open({token!r}).payload)"
    environment = os.environ | {"PYTHONPATH": str(clients / "lib/python3/dist-packages")}
    assert run("/usr/bin/python3", "-c", python, env=environment) == "b'alice'\n"
    version = "import importlib.metadata; print(importlib.metadata.version('sealring'))"
    assert run("/usr/bin/python3", "-c", version, env=environment) == f"{VERSION}\n"
    php = f"require '{clients}/share/php/Sealring/autoload.php'; " + (
        f"echo Sealring\\Keyring::load('{ring}')->open('{token}')->payload;")
    assert run("php", "-r", php) == "alice"
    modules = tmp_path / "node_modules"
    modules.symlink_to(clients / "share/nodejs")
    for name, first in [("required.cjs", "const { Keyring } = require('sealring');"),
                        ("imported.mjs", "import { Keyring } from 'sealring';")]:  # fmt: skip
        program = tmp_path / name
        program.write_text(
            f"{first}\nconsole.log(String(Keyring.load('{ring}').open('{token}').payload));\n")
        assert run("node", program) == "alice\n"


def test_the_version_has_one_place():
    """CMakeLists.txt has the version. Copies, where a format needs them, are the same."""
    package = json.loads((ROOT / "clients/node/package.json").read_text())
    assert package["version"] == VERSION
    project = tomllib.loads((ROOT / "clients/python/pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
    header = (ROOT / "include/sealring/sealring.h").read_text()
    assert re.findall(r"define SEALRING_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header) == VERSION.split(".")
