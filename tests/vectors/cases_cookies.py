# SPDX-License-Identifier: Apache-2.0
"""The cases of sealed cookies: dates, responses, renewals."""

from base64 import b64encode

import cookies
from case import HOUR, NOW, SECRET_A, jwk
from cookies import Policy

DAY = 24 * HOUR
SID = Policy(names=("sid",))


def token_size(payload_size: int) -> int:
    """Of an s1 token."""
    return len("s1.") + len(b64encode(bytes(56 + payload_size)).rstrip(b"="))


def policy_members(policy: Policy) -> dict:
    return {"policy": {"context": policy.context, "names": list(policy.names),
                       "patterns": list(policy.patterns), "http_only": policy.http_only,
                       "all": policy.all, "mode": policy.mode,
                       "accept_plain_until": policy.accept_plain_until,
                       "sessions": list(policy.sessions)}}  # fmt: skip


def dates():
    for name, description, text in (
        ("imf", "As it is written today.", "Wed, 09 Jun 2027 10:18:14 GMT"),
        ("netscape", "As Netscape wrote it.", "Wednesday, 09-Jun-27 10:18:14 GMT"),
        ("asctime", "As C's asctime writes it.", "Wed Jun  9 10:18:14 2027"),
        ("any_order", "Its parts come in any order.", "2027 10:18:14 jun 9"),
        ("one_digit", "Numbers of one digit.", "9 Jun 2027 1:2:3"),
        ("long_month", "Only the first three letters of a month count.", "9 june 2027 10:18:14"),
        ("year_69", "A year of two digits in this century.", "9 Jun 69 10:18:14"),
        ("year_70", "A year of two digits in the last century.", "9 Jun 70 10:18:14"),
        ("epoch", "A deletion as many write it.", "Thu, 01-Jan-1970 00:00:01 GMT"),
        ("before_1970", "A negative time.", "1 Jan 1969 00:00:00"),
        ("year_1601", "The first year.", "1 Jan 1601 00:00:00"),
        ("year_1600", "A year too early.", "31 Dec 1600 23:59:59"),
        ("year_9999", "The last year.", "31 Dec 9999 23:59:59"),
        ("year_of_five_digits", "No year at all.", "9 Jun 12027 10:18:14"),
        ("leap_day", "A day that there is.", "29 Feb 2028 00:00:00"),
        ("no_leap_day", "A day that there is not.", "29 Feb 2027 00:00:00"),
        ("day_0", "No day.", "0 Jun 2027 10:18:14"),
        ("day_32", "No day either.", "32 Jun 2027 10:18:14"),
        ("hour_24", "No hour.", "9 Jun 2027 24:00:00"),
        ("minute_60", "No minute.", "9 Jun 2027 10:60:00"),
        ("second_60", "No second.", "9 Jun 2027 10:00:60"),
        ("no_time", "A date without a time.", "9 Jun 2027"),
        ("no_seconds", "A time without seconds.", "9 Jun 2027 10:18"),
        ("no_month", "A date without a month.", "9 2027 10:18:14"),
        ("no_year", "A date without a year.", "9 Jun 10:18:14"),
        ("no_day", "A date without a day.", "Jun 2027 10:18:14"),
        ("second_time", "A second time is read as a day.", "10:18:14 9:18:14 Jun 2027"),
        ("three_digits_of_seconds", "A time that is none.", "9 Jun 2027 10:18:145"),
        ("text_behind_numbers", "What follows a number does not count.", "9th Jun 2027AD 10:18:14Z"),
        ("empty", "Nothing.", ""),
        ("number", "A number.", "1800000000"),
    ):
        found = cookies.cookie_date(text)
        yield {"name": f"upstream_cookies_date_{name}", "description": description,
               "format": "upstream-cookies-date", "text": text, "time": found}  # fmt: skip


def response(name, description, line, policy=SID, path="/app/page", second=()):
    found = cookies.seal(policy, NOW, line, path, token_size, second)
    return {
        "name": f"upstream_cookies_response_{name}", "description": description,
        "format": "upstream-cookies-response", "keyring": {"keys": [jwk(SECRET_A)]},
        **policy_members(policy), "now": NOW, "line": line, "path": path,
        "second_pieces": list(second), **found,
    }  # fmt: skip


