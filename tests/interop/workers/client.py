# SPDX-License-Identifier: Apache-2.0
"""Does a batch of work with the Python client: client_workers.py says which."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "clients" / "python"))

import sealring  # noqa: E402


def seal(ring, now, lifetime, context, payload):
    context, payload = bytes.fromhex(context), bytes.fromhex(payload)
    return ring.seal(payload, lifetime=lifetime, context=context, now=now)


def open_token(ring, now, context, token):
    try:
        opened = ring.open(bytes.fromhex(token), context=bytes.fromhex(context), now=now)
        reason, payload = "ok", opened.payload.hex()
    except sealring.RefusedError as refusal:
        opened, reason, payload = refusal, refusal.reason, None
    return [reason, opened.kid, opened.issued_at, opened.expires_at, payload]


def read(path):
    try:
        return len(sealring.Keyring.load(path).keys)
    except sealring.InvalidKeyringError:
        return 0


work = json.load(sys.stdin)
ring = sealring.Keyring.load(work["ring"])
json.dump(
    {
        "seal": [seal(ring, *job) for job in work["seal"]],
        "open": [open_token(ring, *job) for job in work["open"]],
        "read": [read(path) for path in work["read"]],
    },
    sys.stdout,
)
