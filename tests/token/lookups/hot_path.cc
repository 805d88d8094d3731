// SPDX-License-Identifier: Apache-2.0
// Seals and opens a given number of times, with a revocation list. lookups_test.py counts the
// lookups of algorithms that this causes.
#include <cstdlib>

#include "support/revocations.h"
#include "support/sealers.h"

int main(int argc, char** argv) {
  using namespace sealring;
  const auto s1 = sealer_of({xaes_key()});
  const auto jwe = sealer_of({a256gcm_key()});
  const auto legacy = sealer_of({legacy_key()});
  const TemporaryFolder folder;
  revocation::create_list(folder / "list");
  revocation::revoke(folder / "list", "token", "another");
  const auto list = revocation::Revocations::load(tested_driver(), folder / "list").value();
  for (Sealer* sealer : {s1.get(), jwe.get()}) sealer->use_revocations(list, Stale::opens);
  for (long i = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 0; i > 0; --i) {
    for (Sealer* sealer : {s1.get(), jwe.get(), legacy.get()}) {
      if (!open(*sealer, seal(*sealer, "payload")).opened) return 1;
    }
  }
  return 0;
}
