# SPDX-License-Identifier: Apache-2.0
"""The cases of sessions: the text of fields, and cookies."""

import session

NAME = "__Host-session"
ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=Lax"


def fields_case(name: str, description: str, text: bytes) -> dict:
    head = {"name": f"session_fields_{name}", "description": description,
            "format": "session-fields", "text_hex": text.hex()}
    try:
        fields = session.parse(text)
    except session.Malformed:
        return head | {"expect": "malformed"}
    listed = [{"name_hex": name.hex(), "value_hex": value.hex()} for name, value in fields]
    return head | {"expect": "ok", "fields": listed, "written": session.write(fields)}


def fields():
    many = b"&".join(b"f%d=v" % i for i in range(session.MAX_FIELDS))
    for case in (
        ("one", "A single field.", b"user=alice"),
        ("order", "Fields keep their order.", b"b=2&a=1&c=3"),
        ("empty_text", "No field at all.", b""),
        ("space", "A space is written as a plus sign.", b"name=Alice+M"),
        ("literal_space", "A space that was not encoded is a space.", b"name=Alice M"),
        ("utf8", "Bytes beyond ASCII are percent-encoded in lower case.",
         "name=Müller".encode()),
        ("upper_case_hex", "Hexadecimal digits may be upper case.", b"a=%C3%BC%2B"),
        ("every_byte", "Every byte that a value can have.",
         b"a=" + b"".join(b"%%%02x" % byte for byte in range(1, 256))),
        ("kept_characters", "Characters that are written as they are.", b"A.b*c_d-9=A.b*c_d-9"),
        ("name_encoded", "Names are encoded like values.", b"%61+b%26=1"),
        ("equals_in_value", "Only the first equals sign divides.", b"a=b=c"),
        ("empty_parts", "Empty parts mean nothing.", b"&a=1&&b=2&"),
        ("empty_value", "A field with an empty value is not there.", b"a=1&b=&c=3"),
        ("no_equals", "A name alone is not a field.", b"a=1&b&c=3"),
        ("removed", "An empty value removes an earlier field.", b"a=1&b=2&a="),
        ("set_again_after_removal", "A field that returns is the last one.", b"a=1&b=2&a=&a=3"),
        ("replaced", "A later value replaces an earlier one in its place.", b"a=1&b=2&a=3"),
        ("replaced_in_other_case", "Names are equal whatever their case; the first spelling stays.",
         b"User=a&b=2&uSER=c"),
        ("other_case_beyond_ascii", "Only ASCII letters have a case.", b"%c3%a4=1&%c3%84=2"),
        ("most_fields", "As many fields as there may be.", many),
        ("too_many_fields", "One field too many.", many + b"&x=1"),
        ("removed_before_too_many", "Fields that were removed do not count.", many + b"&f0=&x=1"),
        ("removed_after_too_many", "Not even for a moment.", many + b"&x=1&x="),
        ("percent_at_end", "A percent sign without digits.", b"a=b%"),
        ("percent_and_one_digit", "A percent sign with one digit.", b"a=b%4"),
        ("percent_and_no_hex", "A percent sign with other letters.", b"a=%4g"),
        ("percent_in_name", "The same in a name.", b"a%zz=1"),
        ("percent_across_parts", "Digits do not continue behind an ampersand.", b"a=%4&1=2"),
        ("nul", "An encoded byte 0.", b"a=b%00c"),
        ("raw_nul", "A byte 0.", b"a=b\0c"),
        ("raw_line_feed", "A line feed that was not encoded.", b"a=b\nc"),
        ("raw_delete", "A DEL that was not encoded.", b"a=b\x7fc"),
        ("encoded_line_feed", "A line feed that was encoded.", b"a=b%0ac"),
        ("empty_name", "A value without a name.", b"=1"),
        ("empty_name_and_value", "An equals sign alone.", b"="),
        ("fault_in_later_field", "One wrong field spoils the whole text.", b"a=1&b=%"),
    ):
        yield fields_case(*case)


