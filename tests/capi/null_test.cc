// SPDX-License-Identifier: Apache-2.0
// NULL where it is not allowed, or a structure without a size: the result is INVALID_ARGUMENT, and
// the message names the argument.
#include <gtest/gtest.h>
#include <sealring/sealring.h>

#include <functional>
#include <string>

#include "support/temporary_folder.h"

namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr char kAlgorithm[] = "XAES-256-GCM";

struct Null : ::testing::Test {
  void SetUp() override {
    ASSERT_EQ(sealring_keyring_file_init(path_.c_str(), kAlgorithm, 0, nullptr, nullptr),
              SEALRING_OK);
    ASSERT_EQ(sealring_keyring_load(path_.c_str(), &ring_, nullptr), SEALRING_OK);
    ASSERT_EQ(sealring_sealer_new(ring_, nullptr, &sealer_, nullptr), SEALRING_OK);
    key_.algorithm = kAlgorithm;
    key_.secret = secret_;
    key_.secret_size = sizeof secret_;
  }
  void TearDown() override {
    sealring_sealer_free(sealer_);
    sealring_keyring_free(ring_);
  }

  sealring_key with(void (*change)(sealring_key&)) const {
    sealring_key key = key_;
    change(key);
    return key;
  }

  const sealring::TemporaryFolder folder_;
  const std::string path_ = folder_ / "ring";
  const char* const file_ = path_.c_str();
  std::uint8_t secret_[32] = {1};
  sealring_key key_ = SEALRING_INIT(sealring_key);
  sealring_keyring* ring_ = nullptr;
  sealring_sealer* sealer_ = nullptr;
};

// ---- At load time

struct Call {
  const char* argument;  // which the message names
  std::function<sealring_status(sealring_error*)> run;
};

TEST_F(Null, AtLoadTimeIsNamed) {
  sealring_keyring* out = nullptr;
  sealring_sealer* sealer = nullptr;
  char text[SEALRING_GENERATED_SIZE], kid[SEALRING_KID_SIZE];
  std::size_t count;
  sealring_key_info unsized[8] = {};
  const sealring_key no_size = with([](sealring_key& key) { key.size = 0; });
  const sealring_key no_algorithm = with([](sealring_key& key) { key.algorithm = nullptr; });
  const sealring_key no_secret = with([](sealring_key& key) { key.secret = nullptr; });
  const sealring_key no_secret_no_size = with([](sealring_key& key) {
    key.secret = nullptr;
    key.secret_size = 0;
  });
  const sealring_key no_iv = with([](sealring_key& key) {
    key.algorithm = "nginx-legacy";
    key.iv_size = 16;
  });
  const Call calls[] = {
      {"keys", [&](auto* e) { return sealring_keyring_from_keys(nullptr, 1, &out, e); }},
      {"keyring", [&](auto* e) { return sealring_keyring_from_keys(&key_, 1, nullptr, e); }},
      {"size", [&](auto* e) { return sealring_keyring_from_keys(&no_size, 1, &out, e); }},
      {"algorithm", [&](auto* e) { return sealring_keyring_from_keys(&no_algorithm, 1, &out, e); }},
      {"secret", [&](auto* e) { return sealring_keyring_from_keys(&no_secret, 1, &out, e); }},
      {"secret",
       [&](auto* e) { return sealring_keyring_from_keys(&no_secret_no_size, 1, &out, e); }},
      {"IV", [&](auto* e) { return sealring_keyring_from_keys(&no_iv, 1, &out, e); }},
      {"path", [&](auto* e) { return sealring_keyring_load(nullptr, &out, e); }},
      {"keyring", [&](auto* e) { return sealring_keyring_load(file_, nullptr, e); }},
      {"text", [&](auto* e) { return sealring_keyring_parse(nullptr, 0, &out, e); }},
      {"text", [&](auto* e) { return sealring_keyring_parse(nullptr, 9, &out, e); }},
      {"keyring", [&](auto* e) { return sealring_keyring_parse("{}", 2, nullptr, e); }},
      {"keyring", [&](auto* e) { return sealring_keyring_extend(nullptr, &key_, 1, &out, e); }},
      {"keys", [&](auto* e) { return sealring_keyring_extend(ring_, nullptr, 1, &out, e); }},
      {"extended", [&](auto* e) { return sealring_keyring_extend(ring_, &key_, 1, nullptr, e); }},
      {"secret", [&](auto* e) { return sealring_keyring_extend(ring_, &no_secret, 1, &out, e); }},
      {"keyring", [&](auto* e) { return sealring_keyring_refresh(nullptr, kNow, e); }},
      {"keyring",
       [&](auto* e) { return sealring_keyring_list(nullptr, kNow, unsized, 8, &count, e); }},
      {"count",
       [&](auto* e) { return sealring_keyring_list(ring_, kNow, nullptr, 0, nullptr, e); }},
      {"size", [&](auto* e) { return sealring_keyring_list(ring_, kNow, unsized, 8, &count, e); }},
      {"path", [&](auto* e) { return sealring_keyring_readable_by(nullptr, 0, 0, e); }},
      {"algorithm", [&](auto* e) { return sealring_keyring_generate(nullptr, 0, text, kid, e); }},
      {"text", [&](auto* e) { return sealring_keyring_generate(kAlgorithm, 0, nullptr, kid, e); }},
      {"path", [&](auto* e) { return sealring_keyring_file_init(nullptr, kAlgorithm, 0, kid, e); }},
      {"algorithm", [&](auto* e) { return sealring_keyring_file_init(file_, nullptr, 0, kid, e); }},
      {"path", [&](auto* e) { return sealring_keyring_file_add(nullptr, &key_, kid, e); }},
      {"key", [&](auto* e) { return sealring_keyring_file_add(file_, nullptr, kid, e); }},
      {"secret", [&](auto* e) { return sealring_keyring_file_add(file_, &no_secret, kid, e); }},
      {"path", [&](auto* e) { return sealring_keyring_file_rotate(nullptr, kNow, 0, 60, kid, e); }},
      {"path", [&](auto* e) { return sealring_keyring_file_prune(nullptr, kNow, &count, e); }},
      {"keyring", [&](auto* e) { return sealring_sealer_new(nullptr, nullptr, &sealer, e); }},
      {"sealer", [&](auto* e) { return sealring_sealer_new(ring_, nullptr, nullptr, e); }},
      {"sealer", [&](auto* e) { return sealring_sealer_refresh(nullptr, kNow, e); }},
  };
  for (const Call& call : calls) {
    sealring_error error = SEALRING_INIT(sealring_error);
    EXPECT_EQ(call.run(&error), SEALRING_INVALID_ARGUMENT) << call.argument;
    EXPECT_EQ(error.status, SEALRING_INVALID_ARGUMENT) << call.argument;
    EXPECT_NE(std::string(error.message).find(call.argument), std::string::npos) << error.message;
    EXPECT_EQ(call.run(nullptr), SEALRING_INVALID_ARGUMENT) << call.argument;
    sealring_error without_size{};
    EXPECT_EQ(call.run(&without_size), SEALRING_INVALID_ARGUMENT) << call.argument;
    EXPECT_EQ(without_size.message[0], '\0');
    EXPECT_EQ(out, nullptr);
    EXPECT_EQ(sealer, nullptr);
  }
}

