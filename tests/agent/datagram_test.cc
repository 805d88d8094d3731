// SPDX-License-Identifier: Apache-2.0
#include "agent/datagram.h"

#include <gtest/gtest.h>

namespace sealring::agent {
namespace {

constexpr const char* kGood =
    "list=%2fvar%2flists%2fa.revoked&name=sid&hash=AAECAwQFBgcICQoLDA0ODw&revoked_at=1800000000"
    "&until=1099511627775";

std::optional<Told> read(std::string_view text) {
  return read_datagram(as_bytes(text));
}

std::string with(std::string_view what, std::string_view instead) {
  std::string text = kGood;
  const std::size_t place = text.find(what);
  EXPECT_NE(place, std::string::npos);
  return text.replace(place, what.size(), instead);
}

TEST(Datagram, SaysWhatIsRevoked) {
  const auto told = read(kGood);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->list, "/var/lists/a.revoked");
  EXPECT_EQ(told->name, "sid");
  for (std::size_t i = 0; i < told->entry.hash.size(); ++i) EXPECT_EQ(told->entry.hash[i], i);
  EXPECT_EQ(told->entry.revoked_at, 1'800'000'000);
  EXPECT_EQ(told->entry.until, revocation::kEndOfTime);
}

TEST(Datagram, FieldsMayBeInAnyOrder) {
  EXPECT_TRUE(read("until=2&revoked_at=1&hash=AAECAwQFBgcICQoLDA0ODw&list=%2fa&NAME=sid"));
}

TEST(Datagram, WithoutANameEverythingIsRevoked) {
  const auto told = read(with("&name=sid", ""));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->name, "");
}

TEST(Datagram, AnyOtherFormIsRefused) {
  EXPECT_FALSE(read(""));
  for (const auto& [what, instead] : std::initializer_list<std::pair<const char*, const char*>>{
           {"list=%2fvar%2flists%2fa.revoked&", ""},
           {"&hash=AAECAwQFBgcICQoLDA0ODw", ""},
           {"&revoked_at=1800000000", ""},
           {"&until=1099511627775", ""},
           {"name=sid", "name=sid&more=1"},
           {"name=sid", "nick=sid"},
           {"Dw", "D"},
           {"Dw", "DwA"},
           {"Dw", "Dx"},
           {"Dw", "D="},
           {"=1800000000", "=-1"},
           {"=1800000000", "=%201"},
           {"=1800000000", "=0x10"},
           {"=1800000000", "=1.5"},
           {"1099511627775", "1099511627776"},
           {"1099511627775", "99999999999999999999"},
       }) {
    EXPECT_FALSE(read(with(what, instead))) << what << " " << instead;
  }
  EXPECT_FALSE(read(with("sid", std::string(65, 'n'))));
  EXPECT_TRUE(read(with("sid", std::string(64, 'n'))));
}

TEST(Datagram, ItsSizeHasABound) {
  const std::string text = kGood;
  const std::string padding(kMaxDatagramSize - text.size(), '&');
  EXPECT_TRUE(read(text + padding));
  EXPECT_FALSE(read(text + padding + "&"));
}

}  // namespace
}  // namespace sealring::agent
