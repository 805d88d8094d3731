// SPDX-License-Identifier: Apache-2.0
// A clock that jumps: an hour forward and back, past 2038 and 2106, up to the year 36812, where the
// times that a token can hold end.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/sealers.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kMoments[] = {
    0,
    kNow,
    (std::int64_t{1} << 31) - 1,  // 2038: the last second of a signed 32-bit time
    std::int64_t{1} << 31,
    (std::int64_t{1} << 32) - 1,  // 2106: the last second of an unsigned one
    std::int64_t{1} << 32,
    kLatestTime - 2 * kHour,  // 36812
};

class Clock : public ::testing::TestWithParam<Algorithm> {
 protected:
  static Key key() {
    return GetParam() == Algorithm::nginx_legacy ? legacy_key() : modern_key(GetParam(), 1);
  }
  // The old format does not contain the time of sealing.
  static std::string before_its_time() {
    return GetParam() == Algorithm::nginx_legacy ? "ok" : "not_yet_valid";
  }
  std::unique_ptr<Sealer> sealer_ = sealer_of({key()});
};

TEST_P(Clock, JumpsByAnHour) {
  for (const std::int64_t now : kMoments) {
    const std::string token = seal(*sealer_, "p", "", now, kHour / 2);
    EXPECT_EQ(reason_of(*sealer_, token, "", now), "ok") << now;
    EXPECT_EQ(reason_of(*sealer_, token, "", now + kHour), "expired") << now;
    if (now >= kHour) {
      EXPECT_EQ(reason_of(*sealer_, token, "", now - kHour), before_its_time()) << now;
    }
    EXPECT_EQ(reason_of(*sealer_, token, "", now), "ok") << "and back, " << now;
  }
}

TEST_P(Clock, JumpsFromAnyMomentToAnyOther) {
  for (const std::int64_t sealed : kMoments) {
    const std::string token = seal(*sealer_, "p", "", sealed, 0);
    for (const std::int64_t now : kMoments) {
      EXPECT_EQ(reason_of(*sealer_, token, "", now), sealed <= now + 60 ? "ok" : before_its_time())
          << sealed << " at " << now;
    }
  }
}

TEST_P(Clock, EndsInTheYear36812) {
  const std::string token = seal(*sealer_, "p", "", kLatestTime - 1, kHour);
  EXPECT_EQ(reason_of(*sealer_, token, "", kLatestTime - 1), "ok");
  for (const std::int64_t now : {kLatestTime, kLatestTime + 1, INT64_MAX}) {
    const std::string unbounded = seal(*sealer_, "p", "", now, 0);
    EXPECT_EQ(reason_of(*sealer_, unbounded, "", now), "ok") << now;
  }
  EXPECT_EQ(reason_of(*sealer_, token, "", INT64_MAX), "expired");
  EXPECT_EQ(open(*sealer_, token, "", -1).reason, Error::invalid_argument);
}

std::string name_of(const ::testing::TestParamInfo<Algorithm>& info) {
  std::string name(row(info.param).name);
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Algorithms, Clock,
                         ::testing::Values(Algorithm::xaes_256_gcm, Algorithm::a256gcm,
                                           Algorithm::nginx_legacy),
                         name_of);

TEST(ClockAndFile, AChangeIsSeenWhateverTheClockDoes) {
  const TemporaryFolder folder;
  const std::string path = folder / "ring";
  write_text(path, ring_text({xaes_key(0)}));
  const auto live = LiveKeyring::load(tested_driver(), path).value();
  const auto sealer = Sealer::make(live, tested_driver()).value();
  std::uint8_t first = 1;
  for (const std::int64_t now :
       {kNow, kNow + kHour, kNow - kHour, INT64_MAX, std::int64_t{0}, kLatestTime, kNow}) {
    replace_text(path, ring_text({xaes_key(first)}));
    EXPECT_TRUE(sealer->refresh(now)) << now;
    EXPECT_EQ(live->current()->keys().front().kid, xaes_key(first).kid) << now;
    ++first;
  }
}

}  // namespace
}  // namespace sealring
