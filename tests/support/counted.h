// SPDX-License-Identifier: Apache-2.0
// Counters in memory of one process, for tests.
#pragma once

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "support/keys.h"
#include "token/sealer.h"

namespace sealring::status {

class Counted {
 public:
  explicit Counted(Sealer& sealer) {
    sealer.use_counters(counters_);
    EXPECT_TRUE(sealer.refresh(kNow));
  }

  // By values of the labels; "": all of them.
  std::uint64_t value(Counter counter, std::string_view first = "", std::string_view second = "") {
    const CounterRow& row = kCounters[static_cast<std::size_t>(counter)];
    const auto is = [](const Label& label, std::size_t index, std::string_view wanted) {
      return wanted.empty() || label.values[index] == wanted;
    };
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < row.first.size(); ++i) {
      for (std::size_t j = 0; j < row.second.size(); ++j) {
        if (!is(row.first, i, first) || !is(row.second, j, second)) continue;
        sum += counters_->value(offset_of(counter) + i * row.second.size() + j);
      }
    }
    return sum;
  }

 private:
  std::vector<std::uint64_t> memory_ = std::vector<std::uint64_t>(Counters::size() / 8);
  Counters* counters_ =
      Counters::attach({reinterpret_cast<std::uint8_t*>(memory_.data()), Counters::size()}, kNow);
};

}  // namespace sealring::status
