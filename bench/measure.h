// SPDX-License-Identifier: Apache-2.0
// A list of what is measured: times in blocks, instructions one by one.
#pragma once

#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sealring::bench {

struct Effort {
  int timed = 200;  // calls in a block
  int counted = 1;  // calls whose instructions are counted, which is slow; 0: they are not
};

struct Measured {
  std::string name;
  Effort effort;
  std::function<std::function<void()>()> make;
};

inline std::vector<Measured>& measured() {
  static std::vector<Measured> list;
  return list;
}

// `make` prepares and returns what is measured, which is then called again and again.
template <class Make>
void measure(const std::string& name, Make make, Effort effort = {}) {
  measured().push_back({name, effort, [make] {
                          // std::function copies, and what is measured owns things.
                          auto work = std::make_shared<decltype(make())>(make());
                          return std::function<void()>([work] { (*work)(); });
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
// growth.cc; lists: a folder, or nothing
void list_growth(const std::string& lists);
// threads.cc
void print_threads(int rounds);
void print_memory();

}  // namespace sealring::bench
