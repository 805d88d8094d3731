# SPDX-License-Identifier: Apache-2.0
"""packaging/debian names all that is installed, once, and nothing else. script/package builds the
packages themselves."""

import fnmatch
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("SEALRING_BUILD", ROOT / "build")).resolve()
DEBIAN = ROOT / "packaging" / "debian"


def lines(path):
    return [line for line in path.read_text().splitlines() if line and line[0] != "#"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The files of cmake --install, where Debian's build has them."""
    stage = tmp_path_factory.mktemp("stage")
    for component in ([], ["--component", "clients"]):
        subprocess.run(["cmake", "--install", BUILD, "--prefix", stage / "usr", *component],
                       check=True, capture_output=True, timeout=60)  # fmt: skip
    [library] = stage.glob("usr/lib/**/libsealring.so")
    found = {path.relative_to(stage).as_posix() for path in stage.rglob("*") if not path.is_dir()}
    folder = library.parent.relative_to(stage).as_posix()
    # debhelper sets the folder of configurations to /etc.
    found = {path.removeprefix("usr/") if path.startswith("usr/etc/") else path for path in found}
    return {re.sub(rf"^{folder}/(?=libsealring|pkgconfig)", "usr/lib/triplet/", path) for path in found}


def lists():
    """Which package wants what."""
    files = [*sorted(DEBIAN.glob("*.install")), DEBIAN / "not-installed"]
    return [(path.stem, pattern) for path in files for pattern in lines(path)]


def wants(pattern, path):
    return fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(path, pattern + "/*")


def test_each_file_is_in_one_package(installed):
    assert "usr/bin/sealring" in installed
    for path in sorted(installed):
        holders = [package for package, pattern in lists() if wants(pattern, path)]
        assert len(holders) == 1, f"{path} is in {holders}"


def test_each_entry_finds_a_file(installed):
    for package, pattern in lists():
        assert any(wants(pattern, path) for path in installed), f"{package}: {pattern}"


@pytest.mark.parametrize("kind", ["docs", "examples"])
def test_documents_and_examples_exist(kind):
    for path in DEBIAN.glob(f"*.{kind}"):
        for pattern in lines(path):
            assert list(ROOT.glob(pattern)), f"{path.name}: {pattern}"


def test_each_document_and_example_is_in_a_package():
    """Not what is about the source, nor what runs from it."""
    packed = {path.relative_to(ROOT) for kind in ("docs", "examples") for file in DEBIAN.glob(f"*.{kind}")
              for pattern in lines(file) for path in ROOT.glob(pattern)}  # fmt: skip
    source_only = {"docs/performance.md", "docs/platforms.md", "docs/testing.md"}
    for path in sorted((ROOT / "docs").glob("*.md")):
        name = path.relative_to(ROOT)
        assert (name in packed) != (str(name) in source_only), name
    folders = {path.name for path in (ROOT / "examples").iterdir()} - {"demo", "backends", "ffi"}
    for name in sorted(folders):
        assert any(path.parts[:2] == ("examples", name) for path in packed), name


def test_each_list_belongs_to_a_package():
    packages = re.findall(r"^Package: (\S+)", (DEBIAN / "control").read_text(), re.MULTILINE)
    assert len(packages) == len({path.stem for path in DEBIAN.glob("*.install")})
    for path in DEBIAN.glob("*.*"):
        if path.suffix in {".install", ".docs", ".examples", ".symbols", ".postinst", ".prerm",
                           ".postrm", ".nginx", ".apache2"}:  # fmt: skip
            assert path.stem in packages, path.name


def test_each_test_of_packages_is_listed():
    """One is for script/package alone, because it needs the files of the packages."""
    folder = DEBIAN / "tests"
    listed = re.findall(r"^Tests: (\S+)$", (folder / "control").read_text(), re.MULTILINE)
    programs = {path.name for path in folder.iterdir() if os.access(path, os.X_OK)}
    assert sorted(listed) == sorted(programs - {"lifecycle"})
    script = (ROOT / "script/package").read_text()
    for name in set(listed) - {"nginx", "apache"}:  # lifecycle does these with the same steps
        assert re.search(rf"for test in .*\b{name}\b|debian/tests/{name}$", script, re.MULTILINE), name


def test_the_symbols_are_those_of_the_library():
    """A function that is new is added with the version that brings it."""
    done = subprocess.run(["nm", "-D", "--defined-only", BUILD / "libsealring.so"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    exported = {line.split()[2].replace("@@", "@") for line in done.stdout.splitlines()}
    listed = {line.split()[0] for line in lines(DEBIAN / "libsealring0.symbols")[1:]}
    assert "sealring_seal@SEALRING_0" in listed
    assert {name for name in listed if name.startswith("sealring_")} == exported - {"SEALRING_0"}
