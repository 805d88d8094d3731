# SPDX-License-Identifier: Apache-2.0
"""What script/release makes of a commit. Its packages are built and tried by script/package."""

import hashlib
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def bash(folder, script, status=0, **environment):
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, text=True,
                          capture_output=True, env=os.environ | environment, timeout=120)  # fmt: skip
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def tarball(folder, file, umask="022"):
    bash(folder, f"umask {umask}; . packaging/source.sh; source_tarball '{file}'")
    return file.read_bytes()


@pytest.fixture(scope="module")
def clones(tmp_path_factory):
    """The last commit in two folders."""
    if not (ROOT / ".git").exists():
        pytest.skip("a release is made of a commit")
    folders = [tmp_path_factory.mktemp("one") / "a", tmp_path_factory.mktemp("two") / "another name"]
    for folder, umask in zip(folders, ("022", "077")):
        bash(ROOT, f"umask {umask}; git clone -q . '{folder}'")
    return folders


def test_the_source_is_the_same_in_any_folder(clones, tmp_path):
    first = tarball(clones[0], tmp_path / "first.tar.gz")
    assert first == tarball(clones[1], tmp_path / "second.tar.gz", umask="077")
    with tarfile.open(tmp_path / "first.tar.gz") as source:
        names = source.getnames()
        source.extractall(tmp_path)
    [top] = {name.split("/")[0] for name in names}
    assert {f"{top}/CMakeLists.txt", f"{top}/script/build", f"{top}/LICENSE"} <= set(names)
    assert first == tarball(tmp_path / top, tmp_path / "third.tar.gz"), "of the source without git"


def test_what_it_is_made_of(clones, tmp_path):
    file = tmp_path / "sealring-1.2.3.tar.gz"
    digest = hashlib.sha256(tarball(clones[0], file)).hexdigest()
    said = bash(ROOT, f"python3 packaging/sbom.py 1.2.3 '{file}'", SOURCE_DATE_EPOCH="1800000000")
    document = json.loads(said)
    assert document["spdxVersion"] == "SPDX-2.3"
    assert document["creationInfo"]["created"] == "2027-01-15T08:00:00Z"
    ours = document["packages"][0]
    assert (ours["name"], ours["versionInfo"]) == ("sealring", "1.2.3")
    assert ours["checksums"] == [{"algorithm": "SHA256", "checksumValue": digest}]
    # What the build looks for is named.
    named = {package["name"] for package in document["packages"]}
    assert {"OpenSSL", "NSS", "ipsec-mb", "CLI11", "nlohmann-json", "nginx", "ngx_devel_kit", "httpd",
            "hiredis", "libmicrohttpd"} <= named  # fmt: skip
    ids = {package["SPDXID"] for package in document["packages"]} | {"SPDXRef-DOCUMENT"}
    assert len(ids) == len(document["packages"]) + 1
    for relation in document["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= ids


def test_what_is_no_release_is_refused(clones):
    refused = bash(clones[0], "script/release 99.0.0", status=1)
    assert "CMakeLists.txt says" in refused
    bash(clones[0], "sed -i 's/VERSION [0-9.]*/VERSION 99.0.0/' CMakeLists.txt")
    assert "CHANGELOG.md has no heading" in bash(clones[0], "script/release 99.0.0", status=1)
    bash(clones[0], "sed -i '8i ## [99.0.0] - 2026-11-30' CHANGELOG.md")
    assert "commit first" in bash(clones[0], "script/release 99.0.0", status=1)
    bash(clones[0], "git checkout -q .")
