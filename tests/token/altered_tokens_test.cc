// SPDX-License-Identifier: Apache-2.0
// A thousand tokens of each authenticated format, altered in every way: none is accepted.
// alteration_test.cc checks the reasons; this test is about numbers. With SEALRING_ALTERATIONS=N in
// the environment it tries N random alterations, and every byte at every position of all tokens
// except the largest, which takes minutes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "support/random.h"
#include "support/sealers.h"

namespace sealring {
namespace {

// With AddressSanitizer a token takes twenty times as long.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kTokens = 40;
constexpr std::size_t kRandomAlterations = 10'000;
#else
constexpr std::size_t kTokens = 1000;
constexpr std::size_t kRandomAlterations = 100'000;
#endif
constexpr std::size_t kEveryByteBelow = 8;  // bytes of payload

constexpr std::string_view kContext = "context";
constexpr std::string_view kLikelyCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ";

struct AuthenticatedFormat {
  const char* name;
  Key key;
};

class AlteredTokens : public ::testing::TestWithParam<AuthenticatedFormat> {
 protected:
  // Mostly small ones, from 0 to 99 bytes in turn; one in a hundred has up to 4 KiB.
  std::string token(std::size_t number) {
    const std::size_t size = number % 100 == 99 ? random_.below(4096) : number % 100;
    return seal(*sealer_, as_text(random_.bytes(size)), kContext);
  }

  void try_to_open(std::string_view altered) {
    ++tried_;
    buffer_.resize(sealer_->opened_size(altered.size()));
    accepted_ += sealer_->open(kNow, as_bytes(kContext), as_bytes(altered), buffer_).has_value();
  }

  // At `place`, replaces a byte by `c` and inserts `c`.
  void substitute(std::string& token, std::size_t place, char c) {
    const char kept = std::exchange(token[place], c);
    if (kept != c) try_to_open(token);
    token[place] = kept;
  }
  void insert(const std::string& token, std::size_t place, char c) {
    altered_.assign(token).insert(place, 1, c);
    try_to_open(altered_);
  }

  void TearDown() override {
    std::cout << GetParam().name << ": " << tried_ << " altered tokens, " << accepted_
              << " accepted\n";
    EXPECT_EQ(accepted_, 0U);
  }

  char likely() { return kLikelyCharacters[random_.below(kLikelyCharacters.size())]; }

  const char* const wanted_ = std::getenv("SEALRING_ALTERATIONS");
  Randomness random_;
  std::unique_ptr<Sealer> sealer_ = sealer_of({GetParam().key});
  std::vector<std::uint8_t> buffer_;
  std::string altered_;
  std::size_t tried_ = 0, accepted_ = 0;
};

TEST_P(AlteredTokens, InOnePlace) {
  for (std::size_t number = 0; number < kTokens; ++number) {
    std::string token = this->token(number);
    ASSERT_TRUE(open(*sealer_, token, kContext).opened);
    for (std::size_t place = 0; place < token.size(); ++place) {
      for (int bit = 0; bit < 8; ++bit) {
        substitute(token, place, static_cast<char>(token[place] ^ (1 << bit)));
      }
      substitute(token, place, likely());
      substitute(token, place, static_cast<char>(random_.byte()));
      insert(token, place, likely());
      insert(token, place, static_cast<char>(random_.byte()));
      try_to_open(std::string_view(token).substr(0, place));
      try_to_open(std::string_view(token).substr(place + 1));
    }
    if (const char c = likely(); c != ' ') insert(token, token.size(), c);
  }
}

TEST_P(AlteredTokens, ByEveryByteInOnePlace) {
  for (std::size_t number = 0; number < kTokens; ++number) {
    if (number % 100 >= (wanted_ != nullptr ? 99 : kEveryByteBelow)) continue;
    std::string token = this->token(number);
    for (std::size_t place = 0; place < token.size(); ++place) {
      for (int c = 0; c < 256; ++c) {
        substitute(token, place, static_cast<char>(c));
        insert(token, place, static_cast<char>(c));
      }
    }
  }
}

TEST_P(AlteredTokens, AtRandom) {
  std::vector<std::string> tokens;
  for (std::size_t number = 0; number < 100; ++number) tokens.push_back(token(number));
  const std::size_t count =
      wanted_ != nullptr ? std::strtoull(wanted_, nullptr, 10) : kRandomAlterations;
  while (tried_ < count) {
    const std::string& token = tokens[random_.below(tokens.size())];
    std::string altered = token;
    for (std::size_t changes = 1 + random_.below(3); changes > 0 && !altered.empty(); --changes) {
      const std::size_t place = random_.below(altered.size());
      switch (random_.below(7)) {
        case 0:
          altered[place] = likely();
          break;
        case 1:
          altered[place] = static_cast<char>(random_.byte());
          break;
        case 2:
          altered.erase(place, 1 + random_.below(4));
          break;
        case 3:
          altered.insert(place, 1, likely());
          break;
        case 4:
          std::swap(altered[place], altered[random_.below(altered.size())]);
          break;
        case 5:
          altered.insert(place, altered, random_.below(altered.size()), 1 + random_.below(8));
          break;
        default: {  // the start of one and the end of another
          const std::string& other = tokens[random_.below(tokens.size())];
          altered = altered.substr(0, place) + other.substr(std::min(place, other.size()));
        }
      }
    }
    if (altered.ends_with(' ') || altered.ends_with('\t')) continue;  // it is not part of it
    if (std::ranges::find(tokens, altered) == tokens.end()) try_to_open(altered);
  }
}

std::string name_of(const ::testing::TestParamInfo<AuthenticatedFormat>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Formats, AlteredTokens,
                         ::testing::Values(AuthenticatedFormat{"s1", xaes_key()},
                                           AuthenticatedFormat{"jwe", a256gcm_key()}),
                         name_of);

}  // namespace
}  // namespace sealring
