// SPDX-License-Identifier: Apache-2.0
// Seals and opens a given number of times. lookups_test.py counts the lookups that this causes.
#include <cstdlib>

#include "support/sealers.h"

int main(int argc, char** argv) {
  using namespace sealring;
  const auto s1 = sealer_of({xaes_key()});
  const auto jwe = sealer_of({a256gcm_key()});
  const auto legacy = sealer_of({legacy_key()});
  for (long i = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 0; i > 0; --i) {
    for (Sealer* sealer : {s1.get(), jwe.get(), legacy.get()}) {
      if (!open(*sealer, seal(*sealer, "payload")).opened) return 1;
    }
  }
  return 0;
}
