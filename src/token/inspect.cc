// SPDX-License-Identifier: Apache-2.0
#include "token/inspect.h"

#include <vector>

namespace sealring {

Checked<Inspected> inspect(Bytes input) {
  if (input.size() > 2 * kMaxPayloadSize) return refused(Error::malformed);
  for (const FormatRow* row : formats()) {
    const Bytes token = row->token_in(input);
    if (!row->names_key || !row->recognises(token)) continue;
    std::vector<std::uint8_t> buffer(row->opened_size(token.size()));
    const auto parsed = row->parse(token, buffer);
    if (!parsed) return std::unexpected(parsed.error());
    const bool id_shows = row->id == FormatId::s1;
    return Inspected{row->name, std::string(parsed->kid),
                     std::string(id_shows ? parsed->id : std::string_view()), parsed->payload_size};
  }
  return refused(Error::malformed);
}

}  // namespace sealring
