# SPDX-License-Identifier: Apache-2.0
"""Device binding of the core through its C ABI (include/sealring/binding.h): one request of a browser each."""

import ctypes
from typing import NamedTuple

from libsealring import Core, _Error, _Sized
from libsealring_sessions import (POINTER, SIZE, STATES, STATUS, _fields, _function, _Info, _Options,
                                  _Slice)  # fmt: skip

OUTCOMES = ["registered", "refreshed", "challenged", "refused", "gone", "forged", "unavailable"]
BUFFER_SIZE, COOKIE_SIZE = 8192, 4096
TIME, TEXT = ctypes.c_int64, ctypes.c_char_p


class _BindingOptions(_Sized):
    _fields_ = [
        ("size", SIZE), ("refresh", TIME), ("grace", TIME), ("prefix", TEXT), ("required", ctypes.c_int),
    ]  # fmt: skip


class _Answer(_Sized):
    _fields_ = [
        ("size", SIZE), ("outcome", ctypes.c_int32), ("status", ctypes.c_int32), ("detail", TEXT),
        *((name, _Slice) for name in ("challenge", "cookie", "body")),
    ]  # fmt: skip


class _Revocation(_Sized):
    _fields_ = [
        ("size", SIZE), ("revoked_at", TIME), ("until", TIME), ("name", ctypes.c_char * 65),
        ("hash", ctypes.c_uint8 * 16),
    ]  # fmt: skip


class Answer(NamedTuple):
    outcome: str
    status: int
    detail: str
    challenge: str
    body: str


class Site:
    """A profile that binds, and the cookies of one browser."""

    def __init__(self, core: Core, cookie: str, **binding):
        self.core, self.sealer, self.cookies = core, core._sealer, {}
        options, error = _Options(), _Error()
        options.cookie, options.idle = cookie.encode(), 3600
        self.profile, chosen = ctypes.c_void_p(), _BindingOptions()
        new = _function("profile_new", STATUS, POINTER, POINTER, POINTER)
        assert new(ctypes.byref(options), ctypes.byref(self.profile), ctypes.byref(error)) == 0, error.message
        for name, value in binding.items():
            setattr(chosen, name, value)
        bind = _function("profile_bind", STATUS, POINTER, POINTER, POINTER)
        self.refusal = ""
        if bind(self.profile, ctypes.byref(chosen), ctypes.byref(error)):
            self.refusal = error.message.decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _function("profile_free", None, POINTER)(self.profile)

    def _session(self):
        self.memory = ctypes.create_string_buffer(_function("size", SIZE)())
        session = _function("init", POINTER, POINTER, POINTER)(self.memory, self.profile)
        self.header = "; ".join(f"{name}={value}" for name, value in self.cookies.items()).encode()
        self.rest = ctypes.create_string_buffer(len(self.header) + 1)
        read = _function("read_cookies", SIZE, POINTER, TEXT, SIZE, POINTER)
        read(session, self.header, len(self.header), self.rest)
        size = _function("open_size", SIZE, POINTER, POINTER)(session, self.sealer)
        self.buffer = ctypes.create_string_buffer(max(size, 1))
        return session, size

    def _check(self, status: int) -> None:
        assert status == 0, self.core._name(status)

    def _keep(self, cookie: str) -> None:
        name, value = cookie.split(";")[0].split("=", 1)
        self.cookies[name] = value
        if not value:
            del self.cookies[name]

    def _seal(self, session, now: int) -> None:
        size = _function("seal_size", SIZE, POINTER, POINTER)(session, self.sealer)
        self.sealed = ctypes.create_string_buffer(size)
        seal = _function("seal", STATUS, POINTER, POINTER, TIME, POINTER, SIZE)
        self._check(seal(session, self.sealer, now, self.sealed, size))

    def _keep_cookies(self, session) -> None:
        for i in range(_function("cookie_count", SIZE, POINTER)(session)):
            room = ctypes.create_string_buffer(COOKIE_SIZE)
            size = _function("cookie", SIZE, POINTER, SIZE, POINTER)(session, i, room)
            self._keep(room.raw[:size].decode())

    def sign_in(self, now: int) -> str:
        """The header that offers a registration."""
        session, size = self._session()
        opening = _function("open", STATUS, POINTER, POINTER, TIME, ctypes.c_int, POINTER, SIZE)
        self._check(opening(session, self.sealer, now, 1, self.buffer, size))
        set_field = _function("set", STATUS, POINTER, TEXT, SIZE, TEXT, SIZE)
        self._check(set_field(session, b"user", 4, b"alice", 5))
        change, offer = ctypes.c_int32(), _Slice()
        prepare = _function("prepare", STATUS, POINTER, POINTER, TIME, POINTER)
        self._check(prepare(session, self.sealer, now, ctypes.byref(change)))
        self._seal(session, now)
        self._keep_cookies(session)
        room = ctypes.create_string_buffer(BUFFER_SIZE)
        offering = _function("offer", STATUS, POINTER, POINTER, TIME, POINTER, POINTER)
        self._check(offering(session, self.sealer, now, room, ctypes.byref(offer)))
        return bytes(offer).decode()

    def open(self, now: int) -> tuple[str, dict[str, str], int]:
        """The state or why it is refused, its fields, and when the session from before the binding ends; 0:
        there is none."""
        session, size = self._session()
        opening = _function("open", STATUS, POINTER, POINTER, TIME, ctypes.c_int, POINTER, SIZE)
        self._check(opening(session, self.sealer, now, 1, self.buffer, size))
        info, change, prior = _Info(), ctypes.c_int32(), _Revocation()
        self._check(_function("describe", STATUS, POINTER, POINTER)(session, ctypes.byref(info)))
        fields = {name.decode(): value.decode() for name, value in _fields(session)}
        prepare = _function("prepare", STATUS, POINTER, POINTER, TIME, POINTER)
        self._check(prepare(session, self.sealer, now, ctypes.byref(change)))
        self._check(_function("prior", STATUS, POINTER, POINTER, POINTER)(session, self.sealer, ctypes.byref(prior)))
        state = STATES[info.state]
        return self.core._name(info.reason) if state == "refused" else state, fields, prior.revoked_at

    def ask(self, kind: str, now: int, *, proof=None, id=None) -> Answer:
        """A request of the browser: `register` or `refresh`."""
        session, size = self._session()
        opening = _function("open_to_bind", STATUS, POINTER, POINTER, TIME, POINTER, SIZE)
        self._check(opening(session, self.sealer, now, self.buffer, size))
        texts = [None if text is None else _text(text) for text in (id, proof)]
        sent = [None if text is None else ctypes.byref(text) for text in texts]
        room, answer = ctypes.create_string_buffer(BUFFER_SIZE), _Answer()
        if kind == "register":
            sent = sent[1:]
        function = _function(kind, STATUS, POINTER, POINTER, TIME, *[POINTER for _ in sent], POINTER, POINTER)
        self._check(function(session, self.sealer, now, *sent, room, ctypes.byref(answer)))
        if OUTCOMES[answer.outcome] == "registered":
            self._seal(session, now)
        self._keep_cookies(session)
        if answer.cookie.size:
            self._keep(bytes(answer.cookie).decode())
        texts = [bytes(text).decode() for text in (answer.challenge, answer.body)]
        return Answer(OUTCOMES[answer.outcome], answer.status, (answer.detail or b"").decode(), *texts)


def _text(text: str) -> _Slice:
    data = ctypes.create_string_buffer(text.encode())
    made = _Slice(ctypes.cast(data, ctypes.c_void_p), len(text))
    made.kept = data
    return made
