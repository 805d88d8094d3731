// SPDX-License-Identifier: Apache-2.0
// Opens a token so many times, counting it or not. counting_cost_test.py counts the instructions.
#include <cstdlib>
#include <string_view>

#include "support/sealers.h"

int main(int argc, char** argv) {
  using namespace sealring;
  if (argc != 3) return 2;
  std::vector<std::uint64_t> memory(status::Counters::size() / 8);
  const auto sealer = sealer_of({xaes_key()});
  if (std::string_view(argv[1]) == "counted") {
    sealer->use_counters(status::Counters::attach(
        {reinterpret_cast<std::uint8_t*>(memory.data()), status::Counters::size()}, kNow));
  }
  if (!sealer->refresh(kNow)) return 1;
  const std::string token = seal(*sealer, "payload");
  std::vector<std::uint8_t> buffer(sealer->opened_size(token.size()));
  for (long i = std::strtol(argv[2], nullptr, 10); i > 0; --i) {
    if (!sealer->open(kNow, {}, as_bytes(token), buffer)) return 1;
  }
  return 0;
}
