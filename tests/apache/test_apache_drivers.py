# SPDX-License-Identifier: Apache-2.0
"""SessionCryptoDriver, and NSS, which a build may leave out (SEALRING_NSS)."""

import re
import subprocess

import pytest
from apache_server import HAS_NSS, MODULE, site, warnings_of

PASSPHRASE = f"SessionCryptoPassphrase {'p' * 40}"
RING = "SessionCryptoKeyring session.keys"
needs_nss = pytest.mark.skipif(not HAS_NSS, reason="the build is without NSS")

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


@pytest.mark.parametrize("driver", ["openssl", pytest.param("nss", marks=needs_nss)])
def test_drivers(ring, driver):
    """The same sessions with each."""
    plain = ring.start(site("SessionCryptoKeyring session.keys"), name="plain")
    stock = ring.start(site("SessionCryptoPassphrase old"), name="stock", crypto="stock")
    body = f"""SessionCryptoDriver {driver}
        SessionCryptoKeyring session.keys
        SessionCryptoPassphrase old"""
    server = ring.start(site(body), mpm="worker")
    cookie = server.get("/session?user=alice").cookie()
    assert plain.get("/session", cookie).text == "user=alice"
    assert server.get("/session", plain.get("/session?user=bob").cookie()).text == "user=bob"
    assert server.get("/session", stock.get("/session?user=eve").cookie()).text == "user=eve"
    assert server.refusals() == []


def test_the_module_needs_nss_only_if_it_was_built_with_it():
    said = subprocess.run(["readelf", "-d", MODULE], capture_output=True, text=True, check=True).stdout
    assert ("[libnss3.so]" in said) == HAS_NSS


def test_nss(apache):
    check = apache.check(site(f"{PASSPHRASE}\nSessionCryptoDriver nss"))
    if HAS_NSS:
        assert check.ok and "error" not in check.output, check
    else:
        assert not check.ok
        assert 'SessionCryptoDriver: sealring was built without the crypto driver "nss"' in check.output


NSS_ERRORS = {
    "nss noinit": ".noinit. says that another part of the server initialises NSS",
    "nss dir=certs": 'NSS cannot open the database in "/.*/certs"',
}


@needs_nss
@pytest.mark.parametrize("driver", NSS_ERRORS)
def test_nss_that_does_not_start(apache, driver):
    check = apache.check(site(f"SessionCryptoDriver {driver}"))
    assert not check.ok
    assert re.search(f"SessionCryptoDriver: {NSS_ERRORS[driver]}.*site:8", check.output), check.output


@needs_nss
@pytest.mark.parametrize("folder", ["certs", "sql:certs", "sql:{}/certs", "{}/certs"])
def test_a_database_of_nss(ring, folder):
    """NSS is told its kind before its folder, as certutil is."""
    (ring.folder / "certs").mkdir()
    subprocess.run(["certutil", "-N", "-d", f"sql:{ring.folder}/certs", "--empty-password"], check=True,
                   capture_output=True)  # fmt: skip
    for file in (ring.folder / "certs").iterdir():
        file.chmod(0o644)  # children open it again
    server = ring.start(site(f"{RING}\nSessionCryptoDriver nss dir={folder.format(ring.folder)}"))
    assert server.get("/session", server.get("/session?user=alice").cookie()).text == "user=alice"


@needs_nss
@pytest.mark.parametrize("kind", ["", "sql:", "dbm:", "extern:"])
def test_a_database_of_nss_that_is_not_there(apache, kind):
    check = apache.check(site(f"{PASSPHRASE}\nSessionCryptoDriver nss dir={kind}certs"))
    assert not check.ok and f'NSS cannot open the database in "{kind}{apache.folder}/certs"' in check.output


@needs_nss
def test_a_driver_s_file_without_a_folder(apache):
    """Debian's stock module has no NSS driver to compare with; its manual has no error for this."""
    check = apache.check(site("SessionCryptoDriver nss key3=key3.db"))
    assert check.ok and '"key3" is ignored: it names a file in the folder of "dir"' in check.output


@needs_nss
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
