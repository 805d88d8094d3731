# SPDX-License-Identifier: Apache-2.0
"""Ciphers and signatures, for script/mutants."""

from mutant import Mutant

OPENSSL = "src/crypto/openssl.cc"
IPSEC_MB = "src/crypto/ipsec_mb.cc"
OPENSSL_SIGNATURES = "src/crypto/openssl_signatures.cc"

CRYPTO_TESTS = ("crypto_test",)

MUTANTS_OF_CRYPTO = (
    Mutant("signature: OpenSSL's verdict ignored", OPENSSL_SIGNATURES,
           "if (verified == 1) return {};", "return {};", CRYPTO_TESTS),
    Mutant("signature: a failure of OpenSSL is a verdict", OPENSSL_SIGNATURES,
           "verified == 0", "verified <= 0", ("crypto_faults_test",)),
    Mutant("provider: what was asked of it is not given back", "src/crypto/openssl_gcm.cc",
           "  OSSL_PROVIDER_unquery_operation(provider, OSSL_OP_CIPHER, algorithms);\n", "",
           ("crypto_faults_test",)),
    Mutant("ipsec-mb: a tag that is not compared", IPSEC_MB,
           "if (equal_in_constant_time(expected, tag)) return {};",
           "if (!tag.empty()) return {};", ("crypto_test",)),
    Mutant("ipsec-mb: forged text is kept", IPSEC_MB,
           "    wipe(text);\n", "", ("crypto_test",)),
    Mutant("ipsec-mb: keys are not wiped", IPSEC_MB,
           "    wipe(key_);\n", "", ("keys_memory_test",)),
    Mutant("ipsec-mb: under OpenSSL's FIPS provider", "src/crypto/default_aead.cc",
           "is_openssls_own\n", "true || is_openssls_own\n", ("crypto_test",)),
    Mutant("ipsec-mb: with a provider", OPENSSL,
           "if (!parameters.empty()) return driver;", "", ("crypto_test",)),
    Mutant("digest: not the provider's", "src/crypto/openssl.cc",
           'if (provider == std::string_view("default")) return', "return",
           ("crypto_default_properties_test",)),
)  # fmt: skip
