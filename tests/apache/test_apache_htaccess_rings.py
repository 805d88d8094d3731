# SPDX-License-Identifier: Apache-2.0
"""Authors of .htaccess files and rings of others: what they can do with mod_session's directives, the
warning of it, and the arrangement in which they cannot."""

import pytest
from apache_server import REPOSITORY, site, warnings_of
from tokens import opened

EXAMPLE = (REPOSITORY / "examples" / "apache" / "htaccess.conf").read_text()
LUA = "    LuaMapHandler session$ /etc/apache2/app.lua\n</VirtualHost>"
ATTACK = """Session On
SessionEnv On
SessionHeader X-Replace-Session
"""
RING = "SessionCryptoKeyring session.keys\n"
OPEN = "<Directory /var/www/html/users>\nAllowOverride {}\n</Directory>\n"


def test_what_an_author_can_do_with_a_ring_of_the_server(ring):
    """Read a session that was sealed elsewhere, and make one that is good elsewhere."""
    ring.write("html/users/.htaccess", ATTACK)
    server = ring.start(site(f"{RING}{OPEN.format('AuthConfig')}"))
    cookie = server.get("/session?user=alice").cookie()
    assert server.get("/users/session", cookie).text == "user=alice"
    forged = server.get("/users/session?user=admin").cookie()
    assert server.get("/session", forged).text == "user=admin"


def test_what_an_author_can_do_with_a_passphrase(ring):
    """Make a session elsewhere with it, and have it sealed by the ring."""
    ring.write("html/users/.htaccess", "SessionCryptoPassphrase known")
    own = ring.start(site("SessionCryptoPassphrase known"), name="own")
    body = f"{RING}<Directory /var/www/html/users>\nAllowOverride None\nAllowOverrideList " \
           "SessionCryptoPassphrase\n</Directory>"  # fmt: skip
    server = ring.start(site(body))
    forged = server.get("/users/session?user=admin", own.get("/session?user=eve").cookie())
    assert forged.text == "user=eve"
    assert server.get("/session", forged.cookie()).text == "user=admin"
    (said,) = warnings_of(server.error_log)
    assert "SessionCryptoPassphrase (AllowOverride AuthConfig, or AllowOverrideList)" in said


def test_the_safe_arrangement(ring):
    (ring.folder / "home/eve/public_html").mkdir(parents=True)
    ring.write("home/eve/public_html/.htaccess", f"{ATTACK}SessionCookieName session path=/\n")
    ring.write("html/members/index.html", "")
    text = EXAMPLE.replace("</VirtualHost>", LUA)
    server = ring.start(text, replace={"/home/": f"{ring.folder}/home/"})
    cookie = server.get("/members/session?user=alice").cookie()
    assert b"user=alice" in opened(cookie, ring.key, context=b"members").payload
    assert "user=alice" in server.get("/members/session", cookie).text
    assert "alice" not in server.get("/~eve/session", cookie).text
    made = server.get("/~eve/session?user=admin").cookie()
    assert made == "user=admin", "the author's own session, in plain text"
    assert "admin" not in server.get("/members/session", made).text
    assert warnings_of(server.error_log) == []


@pytest.mark.parametrize(
    ("body", "is_warned"),
    [
        (f"{RING}{OPEN.format('AuthConfig')}", True),
        (f"{RING}{OPEN.format('All')}", True),
        (f"{RING}{OPEN.format('None')}AllowOverrideList SessionHeader".replace(
            "\n</Directory>\nAllowOverrideList SessionHeader",
            "\nAllowOverrideList SessionHeader\n</Directory>"), True),
        (f"{RING}{OPEN.format('None')}".replace(
            "AllowOverride None", "AllowOverride None\nAllowOverrideList SessionCryptoPassphrase"), True),
        (f"{RING}{OPEN.format('None')}".replace(
            "AllowOverride None", "AllowOverride None\nAllowOverrideList Session SessionCryptoCipher"), False),
        (f"{RING}{OPEN.format('None')}", False),
        (f"{RING}{OPEN.format('Limit Indexes')}", False),
        (f"{RING}{OPEN.format('AuthConfig')}{OPEN.format('None')}", False),
        # A ring for a part of the folders, in each order.
        (f"{OPEN.format('AuthConfig')}<Directory /var/www/html/users/a>\nAllowOverride None\n{RING}"
         "</Directory>", True),
        (f"{OPEN.format('AuthConfig')}<Directory /var/www/html/other>\n{RING}</Directory>", False),
        (f"{OPEN.format('AuthConfig')}<Directory /var/www/html>\n{RING}</Directory>", True),
        (f"{OPEN.format('AuthConfig')}<Location /users/b>\n{RING}</Location>", True),
        (f"{OPEN.format('AuthConfig')}<Location /members>\n{RING}</Location>", False),
        (f"{OPEN.format('AuthConfig')}<LocationMatch /members>\n{RING}</LocationMatch>", True),
        # Switched off where they may override.
        (f"{RING}<Directory /var/www/html/users>\nAllowOverride AuthConfig\nSession Off\n"
         "SessionCryptoKeyring none\n</Directory>", False),
        # No ring: what passphrases there are, such a file may replace as with the stock module.
        ('SessionCryptoPassphrase "a passphrase of many words"\n' + OPEN.format("AuthConfig"), False),
    ],
)  # fmt: skip
def test_the_warning(ring, body, is_warned):
    check = ring.check(site(body))
    assert check.ok, check
    said = [text for text in warnings_of(check.output) if ".htaccess files" in text]
    assert len(said) == is_warned, check.output
    for text in said:
        assert text.startswith("SessionCryptoKeyring: ") and f"{ring.folder}/html/users/" in text
        assert "check.site:" in text
