# SPDX-License-Identifier: Apache-2.0
"""packaging/rpm/sealring.spec as Debian's rpm reads it. Debian has none of the macros of Fedora and
Enterprise Linux, so here are stand-ins. What they really do is not tested."""

import fnmatch
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("SEALRING_BUILD", ROOT / "build")).resolve()
SPEC = ROOT / "packaging" / "rpm" / "sealring.spec"
STAND_INS = SPEC.with_name("stand-ins.macros")
# Where the folders of cmake --install are there.
FOLDERS = {
    "lib/apache2/modules": "/usr/lib64/httpd/modules",
    "lib/nginx/modules": "/usr/lib64/nginx/modules",
    "etc": "/etc",
    "lib/systemd": "/usr/lib/systemd",
    "lib/sysusers.d": "/usr/lib/sysusers.d",
    "lib/python3/dist-packages": "/usr/lib/python3.13/site-packages",
    "share/nodejs": "/usr/lib/node_modules",
}


def rpmspec(*arguments, release="fedora 43"):
    done = subprocess.run(["rpmspec", *arguments, f"--load={STAND_INS}", f"--define={release}", SPEC],
                          capture_output=True, text=True, timeout=60)  # fmt: skip
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def entries():
    """What the sections %files name, without files that only say something, as %license does."""
    sections = re.findall(r"^%files.*?\n(.*?)(?=\n%files|\n%changelog)", rpmspec("-P"),
                          re.MULTILINE | re.DOTALL)  # fmt: skip
    found = [line for section in sections for line in section.splitlines() if line.strip()]
    return [re.sub(r"^%config\(noreplace\) ", "", line) for line in found
            if not line.startswith(("%license", "%doc"))]  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    stage = tmp_path_factory.mktemp("stage")
    for component in ([], ["--component", "clients"]):
        subprocess.run(["cmake", "--install", BUILD, "--prefix", stage, *component],
                       check=True, capture_output=True, timeout=60)  # fmt: skip
    paths = {path.relative_to(stage).as_posix() for path in stage.rglob("*") if not path.is_dir()}
    return {there(path) for path in paths if not path.endswith("/LICENSE")}


def there(path):
    for ours, theirs in FOLDERS.items():
        if path.startswith(ours + "/"):
            return theirs + path.removeprefix(ours)
    return re.sub(r"^/usr/lib(/\w+-linux-\w+)?/(?=libsealring|pkgconfig)", "/usr/lib64/", f"/usr/{path}")


def wants(entry, path):
    return path.startswith(entry) if entry.endswith("/") else fnmatch.fnmatch(path, entry)


def test_each_file_is_in_one_package(entries, installed):
    for path in sorted(installed):
        assert len([entry for entry in entries if wants(entry, path)]) == 1, path


def test_each_entry_finds_a_file(entries, installed):
    # Made by the spec itself.
    made = {"ndk_http_module.so", "10-mod-ndk.conf", "50-mod-sealring.conf", "02-sealring.conf"}
    for entry in entries:
        if Path(entry).name not in made:
            assert any(wants(entry, path) for path in installed), entry


def test_its_version_is_that_of_cmake():
    version = re.search(r"project\(sealring VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert set(rpmspec("-q", "--qf", "%{version}\n").split()) == {version}


def test_enterprise_linux_9_gets_a_compiler_that_knows_c_23():
    assert "gcc-toolset-" in rpmspec("-P", release="rhel 9")
    assert "gcc-toolset-" not in rpmspec("-P")


def test_php_gets_the_extensions_that_composer_would_ask_for():
    section = rpmspec("-P").partition("%package -n php-sealring\n")[2].partition("%description")[0]
    required = re.findall(r"^Requires:\s+(\S+)", section, re.MULTILINE)
    composer = json.loads((ROOT / "clients" / "php" / "composer.json").read_text())["require"]
    extensions = [name.removeprefix("ext-") for name in composer if name.startswith("ext-")]
    assert len(extensions) >= 2
    assert set(required) == {"php(language)"} | {f"php-{name}" for name in extensions}
