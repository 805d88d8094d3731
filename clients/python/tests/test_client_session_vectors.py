# SPDX-License-Identifier: Apache-2.0
"""spec/vectors of sessions."""

import json
from pathlib import Path

import pytest
from sealring import Keyring, RefusedError, open_session, session_header
from sealring._cookies import candidates
from sealring._fields import is_reserved, parse, write

VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors"
CASES = {path.stem: json.loads(path.read_text()) for path in VECTORS.glob("session_*.json")}


def names(kind: str) -> list[str]:
    return [name for name, case in CASES.items() if case["format"] == kind]


def pairs_of(fields: list[dict]) -> list[tuple[bytes, bytes]]:
    return [tuple(bytes.fromhex(field[part]) for part in ("name_hex", "value_hex")) for field in fields]


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def test_there_are_vectors():
    kinds = ("session-fields", "session-cookie-read", "session-open")
    assert [len(names(kind)) > 25 for kind in kinds] == [True] * 3
    assert len(names("session-open")) > 70


@pytest.mark.parametrize("name", names("session-fields"))
def test_fields(name):
    case = CASES[name]
    pairs = parse(bytes.fromhex(case["text_hex"]))
    if case["expect"] == "malformed":
        assert pairs is None
        return
    assert pairs == pairs_of(case["fields"])
    assert write(pairs) == case["written"]
    assert session_header({text_of(key): text_of(value) for key, value in pairs}) == case["written"]


@pytest.mark.parametrize("name", names("session-cookie-read"))
def test_cookies(name):
    case = CASES[name]
    assert candidates(case["cookie"], case["parts"], [case["header"]]) == case["tokens"]


@pytest.mark.parametrize("name", names("session-open"))
def test_open(name):
    case = CASES[name]
    ring = Keyring.parse(json.dumps(case["keyring"]).encode())
    arguments = ("now", "context", "cookie", "parts", "idle", "lifetime")
    arguments = {key: case[key] for key in arguments} | {"subject": case["subject_field"]}
    if case["expect"] not in ("ok", "none"):
        with pytest.raises(RefusedError) as refused:
            open_session(case["headers"], ring, **arguments)
        refusal = refused.value
        assert (refusal.reason, refusal.kid) == (case["expect"], case["kid"])
        assert refusal.end == case.get("end", "")
        if refusal.reason == "expired":
            assert refusal.issued_at == case["issued_at"]
            assert refusal.expires_at == case["expires_at"]
        return
    session = open_session(case["headers"], ring, **arguments)
    if case["expect"] == "none":
        assert session is None
        return
    expected = [(text_of(key), text_of(value)) for key, value in pairs_of(case["fields"])]
    assert list(session.fields.items()) == expected
    assert not any(is_reserved(key.encode("utf-8", "surrogateescape")) for key in session.fields)
    assert session.subject == text_of(bytes.fromhex(case["subject_hex"]))
    for known in ("sid", "auth_time", "issued_at", "expires_at"):
        assert getattr(session, known) == case[known]
