// SPDX-License-Identifier: Apache-2.0
// The vectors of https://c2sp.org/XAES-256-GCM: the two printed ones and the accumulated one.
#include "crypto/xaes.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "support/hex.h"
#include "support/recording_crypto.h"
#include "support/xaes.h"

namespace sealring {
namespace {

struct Printed {
  const char* name;
  std::uint8_t key_byte;
  const char *l, *k1, *derived;
  std::string_view associated_data;
  const char* ciphertext;
};

constexpr Printed kPrinted[] = {
    {"TopBitClear", 0x01, "7298caa565031eadc6ce23d23ea66378", "e531954aca063d5b8d9c47a47d4cc6f0",
     "c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b", "",
     "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
    {"TopBitSet", 0x03, "91c08762876dccf9ba204a33768fa5fe", "23810ec50edb99f374409466ed1f4b7b",
     "e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8", "c2sp.org/XAES-256-GCM",
     "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
};
constexpr std::string_view kNonce = "ABCDEFGHIJKLMNOPQRSTUVWX";

class XaesPrinted : public ::testing::TestWithParam<Printed> {
 protected:
  std::array<std::uint8_t, 32> key() const {
    std::array<std::uint8_t, 32> key;
    key.fill(GetParam().key_byte);
    return key;
  }
};

TEST_P(XaesPrinted, Ciphertext) {
  const auto sealed = Xaes().encrypt(key(), as_bytes(kNonce).first<24>(), as_bytes("XAES-256-GCM"),
                                     as_bytes(GetParam().associated_data));
  EXPECT_EQ(to_hex(sealed), GetParam().ciphertext);
}

std::string exclusive_or(std::string_view a, std::string_view b) {
  auto bytes = from_hex(a);
  const auto others = from_hex(b);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ others[i]);
  }
  return to_hex(bytes);
}

TEST_P(XaesPrinted, IntermediateValues) {
  const Printed& printed = GetParam();
  auto owned = std::make_unique<RecordingAesBlock>();
  const RecordingAesBlock& aes = *owned;
  RecordingAesGcm gcm;
  xaes::Derivation derivation(std::move(owned));
  ASSERT_TRUE(derivation.set_key(key()));
  ASSERT_TRUE(derivation.derive(as_bytes(kNonce).first<12>(), gcm));
  EXPECT_EQ(aes.keys(), std::vector{to_hex(key())});
  ASSERT_EQ(aes.inputs().size(), 3U);
  EXPECT_EQ(aes.inputs()[0], std::string(32, '0'));
  EXPECT_EQ(aes.outputs()[0], printed.l);
  EXPECT_EQ(aes.inputs()[1], exclusive_or("000158004142434445464748494a4b4c", printed.k1));
  EXPECT_EQ(aes.inputs()[2], exclusive_or("000258004142434445464748494a4b4c", printed.k1));
  EXPECT_EQ(gcm.keys(), std::vector{std::string(printed.derived)});
}

INSTANTIATE_TEST_SUITE_P(C2sp, XaesPrinted, ::testing::ValuesIn(kPrinted),
                         [](const auto& printed) { return printed.param.name; });

// The output of SHAKE-128 for an empty input. OpenSSL 3.0 returns it only in one piece, so all that
// is needed is computed at once.
class ShakeStream {
 public:
  explicit ShakeStream(std::size_t size) : bytes_(size) {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EXPECT_TRUE(EVP_DigestInit_ex(context, EVP_shake128(), nullptr) &&
                EVP_DigestFinalXOF(context, bytes_.data(), bytes_.size()));
    EVP_MD_CTX_free(context);
  }
  Bytes read(std::size_t size) {
    const Bytes read = Bytes(bytes_).subspan(position_, size);
    position_ += size;
    return read;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

TEST(Xaes, AccumulatedOver10000Iterations) {
  constexpr std::size_t kIterations = 10'000;
  ShakeStream stream(kIterations * (32 + 24 + 2 * 256));
  EXPECT_EQ(to_hex(ShakeStream(16).read(16)), "7f9c2ba4e88f827d616045507605853e");

  Xaes xaes;
  EVP_MD_CTX* const hash = EVP_MD_CTX_new();
  ASSERT_TRUE(EVP_DigestInit_ex(hash, EVP_shake128(), nullptr));
  for (std::size_t i = 0; i < kIterations; ++i) {
    const auto key = stream.read(32).first<32>();
    const auto nonce = stream.read(24).first<24>();
    const Bytes plaintext = stream.read(stream.read(1)[0]);
    const Bytes associated_data = stream.read(stream.read(1)[0]);
    const auto ciphertext = xaes.encrypt(key, nonce, plaintext, associated_data);
    EVP_DigestUpdate(hash, ciphertext.data(), ciphertext.size());
  }
  std::array<std::uint8_t, 32> accumulated;
  ASSERT_TRUE(EVP_DigestFinalXOF(hash, accumulated.data(), accumulated.size()));
  EVP_MD_CTX_free(hash);
  EXPECT_EQ(to_hex(accumulated),
            "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}

TEST(Xaes, DerivesFromTheKeyThatWasSetLast) {
  const std::array<std::uint8_t, 32> keys[] = {{1}, {2}};
  const std::array<std::uint8_t, 12> prefixes[] = {{3}, {4}};
  xaes::Derivation kept(tested_driver().aes_256().value());
  for (const auto& key : keys) {
    ASSERT_TRUE(kept.set_key(key));
    for (const auto& prefix : prefixes) {
      xaes::Derivation fresh(tested_driver().aes_256().value());
      ASSERT_TRUE(fresh.set_key(key));
      RecordingAesGcm from_kept, from_fresh;
      ASSERT_TRUE(kept.derive(prefix, from_kept));
      ASSERT_TRUE(fresh.derive(prefix, from_fresh));
      EXPECT_EQ(from_kept.keys(), from_fresh.keys());
    }
  }
}

TEST(Xaes, PassesOnWhatFails) {
  const std::array<std::uint8_t, 32> key{};
  for (const auto& [call, calls] :
       {std::pair{Call::block_set_key, 1U}, std::pair{Call::block_encrypt, 2U},
        std::pair{Call::gcm_set_key, 1U}}) {
    for (std::size_t passes = 0; passes <= calls; ++passes) {
      ObservedDriver driver;
      xaes::Derivation derivation(driver.aes_256().value());
      const auto gcm = driver.aes_256_gcm().value();
      driver.observed.fail(call, Error::crypto_failure, passes);
      auto derived = derivation.set_key(key);
      if (derived) derived = derivation.derive(std::span(key).first<12>(), *gcm);
      EXPECT_EQ(derived.has_value(), passes == calls);
      if (!derived) {
        EXPECT_EQ(derived.error(), Error::crypto_failure);
      }
    }
  }
}

}  // namespace
}  // namespace sealring