// ---- With each request

TEST_F(Null, OnTheHotPathIsInvalid) {
  std::uint8_t data[512] = {};
  const auto seal = [&](sealring_sealer* sealer, const void* context, const void* payload,
                        void* token) {
    sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
    sealed.token_size = 1;
    const auto status =
        sealring_seal(sealer, kNow, 60, context, 1, payload, 1, token, sizeof data, &sealed);
    EXPECT_EQ(sealed.token_size != 0, status == SEALRING_OK);
    EXPECT_EQ(sealed.detail == nullptr, status == SEALRING_OK);
    return status;
  };
  EXPECT_EQ(seal(sealer_, "c", "p", data), SEALRING_OK);
  EXPECT_EQ(seal(nullptr, "c", "p", data), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(seal(sealer_, nullptr, "p", data), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(seal(sealer_, "c", nullptr, data), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(seal(sealer_, "c", "p", nullptr), SEALRING_INVALID_ARGUMENT);

  const auto open = [&](sealring_sealer* sealer, const void* context, const void* token,
                        void* buffer) {
    sealring_opened opened = SEALRING_INIT(sealring_opened);
    const auto status =
        sealring_open(sealer, kNow, context, 1, token, 9, buffer, sizeof data, &opened);
    EXPECT_EQ(opened.detail != nullptr, status == SEALRING_INVALID_ARGUMENT);
    return status;
  };
  EXPECT_EQ(open(sealer_, "c", "no token!", data), SEALRING_MALFORMED);
  EXPECT_EQ(open(nullptr, "c", "no token!", data), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(open(sealer_, nullptr, "no token!", data), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(open(sealer_, "c", nullptr, data), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(open(sealer_, "c", "no token!", nullptr), SEALRING_INVALID_ARGUMENT);

  EXPECT_EQ(sealring_sealed_size(nullptr, 1), 0U);
  EXPECT_EQ(sealring_opened_size(nullptr, 1), 0U);
}

TEST_F(Null, OrAnUnsizedResultIsInvalid) {
  std::uint8_t data[512];
  sealring_sealed sealed{};
  sealring_opened opened{};
  sealring_token_info info{};
  for (const bool null : {true, false}) {
    EXPECT_EQ(sealring_seal(sealer_, kNow, 60, "", 0, "p", 1, data, sizeof data,
                            null ? nullptr : &sealed),
              SEALRING_INVALID_ARGUMENT);
    EXPECT_EQ(
        sealring_open(sealer_, kNow, "", 0, "t", 1, data, sizeof data, null ? nullptr : &opened),
        SEALRING_INVALID_ARGUMENT);
    EXPECT_EQ(sealring_inspect("t", 1, null ? nullptr : &info), SEALRING_INVALID_ARGUMENT);
  }
  info.size = sizeof info;
  EXPECT_EQ(sealring_inspect(nullptr, 1, &info), SEALRING_INVALID_ARGUMENT);
}

TEST_F(Null, OfADayIsInvalid) {
  std::int64_t end = 1;
  EXPECT_EQ(sealring_end_of_day(nullptr, &end), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(end, 0);
  EXPECT_EQ(sealring_end_of_day("2027-01-31", nullptr), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(sealring_day_of(0, nullptr), SEALRING_INVALID_ARGUMENT);
}

}  // namespace
