// SPDX-License-Identifier: Apache-2.0
// The file with a provider's keys. What is in it is in the vectors.
#include "logout/provider_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/vectors.h"

namespace sealring::logout {
namespace {

std::string key_set(const char* vector) {
  return read_vector(vector).at("jwk_set");
}

class ProviderKeysInAFile : public ::testing::Test {
 protected:
  void put(const std::string& text, mode_t mode = 0644) const { replace_text(path_, text, mode); }
  std::string refusal() const {
    const auto file = follow_provider_keys(path_);
    return file ? "" : file.error().message;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "jwks.json";
};

TEST_F(ProviderKeysInAFile, AreFollowed) {
  put(key_set("logout_keys_two"));
  const auto file = follow_provider_keys(path_);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ((*file)->current()->size(), 2U);
  put(key_set("logout_keys_for_encryption"));
  EXPECT_TRUE((*file)->refresh(1));
  EXPECT_EQ((*file)->current()->size(), 1U);
  put("<html>");
  const auto refused = (*file)->refresh(2);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("key set \"" + path_ + "\": it is not a JWK Set"),
            std::string::npos);
  EXPECT_EQ((*file)->current()->size(), 1U);
  std::filesystem::remove(path_);
  EXPECT_FALSE((*file)->refresh(3));
  EXPECT_EQ((*file)->current()->size(), 1U);
  put(key_set("logout_keys_two"));
  EXPECT_TRUE((*file)->refresh(4));
  EXPECT_EQ((*file)->current()->size(), 2U);
}

TEST_F(ProviderKeysInAFile, OnlyItsOwnerMayWrite) {
  const std::string text = key_set("logout_keys_two");
  for (const mode_t mode : {0664U, 0646U, 0666U}) {
    put(text, mode);
    EXPECT_NE(refusal().find("run: chmod go-w " + path_), std::string::npos) << mode;
  }
  for (const mode_t mode : {0644U, 0600U}) {
    put(text, mode);
    EXPECT_EQ(refusal(), "") << mode;
  }
}

TEST_F(ProviderKeysInAFile, WhatIsNoFile) {
  EXPECT_NE(refusal().find("No such file"), std::string::npos);
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_NE(refusal().find("not a regular file"), std::string::npos);
}

TEST_F(ProviderKeysInAFile, HasABound) {
  const std::string text = key_set("logout_keys_two");
  put(text + std::string(kMaxKeySetSize - text.size(), ' '));
  EXPECT_EQ(refusal(), "");
  put(text + std::string(kMaxKeySetSize - text.size() + 1, ' '));
  EXPECT_NE(refusal().find("it is larger than 256 KiB"), std::string::npos);
}

TEST_F(ProviderKeysInAFile, SaysWhichKeyIsWrong) {
  put(key_set("logout_keys_private"));
  EXPECT_NE(refusal().find("key 2: it is a secret"), std::string::npos);
  put(key_set("logout_keys_17_members"));
  EXPECT_NE(refusal().find("key 1: it is not a JSON object of at most 16"), std::string::npos);
  put(key_set("logout_keys_none_used"));
  EXPECT_NE(refusal().find("it has no key for ES256"), std::string::npos);
}

}  // namespace
}  // namespace sealring::logout
