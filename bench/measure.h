// SPDX-License-Identifier: Apache-2.0
// A list of what is measured. Google Benchmark times it; callgrind counts its instructions.
#pragma once

#include <benchmark/benchmark.h>
#include <valgrind/callgrind.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace sealring::bench {

struct Countable {
  std::string name;
  std::function<void(int rounds)> count;
};

inline std::vector<Countable>& countables() {
  static std::vector<Countable> list;
  return list;
}

// `make` prepares and returns what is measured, which is then called again and again.
template <class Make>
void measure(const std::string& name, Make make) {
  benchmark::RegisterBenchmark(name.c_str(), [make](benchmark::State& state) {
    auto work = make();
    for (auto _ : state) work();
  });
  countables().push_back({name, [make, name](int rounds) {
                            constexpr int kWarmUp = 10;
                            auto work = make();
                            for (int i = 0; i < kWarmUp; ++i) work();
                            CALLGRIND_ZERO_STATS;
                            for (int i = 0; i < rounds; ++i) work();
                            CALLGRIND_DUMP_STATS_AT(name.c_str());
                          }});
}

// A benchmark of what fails is worth nothing.
inline void require(bool done) {
  if (done) return;
  std::cerr << "bench: what was to be measured failed\n";
  std::abort();
}

// core.cc
void list_core();

}  // namespace sealring::bench
