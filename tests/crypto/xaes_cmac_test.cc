// SPDX-License-Identifier: Apache-2.0
// The key derivation is CMAC in counter mode (NIST SP 800-108r1): Wycheproof's vectors confirm
// OpenSSL's CMAC, and that confirms the derivation.
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto/xaes.h"
#include "support/hex.h"
#include "support/random.h"
#include "support/recording_crypto.h"
#include "support/wycheproof.h"

namespace sealring {
namespace {

// Nothing if the key's size is not one of AES.
std::optional<std::vector<std::uint8_t>> cmac(Bytes key, Bytes message) {
  char cipher[] = "AES-128-CBC";
  switch (key.size()) {
    case 16:
      break;
    case 24:
      std::memcpy(cipher, "AES-192", 7);
      break;
    case 32:
      std::memcpy(cipher, "AES-256", 7);
      break;
    default:
      return std::nullopt;
  }
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0), OSSL_PARAM_END};
  std::vector<std::uint8_t> tag(16);
  std::size_t size = 0;
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(mac);
  EXPECT_TRUE(EVP_MAC_init(context, key.data(), key.size(), parameters) &&
              EVP_MAC_update(context, message.data(), message.size()) &&
              EVP_MAC_final(context, tag.data(), &size, tag.size()));
  EVP_MAC_CTX_free(context);
  EXPECT_EQ(size, tag.size());
  return tag;
}

TEST(XaesCmac, WycheproofProvesTheCmacThatWeCompareWith) {
  const auto file = read_wycheproof("aes_cmac_test.json");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  std::size_t valid = 0;
  for (const auto& group : file->at("testGroups")) {
    for (const auto& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId").dump());
      const auto tag = cmac(hex_member(test, "key"), hex_member(test, "msg"));
      const bool equal = tag && *tag == hex_member(test, "tag");
      EXPECT_EQ(equal, test.at("result") == "valid");
      valid += equal;
    }
  }
  EXPECT_GT(valid, 50U);
}

TEST(XaesCmac, DerivedKeysAreTwoCmacs) {
  Randomness random;
  for (int i = 0; i < 5'000; ++i) {
    const auto key = random.array<xaes::kKeySize>();
    const auto prefix = random.array<xaes::kPrefixSize>();
    std::string expected;
    for (std::uint8_t counter = 1; counter <= 2; ++counter) {
      std::vector<std::uint8_t> message = {0, counter, 'X', 0};
      message.insert(message.end(), prefix.begin(), prefix.end());
      expected += to_hex(cmac(key, message).value());
    }
    RecordingAesGcm gcm;
    xaes::Derivation derivation(tested_driver().aes_256().value());
    ASSERT_TRUE(derivation.set_key(key));
    ASSERT_TRUE(derivation.derive(prefix, gcm));
    ASSERT_EQ(gcm.keys(), std::vector{expected});
  }
}

}  // namespace
}  // namespace sealring
