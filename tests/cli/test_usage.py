# SPDX-License-Identifier: Apache-2.0
"""Help, wrong use, and durations as nginx writes them."""

import re

import pytest
from commands import DAY


@pytest.mark.parametrize("command", ["init", "list", "rotate", "add", "prune"])
def test_help_teaches_with_an_example_that_is_right(cli, command):
    text = cli.run("keyring", command, "--help").decode()
    assert f"Usage: sealring keyring {command} " in text and "RING  " in text
    assert all(len(line) <= 80 for line in text.splitlines() if not line.startswith("Usage"))
    assert cli.run("keyring", command, "-h").decode() == text
    assert re.search(rf"^  .*sealring keyring {command} ", text, re.MULTILINE)


def test_the_version_has_one_spelling(cli):
    assert re.fullmatch(rb"sealring \d+\.\d+\.\d+\n", cli.run("--version"))
    assert "there is no such command" in cli.run("version", status=2)


@pytest.mark.parametrize("arguments, message", [
    ([], "a command is missing"), (["turn", "r"], "there is no such command"),
    (["list"], "RING is required"), (["list", "a", "b"], "there are too many arguments"),
    (["list", "--yaml", "r"], "there is no option --yaml"),
    (["rotate", "r", "--activate-in"], "--activate-in"),
    (["rotate", "r", "--activate-in", "1h", "--max-lifetime", "0"], "--max-lifetime 0 could mean"),
    (["rotate", "r", "--max-lifetime", "40000y"], "the year 36812"),
    (["init", "r", "--activate-in", "40000y"], "the year 36812")])
def test_wrong_use_is_explained(cli, arguments, message):
    assert message in cli.run("keyring", *arguments, status=2)
    assert list(cli.folder.iterdir()) == []


@pytest.mark.parametrize("text, seconds", [
    ("90", 90), ("30s", 30), ("10m", 600), ("1h", 3600), ("30d", 30 * DAY), ("2w", 14 * DAY),
    ("1M", 30 * DAY), ("1y", 365 * DAY), ("1y 2M 3w 4d 5h 6m 7s", 451 * DAY - DAY + 18367),
    ("1h30m", 5400)])
def test_durations_are_those_of_nginx(cli, text, seconds):
    ring = cli.ring()
    cli.run("keyring", "rotate", ring, "--max-lifetime", text)
    old, new = cli.listed()
    assert old["open_until"] - new["seal_from"] == seconds


@pytest.mark.parametrize("text", ["", "1", "-1s", "1.5h", "h", "1s 1h", "1h 1h", "1ms", "1 h", "x"])
def test_what_nginx_would_not_accept_is_no_duration(cli, text):
    ring = cli.ring()
    status = 0 if text == "1" else 2
    cli.run("keyring", "rotate", ring, f"--activate-in={text}", status=status)
