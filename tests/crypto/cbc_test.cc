// SPDX-License-Identifier: Apache-2.0
// The block ciphers in CBC mode, with the padding that the old formats add.
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
  std::size_t valid = 0, invalid = 0;
  for (const auto& group : file->at("testGroups")) {
    const CbcCipher cipher = group.at("keySize") == 128   ? CbcCipher::aes_128
                             : group.at("keySize") == 192 ? CbcCipher::aes_192
                                                          : CbcCipher::aes_256;
    const auto cbc = tested_driver().cbc(cipher).value();
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
  EXPECT_GT(valid, 60U);
  EXPECT_GT(invalid, 60U);
}

// NIST's example for TDES in CBC mode, with three keys.
TEST(CbcMode, TripleDes) {
  const auto key = from_hex("0123456789abcdef23456789abcdef01456789abcdef0123");
  const auto iv = from_hex("f69f2445df4f9b17");
  const auto plaintext = from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c");
  const auto cbc = tested_driver().cbc(CbcCipher::triple_des).value();
  ASSERT_TRUE(cbc->set_key(key));
  auto text = plaintext;
  ASSERT_TRUE(cbc->encrypt_in_place(iv, text));
  EXPECT_EQ(to_hex(text), "2079c3d53aa763e193b79e2569ab5262516570481f25b50f");
  std::vector<std::uint8_t> decrypted(text.size());
  ASSERT_TRUE(cbc->decrypt(iv, text, decrypted));
  EXPECT_EQ(decrypted, plaintext);
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

TEST(CbcMode, TheKeyIsTheOneSetLastInBothDirections) {
  Randomness random;
  const auto cbc = tested_driver().cbc(CbcCipher::aes_256).value();
  const auto iv = random.bytes(kBlockSize), plaintext = random.bytes(50);
  const auto one = random.bytes(32), other = random.bytes(32);
  ASSERT_TRUE(cbc->set_key(one));
  const auto by_one = encrypt(*cbc, iv, plaintext);
  ASSERT_TRUE(cbc->set_key(other));
  EXPECT_NE(decrypt(*cbc, iv, by_one), plaintext);
  const auto by_other = encrypt(*cbc, iv, plaintext);
  EXPECT_NE(by_other, by_one);
  EXPECT_EQ(decrypt(*cbc, iv, by_other), plaintext);
  ASSERT_TRUE(cbc->set_key(one));
  EXPECT_EQ(encrypt(*cbc, iv, plaintext), by_one);
  EXPECT_EQ(decrypt(*cbc, iv, by_one), plaintext);
}

TEST(CbcMode, ForgetsItsKey) {
  Randomness random;
  const auto cbc = tested_driver().cbc(CbcCipher::aes_256).value();
  const auto iv = random.bytes(kBlockSize), plaintext = random.bytes(kBlockSize);
  const auto key = random.bytes(32);
  ASSERT_TRUE(cbc->set_key(key));
  auto text = plaintext;
  ASSERT_TRUE(cbc->encrypt_in_place(iv, text));
  cbc->forget();
  std::vector<std::uint8_t> decrypted(text.size());
  EXPECT_TRUE(!cbc->decrypt(iv, text, decrypted) || decrypted != plaintext);
  ASSERT_TRUE(cbc->set_key(key));
  ASSERT_TRUE(cbc->decrypt(iv, text, decrypted));
  EXPECT_EQ(decrypted, plaintext);
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
