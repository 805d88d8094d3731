// SPDX-License-Identifier: Apache-2.0
// What is written can be read, and fits. The vectors cover what is accepted and refused.
#include "formats/jose_header.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/base64url.h"

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

// The text's kid, and what read_jose_header() says of it.
void expect_read_alike(std::string_view json) {
  std::string text(base64url::encoded_size(json.size()), '\0');
  base64url::encode(as_bytes(json), text.data());
  std::vector<std::uint8_t> room(json.size());
  const auto usual = usual_kid(text, room);
  if (!usual) return;
  EXPECT_EQ(read(json), *usual) << json;
}

TEST(JoseHeader, TheUsualOneIsReadAsAnyOther) {
  EXPECT_EQ(kJoseHeaderStartText, base64url::encode(as_bytes(kJoseHeaderStart)));
  const std::string json = written("tB9fN-wo");
  std::vector<std::uint8_t> room(json.size());
  EXPECT_EQ(usual_kid(base64url::encode(as_bytes(json)), room), "tB9fN-wo");
  for (std::size_t place = 0; place < json.size(); ++place) {
    for (int c = 0; c < 256; ++c) {
      std::string altered = json;
      altered[place] = static_cast<char>(c);
      expect_read_alike(altered);
    }
    expect_read_alike(json.substr(0, place));
  }
  for (std::size_t size = 0; size < kMaxKidSize + 2; ++size) {
    expect_read_alike(std::string(kJoseHeaderStart) + std::string(size, 'k') + "\"}");
  }
}

}  // namespace
}  // namespace sealring
