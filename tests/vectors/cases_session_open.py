# SPDX-License-Identifier: Apache-2.0
"""The cases of sessions that are opened: from Cookie headers to fields and ends."""

import json
from dataclasses import replace

import apache_legacy
import binding
import ring
import session
from browser import bound_of, EC, OTHER_SID, sid_token
from case import HOUR, NOW, SECRET_A, SECRET_B, apache_jwk, apache_key, flip, jwk, key, nonce_for
from reference import PREFIX, s1_seal, s1_text
from token_outcome import Refused

PROFILE = session.Profile()
UNBOUND = replace(PROFILE, idle=0, lifetime=0)
NAME = PROFILE.cookie
SID = ring.base64url(bytes(range(16)))
MINUTE = 60
MICRO = 1_000_000


def text(auth_time: int | str | None = NOW - HOUR, user: str = "alice", more: str = "") -> bytes:
    time = "" if auth_time is None else f"&auth_time={auth_time}"
    return f"user={user}&sid={SID}{time}{more}".encode()


class OpenCases:
    def __init__(self):
        self.cases = []
        self.tokens = 0

    def token(
        self, payload: bytes | None = None, age=MINUTE, lifetime=30 * MINUTE, context=NAME,
        secret=SECRET_A,
    ) -> str:  # fmt: skip
        """Of text(), sealed `age` seconds ago."""
        self.tokens += 1
        nonce = nonce_for(f"session_open {self.tokens}")
        payload = text() if payload is None else payload
        return s1_seal(key(secret), nonce, NOW - age, lifetime, context.encode(), payload).decode()

    def add(self, name, description, *headers, profile=PROFILE, jwks=None):
        keyring = {"keys": jwks or [jwk(SECRET_A)]}
        case = {
            "name": f"session_open_{name}", "description": description, "format": "session-open",
            "keyring": keyring, "context": profile.context, "cookie": profile.cookie,
            "parts": profile.parts, "subject_field": profile.subject, "idle": profile.idle,
            "lifetime": profile.lifetime, "now": NOW, "headers": list(headers),
        }  # fmt: skip
        self.cases.append(case | outcome(keyring, profile, headers))

    def one(self, name, description, payload=None, profile=PROFILE, **token):
        self.add(name, description, f"{profile.cookie}={self.token(payload, **token)}", profile=profile)

    def several(self, name, description, *tokens, profile=PROFILE):
        self.add(name, description, "; ".join(f"{NAME}={token}" for token in tokens), profile=profile)


def outcome(keyring: dict, profile: session.Profile, headers: tuple[str, ...]) -> dict:
    try:
        opened = session.open_sessions(ring.parse(json.dumps(keyring)), NOW, profile, list(headers))
    except session.Ended as ended:
        times = {"issued_at": ended.issued_at, "expires_at": ended.expires_at}
        return {"expect": "expired", "end": ended.end, "kid": ended.kid} | times
    except Refused as refusal:
        return {"expect": refusal.reason, "kid": refusal.kid}
    if opened is None:
        return {"expect": "none"}
    own = [(n, v) for n, v in opened.fields if session.lower(n) not in session.RESERVED]
    return {
        "expect": "ok",
        "fields": [{"name_hex": name.hex(), "value_hex": value.hex()} for name, value in own],
        "subject_hex": opened.subject.hex(), "sid": opened.sid, "auth_time": opened.auth_time,
        "issued_at": opened.issued_at, "expires_at": opened.expires_at,
    }  # fmt: skip


def tokens(add: OpenCases) -> None:
    add.one("good", "A session that opens.")
    add.add("no_header", "No Cookie header.")
    add.add("no_cookie", "Other cookies only.", "a=1; session=2; __host-session=3")
    add.add("empty_cookie", "A cookie without a value.", f"{NAME}=")
    add.one("other_context", "A token that was sealed for something else.", context="session")
    add.one("configured_context", "A context that is not the name.", context="shop",
            profile=replace(PROFILE, context="shop"))  # fmt: skip
    add.one("other_name", "A cookie of another name.", context="app",
            profile=replace(PROFILE, cookie="app", context="app"))  # fmt: skip
    add.one("unknown_key", "A key that the ring does not have.", secret=SECRET_B)
    add.one("not_yet_valid", "Sealed by a clock that is ahead by more than a minute.", age=-61)
    add.one("clock_ahead", "Sealed by a clock that is ahead by a minute.", age=-60)
    old = apache_legacy.seal(apache_key(), bytes(16), bytes(16), text()).decode()
    add.add("old_format", "A token that is bound to no context.", f"{NAME}={old}",
            jwks=[jwk(SECRET_A), apache_jwk()])  # fmt: skip


