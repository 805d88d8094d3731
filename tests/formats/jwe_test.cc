// SPDX-License-Identifier: Apache-2.0
// When a JWE key is set in a cipher. tests/token covers what it opens and refuses.
#include <gtest/gtest.h>

#include <set>

#include "base/base64url.h"
#include "support/sealers.h"

namespace sealring {
namespace {

// As a backend might make it, with an additional member in the header.
std::string token_with(const Key& key, const std::string& member, std::string_view payload = "p") {
  const std::string header = base64url::encode(as_bytes(R"({"alg":"dir","enc":"A256GCM","kid":")" +
                                                        key.kid + R"(","x":")" + member + "\"}"));
  const std::string claims = "{\"payload\":\"" + std::string(payload) + "\"}";
  std::vector<std::uint8_t> body(claims.begin(), claims.end());
  std::array<std::uint8_t, 12> iv{};
  std::array<std::uint8_t, 16> tag;
  const auto gcm = tested_driver().aes_256_gcm().value();
  gcm->set_key(std::span<const std::uint8_t, 32>(key.secret)).value();
  gcm->encrypt_in_place(iv, as_bytes(header), body, tag).value();
  return header + ".." + base64url::encode(iv) + "." + base64url::encode(body) + "." +
         base64url::encode(tag);
}

std::size_t keyings(ObservedDriver& driver) {
  return driver.observed.count(Call::gcm_set_key);
}

TEST(Jwe, SealsWithOneKeyingAndFreshIvs) {
  ObservedDriver driver;
  const auto sealer = sealer_of({a256gcm_key()}, driver);
  std::set<std::string> tokens, headers;
  for (int i = 0; i < 1000; ++i) {
    const std::string token = seal(*sealer, "p");
    headers.insert(token.substr(0, token.find('.')));
    tokens.insert(token.substr(token.find("..") + 2, 16));
  }
  EXPECT_EQ(tokens.size(), 1000U);
  EXPECT_EQ(headers.size(), 1U);
  EXPECT_EQ(keyings(driver), 1U);
}

TEST(Jwe, AKnownKeyIsNotKeyedAgain) {
  ObservedDriver driver;
  const Key key = a256gcm_key();
  const auto sealer = sealer_of({key}, driver);
  EXPECT_EQ(open(*sealer, token_with(key, "one")).payload, "p");
  EXPECT_EQ(keyings(driver), 1U);
  EXPECT_EQ(open(*sealer, token_with(key, "one", "q")).payload, "q");
  EXPECT_EQ(open(*sealer, token_with(key, "two")).payload, "p");
  EXPECT_EQ(keyings(driver), 1U);
}

TEST(Jwe, ForgedTokensTakeNoPlace) {
  ObservedDriver driver;
  std::vector<Key> keys;
  for (int i = 0; i < 100; ++i) keys.push_back(a256gcm_key(static_cast<std::uint8_t>(i)));
  const auto sealer = sealer_of(keys, driver);
  const std::string token = token_with(keys[0], "good");
  ASSERT_TRUE(open(*sealer, token).opened);
  for (const Key& key : keys) {
    std::string forged = token_with(key, "forged");
    forged.replace(forged.size() - 22, 22, 22, 'A');
    EXPECT_EQ(reason_of(*sealer, forged), "authentication_failed");
    EXPECT_EQ(reason_of(*sealer, token_with(a256gcm_key(200), "x")), "unknown_key");
  }
  driver.observed.reset();
  EXPECT_TRUE(open(*sealer, token).opened);
  EXPECT_EQ(keyings(driver), 0U);
}

TEST(Jwe, MoreKeysThanPlacesAllOpen) {
  std::vector<Key> keys;
  for (int i = 0; i < 50; ++i) keys.push_back(a256gcm_key(static_cast<std::uint8_t>(i)));
  const auto sealer = sealer_of(keys);
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::string payload = std::to_string(i);
      const Outcome outcome = open(*sealer, token_with(keys[i], payload, payload));
      EXPECT_EQ(outcome.payload, payload);
      EXPECT_EQ(outcome.kid, keys[i].kid);
    }
  }
}

TEST(Jwe, HasFivePartsAndNoMore) {
  const std::string token = seal(*sealer_of({a256gcm_key()}), "payload");
  EXPECT_TRUE(kJwe.recognises(as_bytes(token)));
  for (std::size_t place = 0; place < token.size(); ++place) {
    std::string altered = token;
    altered[place] = token[place] == '.' ? 'A' : '.';
    EXPECT_FALSE(kJwe.recognises(as_bytes(altered))) << altered;
  }
}

TEST(Jwe, TheKidOfARefusalIsTheTokens) {
  const std::vector<Key> keys = {a256gcm_key(0x40), a256gcm_key(0x60)};
  const auto sealer = sealer_of(keys);
  for (std::size_t i = 0; i < 40; ++i) {
    const Outcome outcome =
        open(*sealer, token_with(keys[i % 2], std::to_string(i)), "no audience");
    EXPECT_EQ(outcome.reason, Error::authentication_failed);
    EXPECT_EQ(outcome.kid, keys[i % 2].kid);
  }
}

TEST(Jwe, ForgetsWhenTheProcessForked) {
  RandomPool pool = RandomPool::make(tested_driver()).value();
  ObservedDriver driver;
  const auto format = kJwe.make(driver, pool).value();
  const Key key = a256gcm_key();
  std::vector<std::uint8_t> token(kJwe.sealed_size(1));
  const auto seal_again = [&] {
    return format->seal(key, {}, {}, as_bytes("p"), token).value().size;
  };
  std::size_t size = seal_again();
  std::vector<std::uint8_t> buffer(kJwe.opened_size(size));
  const auto open_again = [&] {
    const auto parsed = kJwe.parse(Bytes(token).first(size), buffer).value();
    EXPECT_TRUE(format->open(key, parsed, {}, buffer));
  };
  open_again();
  format->forget();
  driver.observed.reset();
  size = seal_again();
  open_again();
  EXPECT_EQ(keyings(driver), 2U);
}

TEST(Jwe, ADriverThatFailsIsNotTheTokensFault) {
  ObservedDriver driver;
  const auto sealer = sealer_of({a256gcm_key()}, driver);
  const std::string token = seal(*sealer, "p");
  driver.observed.fail(Call::gcm_set_key, Error::crypto_failure);
  EXPECT_EQ(reason_of(*sealer, token), "crypto_failure");
  driver.observed.fail_no_more();
  EXPECT_EQ(reason_of(*sealer, token), "ok");
}

}  // namespace
}  // namespace sealring
