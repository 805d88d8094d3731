// SPDX-License-Identifier: Apache-2.0
// What rotation promises, with random rotations, prunes, emergencies and waiting times.
#include <gtest/gtest.h>

#include <map>

#include "keys/rotation.h"
#include "support/keys.h"
#include "support/random.h"

namespace sealring {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

// A ring, the tokens in use, and a clock that only goes forward.
class Site {
 public:
  explicit Site(std::uint64_t seed) : random_(seed) {
    key_ = sealing_from(xaes_key(), random_.below(2) == 0 ? 0 : kNow + some_time(kDay));
    keys_ = {key_};
    shortest_lifetime_ = 1 + some_time(2 * kDay);
  }

  void step() {
    now_ += some_time(random_.below(4) == 0 ? kDay : kHour);
    switch (random_.below(6)) {
      case 0:
        rotate_ring(some_time(2 * kDay), shortest_lifetime_ + some_time(kDay));
        break;
      case 1:
        rotate_ring(some_time(10 * kMinute), shortest_lifetime_);
        break;
      case 2:
        if (random_.below(8) == 0) emergency();
        break;
      case 3:
        prune(keys_, now_).value();
        break;
      default:
        break;
    }
    check();
  }

 private:
  // Often 0 or the maximum, otherwise anything in between.
  std::int64_t some_time(std::int64_t most) {
    const std::size_t kind = random_.below(8);
    if (kind < 2) return kind == 0 ? 0 : most;
    return static_cast<std::int64_t>(random_.below(static_cast<std::size_t>(most) + 1));
  }

  void rotate_ring(std::int64_t activate_in, std::int64_t max_lifetime) {
    ASSERT_TRUE(rotate(tested_driver(), keys_, {now_, activate_in, max_lifetime}));
  }

  void emergency() {
    for (const Key& key : keys_) leaked_[key.kid] = true;
    rotate_ring(0, 1);
    sealed_.clear();  // all of them must be refused
    refused_from_ = now_ + 1;
  }

  void check() {
    const auto ring = ring_of(keys_);
    const Key* const primary = ring->primary(now_);
    if (has_sealed_) {
      ASSERT_NE(primary, nullptr) << "no key seals any more";
    }
    if (primary != nullptr) {
      has_sealed_ = true;
      ASSERT_FALSE(leaked_.contains(primary->kid)) << "a leaked key seals again";
      sealed_[primary->kid] = now_;
    }
    for (const auto& [kid, last] : sealed_) {
      if (now_ >= last + shortest_lifetime_) continue;
      const auto candidates = ring->candidates(FormatId::s1, kid);
      ASSERT_FALSE(candidates.empty()) << "the key of a young token is gone";
      ASSERT_TRUE(candidates[0]->opens_at(now_)) << "a young token is refused";
    }
    for (const Key& key : ring->keys()) {
      if (leaked_.contains(key.kid) && now_ >= refused_from_) {
        ASSERT_FALSE(key.opens_at(now_)) << "a leaked key opens";
      }
    }
  }

  Randomness random_;
  std::int64_t now_ = kNow;
  std::int64_t shortest_lifetime_ = 0;
  std::int64_t refused_from_ = 0;
  bool has_sealed_ = false;
  Key key_;
  std::vector<Key> keys_;
  std::map<std::string, std::int64_t> sealed_;  // when each key sealed last
  std::map<std::string, bool> leaked_;
};

TEST(RotationProperty, NoYoungTokenIsRefusedAndNoLeakedKeyComesBack) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Site site(seed);
    for (int i = 0; i < 120 && !::testing::Test::HasFatalFailure(); ++i) site.step();
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace sealring
