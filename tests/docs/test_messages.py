# SPDX-License-Identifier: Apache-2.0
"""The documents with messages of the modules: each message is in the sources as it is shown,
and each message of the modules is shown."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {"docs/nginx-messages.md": "nginx", "docs/nginx-sessions.md": "nginx/session",
         "docs/upstream-cookies.md": "nginx/upstream_cookies", "docs/apache-messages.md": "apache"}
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
ADJACENT = re.compile(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+')
FORMAT = re.compile(r"%[-\w]*?(?:uz|ui|uL|[sVdTuL]|\"|$)|\$\{NAME\}")
# What stands for something else in a document: words in capitals, numbers, "...".
PLACEHOLDER = re.compile(
    r"\b(?:ADDRESS|DAY|END|FILE|FOLDER|GROUP|KID|LINE|AGE|FIELD|HASH|N|NAME|PROBLEM|PROGRAM|REASON|REMEDY|TIME|URI|VALUE|WORD)\b|\.\.\.|\d+|: ")
DIRECTIVE = re.compile(r"^(?:encrypted_session\w*|session\w*|sealed_cookies\w*|SessionCrypto\w*): ")
# Of nginx, and of the C library.
NOT_OURS = {'"encrypted_session_..." directive is duplicate', "No such file or directory", "Permission denied",
            '"encrypted_session_expires" directive invalid value'}  # fmt: skip
NO_MESSAGES = {"mod_session_crypto.cc"}  # but descriptions of directives, for httpd -L


def statements(paths) -> list[str]:
    """The text of the literals of each statement, with a NUL where something else is put in."""
    found = []
    for path in paths:
        text = re.sub(r"^\s*#include.*$|//.*$", "", path.read_text(), flags=re.MULTILINE)
        # A semicolon within a literal ends nothing.
        text = LITERAL.sub(lambda literal: literal[0].replace(";", "\1"), text)
        for statement in text.split(";"):
            adjacent = ("".join(LITERAL.findall(run)) for run in ADJACENT.findall(statement))
            joined = "\0".join(adjacent).replace('\\"', '"').replace("\1", ";")
            found.append(FORMAT.sub("\0", joined))
    return found


def phrases(message: str) -> list[str]:
    """What a message has between its placeholders and colons. A single word says too little."""
    parts = PLACEHOLDER.split(DIRECTIVE.sub("", message))
    trimmed = (re.sub(r"^\W+|\W+$", "", part) for part in parts)
    return [part for part in trimmed if " " in part]


def messages_of(document: str) -> list[str]:
    """The code in the columns that are headed "message" or "problem"."""
    found = []
    for table in re.findall(r"(?:^\|.*\n)+", (ROOT / document).read_text(), re.MULTILINE):
        rows = [row.strip("|\n").split(" | ") for row in table.splitlines()]
        headings = [cell.strip() for cell in rows[0]]
        for place, heading in enumerate(headings):
            if heading in ("message", "problem"):
                for row in rows[2:]:
                    found += re.findall("`([^`]+)`", row[place])
    assert len(found) > 15
    return found


def check_are_in(messages, files) -> None:
    """In these files, or in the core."""
    said = statements([*files, *(ROOT / "src").rglob("*.cc")])
    for message in messages:
        for phrase in phrases(message):
            assert any(phrase in statement for statement in said), f"nothing says {phrase!r}"


@pytest.mark.parametrize("document", ROOMS)
def test_each_message_is_in_the_sources(document):
    ours = [message for message in messages_of(document) if message not in NOT_OURS]
    check_are_in(ours, (ROOT / ROOMS[document]).glob("*.cc"))


@pytest.mark.parametrize("document", ROOMS)
def test_each_message_of_the_sources_is_in_the_document(document):
    """By some words of it: a document may leave out the rest."""
    shown = [phrase for message in messages_of(document) for phrase in phrases(message)]
    for path in sorted((ROOT / ROOMS[document]).glob("*.cc")):
        for statement in statements([path]) if path.name not in NO_MESSAGES else []:
            is_message = any(len(piece.split()) > 3 for piece in statement.split("\0"))
            is_shown = any(re.search(rf"\b{re.escape(phrase)}\b", statement) for phrase in shown)
            assert is_shown or not is_message, f"{path.name}: {document} does not show {statement!r}"


# What the agent logs: statements that call log(). Its other texts are answers to commands.
AGENT = "docs/agent-messages.md"


def logged(path: Path) -> list[str]:
    text = re.sub(r"//.*$", "", path.read_text(), flags=re.MULTILINE)
    calls = re.findall(r"\blog\((?=Level::|\w+(?:\.\w+\(\))? \? Level::)(.*?)\);", text, re.S)
    return ["\0".join("".join(LITERAL.findall(run)) for run in ADJACENT.findall(call)).replace('\\"', '"')
            for call in calls]


def test_each_line_of_the_agent_is_in_its_document():
    shown = [phrase for message in messages_of(AGENT) for phrase in phrases(message)]
    lines = [(path, line) for path in sorted((ROOT / "agent").rglob("*.cc")) for line in logged(path)]
    assert len(lines) > 15
    for path, line in lines:
        for piece in line.split("\0"):
            is_shown = any(phrase in piece for phrase in shown)
            assert is_shown or len(piece.split()) < 3, f"{path.name}: {AGENT} does not show {piece!r}"


def test_each_message_of_the_agents_document_is_in_the_sources():
    check_are_in(messages_of(AGENT), (ROOT / "agent").rglob("*.cc"))


def test_limits_are_those_of_the_header():
    header = (ROOT / "include" / "sealring" / "sealring.h").read_text()
    seen = set()
    for document in ROOMS:
        for message in messages_of(document):
            for what, number in re.findall(r"(context|passphrase) (?:must not be|is) longer than (\d+)", message):
                assert int(number) == int(re.search(rf"SEALRING_MAX_{what.upper()} = (\d+)", header)[1]), message
                seen.add(what)
    assert seen == {"context", "passphrase"}