def written_case(name: str, description: str, size: int, parts: int = 2, max_age: int = 1800) -> dict:
    token = ("s1." + "0123456789abcdef" * (size // 16 + 1))[:size]
    cookies = session.set_cookies(NAME, ATTRIBUTES, parts, token, max_age)
    return {
        "name": f"session_cookie_written_{name}", "description": description,
        "format": "session-cookie-written", "cookie": NAME, "attributes": ATTRIBUTES,
        "parts": parts, "token": token, "max_age": max_age,
        **({"expect": "ok", "set_cookie": cookies} if cookies else {"expect": "too_large"}),
    }


def written():
    tail = len(f"{ATTRIBUTES}; Max-Age=1800")
    whole = session.MAX_COOKIE - len(f"{NAME}=") - tail
    first = whole - 2
    other = whole - 2
    for case in (
        ("one", "A token that fits.", 120),
        ("without_max_age", "A cookie that ends with the browser.", 120, 2, 0),
        ("largest_single", "The largest token of one cookie.", whole),
        ("smallest_divided", "One byte more than one cookie holds.", whole + 1),
        ("largest_of_two", "The largest token of two cookies.", first + other),
        ("too_large_for_two", "One byte more than two cookies hold.", first + other + 1),
        ("smallest_of_three", "The same with three parts.", first + other + 1, 3),
        ("largest_of_nine", "The largest token of all.", first + 8 * other, 9),
        ("too_large_for_nine", "One byte more.", first + 8 * other + 1, 9),
        ("single_only", "Where one part is allowed, nothing is divided.", whole + 1, 1),
        ("shorter_max_age", "A Max-Age of fewer digits leaves more room.", whole + 3, 2, 9),
    ):
        yield written_case(*case)


def read_case(name: str, description: str, header: str, parts: int = 3) -> dict:
    return {
        "name": f"session_cookie_read_{name}", "description": description,
        "format": "session-cookie-read", "cookie": "session", "parts": parts, "header": header,
        "tokens": session.candidates("session", parts, header),
    }


def read():
    for case in (
        ("one", "A token in one cookie.", "session=abc"),
        ("none", "Other cookies only.", "a=1; sessions=2; session-9=3; xsession=4"),
        ("among_others", "Other cookies around it.", "a=1; session=abc; b=2"),
        ("other_case", "Names are compared byte for byte.", "Session=abc; SESSION=def"),
        ("white_space", "Spaces and tabs around a cookie.", " \ta=1 ;\t session=abc\t ; b=2"),
        ("white_space_at_equals", "Spaces and tabs around the equals sign.",
         "session \t=\t abc; session\t=def; session-1=; =session=x; \t = y"),
        ("longer_suffix", "A name that only begins like that of a part.",
         "session=2~ab; session-12=x; session-1x=y; session-1=cd"),
        ("no_space", "No space behind the semicolon.", "a=1;session=abc;b=2"),
        ("equals_in_value", "Only the first equals sign divides.", "session=a=b"),
        ("empty", "An empty value.", "session="),
        ("without_equals", "A name alone is no cookie.", "session; session=abc"),
        ("nameless", "A cookie without a name hides no other.", "=session=abc; session=def"),
        ("comma", "A comma divides nothing.", "a=1, session=abc"),
        ("quotes", "Quotes belong to the value.", 'session="abc"'),
        ("several", "Each cookie of the name is a candidate.", "session=a; session=b; session=c"),
        ("too_many", "The first four count.", "; ".join(f"session={c}" for c in "abcdef")),
        ("two_parts", "A token in two cookies.", "session=2~abc; session-1=def"),
        ("three_parts", "A token in three cookies.", "session=3~ab; session-1=cd; session-2=ef"),
        ("parts_in_other_order", "The order of the parts means nothing.",
         "session-2=ef; session-1=cd; session=3~ab"),
        ("part_missing", "The last part is missing.", "session=3~ab; session-1=cd"),
        ("first_part_missing", "Without the first part there is nothing.", "session-1=cd"),
        ("surplus_part", "A part that the count does not name.",
         "session=2~ab; session-1=cd; session-2=old"),
        ("single_with_old_part", "One cookie and a part of another token.", "session=ab; session-1=old"),
        ("more_parts_than_allowed", "More parts than the session may use.",
         "session=3~ab; session-1=cd; session-2=ef", 2),
        ("count_of_one", "A count of one.", "session=1~ab"),
        ("count_of_zero", "A count of zero.", "session=0~ab"),
        ("count_is_no_digit", "A count that is no digit.", "session=a~b; session-1=c"),
        ("count_alone", "A count and nothing behind it.", "session=2~; session-1=c"),
        ("two_divided", "Parts belong together by their order.",
         "session=2~a; session-1=b; session=2~c; session-1=d"),
        ("single_before_divided", "One without parts does not shift the parts.",
         "session=x; session=2~a; session-1=b"),
        ("divided_before_single", "The other way round.", "session=2~a; session-1=b; session=x"),
        ("second_lacks_part", "The second lacks its part.", "session=2~a; session=2~b; session-1=c"),
    ):
        yield read_case(*case)


def make() -> list[dict]:
    return [*fields(), *written(), *read()]
