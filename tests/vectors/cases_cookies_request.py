# SPDX-License-Identifier: Apache-2.0
"""The cases of sealed cookies: requests."""

import json
from dataclasses import replace

import apache_legacy
import cookies
import ring
from case import HOUR, NOW, SECRET_A, SECRET_B, SECRET_C, apache_jwk, apache_key, flip, jwk, key, nonce_for
from cases_cookies import SID, policy_members
from cookies import Policy
from reference import PREFIX, s1_seal, s1_text
from ring import from_base64url

MIGRATE = replace(SID, mode="migrate")
REPORT = replace(SID, mode="report")
ALL = Policy(all=True)
HTTP_ONLY = Policy(http_only=True)


class Tokens:
    def __init__(self):
        self.count = 0

    def __call__(self, name="sid", value="abc", attributes="; Path=/", *, age=60, lifetime=0,
                 policy=SID, secret=SECRET_A, payload=None) -> str:  # fmt: skip
        self.count += 1
        payload = (value + attributes if payload is None else payload).encode("latin-1")
        nonce = nonce_for(f"upstream_cookies {self.count}")
        return s1_seal(key(secret), nonce, NOW - age, lifetime, cookies.context_of(policy, name),
                       payload).decode()  # fmt: skip

    def cookie(self, name="sid", value="abc", **options) -> str:
        return f"{name}=1~{self(name, value, **options)}"

    def in_two(self, name="sid", value="abc", at=40, **options) -> tuple[str, str]:
        text = self(name, value, **options)
        return f"{name}=2~{text[:at]}", f"{name}~1={text[at:]}"


def request(name, description, headers, policy=SID, jwks=None):
    headers = [headers] if isinstance(headers, str) else list(headers)
    keyring = {"keys": jwks or [jwk(SECRET_A)]}
    passed = cookies.Request(ring.parse(json.dumps(keyring)), policy, NOW, headers).passed
    forged = [cut for cut in passed.cut if cut[1] in ("malformed", "authentication_failed")]
    first = (forged or passed.cut or [None])[0]
    return {
        "name": f"upstream_cookies_request_{name}", "description": description,
        "format": "upstream-cookies-request", "keyring": keyring, **policy_members(policy),
        "now": NOW, "headers": headers, "passed": passed.headers, "opened": passed.opened,
        "plain": passed.plain, "due": passed.due, "cut": len(passed.cut), "forged": bool(forged),
        **({"first": dict(zip(("name", "reason", "kid"), first))} if first else {}),
    }  # fmt: skip


