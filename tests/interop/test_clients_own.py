# SPDX-License-Identifier: Apache-2.0
"""Each client's own tests, by the runner of its language, and what its package would hold."""

import json
import re
import subprocess
from pathlib import Path

import pytest

CLIENTS = Path(__file__).resolve().parents[2] / "clients"
RUNNERS = {
    "node": (["sh", "-c", "node --test test/*.test.?js"], r"^# pass (\d+)$"),
    "php": (["php", "tests/run.php"], r"^(\d+) passed, 0 failed$"),
    "python": (
        ["/usr/bin/python3", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        r"^(\d+) passed",
    ),
}


@pytest.mark.parametrize("client", RUNNERS)
def test_own_tests(client):
    command, count = RUNNERS[client]
    done = subprocess.run(
        command, cwd=CLIENTS / client, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Fails if no tests were found.
    assert int(re.search(count, done.stdout, re.MULTILINE)[1]) > 200


def test_node_package():
    """All files that the package lists exist, and nothing else goes to the registry."""
    folder = CLIENTS / "node"
    package = json.loads((folder / "package.json").read_text())
    assert package["files"] == ["lib"] and "dependencies" not in package
    declared = re.findall(r"^export (?:class|function) (\w+)", (folder / package["types"]).read_text(), re.M)
    forms = {"import": "import(process.argv[1])", "require": "Promise.resolve(require(process.argv[1]))"}
    assert package["exports"]["."].keys() == forms.keys()
    for form, load in forms.items():
        entry = package["exports"]["."][form]
        assert (folder / entry["types"]).is_file()
        exported = subprocess.run(
            ["node", "-e", f"{load}.then((m) => console.log(Object.keys(m).join()))",
             folder / entry["default"]],
            capture_output=True, text=True, timeout=60, check=True,
        ).stdout.strip()  # fmt: skip
        assert sorted(exported.split(",")) == sorted(declared)


def test_versions_are_that_of_the_library():
    root = CLIENTS.parent
    version = re.search(r"VERSION (\S+)", (root / "CMakeLists.txt").read_text().split("project")[1])[1]
    assert json.loads((CLIENTS / "node" / "package.json").read_text())["version"] == version
    assert f'version = "{version}"' in (CLIENTS / "python" / "pyproject.toml").read_text()
