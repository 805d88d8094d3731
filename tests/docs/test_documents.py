# SPDX-License-Identifier: Apache-2.0
"""The documents show what the tests run, and their links work."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "spec/**/*.md", "clients/*/*.md")
    for path in ROOT.glob(pattern)
)
BLOCK = re.compile(r"(?:<!-- from (\S+) -->\n)?```(\w*)\n(.*?)```", re.DOTALL)
CONFIGURATIONS = {"nginx", "apache", "ini", "cron"}
LINK = re.compile(r"\]\(([^)\s]+)\)")


def text_of(document: str) -> str:
    return (ROOT / document).read_text()


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def anchors_of(document: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", text_of(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_are_documents():
    assert {"README.md", "docs/nginx.md", "spec/token-s1.md"} <= set(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_shown_is_what_the_examples_have(document):
    """Each line is in the example that is named, in this order; lines may be left out. A
    configuration always names its example."""
    for source, language, block in BLOCK.findall(text_of(document)):
        if not source and language not in CONFIGURATIONS:
            continue
        assert source.startswith("examples/"), f"a configuration without its source:\n{block}"
        rest = iter(lines_of(text_of(source)))
        for line in lines_of(block):
            assert line in rest, f"{source} has no such line here: {line}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    for link in LINK.findall(text_of(document)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        assert target.exists(), f"no such file: {link}"
        if anchor:
            name = target.resolve().relative_to(ROOT).as_posix()
            assert anchor in anchors_of(name), f"no such heading: {link}"
