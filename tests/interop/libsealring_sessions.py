# SPDX-License-Identifier: Apache-2.0
"""Sessions of the core through its C ABI (include/sealring/session.h)."""

import ctypes
from contextlib import contextmanager
from typing import NamedTuple

from libsealring import KID_SIZE, Core, _Error, _Sized

ID_HASH_SIZE = 17
STATES = ["none", "ok", "ok", "idle", "absolute", "refused"]


class Profile(NamedTuple):
    """The configuration of a server; times in seconds, 0: off."""

    cookie: str = "s"
    parts: int = 2
    subject: str = "user"
    idle: int = 0
    lifetime: int = 0


class Opened(NamedTuple):
    """The result of a client's Cookie headers. Without a session the rest is empty."""

    reason: str  # "ok", "none" or the reason of the refusal
    end: str = ""
    kid: str = ""
    fields: tuple[tuple[bytes, bytes], ...] = ()  # those that are not reserved
    subject: bytes = b""
    sid: bytes = b""
    auth_time: int = 0
    issued_at: int = 0
    expires_at: int = 0


class _Slice(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t)]

    def __bytes__(self):
        return ctypes.string_at(self.data, self.size) if self.size else b""


class _Options(_Sized):
    _fields_ = [
        ("size", ctypes.c_size_t),
        *((name, ctypes.c_char_p) for name in ("cookie", "path", "domain", "same_site")),
        ("insecure", ctypes.c_int),
        ("partitioned", ctypes.c_int),
        ("parts", ctypes.c_size_t),
        ("context", ctypes.c_char_p),
        ("subject", ctypes.c_char_p),
        *((name, ctypes.c_int64) for name in ("idle", "lifetime", "renew")),
    ]


class _Info(_Sized):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("state", ctypes.c_int32),
        ("reason", ctypes.c_int32),
        *((name, ctypes.c_int64) for name in ("auth_time", "issued_at", "expires_at")),
        ("parts", ctypes.c_size_t),
        ("detail", ctypes.c_char_p),
        ("kid", ctypes.c_char * KID_SIZE),
    ]


class _Field(_Sized):
    _fields_ = [("size", ctypes.c_size_t), ("name", _Slice), ("value", _Slice)]


def _function(name: str, result, *arguments):
    function = getattr(Core.library, f"sealring_session_{name}")
    function.restype, function.argtypes = result, arguments
    return function


POINTER, SIZE, STATUS = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32


@contextmanager
def _session(profile: Profile):
    options, made, error = _Options(), ctypes.c_void_p(), _Error()
    options.cookie, options.subject = profile.cookie.encode(), profile.subject.encode()
    options.parts, options.insecure = profile.parts, 1
    options.idle, options.lifetime = profile.idle, profile.lifetime
    status = _function("profile_new", STATUS, POINTER, POINTER, POINTER)(
        ctypes.byref(options), ctypes.byref(made), ctypes.byref(error)
    )
    assert status == 0, error.message
    memory = ctypes.create_string_buffer(_function("size", SIZE)())
    try:
        yield _function("init", POINTER, POINTER, POINTER)(memory, made)
    finally:
        _function("profile_free", None, POINTER)(made)


def _fields(session) -> list[tuple[bytes, bytes]]:
    fields, at = [], _function("field_at", ctypes.c_int, POINTER, SIZE, POINTER)
    field = _Field()
    while at(session, len(fields), ctypes.byref(field)):
        fields.append((bytes(field.name), bytes(field.value)))
    return fields


def is_reserved(name: bytes) -> bool:
    return _function("is_reserved", ctypes.c_int, ctypes.c_char_p, SIZE)(name, len(name)) != 0


def open_session(core: Core, profile: Profile, now: int, headers: list[bytes]) -> Opened:
    arguments = [POINTER, POINTER]
    with _session(profile) as session:
        for header in headers:
            rest = ctypes.create_string_buffer(len(header) + 1)
            _function("read_cookies", SIZE, POINTER, ctypes.c_char_p, SIZE, POINTER)(
                session, header, len(header), rest
            )
        size = _function("open_size", SIZE, *arguments)(session, core._sealer)
        buffer, info = ctypes.create_string_buffer(max(size, 1)), _Info()
        status = _function(
            "open", STATUS, *arguments, ctypes.c_int64, ctypes.c_int, POINTER, SIZE
        )(session, core._sealer, now, 1, buffer, size)
        assert status == 0, core._name(status)
        status = _function("describe", STATUS, POINTER, POINTER)(session, ctypes.byref(info))
        assert status == 0, core._name(status)
        id_hash = ctypes.create_string_buffer(ID_HASH_SIZE)
        status = _function("id_hash", STATUS, *arguments, POINTER)(session, core._sealer, id_hash)
        assert status == 0, core._name(status)
        state, reason, kid = STATES[info.state], core._name(info.reason), info.kid.decode()
        if state == "none":
            return Opened("none")
        times = {"issued_at": info.issued_at, "expires_at": info.expires_at}
        if state != "ok":
            return Opened(reason, state, kid, **times) if state != "refused" else Opened(reason, "", kid)
        fields = _fields(session)
        values = {name.lower(): value for name, value in fields}
        own = tuple(field for field in fields if not is_reserved(field[0]))
        return Opened(
            "ok", "", "", own, values.get(profile.subject.lower().encode(), b""),
            values[b"sid"] if id_hash.value else b"", info.auth_time, **times,
        )  # fmt: skip


def replaced(text: bytes) -> list[tuple[bytes, bytes]] | None:
    """The fields of a session that a header's value replaced; None: it is malformed."""
    with _session(Profile()) as session:
        copy, ignored = ctypes.create_string_buffer(text, len(text) or 1), ctypes.c_int()
        replace = _function("replace", STATUS, POINTER, POINTER, SIZE, POINTER)
        if replace(session, copy, len(text), ctypes.byref(ignored)):
            return None
        assert not ignored.value
        return _fields(session)