def texts(add: OpenCases) -> None:
    add.one("fields_in_order", "Fields keep their order.", text(more="&role=a+b&cart=%c3%bc&a=%ff"))
    add.one("no_fields", "A session of reserved fields alone.", b"auth_time=%d" % (NOW - HOUR))
    add.one("empty_text", "An empty text.", b"")
    add.one("no_text", "A payload that is no text of fields.", b"user=%")
    add.one("expired_and_no_text", "The same where the token has expired.", b"user=%", lifetime=1)
    add.one("names_in_other_case", "Reserved fields and the subject in other case.",
            f"USER=alice&Sid={SID}&Auth_Time={NOW - 99}&EXPIRY={(NOW + 9) * MICRO}".encode())
    add.one("without_subject", "No field of the subject's name.", b"account=alice")
    add.one("other_subject", "Another field is the subject.", b"user=alice&members-user=bob",
            profile=replace(PROFILE, subject="Members-User"))  # fmt: skip
    add.one("without_sid", "A session without an ID.", b"user=alice")
    for name, sid in (("too_short", SID[:21]), ("too_long", SID + "A"), ("not_canonical", SID[:21] + "x"),
                      ("of_other_characters", "+" + SID[1:])):  # fmt: skip
        add.one(f"sid_{name}", "A session ID of another form is none.", b"sid=%s" % sid.encode())
    for name, time in (
        ("missing", None), ("word", "noon"), ("negative", -5), ("with_plus", "%2b5"),
        ("with_space", "+5"), ("fraction", "5.5"), ("too_large", 2**63), ("far_too_large", 10**30),
    ):  # fmt: skip
        add.one(f"auth_time_{name}", "Without a time of sign-in, that of the token counts.", text(time))
    add.one("auth_time_leading_zeros", "Zeros in front change nothing.", text(f"{NOW - 9:030}"))


def ends(add: OpenCases) -> None:
    def within(seconds: int) -> session.Profile:
        return replace(PROFILE, lifetime=seconds)

    add.one("idle_end", "A token that expires now.", lifetime=MINUTE)
    add.one("before_idle_end", "A second before.", lifetime=MINUTE + 1)
    add.one("absolute_end", "The lifetime is over now.", profile=within(HOUR))
    add.one("before_absolute_end", "A second before.", profile=within(HOUR + 1))
    add.one("both_ends", "Of both ends, the absolute one counts.", lifetime=1, profile=within(HOUR))
    add.one("absolute_end_of_token_time", "Without a time of sign-in, the token's counts.", text(None),
            profile=within(MINUTE))  # fmt: skip
    add.one("before_absolute_end_of_token_time", "A second before.", text(None),
            profile=within(MINUTE + 1))  # fmt: skip
    add.one("sum_too_large", "A sum that exceeds all times is the latest.", text(2**63 - 1), lifetime=1)
    add.one("without_lifetime", "Without a lifetime, only the token ends.", text(1),
            profile=replace(PROFILE, lifetime=0))  # fmt: skip
    add.one("endless_idle_end", "A token without an end is idle from when it was sealed.", lifetime=0,
            profile=replace(PROFILE, idle=MINUTE))  # fmt: skip
    add.one("endless_before_idle_end", "A second before.", lifetime=0,
            profile=replace(PROFILE, idle=MINUTE + 1))  # fmt: skip
    add.one("endless_absolute_end", "It has an absolute end as others.", lifetime=0,
            profile=replace(PROFILE, idle=0, lifetime=HOUR))  # fmt: skip
    add.one("endless", "A session without any end.", text(1), age=NOW, lifetime=0, profile=UNBOUND)
    add.one("idle_only_for_endless", "A token that has an end is not asked for its age.", age=HOUR,
            lifetime=2 * HOUR)  # fmt: skip

    def expiry(name, description, value, **token):
        add.one(f"expiry_{name}", description, text(more=f"&expiry={value}"), **token)

    expiry("now", "mod_session's end is now.", NOW * MICRO)
    expiry("next_second", "It is a second later.", (NOW + 1) * MICRO)
    expiry("rounded_down", "It is within this second.", NOW * MICRO + MICRO - 1)
    expiry("after_token", "The token ends earlier.", (NOW + 60 * MINUTE) * MICRO)
    expiry("of_endless", "A token without an end, which it ends.", NOW * MICRO, lifetime=0)
    expiry("of_endless_later", "A token without an end, which it will end.", (NOW + 9) * MICRO, lifetime=0)
    expiry("replaces_idle", "The idle timeout is for tokens without any end.", (NOW + 9) * MICRO,
           lifetime=0, profile=replace(PROFILE, idle=MINUTE))  # fmt: skip
    expiry("zero", "No end.", MICRO - 1)
    expiry("no_number", "No end.", "soon")
    expiry("too_large", "No end.", 2**63)


