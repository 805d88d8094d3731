// SPDX-License-Identifier: Apache-2.0
// sealring version
#include "io.h"
#include "options.h"

namespace sealring::cli {

void add_version_command(CLI::App& app, Command& chosen) {
  add_command(app, "version", "Print the version.", "").callback([&chosen] {
    chosen = [] { return print("sealring " SEALRING_VERSION "\n"); };
  });
}

}  // namespace sealring::cli
