# SPDX-License-Identifier: Apache-2.0
"""Sealed cookies according to spec/upstream-cookies.md, independent of the core.

Texts of headers are str, of which each character is one byte."""

import calendar
import re
from dataclasses import dataclass, field

from reference import open_token
from ring import Key, primary
from token_outcome import Refused

MAX_NAME = 256
MAX_FORM = 4096
MAX_OPENED = 32
MAX_POSSIBLE_NAMES = 1024
MAX_COOKIE = 4096
SEALED = re.compile(r"[12]~(?:s1\.|ey)")
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DELIMITERS = "\t" + "".join(chr(c) for r in ((0x20, 0x30), (0x3B, 0x41), (0x5B, 0x61), (0x7B, 0x7F))
                            for c in range(*r))  # fmt: skip


@dataclass(frozen=True)
class Policy:
    context: str = "shop"
    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    http_only: bool = False
    all: bool = False
    mode: str = "enforce"
    accept_plain_until: int = 0
    sessions: tuple[str, ...] = ()

    def mode_at(self, now: int) -> str:
        over = self.accept_plain_until and now >= self.accept_plain_until
        return "enforce" if over else self.mode

    def is_own(self, name: str) -> bool:
        return any(re.fullmatch(re.escape(own) + "(-[1-8]|-bound)?", name) for own in self.sessions)

    def is_listed(self, name: str) -> bool:
        if self.is_own(name):
            return False
        mine = forms(name)
        if self.patterns and mine[1] != name and len(mine[1]) > MAX_FORM:
            return True
        listed = {lower(forms(other)[1]) for other in self.names}
        return any(lower(form) in listed for form in mine) or any(
            re.search(pattern, form) for pattern in self.patterns for form in mine
        )

    def chooses(self, name: str) -> bool:
        return not self.is_own(name) if self.all else self.is_listed(name)


def lower(text: str) -> str:
    return text.encode("latin-1").lower().decode("latin-1")


def trim(text: str) -> str:
    return text.strip(" \t")


def forms(name: str) -> list[str]:
    decoded = re.sub("%([0-9a-fA-F]{2})", lambda match: chr(int(match[1], 16)), name)
    plain = re.sub(r"[.\[+ ]", "_", decoded)
    nul = (decoded + "\0").index("\0")
    return [name, plain, plain[:nul], plain[: (decoded[:nul] + "[").index("[")]]


