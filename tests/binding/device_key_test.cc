// SPDX-License-Identifier: Apache-2.0
// What is a key, before a signature is verified with it. What else a key can be is in the vectors.
#include "binding/device_key.h"

#include <gtest/gtest.h>

#include "base/base64url.h"

namespace sealring::binding {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer modulus(std::size_t size) {
  Buffer bytes(size, 0xff);
  return bytes;
}

bool is_key(std::string_view kind, Bytes bytes) {
  const std::string field = std::string(kind) + "." + base64url::encode(bytes);
  const auto key = key_in_field(field);
  if (key) {
    EXPECT_EQ(field_of(*key), field);
  }
  return key.has_value();
}

TEST(DeviceKey, SizesOfEs256) {
  EXPECT_TRUE(is_key("ES256", Buffer(64)));
  for (const std::size_t size : {0U, 63U, 65U, 256U, 512U})
    EXPECT_FALSE(is_key("ES256", Buffer(size)));
}

TEST(DeviceKey, ModuliOfRs256) {
  for (const std::size_t size : {256U, 257U, 384U, 512U}) {
    EXPECT_TRUE(is_key("RS256", modulus(size))) << size;
  }
  for (const std::size_t size : {0U, 64U, 255U, 513U}) {
    EXPECT_FALSE(is_key("RS256", modulus(size))) << size;
  }
  Buffer even = modulus(256), leading_zero = modulus(256);
  even.back() = 0xfe;
  leading_zero.front() = 0x7f;
  EXPECT_FALSE(is_key("RS256", even));
  EXPECT_FALSE(is_key("RS256", leading_zero));
}

TEST(DeviceKey, FieldsOfAnotherForm) {
  for (const std::string_view field :
       {"", ".", "ES256", "ES256.", "ES2560.AAAA", "es256.AAAA", "none.", "RS256.AAAA"}) {
    EXPECT_FALSE(key_in_field(field)) << field;
  }
}

}  // namespace
}  // namespace sealring::binding
