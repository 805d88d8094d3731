// SPDX-License-Identifier: Apache-2.0
// AES-256-CBC, with the padding that the old formats put around it.
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "base/pkcs7.h"
#include "support/observed_driver.h"
#include "support/random.h"
#include "support/wycheproof.h"

namespace sealring {
namespace {

constexpr std::size_t kBlockSize = 16;

std::vector<std::uint8_t> encrypt(Cbc& cbc, Bytes iv, Bytes plaintext) {
  std::vector<std::uint8_t> text(pkcs7::padded_size(plaintext.size(), kBlockSize));
  copy(plaintext, text);
  pkcs7::pad(text, plaintext.size());
  EXPECT_TRUE(cbc.encrypt_in_place(iv, text));
  return text;
}

// Nothing if the size or the padding is wrong.
std::optional<std::vector<std::uint8_t>> decrypt(Cbc& cbc, Bytes iv, Bytes ciphertext) {
  std::vector<std::uint8_t> padded(ciphertext.size());
  if (!cbc.decrypt(iv, ciphertext, padded) || padded.empty()) return std::nullopt;
  const std::size_t size = pkcs7::unpadded_size(padded, kBlockSize);
  if (size == padded.size()) return std::nullopt;
  padded.resize(size);
  return padded;
}

TEST(CbcMode, Wycheproof) {
  const auto file = read_wycheproof("aes_cbc_pkcs5_test.json");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  const auto cbc = tested_driver().cbc(CbcCipher::aes_256).value();
  std::size_t valid = 0, invalid = 0;
  for (const auto& group : file->at("testGroups")) {
    if (group.at("keySize") != 256) continue;
    for (const auto& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId").dump());
      const auto iv = hex_member(test, "iv"), ciphertext = hex_member(test, "ct");
      const auto plaintext = hex_member(test, "msg");
      ASSERT_TRUE(cbc->set_key(hex_member(test, "key")));
      const auto opened = decrypt(*cbc, iv, ciphertext);
      if (test.at("result") == "valid") {
        ++valid;
        EXPECT_EQ(encrypt(*cbc, iv, plaintext), ciphertext);
        EXPECT_EQ(opened, plaintext);
      } else {
        ++invalid;
        EXPECT_FALSE(opened);
      }
    }
  }
  EXPECT_GT(valid, 20U);
  EXPECT_GT(invalid, 20U);
}

TEST(CbcMode, NeitherDirectionDisturbsTheOther) {
  Randomness random;
  const auto cbc = tested_driver().cbc(CbcCipher::aes_256).value();
  const auto iv = random.bytes(kBlockSize);
  ASSERT_TRUE(cbc->set_key(random.bytes(32)));
  for (std::size_t size = 0; size < 100; ++size) {
    const auto plaintext = random.bytes(size);
    const auto ciphertext = encrypt(*cbc, iv, plaintext);
    EXPECT_EQ(encrypt(*cbc, iv, plaintext), ciphertext);
    EXPECT_EQ(decrypt(*cbc, iv, ciphertext), plaintext);
    EXPECT_EQ(decrypt(*cbc, iv, ciphertext), plaintext);
  }
}

TEST(CbcMode, RefusesSizesThatDoNotFit) {
  const auto cbc = tested_driver().cbc(CbcCipher::aes_256).value();
  for (std::size_t size = 0; size < 70; ++size) {
    EXPECT_EQ(cbc->set_key(std::vector<std::uint8_t>(size)).has_value(), size == 32) << size;
  }
  std::vector<std::uint8_t> text(32);
  for (const std::size_t size : {0U, 1U, 15U, 17U, 32U}) {
    EXPECT_FALSE(cbc->encrypt_in_place(std::vector<std::uint8_t>(size), text)) << size;
  }
  const std::vector<std::uint8_t> iv(kBlockSize);
  for (std::size_t size = 0; size <= 32; ++size) {
    const MutableBytes part = MutableBytes(text).first(size);
    EXPECT_EQ(cbc->encrypt_in_place(iv, part).has_value(), size % kBlockSize == 0) << size;
    EXPECT_EQ(cbc->decrypt(iv, part, part).has_value(), size % kBlockSize == 0) << size;
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace sealring
