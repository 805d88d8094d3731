// SPDX-License-Identifier: Apache-2.0
// What is written can be read, and fits. The vectors cover what is accepted and refused.
#include "formats/jose_header.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sealring {
namespace {

std::string read(std::string_view json) {
  std::vector<std::uint8_t> header(json.begin(), json.end());
  const auto kid = read_jose_header(header);
  return std::string(kid ? *kid : error_name(kid.error().reason));
}

std::string written(std::string_view kid) {
  char json[kMaxJoseHeaderSize];
  return {json, write_jose_header(kid, json)};
}

TEST(JoseHeader, IsWrittenAsTheSpecificationHasIt) {
  EXPECT_EQ(written("tB9fN-wo"), R"({"alg":"dir","enc":"A256GCM","kid":"tB9fN-wo"})");
  EXPECT_EQ(written(R"(a"\)"), R"({"alg":"dir","enc":"A256GCM","kid":"a\"\\"})");
}

TEST(JoseHeader, EveryKidOfARingThereAndBack) {
  for (const char c : std::string_view("!\"#\\/az~")) {
    for (const std::size_t size : {std::size_t{1}, kMaxKidSize}) {
      const std::string kid(size, c);
      EXPECT_EQ(read(written(kid)), kid);
    }
  }
  EXPECT_EQ(written(std::string(kMaxKidSize, '"')).size(), kMaxJoseHeaderSize);
}

TEST(JoseHeader, AKidOfNothingButEscapesFits) {
  const auto header = [](std::size_t count) {
    std::string kid;
    for (std::size_t i = 0; i < count; ++i) kid += "\\u006b";
    return R"({"alg":"dir","enc":"A256GCM","kid":")" + kid + "\"}";
  };
  EXPECT_EQ(read(header(kMaxKidSize)), std::string(kMaxKidSize, 'k'));
  EXPECT_EQ(read(header(kMaxKidSize + 1)), "malformed");
  EXPECT_EQ(read(header(10 * kMaxKidSize)), "malformed");
}

}  // namespace
}  // namespace sealring
