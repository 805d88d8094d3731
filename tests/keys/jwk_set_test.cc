// SPDX-License-Identifier: Apache-2.0
// What the vectors for key rings cannot test: round trips, bounds, messages, secrets.
#include "keys/jwk_set.h"

#include <gtest/gtest.h>

#include "support/keys.h"

namespace sealring {
namespace {

void expect_equal(const Key& a, const Key& b) {
  EXPECT_EQ(a.algorithm, b.algorithm);
  EXPECT_EQ(a.kid, b.kid);
  EXPECT_EQ(a.secret, b.secret);
  EXPECT_EQ(a.iv, b.iv);
  EXPECT_EQ(a.seal_from, b.seal_from);
  EXPECT_EQ(a.open_until, b.open_until);
  EXPECT_EQ(a.may_seal, b.may_seal);
}

TEST(JwkSet, ReadsWhatItWrote) {
  Key named = legacy_key(0x90, std::string_view("\0\xff", 2));
  named.kid = std::string(kMaxKidSize, '~');
  const std::vector<Key> keys = {
      xaes_key(0),
      sealing_from(xaes_key(1), 1),
      opening_until(xaes_key(2), (std::int64_t{1} << 40) - 1),
      open_only(opening_until(sealing_from(xaes_key(3), 5), 6)),
      legacy_key(),
      named,
      open_only(legacy_key(0xa0, "")),
  };
  const auto read = parse_jwk_set(tested_driver(), ring_text(keys));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    SCOPED_TRACE(i);
    expect_equal((*read)[i], keys[i]);
  }
}

TEST(JwkSet, TextEndsWithALineAndReadsWithoutIt) {
  std::string text = ring_text({xaes_key()});
  EXPECT_TRUE(text.ends_with("}\n"));
  text.pop_back();
  EXPECT_TRUE(parse_jwk_set(tested_driver(), text));
}

TEST(JwkSet, EmptyListIsReadAndIsForTheRingToRefuse) {
  const auto keys = parse_jwk_set(tested_driver(), R"({"keys":[]})");
  ASSERT_TRUE(keys);
  EXPECT_TRUE(keys->empty());
}

// The message with which a text is refused.
std::string refusal(std::string_view text) {
  const auto keys = parse_jwk_set(tested_driver(), text);
  if (keys) return "";
  EXPECT_EQ(keys.error().error, Error::invalid_keyring);
  return keys.error().message;
}

std::string jwk_with(std::string_view members) {
  return R"({"keys":[{"kty":"oct","alg":"nginx-legacy",)"
         R"("k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")" +
         std::string(members) + "}]}";
}

TEST(JwkSet, RefusesMoreThanAMebibyteUnread) {
  std::string text = ring_text({xaes_key()});
  text.resize(kMaxKeyringFileSize, ' ');
  EXPECT_EQ(refusal(text), "");
  text += ' ';
  EXPECT_NE(refusal(text).find("1 MiB"), std::string::npos);
}

TEST(JwkSet, NestsSixteenLevels) {
  const auto nested = [](std::size_t levels) {
    std::string text = R"({"keys":[],"more":)" + std::string(levels, '[');
    return text + std::string(levels, ']') + "}";
  };
  EXPECT_EQ(refusal(nested(10)), "");
  EXPECT_NE(refusal(nested(17)).find("nests"), std::string::npos);
  EXPECT_NE(refusal(nested(400'000)).find("nests"), std::string::npos);
}

TEST(JwkSet, RefusesEqualMembersOfTheSetAndOfItsKeys) {
  EXPECT_NE(refusal(R"({"keys":[],"a":1,"a":1})"), "");
  EXPECT_NE(refusal(R"({"keys":[],"a":1,"\u0061":1})"), "");
  EXPECT_EQ(refusal(R"({"keys":[],"a":{"b":{"c":1,"d":2,"c":3}}})"), "");
  EXPECT_EQ(refusal(R"({"keys":[],"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]})"), "");
  EXPECT_NE(refusal(jwk_with(R"(,"note":1,"note":2)")), "");
  EXPECT_EQ(refusal(jwk_with(R"(,"note":{"a":1,"a":2})")), "");
}

TEST(JwkSet, RefusesHalfCharactersOfTheSetAndOfItsKeys) {
  for (const std::string_view half :
       {R"(\ud800)", R"(\udfff)", R"(\udc00\ud800)", R"(\ud800\u0041)"}) {
    const std::string text = '"' + std::string(half) + '"';
    EXPECT_NE(refusal(R"({"keys":[],"a":)" + text + "}"), "") << half;
    EXPECT_NE(refusal(R"({"keys":[],)" + text + ":1}"), "") << half;
    EXPECT_NE(refusal(jwk_with(",\"note\":" + text)), "") << half;
    EXPECT_NE(refusal(jwk_with(R"(,"kid":)" + text)), "") << half;
    EXPECT_EQ(refusal(R"({"keys":[],"a":[)" + text + "]}"), "") << half;
    EXPECT_EQ(refusal(jwk_with(R"(,"note":{"a":)" + text + "}")), "") << half;
  }
  EXPECT_EQ(refusal(jwk_with(R"(,"note":"\ud83d\ude00")")), "");
}

struct Parsed {
  std::vector<Key> keys;
  std::vector<ForeignJwk> foreign;
};

Parsed parsed(std::string_view text) {
  Parsed set;
  set.keys = parse_jwk_set(tested_driver(), text, &set.foreign).value();
  return set;
}

constexpr std::string_view kForeign =
    R"({ "kty":"RSA", "n" : "\ud800", "n":2,"x": {"k":[ 1 ]},"seal_from":"soon"})";

TEST(JwkSet, KeepsForeignKeysByteForByte) {
  std::string text = ring_text({xaes_key(0), xaes_key(1)});
  text.insert(text.find('{', 1), std::string(kForeign) + ",");
  const Parsed set = parsed(text);
  ASSERT_EQ(set.keys.size(), 2U);
  ASSERT_EQ(set.foreign.size(), 1U);
  EXPECT_EQ(set.foreign[0].place, 1U);
  EXPECT_EQ(set.foreign[0].why, R"("kty" is "RSA")");
  EXPECT_EQ(std::string_view(set.foreign[0].text), kForeign);

  const Parsed again = parsed(format_jwk_set(set.keys, set.foreign));
  ASSERT_EQ(again.keys.size(), 2U);
  ASSERT_EQ(again.foreign.size(), 1U);
  EXPECT_EQ(again.foreign[0].place, 3U);
  EXPECT_EQ(std::string_view(again.foreign[0].text), kForeign);
}

TEST(JwkSet, SaysWhatMakesAKeyForeign) {
  const auto why = [](std::string_view members) {
    const std::string text = R"({"keys":[{)" + std::string(members) + "}," +
                             ring_text({xaes_key()}).substr(ring_text({}).find('[') + 1);
    return parsed(text).foreign.at(0).why;
  };
  EXPECT_EQ(why(R"("kty":"oct","use":"sig","alg":"HS256")"), R"("use" is "sig")");
  EXPECT_EQ(why(R"("alg":"xaes-256-gcm","kty":"oct")"), R"("alg" is "xaes-256-gcm")");
  EXPECT_EQ(why(R"("kty":"oct\u0000")"), R"("kty" is another)");
  EXPECT_EQ(why(R"("alg":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")"), R"("alg" is another)")
      << "what may be a secret is not shown";
}

TEST(JwkSet, ASetOfForeignKeysSaysWhy) {
  std::string text = ring_text({xaes_key()});
  text.replace(text.find("XAES"), 4, "xaes");
  EXPECT_NE(refusal(text).find(R"(of key 1, "alg" is "xaes-256-GCM")"), std::string::npos)
      << refusal(text);
}

TEST(JwkSet, CountsForeignKeysToo) {
  const auto with = [](std::size_t count) {
    std::string text = ring_text({xaes_key()});
    for (std::size_t i = 0; i < count; ++i) text.insert(text.find('{', 1), R"({"kty":"EC"},)");
    return text;
  };
  EXPECT_EQ(refusal(with(4095)), "");
  EXPECT_NE(refusal(with(4096)).find("4096"), std::string::npos);
}

TEST(JwkSet, RefusesWhatIsNoUtf8) {
  EXPECT_NE(refusal("{\"keys\":[],\"a\":\"\xff\"}"), "");
  EXPECT_NE(refusal(std::string("{\"keys\":[]\0}", 12)), "");
}

TEST(JwkSet, AnIvWhereTheAlgorithmTakesNoneIsRefusedEvenIfEmpty) {
  EXPECT_EQ(refusal(jwk_with(R"(,"iv":"")")), "");
  std::string modern = jwk_with(R"(,"iv":"")");
  modern.replace(modern.find("nginx-legacy"), 12, "XAES-256-GCM");
  EXPECT_NE(refusal(modern), "");
}

TEST(JwkSet, KidHas128CharactersAtMost) {
  const auto with_kid = [](const std::string& kid) { return jwk_with(R"(,"kid":")" + kid + '"'); };
  EXPECT_EQ(refusal(with_kid(std::string(128, 'k'))), "");
  EXPECT_NE(refusal(with_kid(std::string(129, 'k'))), "");
  EXPECT_NE(refusal(with_kid("k\\u0000")), "");
  EXPECT_NE(refusal(with_kid("k\\u007f")), "");
}

TEST(JwkSet, MessagesNameTheKeyByItsPlace) {
  const std::string text = ring_text({xaes_key(0), xaes_key(1)});
  std::string second_bad = text;
  second_bad.replace(second_bad.rfind("\"oct\""), 5, "12345");
  EXPECT_TRUE(refusal(second_bad).starts_with("key 2")) << refusal(second_bad);
  std::string first_bad = text;
  first_bad.replace(first_bad.find("\"oct\""), 5, "12345");
  EXPECT_TRUE(refusal(first_bad).starts_with("key 1")) << refusal(first_bad);
}

TEST(JwkSet, MessagesHoldNoSecret) {
  const std::string secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  for (const std::string& from :
       {std::string("\"oct\""), std::string("\"enc\""), std::string("\"XAES-256-GCM\""),
        std::string("Hh8\""), xaes_key().kid}) {
    std::string text = ring_text({xaes_key()});
    ASSERT_NE(text.find(from), std::string::npos);
    text.replace(text.find(from), from.size(), "\"x\"");
    EXPECT_NE(refusal(text), "") << from;
    EXPECT_EQ(refusal(text).find(secret.substr(0, 10)), std::string::npos) << from;
  }
}

TEST(JwkSet, PassesOnThatTheDriverFailed) {
  ObservedDriver driver;
  driver.observed.fail(Call::sha_256, Error::crypto_failure);
  const auto keys = parse_jwk_set(driver, ring_text({xaes_key()}));
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().error, Error::crypto_failure);
}

TEST(CheckKey, GivesAModernKeyItsKidAndALegacyKeyNone) {
  Key modern = xaes_key();
  modern.kid.clear();
  ASSERT_TRUE(check_key(tested_driver(), modern));
  EXPECT_EQ(modern.kid, "WqjPPRvA");
  Key legacy = legacy_key();
  ASSERT_TRUE(check_key(tested_driver(), legacy));
  EXPECT_EQ(legacy.kid, "");
}

TEST(CheckKey, BoundsTimesAsTheFileDoes) {
  constexpr std::int64_t kLatest = (std::int64_t{1} << 40) - 1;
  for (const std::int64_t time : {std::int64_t{0}, kNow, kLatest}) {
    Key key = opening_until(sealing_from(xaes_key(), time), time);
    EXPECT_TRUE(check_key(tested_driver(), key)) << time;
  }
  for (const std::int64_t time : {INT64_MIN, std::int64_t{-1}, kLatest + 1, INT64_MAX}) {
    Key late = sealing_from(xaes_key(), time), long_open = opening_until(xaes_key(), time);
    EXPECT_FALSE(check_key(tested_driver(), late)) << time;
    EXPECT_FALSE(check_key(tested_driver(), long_open)) << time;
  }
}

TEST(CheckKey, BoundsSizes) {
  for (std::size_t size = 0; size < 70; ++size) {
    Key key = legacy_key();
    key.secret.resize(size);
    EXPECT_EQ(check_key(tested_driver(), key).has_value(), size == 32) << size;
    Key with_iv = legacy_key(0, std::string(size, 'i'));
    EXPECT_EQ(check_key(tested_driver(), with_iv).has_value(), size <= 16) << size;
  }
  Key modern = xaes_key();
  modern.iv = "i";
  EXPECT_FALSE(check_key(tested_driver(), modern));
}

}  // namespace
}  // namespace sealring
