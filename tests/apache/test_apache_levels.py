# SPDX-License-Identifier: Apache-2.0
"""What a section has from around it, what it can switch off, and which level is checked for what."""

import pytest
from apache_server import own, site, warnings_of
from tokens import jwk_set, new_key, opened

OLD = "a passphrase of many words"
OLD_LINE = f'SessionCryptoPassphrase "{OLD}"'
RING = "SessionCryptoKeyring session.keys\nSessionCryptoContext outer"


@pytest.fixture
def old_cookie(ring):
    """Of the stock module with the passphrase."""
    stock = ring.start(site(OLD_LINE), name="stock", crypto="stock")
    cookie = stock.get("/session?user=alice").cookie()
    stock.stop()
    return cookie


def test_a_passphrase_above_the_ring_does_not_open(ring, old_cookie):
    """What it opens is bound to no context. It does where it is repeated, and where the ring is named
    no deeper than it, and a warning says so where it does not."""
    (ring.folder / "session.keys").rename(ring.folder / "inner.keys")
    outer = new_key()
    ring.write_ring(jwk_set(outer))
    body = site(f"""{OLD_LINE}
        <Location /above>
        SessionCryptoKeyring inner.keys
        SessionCryptoContext above
        </Location>
        <Location /repeated>
        SessionCryptoKeyring inner.keys
        {OLD_LINE}
        </Location>
        <Location /none>
        SessionCryptoKeyring inner.keys
        SessionCryptoPassphrase none
        </Location>
        <Location /above/deeper>
        SessionCryptoContext deeper
        </Location>
        <Location /above/unset>
        SessionCryptoKeyring none
        SessionCryptoContext none
        </Location>""")  # fmt: skip
    server = ring.start(body)
    texts = {path: server.get(f"/{path}/session", old_cookie).text
             for path in ("above", "repeated", "none", "above/deeper", "above/unset", "elsewhere")}  # fmt: skip
    assert texts == {"above": "", "repeated": "user=alice", "none": "", "above/deeper": "",
                     "above/unset": "user=alice", "elsewhere": "user=alice"}  # fmt: skip
    about = [text for text in warnings_of(server.error_log) if "outer level" in text]
    assert len(about) == 1
    assert about[0].startswith("SessionCryptoKeyring: ") and "httpd.site:8)" in about[0]
    assert 'SessionCryptoPassphrase none' in about[0] and about[0].endswith("httpd.site:10")


def test_a_passphrase_at_the_level_of_the_ring_opens_in_sections(ring, old_cookie):
    """Also where they have a context of their own: so many sites move."""
    server = ring.start(site(f"""{RING}
        {OLD_LINE}
        SessionCryptoLegacyUntil 2099-12-31
        <Location /a>
        SessionCryptoContext a
        </Location>
        <Location /below>
        SessionCryptoPassphrase "another passphrase of many words"
        </Location>"""))
    assert server.get("/a/session", old_cookie).text == "user=alice"
    assert server.get("/session", old_cookie).text == "user=alice"
    assert server.get("/below/session", old_cookie).text == ""
    new = server.get("/a/session?user=bob").cookie()
    assert own(opened(new, ring.key, context=b"a").payload) == b"user=bob"
    assert warnings_of(server.error_log) == []


def test_the_level_counts_for_virtual_hosts_and_nested_sections(ring, old_cookie):
    ring.write("html/files/session", "")
    server = ring.start(site(f"""{OLD_LINE}
        <VirtualHost 127.0.0.1:8080>
        ServerName one
        LuaMapHandler session$ /etc/apache2/app.lua
        {RING}
        </VirtualHost>
        <VirtualHost 127.0.0.1:8080>
        ServerName two
        DocumentRoot /var/www/html
        LuaMapHandler session$ /etc/apache2/app.lua
        <Directory /var/www/html/files>
        <Files session>
        {RING}
        </Files>
        </Directory>
        </VirtualHost>"""))
    texts = [server.get(path, old_cookie, headers={"Host": host}).text
             for host, path in (("one", "/session"), ("two", "/session"), ("two", "/files/session"))]  # fmt: skip
    assert texts == ["", "user=alice", ""]


