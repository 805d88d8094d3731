// SPDX-License-Identifier: Apache-2.0
#include "crypto/siphash.h"

#include <gtest/gtest.h>

#include <numeric>

#include "support/wycheproof.h"

namespace sealring {
namespace {

// The example in appendix A of the paper.
TEST(SipHash, OfItsPaper) {
  std::array<std::uint8_t, 16> key;
  std::array<std::uint8_t, 15> message;
  std::iota(key.begin(), key.end(), 0);
  std::iota(message.begin(), message.end(), 0);
  EXPECT_EQ(to_hex(SipHash24::compute(key, message)), "e545be4961ca29a1");
}

TEST(SipHash, Wycheproof) {
  const auto file = read_wycheproof("siphash_2_4_test.json");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  std::size_t count = 0;
  for (const auto& group : file->at("testGroups")) {
    ASSERT_EQ(group.at("keySize"), 128);
    ASSERT_EQ(group.at("tagSize"), 64);
    for (const auto& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId").dump());
      const auto key = hex_member(test, "key");
      const auto mac = SipHash24::compute(Bytes(key).first<16>(), hex_member(test, "msg"));
      EXPECT_EQ(to_hex(mac) == test.at("tag").get<std::string>(), test.at("result") == "valid");
      ++count;
    }
  }
  EXPECT_GT(count, 30U);
}

}  // namespace
}  // namespace sealring