def chosen():
    all_of_them = Policy(all=True)
    pattern = Policy(patterns=("^wp_",))
    http_only = Policy(http_only=True)
    own = Policy(all=True, sessions=("s", "t"))
    for case in (
        ("listed", "A cookie that is listed.", "sid=abc; Path=/"),
        ("other_name", "One that is not.", "id=abc; Path=/"),
        ("other_case", "A name is equal in any case: some applications do not tell them apart.",
         "SID=abc; Path=/"),
        ("decoded", "A name that some applications decode.", "s%69d=abc; Path=/"),
        ("bracket", "PHP's array.", "sid[user]=abc; Path=/"),
        ("nul", "Old PHP ends a name at a NUL.", "sid%00x=abc; Path=/"),
        ("long_bracket", "An array with a name that is too long to be sealed.",
         f"sid[{'a' * 300}]=abc; Path=/"),
        ("longer", "A name that only begins so.", "sid2=abc; Path=/"),
        ("underscore", "PHP reads a dot as an underscore.", "my.sid=abc; Path=/",
         Policy(names=("my_sid",))),
        ("listed_with_dot", "And so also for a name that is listed with a dot.", "my_sid=abc; Path=/",
         Policy(names=("my.sid",))),
        ("bracket_underscore", "PHP reads a single bracket as an underscore.", "my[sid=abc; Path=/",
         Policy(names=("my_sid",))),
        ("pattern", "A pattern.", "wp_1=abc; Path=/", pattern),
        ("pattern_decoded", "A pattern matches what a name is read as.", "wp.1=abc; Path=/", pattern),
        ("pattern_other", "A pattern that does not match.", "awp_1=abc; Path=/", pattern),
        ("http_only", "With httponly, the attribute chooses.", "a=abc; Path=/; HttpOnly", http_only),
        ("http_only_case", "In any case.", "a=abc; Path=/; httponly=1", http_only),
        ("http_only_longer", "An attribute that only begins so.", "a=abc; Path=/; HttpOnly2", http_only),
        ("not_http_only", "A cookie that scripts read.", "a=abc; Path=/", http_only),
        ("all", "Every cookie.", "a=abc; Path=/", all_of_them),
        ("nameless", "A cookie without a name.", "abc; Path=/", all_of_them),
        ("nameless_with_equals", "The same, as some write it.", "=abc; Path=/", all_of_them),
        ("empty", "An empty line.", "", all_of_them),
        ("own_session", "The server's own session.", "s=abc; Path=/", own),
        ("own_session_part", "A part of it.", "s-1=abc; Path=/", own),
        ("own_session_bound", "What binds it to a device.", "s-bound=abc; Path=/", own),
        ("own_session_second", "Another session of the server.", "t-2=abc; Path=/", own),
        ("not_own_session", "What only looks like it.", "s-x=abc; Path=/", own),
        ("report", "With report nothing changes.", "sid=abc; Path=/", Policy(names=("sid",), mode="report")),
        ("migrate", "With migrate it is sealed.", "sid=abc; Path=/", Policy(names=("sid",), mode="migrate")),
        ("long_name", "The longest name.", "n" * 256 + "=abc; Path=/", all_of_them),
        ("too_long_name", "One that is too long.", "n" * 257 + "=abc; Path=/", all_of_them),
        ("too_long_name_migrate", "It passes while plain values do.", "n" * 257 + "=abc; Path=/",
         Policy(all=True, mode="migrate")),
    ):
        yield response(*case)


def values():
    for case in (
        ("quoted", "A quoted value.", 'sid="a b"; Path=/'),
        ("equals", "A value with equals signs.", "sid=a=b==; Path=/"),
        ("spaces", "Spaces within the value.", "sid=a  b c; Path=/"),
        ("spaces_around", "Spaces around it do not belong to it.", "sid = \ta b\t ; Path=/"),
        ("empty_value", "An empty value is a value.", "sid=; Path=/"),
        ("comma", "A comma.", "sid=a,b; Path=/"),
        ("like_sealed", "A value that looks sealed already.", "sid=1~s1.abc; Path=/"),
        ("order", "Attributes keep their order and spelling.",
         "sid=abc;secure;  PATH=/ ;X-Own=1;HttpOnly; samesite=Lax;"),
        ("attribute_spaces", "Spaces around names and values of attributes.",
         "sid=abc;\tPath\t= /;Max-Age =\t60 ; "),
        ("attributes_longer", "Attributes that only begin like the ones that count.",
         "sid=abc; Path2=/; Max-Ages=60; Expires.=Sat, 16 Jan 2027 08:00:00 GMT"),
        ("no_attributes", "The default path is added to what is sealed.", "sid=abc"),
        ("empty_path", "A Path that does not count.", "sid=abc; Path="),
        ("relative_path", "A Path that does not count either.", "sid=abc; Path=app"),
        ("last_path", "The last Path counts.", "sid=abc; Path=/; Path="),
        ("host_prefix", "A prefix keeps its meaning.", "__Host-sid=abc; Path=/; Secure",
         Policy(names=("__Host-sid",))),
        ("second_piece_left", "A second piece that is not needed any more is deleted.",
         "sid=abc; Path=/; Secure", SID, "/", ("sid",)),
    ):
        yield response(*case)
    for name, path in (("root", "/"), ("one_level", "/page"), ("folder", "/a/b/"), ("empty", ""),
                       ("no_slash", "*"), ("semicolon", "/a;b/c"), ("semicolon_at_end", "/a/b;c")):
        yield response(f"default_path_of_{name}", "The default path.", "sid=abc", path=path)


