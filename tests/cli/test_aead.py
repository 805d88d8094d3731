# SPDX-License-Identifier: Apache-2.0
"""Which library encrypts, and what becomes of one that is not as it should be."""

import os
import platform
import subprocess

import pytest

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="Debian has ipsec-mb only there")

# A library whose functions take the key or the text for what they write. Its features say that the
# processor has the instructions.
LIBRARY = """
#include <stdint.h>
#include <string.h>
static struct { uint64_t flags, features, others[6]; void *functions[51]; } manager;
static void expand(const void *key, void *expanded) { memcpy(expanded, key, 32); }
static void crypt(const void *key, void *state, uint8_t *out, const uint8_t *in, uint64_t size,
                  const uint8_t *nonce, const uint8_t *data, uint64_t data_size, uint8_t *tag,
                  uint64_t tag_size) { memset(tag, 0, tag_size); }
void *alloc_mb_mgr(uint64_t flags) { return &manager; }
void free_mb_mgr(void *freed) {}
unsigned imb_get_version(void) { return VERSION; }
int imb_get_errno(void *of) { return ERROR; }
void init_mb_mgr_auto(void *made, int *kind) {
  manager.features = FEATURES;
  manager.functions[26] = crypt;
  manager.functions[29] = crypt;
  manager.functions[50] = expand;
}
"""


@pytest.fixture
def sealed_by(cli, tmp_path):
    """What sealing says, or that it works, with SEALRING_AEAD and with this in the place of ipsec-mb."""
    cli.ring()

    def run(aead, status=0, features=6, error=0, version=0x10300, library=LIBRARY):
        for name in (1, 2):
            path = tmp_path / f"libIPSec_MB.so.{name}"
            if library:
                subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-o", path, "-",
                                f"-DFEATURES={features}", f"-DERROR={error}", f"-DVERSION={version}"],
                               input=library.encode(), check=True, timeout=60)
            else:
                path.write_bytes(b"")
        environment = {**os.environ, "SEALRING_AEAD": aead, "LD_LIBRARY_PATH": str(tmp_path)}
        return cli.run("seal", "--keyring", "session.keys", stdin=b"payload", env=environment,
                       status=status)

    return run


@pytest.mark.parametrize(("wrong", "why"), [
    ({"library": None}, "file too short; Debian has it in the package libipsec-mb1 or libipsec-mb2"),
    ({"library": "int imb_version;"}, "it is none of the versions 1.3 to 2.0"),
    ({"library": "unsigned imb_get_version(void) { return VERSION; }"}, "functions of it are missing"),
    ({"version": 0x10200}, "it is none of the versions 1.3 to 2.0"),
    ({"version": 0x20100}, "it is none of the versions 1.3 to 2.0"),
    ({"features": 4}, "the processor lacks the instructions for AES (AES-NI and PCLMULQDQ)"),
    ({"features": 2}, "the processor lacks the instructions for AES (AES-NI and PCLMULQDQ)"),
    ({"error": 2}, "its test of itself failed"),
    ({}, "it does not compute what OpenSSL does")])
def test_what_is_not_right_is_not_used(sealed_by, cli, wrong, why):
    message = sealed_by("ipsec-mb", status=3, **wrong)
    assert "the environment has SEALRING_AEAD=ipsec-mb, but ipsec-mb cannot be used: " in message
    assert why in message
    token = sealed_by("", **wrong).rstrip(b"\n").decode()
    assert cli.open(token) == b"payload", "OpenSSL sealed it instead"


def test_other_words_are_refused(sealed_by):
    assert "SEALRING_AEAD=gnutls; it may be openssl or ipsec-mb" in sealed_by("gnutls", status=2)
