# SPDX-License-Identifier: Apache-2.0
"""The stock module runs beside ours: each opens what the other sealed, for every cipher, with one
passphrase and with several; and both open what the stock module sealed long ago."""

import json
from urllib.parse import unquote_to_bytes

import pytest
from apache_server import REPOSITORY, site

CIPHERS = ("aes256", "aes192", "aes128", "3des192")
PASSPHRASES = {
    "one": "secret",
    "three": "first second third",
    "quoted": '"a longer one, of several words" "\\"quoted\\""',
    "utf8": "gr\u00fc\u00dfe-\u4e16\u754c",
    "long": "L" * 1000,
}
SESSIONS = ("k=v", "user=alice&pw=s3cr%c3%a9t", "k=" + "v" * 2500)
VECTORS = REPOSITORY.parent / "shared" / "vectors" / "apache-legacy.jsonl"


def pairs_of(session: str) -> dict:
    """As mod_session reads it: names without regard to case, the last one counts."""
    pairs = {}
    for pair in session.split("&"):
        key, _, value = pair.partition("=")
        if key and value:
            pairs[unquote_to_bytes(key).lower()] = unquote_to_bytes(value)
    return pairs


def locations() -> str:
    """A location for each cipher and list, and one with no cipher line."""
    body = "<Location /default>\nSessionCryptoPassphrase secret\n</Location>\n"
    for cipher in CIPHERS:
        for name, words in PASSPHRASES.items():
            body += f"<Location /{cipher}/{name}>\nSessionCryptoPassphrase {words}\n"
            body += f"SessionCryptoCipher {cipher}\n</Location>\n"
    return site(body)


@pytest.fixture
def pair(apache):
    return {
        crypto: apache.start(locations(), name=crypto, crypto=crypto)
        for crypto in ("stock", "ours")
    }


def test_each_opens_what_the_other_sealed(pair):
    places = ["default", *(f"{cipher}/{name}" for cipher in CIPHERS for name in PASSPHRASES)]
    for place in places:
        for session in SESSIONS:
            for sealer, opener in (("ours", "stock"), ("stock", "ours"), ("ours", "ours")):
                cookie = pair[sealer].get(f"/{place}/session?{session}").cookie()
                assert cookie and not cookie.startswith("s1."), (place, sealer)
                answer = pair[opener].get(f"/{place}/session", cookie)
                assert answer.text == session, (place, sealer, opener)
    assert pair["ours"].refusals() == []


def test_any_passphrase_of_the_list_opens(apache):
    """And the first seals: it alone opens what the list sealed."""
    body = "<Location /list>\nSessionCryptoPassphrase one two\nSessionCryptoPassphrase three\n"
    body += "</Location>\n"
    for word in ("one", "two", "three"):
        body += f"<Location /{word}>\nSessionCryptoPassphrase {word}\n</Location>\n"
    pair = {
        crypto: apache.start(site(body), name=crypto, crypto=crypto)
        for crypto in ("stock", "ours")
    }
    for sealer in pair.values():
        for opener in pair.values():
            for word in ("one", "two", "three"):
                cookie = sealer.get(f"/{word}/session?by={word}").cookie()
                assert opener.get("/list/session", cookie).text == f"by={word}"
            cookie = sealer.get("/list/session?by=list").cookie()
            texts = [opener.get(f"/{word}/session", cookie).text for word in ("one", "two", "three")]
            assert texts == ["by=list", "", ""]


@pytest.mark.skipif(not VECTORS.exists(), reason="the cookies that were recorded are not here")
def test_recorded_cookies_of_the_stock_module(apache):
    cases = [json.loads(line) for line in VECTORS.read_text().splitlines()]
    body = ""
    for number, case in enumerate(cases):
        words = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
                         for word in case["passphrases"])  # fmt: skip
        body += f"<Location /{number}/>\nSessionCryptoPassphrase {words}\n"
        body += f"SessionCryptoCipher {case['cipher']}\n</Location>\n"
    server = apache.start(site(body))
    fitting = [case for case in cases if len(case["cookie_value"]) < 8000]  # a header's bound
    for case in fitting:
        answer = server.get(f"/{cases.index(case)}/session", case["cookie_value"])
        assert pairs_of(answer.text) == pairs_of(case["plaintext"])
    assert len(fitting) > 60 and server.refusals() == []


@pytest.mark.parametrize("header", [
    "session={} ; b=1", "session={}\t; b=1", "session={} \t ;b=1", "a=1; session={} ; b=1", "session={} ",
    "a=1;session={}",
])  # fmt: skip
@pytest.mark.parametrize("crypto", ["stock", "ours"])
def test_white_space_behind_the_value_is_not_part_of_it(apache, crypto, header):
    server = apache.start(site("SessionCryptoPassphrase secret"), crypto=crypto)
    cookie = server.get("/session?user=alice").cookie()
    assert server.get("/session", headers={"Cookie": header.format(cookie)}).text == "user=alice"