def opening(token: Tokens):
    cookie = token.cookie
    two = token.in_two(value="two")
    yield request("one", "A sealed cookie.", cookie())
    yield request("among_others", "Everything else stays byte for byte.", f' a=1;{cookie()} ;b="x y"; ; c')
    yield request("spaces_around_value", "Spaces around a value do not belong to it.",
                  cookie().replace("=", " = ") + "\t; a=1")  # fmt: skip
    for name, value in (("empty", ""), ("quoted", '"a b"'), ("equals", "a=b=="), ("not_ascii", "ä\xa0\x80"),
                        ("like_sealed", "1~s1.abc")):
        yield request(f"value_{name}", "A value that comes back as it was.", cookie(value=value))
    yield request("two_names", "Two cookies.", f"{cookie()}; {cookie('id', 'x')}", Policy(names=("sid", "id")))
    yield request("duplicates", "Two cookies of one name keep their order.",
                  f"{cookie(value='first')}; {cookie(value='second')}")  # fmt: skip
    yield request("two_headers", "Several headers.", [f"a=1; {cookie()}", f"{cookie(value='x')}; b=2"])
    yield request("nothing_to_do", "A request without any such cookie.", "a=1; b=2;")
    yield request("no_header", "A request without cookies.", [])
    yield request("empty_header", "An empty header.", "")
    yield request("in_two", "A cookie in two pieces.", "; ".join(two))
    yield request("in_two_other_order", "The pieces in another order, and in two headers.", [two[1], two[0]])
    second = token.in_two(value="other", at=50)
    yield request("two_in_two", "Two such cookies of one name.", "; ".join([*two, *second]))
    yield request("mixed_pieces", "Pieces of two cookies.", f"{two[0]}; {second[1]}")
    yield request("second_piece_missing", "A piece that is missing.", two[0])
    yield request("second_of_two_missing", "The second cookie lacks its piece.",
                  f"{two[0]}; {second[0]}; {two[1]}")  # fmt: skip
    yield request("second_piece_alone", "A second piece alone is a cookie of another name.", f"a=1; {two[1]}")
    yield request("second_piece_alone_all", "With all it is cut out.", f"a=1; {two[1]}", ALL)
    yield request("http_only", "With httponly, what looks sealed is opened.",
                  f"{cookie('a', policy=HTTP_ONLY)}; b=1", HTTP_ONLY)  # fmt: skip
    yield request("http_only_in_two", "Also in two pieces.", "; ".join(token.in_two("a")), HTTP_ONLY)
    yield request("http_only_altered", "And cut out if it does not open.",
                  f"b=1; {cookie('a', policy=HTTP_ONLY)}A", HTTP_ONLY)  # fmt: skip
    yield request("all", "With all, every cookie is opened.", cookie("a"), ALL)
    yield request("all_plain", "And every other one cut out.", f"a=1; {cookie('b')}; c", ALL)
    yield request("own_session", "The server's own session is nothing to open.",
                  f"s=x; s-1=y; s-bound=z; {cookie()}", replace(ALL, sessions=("s",)))  # fmt: skip
    own = replace(SID, sessions=("s",))
    yield request("name_in_own_session", "The server's own session is no way in for a forged value.",
                  "a=1; s=x sid=admin", own)
    two_sessions = replace(ALL, sessions=("s", "t"))
    yield request("own_sessions", "All sessions of the server, also of its other locations.",
                  "s=2~s1.x; s-1=y; t=z; t-bound=z; u=z", two_sessions)  # fmt: skip
    yield request("name_in_own_session_with_all", "With all, every name is one that is chosen.",
                  "s=x sid=admin; t=x,sid=admin; s=x s=y; t-1=x", two_sessions)  # fmt: skip
    yield request("own_session_http_only", "With httponly it is not opened either.",
                  cookie("s", policy=HTTP_ONLY), replace(HTTP_ONLY, sessions=("s",)))  # fmt: skip
    most = [cookie(value=str(i)) for i in range(33)]
    yield request("most", "As many as are opened.", "; ".join(most[:32]))
    yield request("too_many", "One more is cut out.", "; ".join(most))


