# SPDX-License-Identifier: Apache-2.0
"""Numbers of log lines that watchers of the stock module look for: docs/apache-messages.md lists those that
stay, and each is where it says the same."""

import re
import subprocess

import pytest
from apache_server import REPOSITORY, site, warnings_of
from ring import Key
from tokens import jwk_set, new_key

RING = "SessionCryptoKeyring session.keys"
# Another module of a server that has NSS, too.
OTHER = """
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <nss.h>
static int start(apr_pool_t *a, apr_pool_t *b, apr_pool_t *c, server_rec *s) {
  if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) return OK;
  PRUint32 flags = NSS_INIT_READONLY | NSS_INIT_NOCERTDB | NSS_INIT_NOMODDB | NSS_INIT_FORCEOPEN;
  return NSS_InitContext("", "", "", "", NULL, flags) ? OK : HTTP_INTERNAL_SERVER_ERROR;
}
static void hooks(apr_pool_t *pool) { ap_hook_post_config(start, NULL, NULL, APR_HOOK_FIRST); }
AP_DECLARE_MODULE(other) = {STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, hooks};
"""


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
                         ("SessionCryptoDriver nss dir=/nowhere", "AH01848")]:  # fmt: skip
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


@pytest.mark.parametrize("parameter", ["", " noinit"])
def test_nss_of_another_module(ring, parameter):
    source = ring.write("other.c", OTHER)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "nss", "apr-1"], check=True,
                           capture_output=True, text=True).stdout.split()  # fmt: skip
    subprocess.run(["cc", "-shared", "-fPIC", "-I/usr/include/apache2", source, "-o",
                    ring.folder / "other.so", *flags], check=True)  # fmt: skip
    # In configtest no module has started NSS yet, which noinit asks for: so it is given later.
    body = f"LoadModule other_module {ring.folder}/other.so\n{RING}\nSessionCryptoDriver nss{parameter}"
    if parameter:
        check = ring.check(site(body))
        assert not check.ok and "another part of the server initialises NSS" in check.output
        return
    server = ring.start(site(body))
    assert server.get("/session", server.get("/session?user=alice").cookie()).text == "user=alice"
    (said,) = [text for text in warnings_of(server.error_log) if "AH01844" in text]
    assert "crypto for 'nss' was already initialised" in said


def test_the_document_lists_them():
    document = (REPOSITORY / "docs" / "apache-messages.md").read_text()
    sources = "".join(path.read_text() for path in (REPOSITORY / "apache").glob("*.cc"))
    used = set(re.findall(r"APLOGNO\(\s*(\d+)\)", sources))
    assert used == set(re.findall(r"\| `AH(\d+)` \|", document))
