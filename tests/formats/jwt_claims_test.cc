// SPDX-License-Identifier: Apache-2.0
// Claims are written and read again, within the promised size.
#include "formats/jwt_claims.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/base64url.h"
#include "support/random.h"

namespace sealring {
namespace {

std::string written(Times times, std::string_view context, std::string_view payload) {
  std::vector<std::uint8_t> claims(max_claims_size(payload.size()));
  const auto size = write_claims(times, as_bytes(context), as_bytes(payload), claims);
  return size ? std::string(as_text(Bytes(claims).first(size->size)))
              : std::string(error_name(size.error().reason));
}

std::string read(std::string claims, std::string_view context, Times* times = nullptr) {
  const MutableBytes bytes(reinterpret_cast<std::uint8_t*>(claims.data()), claims.size());
  std::vector<std::uint8_t> room(base64url::decoded_size(claims.size()) + kMaxIdSize);
  const auto opened = read_claims(bytes, room, as_bytes(context), "iv");
  if (!opened) return std::string(error_name(opened.error().reason));
  if (times != nullptr) *times = opened->times;
  return std::string(as_text(opened->payload));
}

TEST(JwtClaims, AreWrittenAsTheSpecificationHasThem) {
  EXPECT_EQ(written({1, 2}, "session", "user=alice"),
            R"({"iat":1,"exp":2,"aud":"session","payload":"user=alice"})");
  EXPECT_EQ(written({0, 0}, "", ""), R"({"iat":0,"payload":""})");
  EXPECT_EQ(written({UINT64_MAX, UINT64_MAX}, "", "\xff"),
            R"({"iat":1099511627775,"exp":1099511627775,"payload_b64":"_w"})");
}

TEST(JwtClaims, NeedAContextThatIsText) {
  EXPECT_EQ(written({}, "a\nb", ""), R"({"iat":0,"aud":"a\nb","payload":""})");
  for (const std::string_view bad : {"\xff", "\x01", "a\xc3"}) {
    EXPECT_EQ(written({}, bad, ""), "invalid_argument");
    EXPECT_EQ(read(R"({"aud":"x","payload":""})", bad), "authentication_failed");
  }
}

TEST(JwtClaims, TheLargestFit) {
  const std::string context(kMaxContextSize, '"'), payload(1000, '\\');
  const std::string claims = written({UINT64_MAX, UINT64_MAX}, context, payload);
  EXPECT_LE(claims.size(), max_claims_size(payload.size()));
  EXPECT_GE(claims.size() + 8, max_claims_size(payload.size()))
      << "the bound is no larger than needed";
  EXPECT_EQ(read(claims, context), payload);
  EXPECT_EQ(read(written({}, context, std::string(1000, '\xff')), context),
            std::string(1000, '\xff'));
}

TEST(JwtClaims, TextThatWouldGetTooLargeIsBase64) {
  const std::string most((std::size_t{1} << 23), '"'), more(most.size() + 1, '"');
  EXPECT_TRUE(written({}, "", most).starts_with(R"({"iat":0,"payload":")"));
  const std::string claims = written({}, "", more);
  EXPECT_TRUE(claims.starts_with(R"({"iat":0,"payload_b64":")"));
  EXPECT_EQ(read(claims, ""), more);
}

TEST(JwtClaims, RandomOnesThereAndBack) {
  Randomness random;
  for (int i = 0; i < 3000; ++i) {
    const auto bytes = random.bytes(random.below(80));
    std::string payload(as_text(bytes)), context(random.below(10), 'c');
    if (i % 2 == 0) {
      std::ranges::transform(payload, payload.begin(),
                             [](char c) { return static_cast<char>(c & 0x7f); });
    }
    const Times times{random.below(1U << 31), 1 + random.below(1U << 31)};
    Times found;
    const std::string claims = written(times, context, payload);
    EXPECT_LE(claims.size(), max_claims_size(payload.size()));
    EXPECT_EQ(read(claims, context, &found), payload);
    EXPECT_EQ(found.issued_at, times.issued_at);
    EXPECT_EQ(found.expires_at, times.expires_at);
    EXPECT_EQ(read(claims, context + "x"), "authentication_failed");
  }
}

TEST(JwtClaims, TimesThatAreNumbers) {
  const auto expiry = [](const std::string& number) {
    Times times;
    const std::string payload = read("{\"payload\":\"p\",\"exp\":" + number + "}", "", &times);
    return payload == "p" ? std::to_string(times.expires_at) : payload;
  };
  EXPECT_EQ(expiry("1800000000"), "1800000000");
  EXPECT_EQ(expiry("1800000000.0"), "1800000000");
  EXPECT_EQ(expiry("1800000000.000001"), "1800000001");
  EXPECT_EQ(expiry("1.8E9"), "1800000000");
  EXPECT_EQ(expiry("0"), "1");
  EXPECT_EQ(expiry("-0"), "1");
  EXPECT_EQ(expiry("-1e300"), "1");
  EXPECT_EQ(expiry("1099511627776"), "1099511627775");
  EXPECT_EQ(expiry("18446744073709551616"), "1099511627775");
  EXPECT_EQ(expiry("1" + std::string(300, '0')), "1099511627775");
  EXPECT_EQ(expiry("1e400"), "malformed");
}

// A blank at the end is allowed, and write_claims() never writes one.
void expect_read_alike(const std::string& claims, std::string_view context) {
  Times times, times_of_other;
  std::string other = read(claims + " ", context, &times_of_other);
  if (other == claims + " ") other = claims;  // without a payload, the claims are it
  EXPECT_EQ(read(claims, context, &times), other) << claims;
  EXPECT_EQ(times.issued_at, times_of_other.issued_at) << claims;
  EXPECT_EQ(times.expires_at, times_of_other.expires_at) << claims;
}

TEST(JwtClaims, TheUsualOnesAreReadAsAnyOther) {
  const std::string usual[] = {written({1700000000, 1800000000}, "session", "user=alice"),
                               written({UINT64_MAX, 7}, "s", "\xff"), written({0, 0}, "", ""),
                               written({7, 0}, "session", std::string(40, 'p'))};
  for (const std::string& claims : usual) {
    const std::string_view context = claims.find("\"s\"") == claims.npos ? "session" : "s";
    expect_read_alike(claims, context);
    for (std::size_t place = 0; place < claims.size(); ++place) {
      for (int c = 0; c < 256; ++c) {
        std::string altered = claims;
        altered[place] = static_cast<char>(c);
        expect_read_alike(altered, context);
      }
      expect_read_alike(std::string(claims).insert(place, 1, claims[place]), context);
      expect_read_alike(std::string(claims).erase(place, 1), context);
    }
  }
  for (const char* const time : {"0", "00", "01", "1099511627775", "1099511627776", "9999999999999",
                                 "99999999999999", "18446744073709551617", ""}) {
    for (const char* const name : {"iat", "exp"}) {
      const std::string before = std::string_view(name) == "exp" ? "{\"iat\":7," : "{";
      expect_read_alike(before + "\"" + name + "\":" + time + ",\"payload\":\"\"}", "");
    }
  }
}

}  // namespace
}  // namespace sealring
