// SPDX-License-Identifier: Apache-2.0
#include "token/inspect.h"

#include <vector>

namespace sealring {

Result<Inspected> inspect(Driver& driver, Bytes token) {
  if (token.size() > 2 * kMaxPayloadSize) return std::unexpected(Error::malformed);
  for (const FormatRow* row : formats()) {
    if (!row->names_key || !row->recognises(token)) continue;
    auto pool = RandomPool::make(driver);
    if (!pool) return std::unexpected(pool.error());
    const auto format = row->make(driver, *pool);
    if (!format) return std::unexpected(format.error());
    std::vector<std::uint8_t> buffer((*format)->opened_size(token.size()));
    const auto parsed = (*format)->parse(token, buffer);
    if (!parsed) return std::unexpected(parsed.error());
    return Inspected{row->name, std::string(parsed->kid), parsed->payload_size};
  }
  return std::unexpected(Error::malformed);
}

}  // namespace sealring
