// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM.
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "support/observed_driver.h"
#include "support/random.h"
#include "support/wycheproof.h"

namespace sealring {
namespace {

constexpr std::size_t kTagSize = AesGcm::kTagSize;

class Gcm : public ::testing::Test {
 protected:
  void set_key(Bytes key) { ASSERT_TRUE(gcm_->set_key(key.first<AesGcm::kKeySize>())); }

  // Ciphertext and tag together.
  std::vector<std::uint8_t> encrypt(Bytes nonce, Bytes associated_data, Bytes plaintext) {
    std::vector<std::uint8_t> out(plaintext.begin(), plaintext.end());
    out.resize(out.size() + kTagSize);
    EXPECT_TRUE(gcm_->encrypt_in_place(nonce.first<12>(), associated_data,
                                       MutableBytes(out).first(plaintext.size()),
                                       MutableBytes(out).last<kTagSize>()));
    return out;
  }

  Result<std::vector<std::uint8_t>> decrypt(Bytes nonce, Bytes associated_data, Bytes sealed) {
    std::vector<std::uint8_t> text(sealed.begin(), sealed.end() - kTagSize);
    const auto opened =
        gcm_->decrypt_in_place(nonce.first<12>(), associated_data, text, sealed.last<kTagSize>());
    if (!opened) return std::unexpected(opened.error());
    return text;
  }

  std::unique_ptr<AesGcm> gcm_ = tested_driver().aes_256_gcm().value();
  Randomness random_;
};

// The tag of nothing at all: test case 13 of the GCM specification (McGrew and Viega).
TEST_F(Gcm, AuthenticatesNothing) {
  const std::array<std::uint8_t, AesGcm::kKeySize> key{};
  const std::array<std::uint8_t, AesGcm::kNonceSize> nonce{};
  const std::vector<std::uint8_t> expected = from_hex("530f8afbc74536b9a963b4f1c4cb738b");
  set_key(key);
  std::array<std::uint8_t, kTagSize> tag{};
  ASSERT_TRUE(gcm_->encrypt_in_place(nonce, {}, {}, tag));
  EXPECT_TRUE(std::ranges::equal(tag, expected));
  EXPECT_TRUE(gcm_->decrypt_in_place(nonce, {}, {}, tag));
}

TEST_F(Gcm, Wycheproof) {
  const auto file = read_wycheproof("aes_gcm_test.json");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  std::size_t valid = 0, invalid = 0;
  for (const auto& group : file->at("testGroups")) {
    if (group.at("keySize") != 256 || group.at("ivSize") != 96 || group.at("tagSize") != 128) {
      continue;
    }
    for (const auto& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId").dump());
      const auto nonce = hex_member(test, "iv"), associated_data = hex_member(test, "aad");
      const auto plaintext = hex_member(test, "msg");
      auto sealed = hex_member(test, "ct");
      const auto tag = hex_member(test, "tag");
      sealed.insert(sealed.end(), tag.begin(), tag.end());

      set_key(hex_member(test, "key"));
      const auto opened = decrypt(nonce, associated_data, sealed);
      if (test.at("result") == "valid") {
        ++valid;
        EXPECT_EQ(encrypt(nonce, associated_data, plaintext), sealed);
        EXPECT_EQ(opened, plaintext);
      } else {
        ++invalid;
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error(), Error::authentication_failed);
      }
    }
  }
  EXPECT_GT(valid, 30U);
  EXPECT_GT(invalid, 20U);
}

TEST_F(Gcm, RoundTripsAllSizes) {
  set_key(random_.bytes(32));
  for (std::size_t size = 0; size < 100; ++size) {
    const auto nonce = random_.bytes(12), associated_data = random_.bytes(size % 17);
    const auto plaintext = random_.bytes(size);
    EXPECT_EQ(decrypt(nonce, associated_data, encrypt(nonce, associated_data, plaintext)),
              plaintext);
  }
  const auto nonce = random_.bytes(12), plaintext = random_.bytes(1 << 20);
  EXPECT_EQ(decrypt(nonce, {}, encrypt(nonce, {}, plaintext)), plaintext);
}

TEST_F(Gcm, TheKeyStaysUntilTheNext) {
  const auto first = random_.bytes(32), second = random_.bytes(32), nonce = random_.bytes(12);
  set_key(first);
  const auto sealed = encrypt(nonce, {}, as_bytes("payload"));
  EXPECT_EQ(encrypt(nonce, {}, as_bytes("payload")), sealed);
  set_key(second);
  EXPECT_NE(encrypt(nonce, {}, as_bytes("payload")), sealed);
  EXPECT_EQ(decrypt(nonce, {}, sealed).error(), Error::authentication_failed);
  set_key(first);
  EXPECT_TRUE(decrypt(nonce, {}, sealed));
}

TEST_F(Gcm, GoesOnAfterARefusal) {
  set_key(random_.bytes(32));
  const auto nonce = random_.bytes(12);
  const auto sealed = encrypt(nonce, as_bytes("one"), as_bytes("payload"));
  EXPECT_FALSE(decrypt(nonce, as_bytes("other"), sealed));
  EXPECT_TRUE(decrypt(nonce, as_bytes("one"), sealed));
  EXPECT_FALSE(decrypt(nonce, {}, sealed));
  EXPECT_EQ(encrypt(nonce, as_bytes("one"), as_bytes("payload")), sealed);
}

// Servers log whatever is in the thread's error queue as their own.
TEST_F(Gcm, LeavesNoErrorBehind) {
  set_key(random_.bytes(32));
  const auto nonce = random_.bytes(12);
  ERR_clear_error();
  EXPECT_FALSE(decrypt(nonce, {}, random_.bytes(40)));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace sealring