def refusals(token: Tokens):
    cookie = token.cookie
    body = from_base64url(token()[len(PREFIX) :])
    altered = s1_text(flip(body, 8 * len(body) - 1)).decode()
    yield request("altered", "A token with one bit flipped.", f"a=1; sid=1~{altered}; b=2")
    yield request("truncated", "A token that was cut off.", f"{cookie()[:-2]}; b=2")
    yield request("other_context", "A token of another application.",
                  cookie(policy=Policy(context="blog")))  # fmt: skip
    yield request("moved_between_names", "A value of one cookie in another.",
                  f"sid=1~{token('id')}; {cookie('id')}", Policy(names=("sid", "id")))  # fmt: skip
    yield request("expired", "A token that has expired.", cookie(age=HOUR, lifetime=HOUR))
    yield request("last_second", "One that has not yet.", cookie(age=HOUR, lifetime=HOUR + 1))
    yield request("not_yet_valid", "A token from the future.", cookie(age=-61))
    yield request("unknown_key", "A token of another ring.", cookie(secret=SECRET_C))
    yield request("first_forged", "A forged one is described before an expired one.",
                  f"{cookie(age=HOUR, lifetime=HOUR)}; sid=plain")  # fmt: skip
    yield request("marker_missing", "A token without its mark.", f"sid={token()}")
    yield request("marker_three", "A mark that there is not.", f"sid=3~{token()}")
    yield request("piece_as_whole", "A first piece with the mark of a whole token.",
                  token.in_two()[0].replace("2~", "1~"))  # fmt: skip
    # With this salt it begins as a JWE does.
    old = apache_legacy.seal(apache_key(), (3466).to_bytes(16, "big"), bytes(16), b"abc; Path=/").decode()
    yield request("old_format", "A token of an old format opens, but is bound to no context.",
                  f"sid=1~{old}", jwks=[jwk(SECRET_A), apache_jwk()])  # fmt: skip
    for name, policy in (("report", REPORT), ("migrate", MIGRATE),
                         ("migrate_until", replace(MIGRATE, accept_plain_until=NOW + 1)),
                         ("migrate_over", replace(MIGRATE, accept_plain_until=NOW))):
        yield request(f"plain_in_{name}", "A plain value.", "a=1; sid=abc; my sid=x", policy)
        yield request(f"sealed_in_{name}", "A sealed value.", cookie(), policy)
        yield request(f"altered_in_{name}", "An altered one.", f"a=1; sid=1~{altered}", policy)
        yield request(f"in_two_in_{name}", "In two pieces.", "; ".join(token.in_two()), policy)
        yield request(f"like_second_piece_in_{name}", "What is named like a second piece.",
                      "sid=abc; sid~1=def", policy)  # fmt: skip


