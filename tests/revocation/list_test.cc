// SPDX-License-Identifier: Apache-2.0
#include "revocation/list.h"

#include <gtest/gtest.h>

#include "support/revocations.h"

namespace sealring::revocation {
namespace {

// One entry alone, a part of the list with several, and as many as there are parts.
TEST(RevocationList, FindsWhatIsInItAndNothingElse) {
  for (const std::size_t count : {0U, 1U, 2U, 7U, 8U, 16U, 17U, 1000U, 5000U}) {
    const auto list = parse(list_bytes(count));
    ASSERT_TRUE(list) << list.error().message;
    EXPECT_EQ((*list)->size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto found = (*list)->find(hash_number(i));
      ASSERT_TRUE(found) << i << " of " << count;
      EXPECT_EQ(found->hash, hash_number(i));
      EXPECT_EQ(found->revoked_at, kNow);
      EXPECT_EQ(found->until, kLater);
    }
    for (std::size_t i = count; i < count + 1000; ++i) {
      EXPECT_FALSE((*list)->find(hash_number(i))) << i << " of " << count;
    }
  }
}

// At both ends of the list, and with equal first halves.
TEST(RevocationList, FindsTheFirstAndTheLastHash) {
  Hash low{}, high, near_low{}, near_high;
  high.fill(0xff);
  near_high.fill(0xff);
  near_low.back() = 1;
  near_high.back() = 0xfe;
  for (const std::size_t others : {0U, 100U}) {
    Draft draft = Draft::make(tested_driver()).value();
    for (std::size_t i = 0; i < others; ++i) ASSERT_TRUE(draft.add("sid", entry_number(i)));
    for (const Hash& hash : {low, high}) ASSERT_TRUE(draft.add("sid", {hash, kNow, kLater}));
    const auto list = parse(std::move(draft).write(tested_driver(), kNow).value().bytes).value();
    for (const Hash& hash : {low, high}) EXPECT_TRUE(list->find(hash));
    for (const Hash& hash : {near_low, near_high}) EXPECT_FALSE(list->find(hash));
  }
}

// Hashes that do not spread, as nobody can make them: the look-up is slower and still right.
TEST(RevocationList, FindsHashesThatAreNearOneAnother) {
  Draft draft = Draft::make(tested_driver()).value();
  const auto nth = [](unsigned i) {
    Hash hash{};
    store_big_endian(i, std::span(hash).last<4>());
    return hash;
  };
  for (unsigned i = 0; i < 2000; i += 2) ASSERT_TRUE(draft.add("sid", {nth(i), kNow, kLater}));
  const auto list = parse(std::move(draft).write(tested_driver(), kNow).value().bytes).value();
  for (unsigned i = 0; i < 2000; ++i) EXPECT_EQ(list->find(nth(i)).has_value(), i % 2 == 0) << i;
}

TEST(RevocationList, ReadsTheHeaderAndTheNames) {
  Draft draft = Draft::make(tested_driver()).value();
  const Salt salt = draft.salt();
  draft.set_max_staleness(90);
  ASSERT_TRUE(draft.add(tested_driver(), "Tenant", "7", kNow, kLater));
  ASSERT_TRUE(draft.add(tested_driver(), "", "", kNow, kLater));
  const auto list = parse(std::move(draft).write(tested_driver(), kNow).value().bytes).value();
  EXPECT_EQ(list->header().salt, salt);
  EXPECT_EQ(list->header().generation, 1U);
  EXPECT_EQ(list->header().written_at, kNow);
  EXPECT_EQ(list->header().max_staleness, 90U);
  ASSERT_EQ(list->names().size(), 2U);
  EXPECT_EQ(list->names()[0], "tenant");
  EXPECT_EQ(list->names()[1], "");
  EXPECT_TRUE(list->find(hash_of(tested_driver(), salt, "TENANT", "7").value()));
}

// As an agent has them from other machines: names, and entries that do not say which is theirs.
TEST(RevocationList, HasAGivenSaltAndNamesOnTheirOwn) {
  const Salt salt{1, 2, 3};
  Draft draft = Draft::with_salt(salt);
  EXPECT_EQ(draft.salt(), salt);
  ASSERT_TRUE(draft.add_name("User"));
  ASSERT_TRUE(draft.add_name("user"));
  ASSERT_TRUE(draft.add(entry_number(1)));
  EXPECT_FALSE(draft.add_name(std::string(kMaxNameSize + 1, 'n')));
  EXPECT_FALSE(draft.add(Entry{Hash{}, kNow, kEndOfTime + 1}));
  const auto list = parse(std::move(draft).write(tested_driver(), kNow).value().bytes).value();
  EXPECT_EQ(list->header().salt, salt);
  ASSERT_EQ(list->names().size(), 1U);
  EXPECT_EQ(list->names()[0], "user");
  EXPECT_EQ(list->size(), 1U);
}

}  // namespace
}  // namespace sealring::revocation
