// SPDX-License-Identifier: Apache-2.0
#include "status/counters.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <vector>

#include "support/forked.h"
#include "support/keys.h"
#include "support/sealers.h"

namespace sealring::status {
namespace {

class CountersTest : public ::testing::Test {
 protected:
  SharedArray<std::uint64_t> memory_{Counters::size() / 8};
  MutableBytes bytes() {
    return {reinterpret_cast<std::uint8_t*>(memory_.span().data()), Counters::size()};
  }
  Counters& attached(std::int64_t now = kNow) { return *Counters::attach(bytes(), now); }

  std::uint64_t value(Counter counter, std::size_t first = 0, std::size_t second = 0) {
    const CounterRow& row = kCounters[static_cast<std::size_t>(counter)];
    return attached().value(offset_of(counter) + first * row.second.size() + second);
  }
};

TEST_F(CountersTest, StayWhenTheyAreAttachedAgain) {
  attached().add<Counter::revocations>();
  attached().counts_of(xaes_key(), kNow).count_sealed(kNow, 0);
  EXPECT_EQ(value(Counter::revocations), 1U);
  EXPECT_EQ(attached(kNow + 5).since(), kNow);
  EXPECT_EQ(attached().counts_of(xaes_key(), kNow + 5).sealed().value(), 1U);
}

TEST_F(CountersTest, BeginAnewInOtherMemory) {
  attached().add<Counter::revocations>();
  memory_.span()[0] ^= 1;  // the form, as of another list of counters
  EXPECT_EQ(attached(kNow + 5).since(), kNow + 5);
  EXPECT_EQ(value(Counter::revocations), 0U);
  EXPECT_EQ(Counters::attach(bytes().first(Counters::size() - 1), kNow), nullptr);
}

template <std::size_t... counter>
void add_each(Counters& counters, std::index_sequence<counter...>) {
  const auto add_all = [&]<std::size_t c>() {
    for (std::size_t i = 0; i < kCounters[c].first.size(); ++i) {
      for (std::size_t j = 0; j < kCounters[c].second.size(); ++j) {
        counters.add<static_cast<Counter>(c)>(i, j);
      }
    }
  };
  (add_all.template operator()<counter>(), ...);
}

// No two of all values share a place, and none is outside.
TEST_F(CountersTest, EachValueHasItsPlace) {
  add_each(attached(), std::make_index_sequence<kCounters.size()>());
  for (std::size_t i = 0; i < kValueCount; ++i) EXPECT_EQ(attached().value(i), 1U) << i;
}

TEST_F(CountersTest, ProcessesThatCountAtOnceLoseNothing) {
  constexpr std::uint64_t kTimes = 20000;
  attached();
  {
    std::vector<Child> children;
    for (std::uint8_t child = 0; child < 4; ++child) {
      children.emplace_back([&, child] {
        KeyCounts& own = attached().counts_of(xaes_key(child), kNow);
        KeyCounts& common = attached().counts_of(xaes_key(100), kNow);
        for (std::uint64_t i = 0; i < kTimes; ++i) {
          attached().add<Counter::tokens_opened>(1, 2);
          common.count_opened(kNow, static_cast<std::uint64_t>(kNow) + child * kTimes + i);
        }
        own.count_sealed(kNow, 0);
      });
    }
  }
  EXPECT_EQ(value(Counter::tokens_opened, 1, 2), 4 * kTimes);
  KeyCounts& common = attached().counts_of(xaes_key(100), kNow);
  EXPECT_EQ(common.opened().value(), 4 * kTimes);
  EXPECT_EQ(common.latest_end(), static_cast<std::uint64_t>(kNow) + 4 * kTimes - 1);
  std::size_t places = 0;
  for (std::size_t i = 0; i <= Counters::kKeys; ++i) places += attached().key_at(i).has_value();
  EXPECT_EQ(places, 5U);
}

TEST_F(CountersTest, SaysHowMuchWasCountedLately) {
  Counters& counters = attached(kNow);
  KeyCounts& key = counters.counts_of(xaes_key(), kNow);
  const auto count = [&](std::int64_t now) {
    counters.tick(now);
    key.count_sealed(now, 0);
  };
  const auto recent = [&](std::int64_t now) {
    counters.tick(now);
    return key.sealed().recent(now);
  };
  count(kNow);
  EXPECT_EQ(recent(kNow), (Recent{1, 1, 1}));
  EXPECT_EQ(recent(kNow + 59), (Recent{1, 1, 1}));
  EXPECT_EQ(recent(kNow + 65), (Recent{0, 1, 1}));
  count(kNow + 1800);
  EXPECT_EQ(recent(kNow + 1801), (Recent{1, 2, 2}));
  EXPECT_EQ(recent(kNow + 3600 + 60), (Recent{0, 1, 2}));
  EXPECT_EQ(recent(kNow + 7200), (Recent{0, 0, 2}));
  EXPECT_EQ(recent(kNow + 86400 - 1), (Recent{0, 0, 2}));
  EXPECT_EQ(recent(kNow + 86400 + 1800), (Recent{0, 0, 1}));
  // After a pause that is longer than all windows, and when the clock was set back.
  EXPECT_EQ(recent(kNow + 10 * 86400), (Recent{0, 0, 0}));
  count(kNow + 10 * 86400 + 5);
  EXPECT_EQ(recent(kNow + 10 * 86400 + 6), (Recent{1, 1, 1}));
  EXPECT_EQ(recent(kNow), (Recent{0, 0, 0}));
  count(kNow + 1);
  EXPECT_EQ(recent(kNow + 2), (Recent{1, 1, 1}));
  EXPECT_EQ(key.sealed().value(), 4U);
}

TEST_F(CountersTest, KnowsWhatAStepBeganWithRightAfterIt) {
  Counters& counters = attached(kNow);
  const std::int64_t day = kNow - kNow % 86400 + 86400;
  const std::size_t refused = over_time_offset_of(Counter::sealed_cookies_received) + 3;
  counters.tick(day - 86400 / 2);
  counters.add<Counter::sealed_cookies_received>(3, 0);
  counters.tick(day - 2);
  counters.tick(day + 1);
  const Course course = counters.history(refused).course(1, day + 1);
  EXPECT_EQ(course.back(), 0U);
  EXPECT_EQ(std::accumulate(course.begin(), course.end(), 0U), 1U);
}

TEST_F(CountersTest, NotesRefusalsOverTime) {
  Counters& counters = attached(kNow);
  const std::int64_t day = kNow - kNow % 86400 + 86400;
  const std::size_t refused =
      over_time_offset_of(Counter::sealed_cookies_received) + 3;  // unknown_key
  const auto refuse = [&](std::int64_t now, std::size_t mode) {
    counters.tick(now);
    counters.add<Counter::sealed_cookies_received>(3, mode);
    counters.add<Counter::sealed_cookies_received>(2, mode);
  };
  refuse(day, 0);
  refuse(day + 3600, 1);
  refuse(day + 3600, 2);
  refuse(day + 7200, 0);
  counters.tick(day + 7260);
  const std::uint64_t sum = counters.sum_over_time(refused);
  EXPECT_EQ(sum, 4U) << "of all modes";
  EXPECT_EQ(counters.history(refused).recent(sum, day + 7270), (Recent{0, 1, 4}));
  Course course = counters.history(refused).course(sum, day + 7261);
  EXPECT_EQ(course[47], 1U);
  EXPECT_EQ(course[46], 0U);
  EXPECT_EQ(course[45], 2U);
  EXPECT_EQ(course[43], 1U);
  EXPECT_EQ(std::accumulate(course.begin(), course.end(), 0U), 4U);
  counters.tick(day + 86400 + 1800);
  course = counters.history(refused).course(sum, day + 86400 + 1800);
  EXPECT_EQ(course[0], 2U) << "of an hour after the first";
}

// Each place that is noted is that of one value of a first label.
TEST_F(CountersTest, AddsUpEachCounterThatIsNoted) {
  add_each(attached(), std::make_index_sequence<kCounters.size()>());
  std::size_t index = 0;
  for (const CounterRow& row : kCounters) {
    for (std::size_t i = 0; row.over_time && i < row.first.size(); ++i) {
      EXPECT_EQ(attached().sum_over_time(index++), row.second.size()) << row.name;
    }
  }
  EXPECT_EQ(index, kOverTimeCount);
}

TEST_F(CountersTest, KnowsWhenTheLastTokenEnds) {
  KeyCounts& key = attached().counts_of(xaes_key(), kNow);
  EXPECT_EQ(key.latest_end(), 0U);
  key.count_sealed(kNow, 500);
  key.count_opened(kNow + 1, 400);
  EXPECT_EQ(key.latest_end(), 500U);
  key.count_opened(kNow + 2, 501);
  EXPECT_EQ(key.latest_end(), 501U);
  EXPECT_EQ(key.last_seal(), kNow);
  EXPECT_EQ(key.last_open(), kNow + 2);
  key.count_opened(kNow, 0);
  EXPECT_EQ(key.latest_end(), KeyCounts::kNeverEnds);
  key.count_opened(kNow, 600);
  EXPECT_EQ(key.latest_end(), KeyCounts::kNeverEnds);
}

TEST_F(CountersTest, NamesKeys) {
  Key longest = a256gcm_key();
  longest.kid = std::string(kMaxKidSize, 'k');
  attached().counts_of(longest, kNow);
  attached().counts_of(legacy_key(), kNow);
  attached().counts_of(legacy_key(1), kNow);
  EXPECT_EQ(attached().key_at(0)->algorithm, "A256GCM");
  EXPECT_EQ(attached().key_at(0)->kid, longest.kid);
  EXPECT_EQ(attached().key_at(1)->algorithm, "nginx-legacy");
  EXPECT_EQ(attached().key_at(1)->kid, "");
  EXPECT_FALSE(attached().key_at(2));
}

Key key_number(std::size_t i) {
  Key key = a256gcm_key();
  key.kid = std::to_string(i);
  return key;
}

TEST_F(CountersTest, APlaceThatNobodyUsesIsForAnotherKey) {
  for (std::size_t i = 0; i < Counters::kKeys; ++i) {
    attached().counts_of(key_number(i), kNow).count_sealed(kNow, 0);
  }
  KeyCounts& others = attached().counts_of(key_number(200), kNow);
  others.count_sealed(kNow, 0);
  EXPECT_EQ(&others, &attached().counts_of(key_number(201), kNow));
  EXPECT_EQ(attached().key_at(Counters::kKeys)->algorithm, "others");

  const std::int64_t later = kNow + 61 * 60;
  for (std::size_t i = 0; i < Counters::kKeys; ++i) {
    if (i != 7) attached().counts_of(key_number(i), later);
  }
  KeyCounts& taken = attached().counts_of(key_number(200), later);
  EXPECT_EQ(attached().key_at(7)->counts, &taken);
  EXPECT_EQ(attached().key_at(7)->kid, "200");
  EXPECT_EQ(taken.sealed().value(), 0U);
  EXPECT_EQ(taken.latest_end(), 0U);
  EXPECT_EQ(taken.since(), later);
  EXPECT_EQ(attached().key_at(6)->counts->since(), kNow);
  EXPECT_EQ(attached().counts_of(key_number(6), later).sealed().value(), 1U);
}

TEST_F(CountersTest, APlaceInUseStaysWhenAClockIsSetBack) {
  for (std::size_t i = 0; i < Counters::kKeys; ++i) attached().counts_of(key_number(i), kNow);
  for (const std::int64_t now : {kNow - 7200, kNow + 60 * 60}) {
    EXPECT_EQ(attached().key_at(Counters::kKeys - 1)->kid, "127");
    const KeyCounts& others = attached().counts_of(key_number(200), now);
    ASSERT_TRUE(attached().key_at(Counters::kKeys)) << now - kNow;
    EXPECT_EQ(&others, attached().key_at(Counters::kKeys)->counts) << now - kNow;
  }
}

// Each of the new keys gets one place, and no two the same.
TEST_F(CountersTest, ProcessesThatTakePlacesAtOnceShareNone) {
  constexpr std::size_t kChildren = 4, kEach = Counters::kKeys / kChildren;
  for (std::size_t i = 0; i < Counters::kKeys; ++i) attached().counts_of(key_number(i), kNow);
  {
    std::vector<Child> children;
    for (std::size_t child = 0; child < kChildren; ++child) {
      children.emplace_back([&, child] {
        for (std::size_t i = 0; i < kEach; ++i) {
          attached().counts_of(key_number(1000 + child * kEach + i), kNow + 7200);
        }
      });
    }
  }
  std::set<std::string> kids;
  for (std::size_t i = 0; i < Counters::kKeys; ++i) kids.insert(attached().key_at(i)->kid);
  EXPECT_EQ(kids.size(), Counters::kKeys);
  EXPECT_EQ(*kids.begin(), "1000");
  EXPECT_FALSE(attached().key_at(Counters::kKeys));
}

// The sealer counts each token once, by its format, its result and its key.
TEST_F(CountersTest, TheSealerCountsTokens) {
  Counters& counters = attached();
  const auto sealer = sealer_of({legacy_key(), xaes_key()});
  sealer->use_counters(&counters);
  ASSERT_TRUE(sealer->refresh(kNow));
  const auto new_only = sealer_of({xaes_key(5)});
  new_only->use_counters(&counters);
  ASSERT_TRUE(new_only->refresh(kNow));
  const std::string token = seal(*sealer, "payload");
  const std::string by_another = seal(*sealer_of({xaes_key(9)}), "payload");
  const auto opened = [&](std::size_t format, Error reason) {
    return value(Counter::tokens_opened, result_index(reason), format);
  };
  EXPECT_EQ(reason_of(*sealer, token), "ok");
  EXPECT_EQ(reason_of(*sealer, token, "other"), "authentication_failed");
  EXPECT_EQ(reason_of(*sealer, token, "", kNow + 3600), "expired");
  EXPECT_EQ(reason_of(*sealer, token, "", kNow - 100), "not_yet_valid");
  EXPECT_EQ(reason_of(*sealer, by_another), "unknown_key");
  EXPECT_EQ(reason_of(*new_only, "?"), "malformed");
  EXPECT_EQ(value(Counter::tokens_opened, 0, 0), 1U);
  EXPECT_EQ(opened(0, Error::authentication_failed), 1U);
  EXPECT_EQ(opened(0, Error::expired), 1U);
  EXPECT_EQ(opened(0, Error::not_yet_valid), 1U);
  EXPECT_EQ(opened(0, Error::unknown_key), 1U);
  EXPECT_EQ(opened(4, Error::malformed), 1U);
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < kCounters[0].size(); ++i) all += counters.value(i);
  EXPECT_EQ(all, 6U);

