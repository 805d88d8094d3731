// SPDX-License-Identifier: Apache-2.0
// ES256 and RS256.
#include "support/signatures.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "crypto/partial_driver.h"
#include "support/observed_driver.h"
#include "support/wycheproof.h"

namespace sealring {
namespace {

using Buffer = std::vector<std::uint8_t>;

// A number of Wycheproof, whose leading zeros depend on its first bit, in 32 bytes.
Buffer number_of_32(const nlohmann::json& key, const char* name) {
  Buffer number = hex_member(key, name);
  number.insert(number.begin(), 32, 0);
  return Buffer(number.end() - 32, number.end());
}

Result<void> verify_es256(Bytes key, Bytes message, Bytes signature) {
  return tested_driver().verify_es256(key.first<64>(), message, signature.first<64>());
}

TEST(Es256, Wycheproof) {
  const auto file = read_wycheproof("ecdsa_secp256r1_sha256_p1363_test.json");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  std::size_t valid = 0, invalid = 0;
  for (const auto& group : file->at("testGroups")) {
    Buffer key = number_of_32(group.at("publicKey"), "wx");
    const Buffer y = number_of_32(group.at("publicKey"), "wy");
    key.insert(key.end(), y.begin(), y.end());
    for (const auto& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId").dump());
      const auto message = hex_member(test, "msg"), signature = hex_member(test, "sig");
      if (signature.size() != 64) continue;  // the type does not allow it
      const auto verified = verify_es256(key, message, signature);
      if (test.at("result") == "valid") {
        ++valid;
        EXPECT_TRUE(verified);
      } else {
        ++invalid;
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error(), Error::authentication_failed);
      }
    }
  }
  EXPECT_GT(valid, 100U);
  EXPECT_GT(invalid, 60U);
}

TEST(Rs256, Wycheproof) {
  const auto file = read_wycheproof("rsa_signature_2048_sha256_test.json");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  std::size_t valid = 0, invalid = 0;
  for (const auto& group : file->at("testGroups")) {
    if (group.at("publicKey").at("publicExponent") != "010001") continue;
    Buffer modulus = hex_member(group.at("publicKey"), "modulus");
    if (modulus.front() == 0) modulus.erase(modulus.begin());
    for (const auto& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId").dump());
      const auto message = hex_member(test, "msg"), signature = hex_member(test, "sig");
      const auto verified = tested_driver().verify_rs256(modulus, message, signature);
      if (test.at("result") == "valid") {
        ++valid;
        EXPECT_TRUE(verified);
      } else {
        ++invalid;  // "acceptable" too: no driver accepts what lacks a NULL
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error(), Error::authentication_failed);
      }
    }
  }
  EXPECT_GT(valid, 5U);
  EXPECT_GT(invalid, 200U);
}

Result<void> verify_rs256(Bytes key, Bytes signature) {
  return tested_driver().verify_rs256(key, as_bytes(kRs256Message), signature);
}

TEST(Es256, ExampleOfTheRfc) {
  EXPECT_TRUE(verify_es256(kEs256Key, as_bytes(kEs256Message), kEs256Signature));
  EXPECT_EQ(verify_es256(kEs256Key, as_bytes("other"), kEs256Signature).error(),
            Error::authentication_failed);
}

