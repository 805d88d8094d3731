# SPDX-License-Identifier: Apache-2.0
"""Encryption that is off though something was configured for it: nobody is left without a word."""

import pytest
from apache_server import site, warnings_of

OLD = 'SessionCryptoPassphrase "a passphrase of many words"'
# Somewhere else, so that a ring is there.
ELSEWHERE = "<Location /elsewhere>\nSessionCryptoKeyring session.keys\n</Location>\n"
PLAIN = "sessions would be in plain text: neither a SessionCryptoKeyring nor a"

REFUSED = {
    "context": "SessionCryptoContext session",
    "context-of-a-section": "<Location /a>\nSessionCryptoContext session\n</Location>",
    "day": "SessionCryptoLegacyUntil 2099-12-31",
    "ring-none": "SessionCryptoKeyring none",
    "passphrase-none": "SessionCryptoPassphrase none",
    "none-in-a-section": f"{OLD}\n<Location /a>\nSessionCryptoPassphrase none\n</Location>",
    "session-in-a-section":
        "Session Off\nSessionCryptoContext session\n<Location /a>\nSession On\n</Location>",
    "files-in-a-directory":
        "Session Off\n<Directory /var>\n<Files x>\nSessionCryptoContext c\nSession On\n</Files>\n"
        "</Directory>",
    "if": 'Session Off\n<If "true">\nSessionCryptoContext c\nSession On\n</If>',
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_directive_of_ours_without_keys_is_refused(ring, name):
    check = ring.check(site(f"{ELSEWHERE}{REFUSED[name]}"))
    assert not check.ok and PLAIN in check.output and "check.site:" in check.output


@pytest.mark.parametrize(
    "body",
    [
        "Session Off\nSessionCryptoContext session",
        "SessionCryptoContext none",
        f"{OLD}\nSessionCryptoKeyring none",
        "SessionCryptoKeyring session.keys\n<Location /a>\nSession Off\nSessionCryptoKeyring none\n"
        "</Location>",
        "",
    ],
)
def test_what_is_no_mistake(ring, body):
    check = ring.check(site(f"{ELSEWHERE}{body}"))
    assert check.ok and "plain text" not in check.output, check


@pytest.mark.parametrize("line", ["SessionCryptoCipher aes256", "SessionCryptoDriver openssl"])
def test_directives_of_the_original_alone_are_warned_of(apache, line):
    """As with the original, sessions are in clear. A warning names server and file."""
    body = f"""{line}
        Session Off
        <VirtualHost 127.0.0.1:8080>
        ServerName shop.example
        LuaMapHandler session$ /etc/apache2/app.lua
        Session On
        </VirtualHost>
        <VirtualHost 127.0.0.1:8080>
        ServerName other.example
        </VirtualHost>"""
    (warning,) = warnings_of(apache.check(site(body)).output)
    assert warning.startswith(f"{line.split()[0]} ({apache.folder}/check.site:8) encrypts nothing: "
                              f"server shop.example ({apache.folder}/check.site)")  # fmt: skip
    server = apache.start(site(body))
    assert server.get("/session?in=clear").cookie() == "in=clear"
    assert warnings_of(apache.check(site(f"{body}\n<Location /a>\n{OLD}\n</Location>")).output)


def test_sections_that_only_a_request_combines(ring):
    """No session rather than one in plain text, and a line in the log."""
    ring.write("html/d/.htaccess", "Session On\n")
    server = ring.start(site(f"""Session Off
        {ELSEWHERE}
        SessionCryptoContext session
        <Directory /var/www/html>
        AllowOverride AuthConfig
        </Directory>"""))
    answer = server.get("/d/session?user=alice")
    assert (answer.status, answer.cookie()) == (200, None)
    assert "it must not be in plain text" in server.error_log
    assert server.get("/d/session", "user=alice").text == ""


def test_variables_that_httpd_does_not_know(ring):
    """A text that anyone can guess: an error in our directives, a warning for a passphrase."""
    for line in ("SessionCryptoKeyring ${RING}", "SessionCryptoContext site-${SITE_NAME}",
                 "SessionCryptoLegacyUntil ${DAY}"):  # fmt: skip
        check = ring.check(site(f"{ELSEWHERE}{line}"))
        assert not check.ok, line
        assert f'{line.split()[0]}: "{line.split()[1]}" was not replaced' in check.output
    ring.write("words", "a ${SESSION_SECRET}\n")
    for line in (OLD.replace("many", "${MANY}"), "SessionCryptoPassphraseFile words"):
        check = ring.check(site(f"{line}\nSessionCryptoKeyring session.keys"))
        assert check.ok
        warnings = [text for text in warnings_of(check.output) if "was not replaced" in text]
        assert len(warnings) == 1 and warnings[0].endswith("check.site:8"), check.output
    defined = f"Define MANY many\nDefine RING session.keys\n{OLD.replace('many', '${MANY}')}\n"
    check = ring.check(site(f"{defined}SessionCryptoKeyring ${{RING}}"))
    assert check.ok and "was not replaced" not in check.output
    like = 'SessionCryptoPassphrase "money: $ {of} ${} ${a b} and more"'
    assert "was not replaced" not in ring.check(site(like)).output
