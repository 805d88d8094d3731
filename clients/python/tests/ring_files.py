# SPDX-License-Identifier: Apache-2.0
"""Key ring files for tests, with fixed keys."""

import base64
import json
import os
from pathlib import Path

NOW = 1_800_000_000


def jwk(byte: int = 1, **members) -> dict:
    k = base64.urlsafe_b64encode(bytes([byte]) * 32).rstrip(b"=").decode()
    return {"kty": "oct", "alg": "XAES-256-GCM", "k": k} | members


def text_of(*jwks: dict) -> bytes:
    return json.dumps({"keys": jwks}).encode()


def write(path: Path, text: bytes, mode: int = 0o640) -> Path:
    """Writes like a rotation: another file replaces the old one."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(text)
    fresh.chmod(mode)
    os.rename(fresh, path)
    return path
