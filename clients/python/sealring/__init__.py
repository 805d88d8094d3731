# SPDX-License-Identifier: Apache-2.0
"""Seals and opens sealring's s1 tokens with a key ring file, as nginx and Apache do.

    ring = sealring.LiveKeyring("/etc/nginx/session.keys")
    token = ring.seal("user=alice", lifetime=3600, context="session")
    payload = ring.open(token, context="session").payload
"""

from ._errors import InvalidKeyringError, NoPrimaryKeyError, Reason, RefusedError
from ._key import Key
from ._keyring import Keyring
from ._live import LiveKeyring
from ._s1 import Opened

__all__ = [
    "InvalidKeyringError", "Key", "Keyring", "LiveKeyring", "NoPrimaryKeyError", "Opened",
    "Reason", "RefusedError",
]  # fmt: skip
