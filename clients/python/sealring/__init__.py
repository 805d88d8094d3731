# SPDX-License-Identifier: Apache-2.0
"""Seals and opens sealring's s1 tokens with a key ring file, as nginx and Apache do; opens
sessions.

    ring = sealring.LiveKeyring("/etc/nginx/session.keys")
    token = ring.seal("user=alice", lifetime=3600, context="session")
    payload = ring.open(token, context="session").payload
    session = sealring.open_session(environ.get("HTTP_COOKIE"), ring)
"""

from ._errors import (
    End,
    InvalidKeyringError,
    InvalidRevocationListError,
    NoPrimaryKeyError,
    Reason,
    RefusedError,
)
from ._fields import Fields, session_header
from ._key import Key
from ._keyring import Keyring
from ._live import LiveKeyring
from ._live_revocations import LiveRevocationList
from ._revocation_list import RevocationList
from ._s1 import Opened
from ._session import Session, open_session

__all__ = [
    "End", "Fields", "InvalidKeyringError", "InvalidRevocationListError", "Key", "Keyring",
    "LiveKeyring", "LiveRevocationList", "NoPrimaryKeyError", "Opened", "Reason", "RefusedError",
    "RevocationList", "Session", "open_session", "session_header",
]  # fmt: skip
