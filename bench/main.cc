// SPDX-License-Identifier: Apache-2.0
// bench_core [OPTION OF GOOGLE BENCHMARK...]   times
// bench_core --count ROUNDS                    names, of what it runs ROUNDS times; under callgrind
//                                              each leaves a dump of its name
#include <string_view>

#include "measure.h"

using namespace sealring::bench;

int main(int argc, char** argv) {
  list_core();
  if (argc == 3 && std::string_view(argv[1]) == "--count") {
    for (const Countable& it : countables()) {
      it.count(std::atoi(argv[2]));
      std::cout << it.name << '\n';
    }
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
