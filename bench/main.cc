// SPDX-License-Identifier: Apache-2.0
// bench_core times ROUNDS [WORD [LISTS]]   nanoseconds of CPU of a call in each round
// bench_core instructions [WORD [LISTS]]   of a call
// bench_core threads ROUNDS                nanoseconds of CPU of a token, by the number of threads
// bench_core memory                        bytes of sealers, by rings/sealers
//
// Each prints JSON by name. Only names with WORD; LISTS is a folder with revocation lists, each
// named by the number of its entries.
#include <string_view>

#include "measure.h"
#include "rounds.h"
#include "stepper.h"

using namespace sealring::bench;

namespace {

// A block of calls takes well below a millisecond, in which a machine hardly changes. The first
// calls of a block bring back into the caches what the others need.
double block(const std::function<void()>& work, int calls) {
  for (int i = 0; i < calls / 10; ++i) work();
  const double before = nanoseconds();
  for (int i = 0; i < calls; ++i) work();
  return (nanoseconds() - before) / calls;
}

void print_times(int rounds) {
  const std::vector<Measured>& all = measured();
  std::vector<std::string> names;
  std::vector<std::function<void()>> works;
  for (const Measured& it : all) {
    names.push_back(it.name);
    works.push_back(it.make());
  }
  print_rounds(rounds, names, [&](std::size_t i) { return block(works[i], all[i].effort.timed); });
}

void print_instructions() {
  const char* separator = "{";
  for (const Measured& it : measured()) {
    const int calls = it.effort.counted;
    if (calls == 0) continue;
    std::cout << separator << '"' << it.name << "\":" << instructions_of(it.make(), calls)
              << std::flush;
    separator = ",\n";
  }
  std::cout << "}\n";
}

int usage() {
  std::cerr << "bench: the first lines of bench/main.cc say how to call it\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const auto next = [&words] {
    if (words.empty()) return std::string();
    std::string word = std::move(words.front());
    words.erase(words.begin());
    return word;
  };
  const std::string what = next();
  const bool has_rounds = what == "times" || what == "threads";
  const int rounds = has_rounds ? std::atoi(next().c_str()) : 1;
  if (rounds <= 0) return usage();
  if (what == "threads") {
    print_threads(rounds);
  } else if (what == "memory") {
    print_memory();
  } else if (what == "times" || what == "instructions") {
    const std::string word = next();
    list_core();
    list_growth(next());
    std::erase_if(measured(),
                  [&](const Measured& it) { return it.name.find(word) == it.name.npos; });
    if (what == "times")
      print_times(rounds);
    else
      print_instructions();
  } else {
    return usage();
  }
}