  const KeyCounts& key = counters.counts_of(xaes_key(), kNow);
  EXPECT_EQ(key.sealed().value(), 1U);
  EXPECT_EQ(key.opened().value(), 1U);
  EXPECT_EQ(key.latest_end(), static_cast<std::uint64_t>(kNow) + 3600);
  EXPECT_EQ(counters.counts_of(legacy_key(), kNow).opened().value(), 0U);

  const auto closed = sealer_of({opening_until(xaes_key(), kNow)});
  closed->use_counters(&counters);
  ASSERT_TRUE(closed->refresh(kNow));
  std::vector<std::uint8_t> out(closed->sealed_size(1));
  EXPECT_FALSE(closed->seal(kNow, 0, {}, as_bytes("p"), out));
  EXPECT_EQ(value(Counter::seal_errors, seal_error_index(Error::no_primary_key)), 1U);
}

TEST(ResultIndex, IsThatOfTheReasonsName) {
  for (int number = 10; number < 50; ++number) {
    const auto error = static_cast<Error>(number);
    const std::string_view name = kResults[result_index(error)];
    EXPECT_EQ(name, is_refusal(error) && name != "error" ? error_name(error) : "error") << number;
  }
  EXPECT_EQ(kResults[result_index(Error::malformed)], "malformed");
  EXPECT_EQ(kResults[result_index(Error::revoked)], "revoked");
  for (std::size_t i = 0; i + 1 < std::size(kResults); ++i) {
    EXPECT_EQ(kSessionResults[i], kResults[i]);
  }
}

}  // namespace
}  // namespace sealring::status
