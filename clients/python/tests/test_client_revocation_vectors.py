# SPDX-License-Identifier: Apache-2.0
"""spec/vectors of revocation lists."""

import json
from pathlib import Path

import pytest
from sealring import InvalidRevocationListError, RevocationList

VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors"
CASES = {path.stem: json.loads(path.read_text()) for path in VECTORS.glob("revocation_*.json")}
LISTS = [name for name, case in CASES.items() if case["format"] == "revocation-list"]
CHANGES = [name for name, case in CASES.items() if case["format"] == "revocation-change"]


def test_there_are_vectors():
    assert len(LISTS) > 30 and len(CHANGES) > 8


def found(revocations: RevocationList, known: dict):
    return revocations.revoked_at(bytes.fromhex(known["name_hex"]), bytes.fromhex(known["value_hex"]))


@pytest.mark.parametrize("name", LISTS)
def test_list(name):
    case = CASES[name]
    content = bytes.fromhex(case["file_hex"])
    if case["expect"] != "ok":
        with pytest.raises(InvalidRevocationListError):
            RevocationList.parse(content)
        return
    revocations = RevocationList.parse(content)
    assert (revocations.size, revocations.written_at) == (case["entries"], case["written_at"])
    for known in case["lookups"]:
        assert found(revocations, known) == known["revoked_at"]


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_change_writes(name):
    case = CASES[name]
    RevocationList.parse(bytes.fromhex(case["file_hex"]))
    revocations = RevocationList.parse(bytes.fromhex(case["written_hex"]))
    assert revocations.written_at == case["now"]
    for known in case["revoke"]:
        if known["until"] > case["now"]:
            assert found(revocations, known) >= known["revoked_at"]
