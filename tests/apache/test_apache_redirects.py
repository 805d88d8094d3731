# SPDX-License-Identifier: Apache-2.0
"""Internal redirects and subrequests between places that keep their sessions in the same cookie. What a
place of other keys, of another context or list has opened, or has let in in plain text, is no session in
the next one, and leaves the server in no other form."""

import re

import pytest
from apache_server import MODULES, own, site
from form_login import CREDENTIALS, FORM, FORM_MODULES, write_users
from revocation_lists import RevocationList
from tokens import jwk_set, new_key, now, opened, s1

EXTENDED = (*MODULES, "cgid", "include", "rewrite")
PASSPHRASE = 'SessionCryptoPassphrase "a passphrase of many words"'
RING = "SessionCryptoKeyring session.keys\nSessionCryptoContext session"
CART = "SessionCryptoKeyring session.keys\nSessionCryptoContext cart"
OUTSIDE = {
    "in-clear": "",
    "passphrase": PASSPHRASE,
    "another-context": CART,
    "another-ring": "SessionCryptoKeyring other.keys\nSessionCryptoContext session",
}
SECRET = "user=alice&members-pw=secret"
REDIRECTS = {
    "FallbackResource": "FallbackResource /a/session",
    "ErrorDocument": "ErrorDocument 404 /a/session",
    "rewrite": "<Directory /var/www/html>\nRewriteEngine On\nRewriteRule nothere$ /a/session\n"
               "</Directory>",
}  # fmt: skip


@pytest.fixture
def places(ring):
    """The fixture `ring` with another ring, and files where a redirect needs one."""
    ring.write_ring(jwk_set(new_key()), "other.keys")
    ring.write("html/a/session", "")
    ring.write("html/h/session", "")
    return ring


def two_places(redirect="", h="", *, a=RING, more="") -> str:
    return site(f"""SessionMaxAge 1800
        {redirect}
        <Location /a>
        {a}
        </Location>
        <Location /h>
        {h}
        </Location>
        {more}""")


def sealed(key, fields=SECRET, *, context=b"session", lifetime=900) -> str:
    return s1(key, f"{fields}&sid={'A' * 22}&auth_time={now() - 100}".encode(), at=now() - 10,
              lifetime=lifetime, context=context)  # fmt: skip


def fields(answer) -> str:
    """The application's fields that it saw, without mod_session's end."""
    return re.sub(r"&?expiry=\d+", "", answer.text)


@pytest.mark.parametrize("how", REDIRECTS)
@pytest.mark.parametrize("outside", OUTSIDE)
def test_what_another_place_let_in_is_no_session(places, how, outside):
    """That may be anything that a visitor chose: a cart, or plain text."""
    server = places.start(two_places(REDIRECTS[how], OUTSIDE[outside]), modules=EXTENDED)
    cookie = server.get("/h/session?user=admin").cookie()
    assert fields(server.get("/h/session", cookie)) == "user=admin"
    answer = server.get("/h/nothere", cookie)
    assert fields(answer) == ""
    assert answer.cookie() is None, "nothing is sealed, and the cookie stays"
    assert "admin" not in str(answer.headers)
    assert fields(server.get("/h/session", cookie)) == "user=admin"


@pytest.mark.parametrize("how", REDIRECTS)
@pytest.mark.parametrize("outside", OUTSIDE)
def test_a_session_of_the_place_where_the_redirect_ends(places, how, outside):
    """As on a site with one program for all paths: it opens, and is renewed."""
    server = places.start(two_places(REDIRECTS[how], OUTSIDE[outside]), modules=EXTENDED)
    answer = server.get("/h/nothere", sealed(places.key))
    assert fields(answer) == f"{SECRET}"
    renewed = opened(answer.cookie(), places.key, context=b"session")
    assert own(renewed.payload).startswith(SECRET.encode()) and renewed.expires_at > now() + 1700
    assert f"sid={'A' * 22}" in renewed.payload.decode(), "it is the same"


