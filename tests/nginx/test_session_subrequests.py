# SPDX-License-Identifier: Apache-2.0
"""Which answers that the client does not get may change its session, and until when."""

import pytest
from sessions import NAME, Browser, application, site
from tokens import s1


@pytest.fixture
def app(listed):
    with application(listed):
        yield listed


def cookie_of(app, text="user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA"):
    return {NAME: s1(app.key, text.encode(), context=NAME.encode())}


HEADER = "session_header X-Replace-Session; session_revocations revocations.list;"


MIRROR = """
location = /m { mirror /copy; proxy_pass http://127.0.0.1:9000/; }
location = /copy { internal; proxy_pass http://127.0.0.1:9000/?X-Replace-Session=$arg_text; }
location = /who { return 200 "[$session_user]"; }
"""


@pytest.mark.parametrize("text", ["user%3Dadmin", ""])
def test_a_copy_of_a_request_changes_nothing(app, text):
    """A mirror answers, and nginx throws its answer away."""
    server = app.start(site(HEADER + MIRROR))
    for cookies in ({}, cookie_of(app)):
        browser = Browser(server, cookies)
        for _ in range(5):
            assert browser.get(f"/m?text={text}").status == 200 and browser.set == {}
        assert browser.get("/who").text == ("[alice]" if cookies else "[]")
    assert "session: ended" not in server.error_log and "session_header" not in server.error_log


PARTS = """root html; ssi on; ssi_types *;
location = /part { proxy_pass http://127.0.0.1:9000; }
location = /who { ssi off; return 200 "[$session_user]"; }
"""
TOO_LATE = "comes after the page's header was sent, so "


@pytest.mark.parametrize("text, what, stays", [
    ("", "the cookie stays with the client", False),
    ("user%3Dbob", "the change is lost", True),
    ("user%3Dalice", None, True),
])  # fmt: skip
def test_a_part_of_a_page_comes_too_late(app, text, what, stays):
    app.write("html/index.html", f'<!--# include virtual="/part?X-Replace-Session={text}" -->')
    server = app.start(site(HEADER + PARTS))
    browser = Browser(server, cookie_of(app))
    assert browser.get("/").status == 200 and browser.set == {}
    lines = [line for line in server.error_log.splitlines() if "[error]" in line]
    if what is None:
        assert lines == []
    else:
        (line,) = lines
        assert TOO_LATE in line and what in line and "X-Replace-Session" in line
    assert browser.get("/who").text == ("[alice]" if stays else "[]"), "an ended session is revoked"
    assert ("session: ended: signed out" in server.error_log) == (not stays)
