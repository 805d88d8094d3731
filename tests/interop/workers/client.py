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
    token, context = bytes.fromhex(token), bytes.fromhex(context)
    try:
        opened = ring.open(token, context=context, revocations=revocations, now=now)
        reason, payload = "ok", opened.payload.hex()
    except sealring.RefusedError as refusal:
        opened, reason, payload = refusal, refusal.reason, None
    return [reason, opened.kid, opened.issued_at, opened.expires_at, payload]


def read(path):
    try:
        return len(sealring.Keyring.load(path).keys)
    except sealring.InvalidKeyringError:
        return 0


def to_hex(text):
    return text.encode("utf-8", "surrogateescape").hex()


def session(ring, now, cookie, parts, subject, idle, lifetime, headers):
    headers = [bytes.fromhex(header).decode("latin-1") for header in headers]
    nothing = [[], "", ""]
    try:
        opened = sealring.open_session(headers, ring, now=now, cookie=cookie, parts=parts,
                                       subject=subject, idle=idle, lifetime=lifetime,
                                       revocations=revocations)  # fmt: skip
    except sealring.RefusedError as refusal:
        times = [0, refusal.issued_at, refusal.expires_at] if refusal.end else [0, 0, 0]
        return [refusal.reason, refusal.end, refusal.kid, *nothing, times]
    if opened is None:
        return ["none", "", "", *nothing, [0, 0, 0]]
    fields = [[to_hex(name), to_hex(value)] for name, value in opened.fields.items()]
    times = [opened.auth_time, opened.issued_at, opened.expires_at]
    return ["ok", "", "", fields, to_hex(opened.subject), opened.sid, times]


def header(fields):
    pairs = [[bytes.fromhex(text).decode() for text in pair] for pair in fields]
    try:
        return sealring.session_header(dict(pairs))
    except ValueError:
        return None


work = json.load(sys.stdin)
ring = sealring.Keyring.load(work["ring"])
path = work["revocations"]
revocations = None if path is None else sealring.RevocationList.load(path)
json.dump(
    {
        "seal": [seal(ring, *job) for job in work["seal"]],
        "open": [open_token(ring, *job) for job in work["open"]],
        "read": [read(path) for path in work["read"]],
        "session": [session(ring, *job) for job in work["session"]],
        "header": [header(fields) for fields in work["header"]],
        "revoked": [revocations.revoked_at(*map(bytes.fromhex, pair)) for pair in work["revoked"]],
    },
    sys.stdout,
)
