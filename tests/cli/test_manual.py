# SPDX-License-Identifier: Apache-2.0
"""The manual page agrees with the help, and is installed where man looks for it."""

import os
import re
import subprocess

import pytest
from commands import HELPS, PROGRAM, ROOT

PAGE = ROOT / "docs" / "sealring.1"


def rendered():
    text = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=1000", PAGE],
                          capture_output=True, check=True).stdout
    return re.sub(r"\s+", " ", re.sub(".\b", "", text.decode()))


@pytest.fixture(scope="module")
def page():
    return rendered()


def usage(command):
    return re.search(r"^Usage: (.*)", HELPS[command], re.MULTILINE)[1]


def test_the_commands_are_found():
    assert {("keyring", "rotate"), ("open",)} <= set(HELPS)


@pytest.mark.parametrize("command", HELPS, ids=" ".join)
def test_the_synopsis_shows_how_a_command_is_called(page, command):
    if "COMMAND" not in usage(command):
        assert usage(command) in page


@pytest.mark.parametrize("command", HELPS, ids=" ".join)
def test_every_option_is_described(page, command):
    description = page.partition("DESCRIPTION")[2].partition("EXIT STATUS")[0]
    for option in re.findall(r"^  (--[\w-]+)", HELPS[command], re.MULTILINE):
        assert re.search(rf"{option}(?![\w-])", description), option


def test_every_exit_status_is_described(page):
    statuses = page.partition("EXIT STATUS")[2].partition("EXAMPLES")[0]
    listed = HELPS[()].partition("Exit status:")[2].partition("More:")[0]
    known = re.findall(r"(\d+) (\w+)", listed)
    assert len(known) == 10
    for number, name in known:
        assert re.search(rf" {number} {name}", statuses, re.IGNORECASE), (number, name)


def test_every_algorithm_is_named(page):
    names = HELPS[("keyring", "add")].partition("what the key is for: ")[2].partition(".")[0]
    names = re.split(r",\s+", names)
    assert "nginx-legacy" in names
    for name in names:
        assert name in page


@pytest.mark.parametrize("command", [["mandoc", "-T", "lint", "-W", "style"],
                                     ["man", "--warnings=w", "--local-file"]])
def test_its_markup_is_clean(command):
    # man's sandbox does not allow a preloaded clock.
    done = subprocess.run([*command, PAGE], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "MAN_DISABLE_SECCOMP": "1"})
    assert done.returncode == 0 and done.stderr == ""
    assert "WARNING" not in done.stdout and "STYLE" not in done.stdout


def test_it_is_installed(tmp_path):
    subprocess.run(["cmake", "--install", PROGRAM.parent, "--prefix", tmp_path],
                   check=True, capture_output=True, timeout=60)
    installed = tmp_path / "share/man/man1/sealring.1"
    assert installed.read_bytes() == PAGE.read_bytes()
