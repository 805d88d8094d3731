// SPDX-License-Identifier: Apache-2.0
// What a token revokes, and how it is remembered.
#include <gtest/gtest.h>

#include "logout/logout_token.h"
#include "revocation/hash.h"

namespace sealring::logout {
namespace {

const FieldNames kBoth{"oidc_sid", "user"}, kOnlySid{"oidc_sid", ""}, kOnlySub{"", "user"};

// NAME=VALUE, or why there is nothing.
std::string revoked(std::string_view sid, std::string_view sub, const FieldNames& fields) {
  const auto found = revoked_by(LogoutToken{"j", sid, sub, 0}, fields);
  if (found) return std::string(found->name) + "=" + std::string(found->value);
  return std::string(error_name(found.error().reason)) + ": " + found.error().detail;
}

TEST(RevokedBy, TheSessionIfItIsKnown) {
  EXPECT_EQ(revoked("s", "u", kBoth), "oidc_sid=s");
  EXPECT_EQ(revoked("s", "", kBoth), "oidc_sid=s");
  EXPECT_EQ(revoked("s", "u", kOnlySid), "oidc_sid=s");
}

TEST(RevokedBy, AllOfTheUserOtherwise) {
  EXPECT_EQ(revoked("", "u", kBoth), "user=u");
  EXPECT_EQ(revoked("s", "u", kOnlySub), "user=u");
}

TEST(RevokedBy, NothingThatTheSiteKeeps) {
  EXPECT_EQ(revoked("s", "", kOnlySub),
            "unsupported: it has only a sid, and oidc-sid-field is not configured");
  EXPECT_EQ(revoked("", "u", kOnlySid),
            "unsupported: it has only a sub, and oidc-sub-field is not configured");
}

TEST(UsedTokens, FitIntoAList) {
  EXPECT_EQ(used_value({"https://op.example", "shop"}, "bWJq"), "https://op.example bWJq");
  const Parties longest{std::string(kMaxIssuerSize, 'i'), ""};
  EXPECT_LE(used_value(longest, std::string(kMaxJtiSize, 'j')).size(), revocation::kMaxValueSize);
  EXPECT_LE(kUsedName.size(), revocation::kMaxNameSize);
}

}  // namespace
}  // namespace sealring::logout