@pytest.mark.parametrize("how", REDIRECTS)
@pytest.mark.parametrize("outside", OUTSIDE)
def test_a_new_session_made_after_a_redirect(places, how, outside):
    redirect = REDIRECTS[how].replace("/a/session", "/a/session?user=bob")
    server = places.start(two_places(redirect, OUTSIDE[outside]), modules=EXTENDED)
    for cookie in (None, "user=admin", sealed(places.key, "user=alice")):
        made = server.get("/h/nothere", cookie).cookie()
        assert b"user=bob" in opened(made, places.key, context=b"session").payload, cookie
        assert fields(server.get("/a/session", made)) == "user=bob"


@pytest.mark.parametrize("inside", [RING, PASSPHRASE], ids=["ring", "passphrase"])
@pytest.mark.parametrize("outside", OUTSIDE)
def test_a_sealed_session_stays_sealed(places, inside, outside):
    """The page for what is missing lies elsewhere."""
    if OUTSIDE[outside] == inside:
        pytest.skip("the same terms")
    server = places.start(two_places("ErrorDocument 404 /h/session", OUTSIDE[outside], a=inside))
    cookie = server.get(f"/a/session?{SECRET}").cookie()
    answer = server.get("/a/missing", cookie)
    assert answer.status == 404 and fields(answer) == ""
    assert answer.cookie() is None
    assert "alice" not in str(answer.headers) and "secret" not in str(answer.headers)
    assert fields(server.get("/a/session", cookie)) == SECRET, "the visitor is still signed in"


@pytest.mark.parametrize("crypto", ["stock", "ours"])
def test_the_original_takes_a_session_along(apache, crypto):
    """In both directions."""
    server = apache.start(two_places("ErrorDocument 404 /h/session", a=PASSPHRASE), crypto=crypto)
    answer = server.get("/a/missing", server.get(f"/a/session?{SECRET}").cookie())
    assert (SECRET in str(answer.headers)) == (crypto == "stock")
    server = apache.start(two_places("ErrorDocument 404 /a/session", a=PASSPHRASE), crypto=crypto, name="in")
    answer = server.get("/h/nothere", "user=admin")
    assert (fields(answer), bool(answer.cookie())) == (("user=admin", True) if crypto == "stock" else ("", False))


@pytest.mark.parametrize("line", [
    "SessionCryptoLifetime 50s", "SessionCryptoRevocations revocations.list", "SessionCryptoSubject who",
])  # fmt: skip
def test_other_terms_with_the_same_keys_count(places, line):
    """The ends and the list of the place where a redirect ends, as if it had been asked itself."""
    listed = RevocationList(places.folder / "revocations.list")
    listed.revoke("user", "alice")
    server = places.start(two_places("ErrorDocument 404 /a/session", RING, a=f"{RING}\n{line}"))
    cookie = sealed(places.key)
    assert fields(server.get("/h/session", cookie)) == SECRET
    asked = server.get("/a/session", cookie)
    answer = server.get("/h/nothere", cookie)
    assert fields(answer) == fields(asked)
    assert (answer.cookie() or "")[:3] == (asked.cookie() or "")[:3]
    assert (fields(asked) == SECRET) == ("Subject" in line)


def test_a_stale_list(places):
    listed = RevocationList(places.folder / "revocations.list", max_staleness=30)
    listed.confirmed(now() - 100)
    lines = f"{RING}\nSessionCryptoRevocations revocations.list"
    server = places.start(two_places("ErrorDocument 404 /a/session", lines, a=f"{lines} stale=refuse"))
    cookie = sealed(places.key)
    assert fields(server.get("/h/session", cookie)) == SECRET
    assert fields(server.get("/h/nothere", cookie)) == ""


@pytest.mark.parametrize("how", REDIRECTS)
def test_a_redirect_on_the_same_terms(places, how):
    """Of one session, whatever the places are called."""
    server = places.start(two_places(REDIRECTS[how], RING), modules=EXTENDED)
    answer = server.get("/h/nothere", sealed(places.key))
    assert fields(answer) == SECRET
    assert f"sid={'A' * 22}" in opened(answer.cookie(), places.key, context=b"session").payload.decode()
    assert fields(server.get("/h/nothere", "user=admin")) == ""
    assert "session refused: malformed" in server.error_log


