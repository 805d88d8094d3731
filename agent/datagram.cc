// SPDX-License-Identifier: Apache-2.0
#include "datagram.h"

#include <vector>

#include "base/base64url.h"
#include "decimal.h"
#include "session/fields.h"

namespace sealring::agent {

std::optional<std::int64_t> read_time(std::string_view digits) {
  const auto time = read_decimal<std::int64_t>(digits);
  if (!time || *time < 0 || *time > revocation::kEndOfTime) return std::nullopt;
  return time;
}

std::optional<Told> read_datagram(Bytes datagram) {
  if (datagram.size() > kMaxDatagramSize) return std::nullopt;
  std::vector<std::uint8_t> text(datagram.begin(), datagram.end());
  session::Fields fields;
  if (!fields.parse(text)) return std::nullopt;
  Told told{std::string(fields.value("list")), std::string(fields.value("name")), {}};
  revocation::Hash& hash = told.entry.hash;
  const std::string_view hash_text = fields.value("hash");
  const auto revoked_at = read_time(fields.value("revoked_at"));
  const auto until = read_time(fields.value("until"));
  // Without a name, everything is revoked.
  const std::size_t members = told.name.empty() ? 4 : 5;
  if (fields.all().size() != members || told.list.empty() ||
      told.name.size() > revocation::kMaxNameSize || !revoked_at || !until ||
      hash_text.size() != base64url::encoded_size(hash.size()) ||
      !base64url::decode(hash_text, hash)) {
    return std::nullopt;
  }
  told.entry.revoked_at = *revoked_at;
  told.entry.until = *until;
  return told;
}

}  // namespace sealring::agent
