// SPDX-License-Identifier: Apache-2.0
// No altered JWE is opened, and each alteration has its reason.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "support/random.h"
#include "support/sealers.h"

namespace sealring {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool is_base64url(char c) {
  return kAlphabet.find(c) != std::string_view::npos;
}

class JweAlteration : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Sealer> sealer_ = sealer_of({a256gcm_key()});
  std::string token_ = seal(*sealer_, GetParam(), "context");
  std::size_t header_ = token_.find('.');
  std::size_t body_ = header_ + 2 + 16 + 1;  // the start of the ciphertext
  std::size_t tag_ = token_.size() - 22;

  std::string reason(std::string_view token) { return reason_of(*sealer_, token, "context"); }
  bool is_last_of_part(std::size_t at) const { return at + 2 == tag_ || at + 1 == token_.size(); }
};

TEST_P(JweAlteration, UnalteredOpens) {
  EXPECT_EQ(reason(token_), "ok");
  EXPECT_EQ(open(*sealer_, token_, "context").payload, GetParam());
}

TEST_P(JweAlteration, EveryBitOfEachPart) {
  for (const auto& [at, size] : {std::pair{std::size_t{0}, header_},
                                 {header_ + 2, std::size_t{16}},
                                 {body_, tag_ - 1 - body_},
                                 {tag_, std::size_t{22}}}) {
    std::vector<std::uint8_t> bytes(base64url::decoded_size(size));
    ASSERT_TRUE(base64url::decode(std::string_view(token_).substr(at, size), bytes));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      const std::string found =
          reason(std::string(token_).replace(at, size, base64url::encode(bytes)));
      EXPECT_NE(found, "ok");
      if (at != 0) {
        EXPECT_EQ(found, "authentication_failed") << at << " bit " << bit;
      }
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
  }
}

TEST_P(JweAlteration, EveryBitOfTheText) {
  for (std::size_t bit = 0; bit < token_.size() * 8; ++bit) {
    const std::size_t at = bit / 8;
    std::string altered = token_;
    altered[at] = static_cast<char>(altered[at] ^ (1 << bit % 8));
    const std::string found = reason(altered);
    if (!is_base64url(altered[at]) || token_[at] == '.') {
      EXPECT_EQ(found, "malformed") << "bit " << bit;
    } else if (at < header_ || is_last_of_part(at)) {  // other JSON, or unused bits set
      EXPECT_NE(found, "ok") << "bit " << bit;
    } else {
      EXPECT_EQ(found, "authentication_failed") << "bit " << bit;
    }
  }
}

TEST_P(JweAlteration, EveryTruncation) {
  for (std::size_t size = 0; size < token_.size(); ++size) {
    EXPECT_EQ(reason(token_.substr(0, size)), "malformed") << size;
    EXPECT_NE(reason(token_.substr(token_.size() - size)), "ok") << size;
  }
}

TEST_P(JweAlteration, EveryCharacterLeftOutOrDoubled) {
  for (std::size_t at = 0; at < token_.size(); ++at) {
    EXPECT_NE(reason(std::string(token_).erase(at, 1)), "ok") << at;
    EXPECT_NE(reason(std::string(token_).insert(at, 1, token_[at])), "ok") << at;
  }
}

TEST_P(JweAlteration, EveryExtension) {
  for (int c = 0; c < 256; ++c) {
    const char extra = static_cast<char>(c);
    EXPECT_EQ(reason(token_ + extra), extra == ' ' || extra == '\t' ? "ok" : "malformed") << c;
    EXPECT_EQ(reason(extra + token_), "malformed") << c;
  }
  EXPECT_EQ(reason(token_ + "AAAA"), "malformed");
}

INSTANTIATE_TEST_SUITE_P(Payloads, JweAlteration,
                         ::testing::Values("", "p", "\xff", std::string(64, 'p'),
                                           std::string(301, '\xfe')));

TEST(JweRandomAlteration, IsNeverAccepted) {
  const auto sealer = sealer_of({a256gcm_key()});
  const std::string token = seal(*sealer, "user=alice&role=reader");
  Randomness random;
  std::size_t accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string altered = token;
    for (std::size_t n = 1 + random.below(3); n > 0; --n) {
      const std::size_t at = random.below(altered.size());
      const char c = random.below(10) == 0 ? '.' : kAlphabet[random.below(64)];
      switch (random.below(3)) {
        case 0:
          altered[at] = c;
          break;
        case 1:
          altered.erase(at, 1);
          break;
        default:
          altered.insert(at, 1, c);
          break;
      }
    }
    if (altered != token && open(*sealer, altered).opened) ++accepted;
  }
  EXPECT_EQ(accepted, 0U);
}

}  // namespace
}  // namespace sealring
