// SPDX-License-Identifier: Apache-2.0
// No altered token is opened, and each alteration has its reason. altered_tokens_test.cc does the
// same for many tokens.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "support/sealers.h"

namespace sealring {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

class S1Alteration : public ::testing::TestWithParam<std::size_t> {
 protected:
  std::unique_ptr<Sealer> sealer_ = sealer_of({xaes_key()});
  std::string token_ = seal(*sealer_, std::string(GetParam(), 'p'), "context");

  std::string reason(std::string_view token) { return reason_of(*sealer_, token, "context"); }

  // The expected reason, given the position of the first altered character, if all are in the
  // alphabet.
  static std::string expected_at(std::size_t position) {
    if (position < 3) return "malformed";
    return position < 11 ? "unknown_key" : "authentication_failed";
  }
};

TEST_P(S1Alteration, UnalteredOpens) {
  EXPECT_EQ(reason(token_), "ok");
}

TEST_P(S1Alteration, EveryBitOfTheBinaryToken) {
  const std::string text = token_.substr(3);
  std::vector<std::uint8_t> binary(base64url::decoded_size(text.size()));
  ASSERT_TRUE(base64url::decode(text, binary));
  for (std::size_t bit = 0; bit < binary.size() * 8; ++bit) {
    binary[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_EQ(reason("s1." + base64url::encode(binary)),
              bit < 48 ? "unknown_key" : "authentication_failed")
        << "bit " << bit;
    binary[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
}

TEST_P(S1Alteration, EveryBitOfTheText) {
  for (std::size_t bit = 0; bit < token_.size() * 8; ++bit) {
    std::string altered = token_;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
    const bool in_alphabet = kAlphabet.find(altered[bit / 8]) != std::string_view::npos;
    const bool is_last = bit / 8 + 1 == token_.size();
    const bool is_shorter = is_last && (altered.back() == ' ' || altered.back() == '\t');
    const std::string found = reason(altered);
    if (in_alphabet && !is_last) {
      EXPECT_EQ(found, expected_at(bit / 8)) << "bit " << bit;
    } else if (in_alphabet || is_shorter) {  // the last character may have unused bits set
      EXPECT_TRUE(found == "malformed" || found == "authentication_failed") << "bit " << bit;
    } else {
      EXPECT_EQ(found, "malformed") << "bit " << bit;
    }
  }
}

TEST_P(S1Alteration, EveryTruncation) {
  for (std::size_t size = 0; size < token_.size(); ++size) {
    const std::string found = reason(token_.substr(0, size));
    if (size < 78 || (size - 3) % 4 == 1) {
      EXPECT_EQ(found, "malformed") << size;
    } else {
      EXPECT_TRUE(found == "malformed" || found == "authentication_failed") << size << found;
    }
  }
}

TEST_P(S1Alteration, EveryExtensionByOneCharacter) {
  for (int c = 0; c < 256; ++c) {
    const char extra = static_cast<char>(c);
    EXPECT_EQ(reason(token_ + extra) == "ok", extra == ' ' || extra == '\t') << c;
    EXPECT_EQ(reason(extra + token_), "malformed") << c;
    if (extra == ' ' || extra == '\t') continue;
    if (kAlphabet.find(extra) == std::string_view::npos) {
      EXPECT_EQ(reason(token_ + extra), "malformed") << c;
    }
  }
  // Four more characters are still valid base64url, if the last one had no unused bits or they are
  // zero.
  const std::string found = reason(token_ + "AAAA");
  EXPECT_TRUE(found == "malformed" || found == "authentication_failed") << found;
}

INSTANTIATE_TEST_SUITE_P(Payloads, S1Alteration, ::testing::Values(0, 1, 2, 3, 16, 64, 301));

// Only checks that alterations are refused: the old format does not authenticate, it detects
// accidents.
TEST(NginxLegacyAlteration, EveryBitAndEveryTruncation) {
  const auto sealer = sealer_of({legacy_key()});
  for (const std::size_t size : {0U, 1U, 8U, 100U}) {
    const std::string token = seal(*sealer, std::string(size, 'p'));
    ASSERT_EQ(reason_of(*sealer, token), "ok");
    for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
      std::string altered = token;
      altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
      EXPECT_EQ(reason_of(*sealer, altered), "authentication_failed") << "bit " << bit;
    }
    for (std::size_t cut = 0; cut < token.size(); ++cut) {
      EXPECT_EQ(reason_of(*sealer, token.substr(0, cut)),
                cut < 32 || cut % 16 != 0 ? "malformed" : "authentication_failed");
    }
    std::string zero_digest = token;
    zero_digest.replace(0, 16, 16, '\0');
    EXPECT_EQ(reason_of(*sealer, zero_digest), "authentication_failed");
  }
}

}  // namespace
}  // namespace sealring