def candidates(add: OpenCases) -> None:
    old, new = (add.token(text(user=user), age=age) for user, age in (("old", 90), ("new", 30)))
    again = add.token(text(user="again"), age=30)
    ended = add.token(text(NOW - 2 * HOUR, "ended"), age=10)
    expired, wrong = add.token(lifetime=1), add.token(context="other")
    add.several("newest", "The newest of several.", old, new)
    add.several("newest_first", "Whatever their order.", new, old)
    add.several("equally_old", "Of equal ones, the first.", again, new)
    add.several("first_refused", "The first does not open.", wrong, old)
    add.several("last_refused", "The last does not open.", old, wrong)
    add.several("none_opens", "None opens: the first says why.", wrong, expired)
    add.several("none_opens_first_expired", "The same in another order.", expired, wrong)
    add.several("newest_ended", "The newest met its absolute end.", old, ended,
                profile=replace(PROFILE, lifetime=2 * HOUR))  # fmt: skip
    add.several("newest_no_text", "The newest holds no text.", old, add.token(b"=", age=1))
    add.several("newest_not_yet_valid", "The newest is from the future.", old, add.token(age=-99))
    add.several("fifth", "The fifth is not looked at.", wrong, wrong, wrong, wrong, new)
    add.several("fourth", "The fourth is.", wrong, wrong, wrong, new)

    long = add.token(text(more="&cart=" + "x" * 4000))
    parts = [f"{NAME}=2~{long[:3000]}", f"{NAME}-1={long[3000:]}"]
    other = add.token(text(more="&cart=" + "y" * 4000))
    add.add("parts", "A session in two cookies.", "; ".join(parts))
    add.add("parts_in_two_headers", "Several headers are one list.", *reversed(parts))
    add.add("part_missing", "A part is missing.", parts[0])
    add.add("part_missing_before_expired", "The first says why.", f"{parts[0]}; {NAME}={expired}")
    add.add("parts_mixed", "Parts of two tokens.", f"{parts[0]}; {NAME}-1={other[3000:]}")
    add.add("too_many_parts", "More parts than sessions may use.", "; ".join(parts),
            profile=replace(PROFILE, parts=1))  # fmt: skip
    body = ring.from_base64url(new[len(PREFIX) :])
    add.several("altered", "A token that was altered.", s1_text(flip(body, 300)).decode())


def bound_sessions(add: OpenCases) -> None:
    key_field = bound_of(EC)
    more = f"&bound={key_field}&prior={OTHER_SID}"

    def cookie(name, sid=SID, age=10, lifetime=600, context=binding.COOKIE):
        return f"{NAME}-bound=" + sid_token(f"session {name}", sid, context, age, lifetime)

    def bound(name, description, *cookies, payload=None, age=MINUTE):
        token = add.token(text(more=more) if payload is None else payload, age=age)
        add.add(f"bound{name}", description, "; ".join([f"{NAME}={token}", *cookies]))

    bound("", "A session that is bound, with its bound cookie.", cookie("good"))
    bound("_cookie_missing", "The same without a bound cookie.")
    bound("_cookie_of_other_session", "The bound cookie is of another session.", cookie("o", OTHER_SID))
    bound("_cookie_is_a_challenge", "A challenge in its place.", cookie("c", context=binding.CHALLENGE))
    bound("_cookie_in_grace", "The bound cookie has just expired.", cookie("g", age=600))
    bound("_cookie_after_grace", "It has expired a minute ago.", cookie("a", age=660))
    bound("_cookie_last_of_four", "The fourth counts, and the one that ends last.", cookie("l1", age=900),
          f"{NAME}-bound=x", cookie("l3", age=900), cookie("l4"))  # fmt: skip
    bound("_cookie_fifth", "The fifth does not count.", *[f"{NAME}-bound=x"] * 4, cookie("f"))
    bound("_to_an_unknown_kind_of_key", "Whatever is in the field, the session is bound.",
          payload=text(more="&bound=x"))  # fmt: skip
    bound("_in_other_case", "The field's name in other case.", payload=text(more="&BOUND=x"))
    bound("_without_sid", "There is nothing to be bound to.", cookie("n", ""),
          payload=f"user=alice&bound={key_field}".encode())  # fmt: skip
    bound("_expired_without_cookie", "Its end is seen first.", payload=text(NOW - 13 * HOUR, more=more))
    unbound = f"{NAME}={add.token(text(), age=90)}"
    bound("_newest_without_cookie", "The newest counts, also if an older one is not bound.", unbound)
    add.add("not_bound_with_bound_cookie", "A session that is not bound, with such a cookie.", unbound,
            cookie("u"))  # fmt: skip


def later_cases(add: OpenCases) -> None:
    add.one("auth_time_minus_zero", "A sign is no digit.", text("-0"))


def make() -> list[dict]:
    add = OpenCases()
    for chapter in (tokens, texts, ends, candidates, bound_sessions, later_cases):
        chapter(add)
    return add.cases
