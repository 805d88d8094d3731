# SPDX-License-Identifier: Apache-2.0
"""Numbers of log lines that watchers of the stock module look for: docs/apache-messages.md lists those that
stay, and each is where it says the same."""

import re

import pytest
from apache_server import REPOSITORY, site
from ring import Key
from tokens import jwk_set, new_key

RING = "SessionCryptoKeyring session.keys"
@pytest.mark.parametrize("crypto", ["stock", "ours"])
def test_numbers_that_both_have(ring, crypto):
    body = site("SessionCryptoPassphrase secret\nSessionCryptoDriver openssl")
    server = ring.start(body, crypto=crypto)
    assert "AH01849: The crypto library 'openssl' was loaded successfully" in server.error_log
    server.get("/session", "A" * 100)
    assert "AH01842: " in server.error_log


def test_numbers_of_what_ours_refuses(ring):
    for line, number in [("SessionCryptoCipher rot13", "AH01824"),
                         ("SessionCryptoDriver rot13", "AH01846"),
                         ("SessionCryptoDriver openssl provider=none", "AH01848")]:  # fmt: skip
        check = ring.check(site(line))
        assert not check.ok and f"{number}: {line.split()[0]}: " in check.output, check.output
    ring.write_ring(jwk_set(new_key(open_only=True)))
    server = ring.start(site(RING))
    server.get("/session?user=alice")
    assert "AH01841: cannot seal the session: no key of" in server.error_log


def test_what_is_wrong_with_a_context(ring):
    ring.write_ring(jwk_set(Key("A256GCM", bytes(32), "k")))
    server = ring.start(site(f'{RING}\nSessionCryptoContext "a\x01b"'))
    server.get("/session?user=alice")
    assert "AH01841: cannot seal the session: the context is not UTF-8 text, or has a control " in (
        server.error_log)  # fmt: skip


def test_the_document_lists_them():
    document = (REPOSITORY / "docs" / "apache-messages.md").read_text()
    sources = "".join(path.read_text() for path in (REPOSITORY / "apache").glob("*.cc"))
    used = set(re.findall(r"APLOGNO\(\s*(\d+)\)", sources))
    assert used == set(re.findall(r"\| `AH(\d+)` \|", document))