def pair_of(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    return (trim(name), trim(value)) if equals else ("", "")


def cookie_date(text: str) -> int | None:
    time = day = month = year = None
    for token in re.split(f"[{re.escape(DELIMITERS)}]+", text):
        if not time and (found := re.match(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)", token, re.A)):
            time = [int(part) for part in found.groups()]
        elif day is None and (found := re.match(r"(\d{1,2})(?!\d)", token, re.A)):
            day = int(found[1])
        elif month is None and lower(token[:3]) in MONTHS:
            month = MONTHS.index(lower(token[:3])) + 1
        elif year is None and (found := re.match(r"(\d{2,4})(?!\d)", token, re.A)):
            year = int(found[1])
    if not time or day is None or month is None or year is None:
        return None
    if year < 100:
        year += 1900 if year >= 70 else 2000
    if year < 1601 or time[0] > 23 or time[1] > 59 or time[2] > 59:
        return None
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return calendar.timegm((year, month, day, *time))


@dataclass
class Attributes:
    max_age: int | None = None
    expires: int | None = None
    http_only: bool = False
    has_path: bool = False

    def end(self, now: int) -> int | None:
        return now + self.max_age if self.max_age is not None else self.expires


def read_attributes(text: str) -> Attributes:
    found = Attributes()
    for part in text.split(";")[1:]:
        name, _, value = part.partition("=")
        name, value = lower(trim(name)), trim(value)
        if name == "max-age" and re.fullmatch("-?[0-9]+", value):
            found.max_age = min(max(int(value), 0), 1 << 53)
        elif name == "expires" and (date := cookie_date(value)) is not None:
            found.expires = date
        elif name == "httponly":
            found.http_only = True
        elif name == "path":
            found.has_path = value.startswith("/")
    return found


def default_path(path: str) -> str:
    return path[: path.rindex("/")] or "/" if path.startswith("/") else "/"


def context_of(policy: Policy, name: str) -> bytes:
    return f"upstream-cookie;{policy.context};{name}".encode("latin-1")


def looks_sealed(value: str) -> bool:
    return SEALED.match(value) is not None


def seal(policy: Policy, now: int, line: str, path: str, size_of, second=()) -> dict:
    """What becomes of a Set-Cookie line. `size_of`: of a token, from the payload's size. `second`: the
    names of which the request has a second piece."""
    first, semicolon, rest = line.partition(";")
    name, value = pair_of(first)
    tail = semicolon + rest
    attributes = read_attributes(tail)
    chosen = policy.chooses(name) or policy.http_only and attributes.http_only
    if not name or policy.is_own(name) or not chosen:
        return {"fate": "passed", "lines": [line]}
    mode, end = policy.mode_at(now), attributes.end(now)
    deletion = [f"{name}~1={tail}; Max-Age=0"] if name in second else []
    if end is not None and end <= now:
        return {"fate": "deletion", "lines": [line, *deletion]}
    if mode == "report":
        return {"fate": "reported", "lines": [line]}
    payload = value + tail
    if not attributes.has_path and ";" not in default_path(path):
        payload += f"; Path={default_path(path)}"
    size = size_of(len(payload))
    room = MAX_COOKIE - len(f"{name}=1~{tail}")
    if len(name) > MAX_NAME or room <= 0 or size > 2 * room:
        return {"fate": "too_large", "lines": [line] if mode == "migrate" else []}
    sealed = {"token_context": context_of(policy, name).decode(), "payload": payload,
              "expires_at": end or 0}  # fmt: skip
    if size <= room:
        return {"fate": "sealed", "lines": [f"{name}=1~*{tail}", *deletion]} | sealed
    return {"fate": "sealed", "lines": [f"{name}=2~*{tail}", f"{name}~1=*{tail}"]} | sealed


def renewed(payload: str, left: int) -> str | None:
    """The payload of a cookie that is set again; None: it cannot be."""
    value, semicolon, rest = payload.partition(";")
    if not read_attributes(semicolon + rest).has_path:
        return None
    parts = payload.split(";")
    for i in range(len(parts) - 1, 0, -1):
        name, equals, number = parts[i].partition("=")
        if lower(trim(name)) == "max-age" and re.fullmatch("-?[0-9]+", trim(number)):
            parts[i] = f"{name}{equals}{number.replace(trim(number), str(left))}"
            break
    return ";".join(parts)


@dataclass
class Passed:
    """What an application gets of a request."""

    headers: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)  # payloads
    plain: int = 0
    due: int = 0
    cut: list[tuple[str, str, str]] = field(default_factory=list)  # name, reason, kid


def possible_names(pair: str) -> list[str]:
    name = '[!#-+\\--<>-~]+'  # visible ASCII without `"`, `,` and `=`
    other = '[^!#-+\\--<>-~]*'
    parts = pair.split("=")
    if len(parts) == 1:
        whole = re.fullmatch(f"{other}({name}){other}", pair, re.S)
        return [whole[1]] if whole else []
    ends = [re.search(f"({name}){other}$", part, re.S) for part in parts[:-1]]
    return [end[1] for end in ends if end]


class Request:
    def __init__(self, keys: list[Key], policy: Policy, now: int, headers: list[str]):
        self.keys, self.policy, self.now = keys, policy, now
        self.mode = policy.mode_at(now)
        self.passed = Passed()
        self.tried = self.looked = 0
        pairs = [pair_of(part) for header in headers for part in header.split(";")]
        self.first = [(n, v) for n, v in pairs if n and v.startswith("2~") and looks_sealed(v)]
        self.second = [(n[:-2], v) for n, v in pairs if n.endswith("~1") and n[:-2] and not looks_sealed(v)]
        self.nth = 0
        self.passed.headers = [self.rewrite(header) for header in headers]

    def rewrite(self, header: str) -> str:
        kept, first, changed = [], True, False
        for part in header.split(";"):
            new = self.judge(part)
            changed |= new != part
            if new is not None:
                kept.append(new if kept or first else new.lstrip(" \t"))
            first = False
        if not changed:
            return header
        return ";".join(kept).removesuffix(";") if header.endswith(";") else ";".join(kept)

    def cut(self, part: str, name: str, reason: str, kid: str = ""):
        self.passed.cut.append((name, reason, kid))
        return part if self.mode == "report" else None

    def lists(self, pair: str) -> bool:
        if not self.policy.names and not self.policy.patterns and not self.policy.all:
            return False
        for name in possible_names(pair):
            self.looked += 1
            if self.looked > MAX_POSSIBLE_NAMES or self.policy.chooses(name):
                return True
        return False

    def judge(self, part: str) -> str | None:
        policy = self.policy
        name, value = pair_of(part)
        if not name:
            bad = trim(part) and self.mode != "migrate" and (policy.all or self.lists(part))
            return self.cut(part, "", "malformed") if bad else part
        in_two = value.startswith("2~") and looks_sealed(value)
        nth, self.nth = self.nth, self.nth + in_two
        base = name[:-2] if name.endswith("~1") else ""
        if base and not looks_sealed(value) and any(n == base for n, _ in self.first):
            if not policy.is_own(base) and (policy.http_only or policy.chooses(base)):
                return None
        chosen = policy.chooses(name)
        if looks_sealed(value) and (chosen or policy.http_only and not policy.is_own(name)):
            return self.open(part, name, value, nth)
        if chosen and self.mode != "enforce":
            self.passed.plain += 1
            return part
        if chosen or (self.mode != "migrate" and self.lists(part)):
            return self.cut(part, name, "malformed")
        return part

    def open(self, part: str, name: str, value: str, nth: int) -> str | None:
        self.tried += 1
        token = value[2:]
        if self.tried > MAX_OPENED or len(name) > MAX_NAME:
            return self.cut(part, name, "malformed")
        if value.startswith("2~"):
            k = sum(n == name for n, _ in self.first[:nth])
            seconds = [v for n, v in self.second if n == name]
            if k >= len(seconds):
                return self.cut(part, name, "malformed")
            token += seconds[k]
        try:
            opened = open_token(self.keys, self.now, context_of(self.policy, name),
                                token.encode("latin-1"))  # fmt: skip
            if not opened.id:
                raise Refused("unsupported", opened.kid)
        except Refused as refusal:
            return self.cut(part, name, refusal.reason, refusal.kid)
        payload = opened.payload.decode("latin-1")
        self.passed.opened.append(payload)
        key = primary(self.keys, self.now)
        self.passed.due += self.mode != "report" and opened.kid != (key.kid if key else "")
        at = part.index("=") + 1
        blanks = len(part[at:]) - len(part[at:].lstrip(" \t"))
        return part[: at + blanks] + payload.split(";")[0] + part[at + blanks + len(value) :]
