// SPDX-License-Identifier: Apache-2.0
// What a server tells an agent: one revocation (spec/revocations.md section 7.1).
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "revocation/list.h"

namespace sealring::agent {

inline constexpr std::size_t kMaxDatagramSize = 4096;

struct Told {
  std::string list;
  std::string name;
  revocation::Entry entry;
};

// Nothing if it has any other form.
std::optional<Told> read_datagram(Bytes datagram);

// Decimal digits, at most the greatest time that a list can hold.
std::optional<std::int64_t> read_time(std::string_view digits);

}  // namespace sealring::agent