def ends():
    for case in (
        ("max_age", "The token ends with the cookie.", "sid=abc; Path=/; Max-Age=3600"),
        ("expires", "The same by Expires.", "sid=abc; Path=/; Expires=Sat, 16 Jan 2027 08:00:00 GMT"),
        ("max_age_first", "Max-Age counts before Expires.",
         "sid=abc; Path=/; Max-Age=60; Expires=Sat, 16 Jan 2027 08:00:00 GMT"),
        ("max_age_last", "The last Max-Age counts.", "sid=abc; Path=/; Max-Age=0; Max-Age=60"),
        ("max_age_no_number", "One that is no number does not count.", "sid=abc; Path=/; Max-Age=1h"),
        ("max_age_plus", "Nor does one with a sign.", "sid=abc; Path=/; Max-Age=+60"),
        ("max_age_quoted", "Nor one in quotes.", 'sid=abc; Path=/; Max-Age="60"'),
        ("expires_no_date", "An Expires that is no date does not count.", "sid=abc; Path=/; Expires=soon"),
        ("deletion", "A deletion passes.", "sid=; Path=/; Max-Age=0"),
        ("deletion_negative", "A deletion by a negative number.", "sid=x; Path=/; Max-Age=-1"),
        ("deletion_expires", "A deletion by a date.", "sid=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT"),
        ("deletion_now", "A cookie that ends now.", "sid=x; Path=/; Expires=Fri, 15 Jan 2027 08:00:00 GMT"),
        ("one_second", "A cookie that ends in a second.",
         "sid=x; Path=/; Expires=Fri, 15 Jan 2027 08:00:01 GMT"),
        ("deletion_of_two", "The second piece is deleted too.", "sid=; Path=/; Max-Age=0", SID, "/", ("sid",)),
    ):
        yield response(*case)


def sizes():
    tail = "; Path=/"
    room = cookies.MAX_COOKIE - len(f"sid=1~{tail}")
    fits = next(size for size in range(room, 0, -1) if token_size(size + len(tail)) <= room)
    most = next(size for size in range(2 * room, 0, -1) if token_size(size + len(tail)) <= 2 * room)
    for name, description, size, mode in (
        ("largest_in_one", "The largest value that fits into one cookie.", fits, "enforce"),
        ("smallest_in_two", "The smallest that does not.", fits + 1, "enforce"),
        ("largest_in_two", "The largest that fits into two.", most, "enforce"),
        ("too_large", "One that does not fit.", most + 1, "enforce"),
        ("too_large_migrate", "It passes while plain values do.", most + 1, "migrate"),
    ):
        line = f"sid={'v' * size}{tail}"
        yield response(name, description, line, Policy(names=("sid",), mode=mode))
    yield response("long_attributes_in_two", "Attributes that are longer than the second piece.",
                   "sid=" + "v" * 2000 + "; Path=/; x=" + "y" * 1000)  # fmt: skip
    yield response("largest_attributes", "Attributes that leave room for one byte.",
                   "sid=; x=" + "y" * (cookies.MAX_COOKIE - len("sid=1~; x=") - 1))  # fmt: skip


def renewals():
    for name, description, payload, left in (
        ("max_age", "The time that is left.", "abc; Path=/; Max-Age=3600; Secure", 60),
        ("expires", "A date stays.", "abc; Path=/; Expires=Sat, 16 Jan 2027 08:00:00 GMT", 60),
        ("last_max_age", "Of several, the last.", "abc; Max-Age=1; Max-Age= 3600 ; Path=/", 600),
        ("no_end", "A cookie without an end.", "abc; Path=/app", 0),
        ("empty_value", "An empty value.", "; Path=/", 0),
        ("no_path", "Without a path it cannot be set.", "abc; Secure", 0),
        ("no_attributes", "Nor without attributes.", "abc", 0),
        ("max_age_that_does_not_count", "What is no number stays.", "abc; Path=/; Max-Age=60; Max-Age=x", 5),
    ):
        yield {"name": f"upstream_cookies_renewed_{name}", "description": description,
               "format": "upstream-cookies-renewed", "keyring": {"keys": [jwk(SECRET_A)]},
               **policy_members(SID), "now": NOW, "cookie": "sid", "payload": payload,
               "expires_at": NOW + left if left else 0,
               "renewed": cookies.renewed(payload, left)}  # fmt: skip


def make():
    for chapter in (dates, chosen, values, ends, sizes, renewals):
        yield from chapter()