TEST(Es256, NoBitMayDiffer) {
  for (std::size_t bit = 0; bit < 512; bit += 7) {
    Buffer signature = kEs256Signature;
    signature[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_EQ(verify_es256(kEs256Key, as_bytes(kEs256Message), signature).error(),
              Error::authentication_failed);
  }
}

// Zero, the order of the curve and more are never r or s.
TEST(Es256, NumbersBeyondTheOrder) {
  const Buffer zero(32),
      order = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const Buffer most(32, 0xff), good(kEs256Signature.begin(), kEs256Signature.begin() + 32);
  for (const Buffer& bad : {zero, order, most}) {
    for (const auto& [r, s] : {std::pair(bad, good), std::pair(good, bad), std::pair(bad, bad)}) {
      Buffer signature = r;
      signature.insert(signature.end(), s.begin(), s.end());
      EXPECT_EQ(verify_es256(kEs256Key, as_bytes(kEs256Message), signature).error(),
                Error::authentication_failed);
    }
  }
}

// A point of another curve can give a private key away where it is multiplied with one, and has
// signatures that anybody can make. Also 0, and coordinates that are not below the prime.
TEST(Es256, AKeyIsAPointOfTheCurve) {
  const Buffer prime = from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  std::vector<Buffer> keys = {Buffer(64), Buffer(64, 0xff)};
  for (const std::size_t place : {0U, 31U, 32U, 63U}) {
    keys.push_back(kEs256Key);
    keys.back()[place] ^= 1;
  }
  for (const bool y : {false, true}) {
    keys.push_back(kEs256Key);
    copy(prime, MutableBytes(keys.back()).subspan(y ? 32 : 0, 32));
  }
  for (const Buffer& key : keys) {
    SCOPED_TRACE(to_hex(key));
    EXPECT_EQ(verify_es256(key, as_bytes(kEs256Message), kEs256Signature).error(),
              Error::malformed);
  }
}

TEST(Rs256, ExampleOfTheRfc) {
  EXPECT_TRUE(verify_rs256(kRs256Key, kRs256Signature));
  for (std::size_t bit = 0; bit < 2048; bit += 61) {
    Buffer signature = kRs256Signature;
    signature[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_EQ(verify_rs256(kRs256Key, signature).error(), Error::authentication_failed);
  }
}

TEST(Rs256, AnotherSizeOfSignature) {
  Buffer longer = kRs256Signature, padded = kRs256Signature;
  longer.push_back(0);
  padded.insert(padded.begin(), 0);
  const Buffer shorter(kRs256Signature.begin(), kRs256Signature.end() - 1);
  for (const Buffer& signature : {longer, padded, shorter, Buffer{}}) {
    EXPECT_EQ(verify_rs256(kRs256Key, signature).error(), Error::authentication_failed);
  }
}

TEST(Rs256, BoundsOfAKey) {
  Buffer even = kRs256Key, small = kRs256Key, zero_in_front = kRs256Key, large(513, 0xff);
  even.back() ^= 1;
  small.erase(small.begin());
  zero_in_front.insert(zero_in_front.begin(), 0);
  for (const Buffer& key : {even, small, zero_in_front, large, Buffer{}}) {
    EXPECT_EQ(verify_rs256(key, kRs256Signature).error(), Error::malformed);
  }
}

// Servers log whatever is in the thread's error queue as their own.
TEST(Es256, LeavesNoErrorBehind) {
  ERR_clear_error();
  EXPECT_FALSE(verify_es256(kEs256Key, as_bytes("other"), kEs256Signature));
  EXPECT_FALSE(verify_es256(Buffer(64), as_bytes("other"), kEs256Signature));
  EXPECT_FALSE(verify_rs256(kRs256Key, Buffer(256, 1)));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

class Partial final : public PartialDriver {
 public:
  explicit Partial(Driver& full) : PartialDriver(full) {}
  std::string_view name() const noexcept override { return "partial"; }
};

TEST(PartialDriver, LeavesSignaturesToTheFullOne) {
  ObservedDriver full;
  Partial partial(full);
  EXPECT_TRUE(partial.verify_es256(Bytes(kEs256Key).first<64>(), as_bytes(kEs256Message),
                                   Bytes(kEs256Signature).first<64>()));
  EXPECT_TRUE(partial.verify_rs256(kRs256Key, as_bytes(kRs256Message), kRs256Signature));
  EXPECT_EQ(full.observed.count(Call::verify), 2U);
}

}  // namespace
}  // namespace sealring
