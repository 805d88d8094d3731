// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <gtest/gtest.h>

namespace sealring {
namespace {

// Logs, scripts and bindings rely on these.
TEST(Error, NamesAndNumbersStay) {
  constexpr std::pair<int, std::string_view> kErrors[] = {
      {10, "malformed"},        {11, "unsupported"},
      {12, "unknown_key"},      {13, "authentication_failed"},
      {14, "expired"},          {15, "not_yet_valid"},
      {16, "revoked"},          {17, "unbound"},
      {30, "buffer_too_small"}, {31, "crypto_failure"},
      {32, "out_of_memory"},    {33, "no_primary_key"},
      {34, "invalid_argument"}, {35, "invalid_keyring"},
      {36, "write_failed"},     {37, "invalid_revocations"}};
  int named = 0;
  for (int number = 0; number < 100; ++number) {
    named += error_name(static_cast<Error>(number)) != "unknown_status";
  }
  EXPECT_EQ(named, static_cast<int>(std::size(kErrors)));
  for (const auto& [number, name] : kErrors) {
    EXPECT_EQ(error_name(static_cast<Error>(number)), name);
    EXPECT_EQ(is_refusal(static_cast<Error>(number)), number < 30) << name;
  }
}

TEST(Error, AProblemHasAReasonAndASentence) {
  const Explained<int> failed = problem(Error::write_failed, "the disk is full");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().error, Error::write_failed);
  EXPECT_EQ(failed.error().message, "the disk is full");
}

}  // namespace
}  // namespace sealring