def forgeries():
    """What an attacker sends for an application that reads names in its own way."""
    underscored = Policy(names=("my_sid",))
    pattern = Policy(patterns=("^wp_",))
    for name, description, header, policy in (
        ("plain_forgery", "A plain value.", "sid=admin", SID),
        ("plain_beside_sealed", "A plain value beside a sealed one.", "sid=admin; {sid}", SID),
        ("plain_after_sealed", "And behind it.", "{sid}; sid=admin", SID),
        ("name_with_blanks", "A name with blanks around it.", "a=1; sid =admin;\tsid\t=admin", SID),
        ("name_with_control_characters", "With white space that Python strips.",
         "\x0bsid=admin; sid\x1c=admin; \x85sid=admin; sid\xa0=admin", SID),
        ("name_with_unicode_space", "With white space that JavaScript strips.",
         "\xe2\x80\x83sid=admin; \xef\xbb\xbfsid=admin", SID),
        ("name_in_quotes", "A name in quotes.", '"sid"=admin', SID),
        ("name_in_other_case", "A name in another case.", "SID=admin; Sid=admin", SID),
        ("name_percent_encoded", "A name that is decoded.", "s%69d=admin; %73%69%64=admin", SID),
        ("host_prefix_percent_encoded", "A prefix that is decoded.", "__%48ost-sid=admin",
         Policy(names=("__Host-sid",))),
        ("name_with_dot", "PHP reads a dot as an underscore.", "my.sid=admin", underscored),
        ("name_with_space", "PHP reads a space as an underscore.", "my sid=admin", underscored),
        ("name_with_plus", "A plus sign is a space.", "my+sid=admin", underscored),
        ("name_with_bracket", "PHP reads a single bracket as an underscore.", "my[sid=admin", underscored),
        ("name_of_array", "PHP's arrays.", "sid[]=admin; sid[user]=admin", SID),
        ("name_of_encoded_array", "The same, encoded.", "sid%5B%5D=admin", SID),
        ("name_of_long_array", "The same with a key of any length.", f"sid[{'a' * 300}]=admin", SID),
        ("name_of_longer_array", "Also one that no browser sends.", f"sid[{'a' * 5000}]=admin", SID),
        ("long_name_percent_encoded", "A name that is too long only as long as it is not decoded.",
         "".join(f"%{ord(c):02x}" for c in "n" * 200) + "=admin", Policy(names=("n" * 200,))),
        ("name_with_nul", "Old PHP ends a name at a NUL that was encoded.",
         "sid%00x=admin; s%69d%00=admin", SID),
        ("name_with_bracket_and_nul", "A single bracket before it.", "my[sid%00x=admin", underscored),
        ("name_of_array_and_nul", "An array behind it is none.", "my%00[sid=admin; sid[%00]=admin",
         Policy(names=("my", "sid"))),
        ("pattern_and_nul", "A pattern, and old PHP.", "wp%00x=admin", Policy(patterns=("^wp$",))),
        ("pattern_and_array", "A pattern, and PHP's array.", f"wp[{'a' * 300}]=admin",
         Policy(patterns=("^wp$",))),
        ("pattern_with_long_name", "A long name is read in the same way.", f"wp.{'a' * 300}=admin", pattern),
        ("pattern_with_longest_form", "The longest form that is compared.",
         f"wq.{'a' * 4093}=1", pattern),
        ("pattern_with_too_long_form", "A longer one matches.", f"wq.{'a' * 4094}=admin", pattern),
        ("long_name_as_it_is", "Only a name that is read in another way.", f"{'a' * 5000}=1", pattern),
        ("long_name_without_patterns", "And only a pattern.", f"wq.{'a' * 5000}=1", SID),
        ("pattern_with_dot", "A pattern, and PHP.", "wp.logged_in=admin", pattern),
        ("after_comma", "Old servers divide at commas.", "a=1, sid=admin", SID),
        ("after_comma_alone", "Also without a space.", "a=1,sid=admin", SID),
        ("after_space", "Python's SimpleCookie divides at spaces.", "a=1 sid=admin", SID),
        ("after_control_character", "And at other white space.", "a=1\x0bsid=admin", SID),
        ("in_quotes", "Within quotes.", 'a="x; sid=admin; y"', SID),
        ("after_equals", "Behind the first equals sign.", "a=sid=admin", SID),
        ("nameless_with_equals", "A cookie without a name, whose value is a pair.", "=sid=admin", SID),
        ("nameless_twice", "With two equals signs.", "==sid=admin", SID),
        ("no_value", "A name alone.", "a=1; sid; b=2", SID),
        ("no_value_with_blanks", "With something around it.", "a=1; \x0bsid\x85; b=2", SID),
        ("name_in_text", "A name within a text without an equals sign is nothing.", "a=1; x sid; b=2", SID),
        ("nameless_harmless", "A cookie without a name that has nothing to do with it.", "abc; =abc", SID),
        ("nameless_with_all", "With all it is cut out.", "a; =b;;", ALL),
        ("longer_names", "Names that are only similar.", "sid2=1; xsid=2; sid-1=3; x=sid", SID),
        ("name_in_value", "A value that ends with the name.", "a=1 sid", SID),
    ):
        yield name, description, header, policy


def make():
    token = Tokens()
    yield from opening(token)
    yield from refusals(token)
    for name, description, header, policy in forgeries():
        yield request(name, description, header.replace("{sid}", token.cookie()), policy)
    yield request("most_names", "As many names as are looked for.", "&".join(["a="] * 1024) + "; b=1")
    yield request("too_many_names", "Pairs after that are cut out.", "&".join(["a="] * 1024) + "; b=1; c=2; sid")
    other = Policy(names=("sid",))
    due = Tokens()
    due.count = 1000
    rotated = [jwk(SECRET_A), jwk(SECRET_B, seal_from=NOW)]
    yield request("due", "A token of a key that does not seal any more.", due.cookie(), other, rotated)
    yield request("not_due_yet", "A key that does not seal yet.", due.cookie(), other,
                  [jwk(SECRET_A), jwk(SECRET_B, seal_from=NOW + 1)])  # fmt: skip
    yield request("due_in_report", "Report renews nothing.", due.cookie(), REPORT, rotated)
