# SPDX-License-Identifier: Apache-2.0
"""The core through its C ABI, libsealring.so, through ctypes: fast enough for thousands of tokens.

The library is that of build/, or of the folder that the environment variable SEALRING_BUILD names.
"""

import ctypes
import os
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("SEALRING_BUILD", ROOT / "build")).resolve()

KID_SIZE = 129
TOKEN_ID_SIZE = 129
MESSAGE_SIZE = 512


class _Sized(ctypes.Structure):
    """A structure with its size set, as by SEALRING_INIT."""

    def __init__(self):
        super().__init__(ctypes.sizeof(self))


class _Sealed(_Sized):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("token_size", ctypes.c_size_t),
        ("expires_at", ctypes.c_uint64),
        ("detail", ctypes.c_char_p),
        ("id", ctypes.c_char * TOKEN_ID_SIZE),
        ("kid", ctypes.c_char * KID_SIZE),
    ]


class _Opened(_Sized):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("payload", ctypes.POINTER(ctypes.c_uint8)),
        ("payload_size", ctypes.c_size_t),
        ("issued_at", ctypes.c_uint64),
        ("expires_at", ctypes.c_uint64),
        ("detail", ctypes.c_char_p),
        ("id", ctypes.c_char * TOKEN_ID_SIZE),
        ("kid", ctypes.c_char * KID_SIZE),
    ]


class _Error(_Sized):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("status", ctypes.c_int32),
        ("message", ctypes.c_char * MESSAGE_SIZE),
    ]


def _load():
    library = ctypes.CDLL(str(BUILD / "libsealring.so"))
    pointer, size, now = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64
    signatures = {
        "status_name": (ctypes.c_char_p, [ctypes.c_int32]),
        "keyring_load": (ctypes.c_int32, [ctypes.c_char_p, pointer, pointer]),
        "keyring_free": (None, [pointer]),
        "keyring_list": (ctypes.c_int32, [pointer, now, pointer, size, pointer, pointer]),
        "sealer_new": (ctypes.c_int32, [pointer, ctypes.c_char_p, pointer, pointer]),
        "sealer_free": (None, [pointer]),
        "revocations_load": (ctypes.c_int32, [ctypes.c_char_p, pointer, pointer]),
        "revocations_free": (None, [pointer]),
        "sealer_use_revocations": (ctypes.c_int32, [pointer, pointer, ctypes.c_int]),
        "sealed_size": (size, [pointer, size]),
        "opened_size": (size, [pointer, size]),
        "seal": (
            ctypes.c_int32,
            [pointer, now, ctypes.c_uint64, pointer, size, pointer, size, pointer, size, pointer],
        ),
        "open": (
            ctypes.c_int32,
            [pointer, now, pointer, size, pointer, size, pointer, size, pointer],
        ),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, f"sealring_{name}")
        function.restype, function.argtypes = result, arguments
    return library


class Outcome(NamedTuple):
    """The result of opening a token: "ok" or the reason."""

    reason: str
    kid: str
    issued_at: int
    expires_at: int
    payload: bytes | None


class InvalidKeyring(Exception):
    pass


class Core:
    """A sealer with the ring of a file, and with the revocation list of another if there is one."""

    library = None

    def __init__(self, path, revocations=None):
        if Core.library is None:
            Core.library = _load()
        self._keyring, self._sealer = ctypes.c_void_p(), ctypes.c_void_p()
        error = _Error()
        if self.library.sealring_keyring_load(
            os.fsencode(path), ctypes.byref(self._keyring), ctypes.byref(error)
        ):
            raise InvalidKeyring(error.message.decode())
        status = self.library.sealring_sealer_new(
            self._keyring, None, ctypes.byref(self._sealer), ctypes.byref(error)
        )
        assert status == 0, error.message
        if revocations is not None:
            self._use_revocations(revocations)

    def _use_revocations(self, path):
        revocations, error = ctypes.c_void_p(), _Error()
        status = self.library.sealring_revocations_load(
            os.fsencode(path), ctypes.byref(revocations), ctypes.byref(error)
        )
        assert status == 0, error.message
        status = self.library.sealring_sealer_use_revocations(self._sealer, revocations, 0)
        assert status == 0, self._name(status)
        self.library.sealring_revocations_free(revocations)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.sealring_sealer_free(self._sealer)
        self.library.sealring_keyring_free(self._keyring)

    def key_count(self) -> int:
        count = ctypes.c_size_t()
        status = self.library.sealring_keyring_list(
            self._keyring, 0, None, 0, ctypes.byref(count), None
        )
        assert status == 0, self._name(status)
        return count.value

    def _name(self, status: int) -> str:
        return self.library.sealring_status_name(status).decode()

    def seal(self, payload: bytes, *, lifetime: int, context: bytes, now: int) -> str:
        capacity = self.library.sealring_sealed_size(self._sealer, len(payload))
        token, sealed = ctypes.create_string_buffer(capacity), _Sealed()
        status = self.library.sealring_seal(
            self._sealer, now, lifetime, context, len(context), payload, len(payload), token,
            capacity, ctypes.byref(sealed),
        )  # fmt: skip
        assert status == 0, self._name(status)
        return token.raw[: sealed.token_size].decode()

    def open(self, token: bytes, *, context: bytes, now: int) -> Outcome:
        capacity = self.library.sealring_opened_size(self._sealer, len(token))
        buffer, opened = ctypes.create_string_buffer(max(capacity, 1)), _Opened()
        status = self.library.sealring_open(
            self._sealer, now, context, len(context), token, len(token), buffer, capacity,
            ctypes.byref(opened),
        )  # fmt: skip
        payload = None
        if status == 0:
            payload = ctypes.string_at(opened.payload, opened.payload_size)
        return Outcome(
            self._name(status), opened.kid.decode(), opened.issued_at, opened.expires_at, payload
        )