def test_none(ring, old_cookie):
    """Each of our directives can be switched off in a section."""
    server = ring.start(site(f"""{RING}
        {OLD_LINE}
        SessionCryptoLegacyUntil 2020-12-31
        <Location /context>
        SessionCryptoContext none
        </Location>
        <Location /until>
        SessionCryptoLegacyUntil none
        </Location>
        <Location /passphrase>
        SessionCryptoPassphrase none
        SessionCryptoLegacyUntil none
        </Location>
        <Location /ring>
        SessionCryptoKeyring none
        SessionCryptoContext none
        SessionCryptoLegacyUntil none
        </Location>"""))
    cookie = server.get("/context/session?user=bob").cookie()
    assert own(opened(cookie, ring.key, context=b"").payload) == b"user=bob"
    texts = {path: server.get(f"/{path}/session", old_cookie).text
             for path in ("context", "until", "passphrase", "ring")}  # fmt: skip
    assert texts == {"context": "", "until": "user=alice", "passphrase": "", "ring": "user=alice"}
    assert not server.get("/ring/session?user=bob").cookie().startswith("s1.")
    assert server.get("/passphrase/session?user=bob").cookie().startswith("s1.")


@pytest.mark.parametrize("lines", [f"none\n{OLD_LINE}", f'none "{OLD}"', f'"{OLD}" none'])
def test_none_beside_passphrases(apache, lines):
    check = apache.check(site(f"SessionCryptoPassphrase {lines}"))
    assert not check.ok and '"none" beside passphrases' in check.output


def test_a_passphrase_that_is_the_word_none(apache):
    """From a file, it is one; as with the stock module."""
    apache.write("words", "none\n")
    for crypto in ("stock", "ours"):
        server = apache.start(site("SessionCryptoPassphraseFile words"), name=crypto, crypto=crypto)
        cookie = server.get("/session?user=alice").cookie()
        assert len(cookie) > 50 and server.get("/session", cookie).text == "user=alice"


HOSTS = """
<VirtualHost 127.0.0.1:8080>
ServerName old
LuaMapHandler session$ /etc/apache2/app.lua
{old}
</VirtualHost>
<VirtualHost 127.0.0.1:8080>
ServerName new
LuaMapHandler session$ /etc/apache2/app.lua
SessionCryptoKeyring session.keys
</VirtualHost>"""


def test_a_context_around_servers_with_and_without_a_ring(ring):
    """It loads: no request is served at the level in between. A server with nothing but the old key
    does not bind its sessions, and a warning says so."""
    body = f"SessionCryptoContext everywhere\nSession On{HOSTS}"
    server = ring.start(site(body.format(old=OLD_LINE)))
    old = server.get("/session?user=alice", headers={"Host": "old"}).cookie()
    assert server.get("/session", old, headers={"Host": "old"}).text == "user=alice"
    new = server.get("/session?user=alice", headers={"Host": "new"}).cookie()
    assert own(opened(new, ring.key, context=b"everywhere").payload) == b"user=alice"
    warnings = warnings_of(server.error_log)
    assert [text for text in warnings if text.startswith("SessionCryptoContext: ")] == [
        "SessionCryptoContext: sessions of a passphrase are not bound to the context, because no "
        "SessionCryptoKeyring is in effect where this line is; add one, or add "
        f'"SessionCryptoContext none" there, for {ring.folder}/httpd.site:8'
    ]
    check = ring.check(site(body.format(old="")))
    assert not check.ok and "sessions would be in plain text" in check.output


def test_the_main_server_is_checked_if_requests_reach_it(ring):
    body = f"SessionCryptoContext everywhere\nSession On{HOSTS.format(old=OLD_LINE)}"
    assert ring.check(site(body)).ok
    check = ring.check(site(f"Listen 127.0.0.1:8081\n{body}"))
    assert not check.ok and "sessions would be in plain text" in check.output
    covered = body.replace("<VirtualHost 127.0.0.1:8080>", "<VirtualHost *>", 1)
    assert ring.check(site(f"Listen 127.0.0.1:8081\n{covered}")).ok
