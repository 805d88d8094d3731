// SPDX-License-Identifier: Apache-2.0
// Rounds of blocks, each round in another order: bench/intervals.py says why.
#pragma once

#include <time.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace sealring::bench {

// CPU time of this thread.
inline double nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Prints, as JSON by name, what `block` says in each round.
inline void print_rounds(int rounds, const std::vector<std::string>& names,
                         const std::function<double(std::size_t)>& block) {
  std::vector<std::vector<double>> times(names.size());
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937 random(std::random_device{}());
  for (int round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t i : order) times[i].push_back(block(i));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::cout << (i == 0 ? "{\"" : ",\n\"") << names[i] << "\":[";
    for (std::size_t j = 0; j < times[i].size(); ++j)
      std::cout << (j == 0 ? "" : ",") << times[i][j];
    std::cout << ']';
  }
  std::cout << "}\n";
}

}  // namespace sealring::bench