PAGES = """<Directory /var/www/html>
    Options +Includes
    SetOutputFilter INCLUDES
    </Directory>"""
PAGE = 'The page has <!--#echo encoding="none" var="HTTP_SESSION" -->; its part has <!--#include virtual="/h/session" -->'


@pytest.mark.parametrize("outside", OUTSIDE)
def test_a_part_of_a_page(places, outside):
    """A subrequest has a session of its own, and the page keeps the one that it has."""
    places.write("html/a/page", PAGE)
    server = places.start(two_places("", OUTSIDE[outside], more=PAGES), modules=EXTENDED)
    answer = server.get("/a/page", sealed(places.key))
    page, part = answer.text.split("; its part has")
    assert "members-pw=secret" in page
    assert re.fullmatch(r" (expiry=\d+)?", part)
    assert own(opened(answer.cookie(), places.key, context=b"session").payload).startswith(SECRET.encode())


def test_a_sign_in_on_a_page_with_a_part(places):
    """mod_auth_form signs in before the page has its part, in which the sign-in is not known."""
    write_users(places)
    places.write("html/a/page", PAGE)
    server = places.start(two_places("", CART, more=f"""{PAGES}
        <Location /a>
        AuthType form
        AuthName members
        AuthFormProvider file
        AuthUserFile users
        Require valid-user
        </Location>"""), modules=(*EXTENDED, *FORM_MODULES))  # fmt: skip
    answer = server.get("/a/page", method="POST", body=CREDENTIALS, headers=FORM)
    page, part = answer.text.split("; its part has")
    assert "members-user=alice" in page and re.fullmatch(r" (expiry=\d+)?", part)
    assert b"members-user=alice" in opened(answer.cookie(), places.key, context=b"session").payload
    assert "session: what the application changed before the request went on to /h/session" in server.error_log
    assert server.get("/a/page", answer.cookie()).status == 200


SHOW = """#!/bin/sh
echo "Content-Type: text/plain"
echo
env | sed -n "s/^HTTP_SESSION=//p"
"""


@pytest.mark.parametrize("how", REDIRECTS)
def test_a_cgi_program(places, how):
    """In whose environment a variable may be twice."""
    places.write("html/a/session", SHOW, 0o755)
    server = places.start(two_places(f"{REDIRECTS[how]}\nScriptSock cgisock", more="""<Location /a>
        SetHandler cgi-script
        Options +ExecCGI
        </Location>""").replace("LuaMapHandler", "#"), modules=EXTENDED)  # fmt: skip
    assert SECRET in server.get("/a/session", sealed(places.key)).text
    answer = server.get("/h/nothere", "user=admin")
    assert re.fullmatch(r"(expiry=\d+)?\n", answer.text), answer.text


@pytest.mark.parametrize("how", ["ErrorDocument", "twice", "part"])
@pytest.mark.parametrize("h", ["Session Off", "SessionEnv Off", CART])
def test_the_environment_of_another_place(places, how, h):
    """httpd hands that on too, with REDIRECT_ before each name."""
    places.write("html/h/session", SHOW.replace("s/^HTTP_SESSION=//p", "s/^[A-Z_]*HTTP_SESSION=//p"), 0o755)
    places.write("html/a/page.shtml", '<!--#include virtual="/h/session" -->')
    redirect = {"ErrorDocument": "ErrorDocument 404 /h/session", "part": "",
                "twice": REDIRECTS["rewrite"].replace("/a/session", "/h/none")
                         + "\nErrorDocument 404 /h/session"}[how]  # fmt: skip
    server = places.start(two_places(f"{redirect}\nScriptSock cgisock", h, more="""<Location /h/session>
        SetHandler cgi-script
        Options +ExecCGI
        </Location>
        <Location /a/page.shtml>
        SetHandler default-handler
        SetOutputFilter INCLUDES
        Options +Includes
        </Location>""").replace("LuaMapHandler", "#"), modules=EXTENDED)  # fmt: skip
    answer = server.get("/a/page.shtml" if how == "part" else "/a/nothere", sealed(places.key))
    assert answer.status == (200 if how == "part" else 404), answer.text
    assert "secret" not in answer.text and "alice" not in answer.text
