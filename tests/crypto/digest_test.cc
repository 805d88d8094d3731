// SPDX-License-Identifier: Apache-2.0
// SHA-256 and MD5: known answers of FIPS 180-2 and RFC 1321.
#include <gtest/gtest.h>

#include "support/hex.h"
#include "support/observed_driver.h"

namespace sealring {
namespace {

std::string sha_256_of(std::string_view text) {
  std::array<std::uint8_t, 32> digest;
  EXPECT_TRUE(tested_driver().hash_once(as_bytes(text), digest));
  return to_hex(digest);
}

TEST(Digest, Sha256) {
  EXPECT_EQ(sha_256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha_256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha_256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha_256_of(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, Sha256WithOneObjectForAll) {
  for (const char* const name : {"openssl", "openssl:provider=default"}) {
    const auto sha_256 = (*find_driver(name))->sha_256().value();
    for (int round = 0; round < 2; ++round) {
      for (const std::string_view text : {"", "abc", "user=alice"}) {
        std::array<std::uint8_t, 32> digest;
        ASSERT_TRUE(sha_256->digest(as_bytes(text), digest));
        EXPECT_EQ(to_hex(digest), sha_256_of(text)) << name;
      }
    }
  }
}

TEST(Digest, Md5WithOneContextForAll) {
  const auto md5 = tested_driver().md5().value();
  constexpr std::string_view kAnswers[][2] = {
      {"", "d41d8cd98f00b204e9800998ecf8427e"},
      {"a", "0cc175b9c0f1b6a831c399e269772661"},
      {"abc", "900150983cd24fb0d6963f7d28e17f72"},
      {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
      {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
      {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
       "d174ab98d277d9f5a5611c2c9f419d9f"},
      {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
       "57edf4a22be3c955ac49da2e2107b67a"}};
  for (int round = 0; round < 2; ++round) {
    for (const auto& [text, expected] : kAnswers) {
      std::array<std::uint8_t, 16> digest;
      ASSERT_TRUE(md5->digest(as_bytes(text), digest));
      EXPECT_EQ(to_hex(digest), expected) << text;
    }
  }
}

TEST(Digest, Md5TakesNothingFromNowhere) {
  std::array<std::uint8_t, 16> digest;
  ASSERT_TRUE(tested_driver().md5().value()->digest({}, digest));
  EXPECT_EQ(to_hex(digest), "d41d8cd98f00b204e9800998ecf8427e");
}

}  // namespace
}  // namespace sealring
