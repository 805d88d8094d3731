// SPDX-License-Identifier: Apache-2.0
#include "formats/jose_header.h"

#include <algorithm>

#include "base/base64url.h"
#include "base/json.h"

namespace sealring {
namespace {

// The header is read before anything is authenticated, and the names are compared with one another,
// so their number is limited.
constexpr std::size_t kMaxMembers = 16;

// Null if there is no value, or if it is not a string.
const json::Value* string_in(const std::optional<json::Value>& value) {
  return value && value->kind == json::Kind::string ? &*value : nullptr;
}

// The members that are used here.
struct Header {
  std::optional<json::Value> alg, enc, kid;
  bool zip = false;
  bool crit = false;
};

std::unexpected<Refused> not_read(json::ObjectReader::Fault fault) {
  switch (fault) {
    case json::ObjectReader::Fault::same_name:
      return refused(Error::malformed, "its header has two members of one name");
    case json::ObjectReader::Fault::too_many:
      return refused(Error::malformed, "its header has more than 16 members");
    default:
      return refused(Error::malformed, "its header is not a JSON object of at most 16 levels");
  }
}

Checked<Header> read_members(std::string_view json) {
  Header header;
  json::ObjectReader members(json, kMaxMembers);
  while (const auto member = members.next()) {
    const auto is = [&member](std::string_view name) { return json::says(member->name, name); };
    if (is("alg")) {
      header.alg = member->value;
    } else if (is("enc")) {
      header.enc = member->value;
    } else if (is("kid")) {
      header.kid = member->value;
    } else if (is("zip")) {
      header.zip = true;
    } else if (is("crit")) {
      header.crit = true;
    }
  }
  if (!members.complete()) return not_read(members.fault());
  return header;
}

Checked<void> check_kind(const Header& header) {
  const json::Value* const alg = string_in(header.alg);
  if (alg == nullptr) {
    return refused(Error::malformed, "its header has no alg, or one that is not text");
  }
  const json::Value* const enc = string_in(header.enc);
  if (enc == nullptr) {
    return refused(Error::malformed, "its header has no enc, or one that is not text");
  }
  if (!json::says(*alg, "dir")) return refused(Error::unsupported, "its alg is not dir");
  if (!json::says(*enc, "A256GCM")) {
    return refused(Error::unsupported, "its enc is not A256GCM");
  }
  if (header.zip) {
    return refused(Error::unsupported, "it is compressed: its header has the member zip");
  }
  if (header.crit) return refused(Error::unsupported, "its header has the member crit");
  return {};
}

constexpr bool is_printable(char c) {
  return c > ' ' && c <= '~';
}
constexpr bool needs_no_escape(char c) {
  return is_printable(c) && c != '"' && c != '\\';
}

// Whether a key of a ring can have this kid, and all of its characters are such.
bool is_possible(std::string_view kid, bool are_such(char)) {
  return !kid.empty() && kid.size() <= kMaxKidSize && std::ranges::all_of(kid, are_such);
}

// May write to `json`, the header's text.
Checked<std::string_view> read_kid(const json::Value& kid, MutableBytes json) {
  if (kid.kind != json::Kind::string) {
    return refused(Error::malformed, "its kid is not text");
  }
  const std::string_view name = json::unescape_in(json, kid);
  if (!is_possible(name, is_printable)) {
    return refused(Error::malformed,
                   "no key ring can have its kid: it is empty, too long, or has characters other "
                   "than printable ASCII");
  }
  return name;
}

}  // namespace

Checked<std::string_view> read_jose_header(MutableBytes json) noexcept {
  const auto header = read_members(as_text(json));
  if (!header) return std::unexpected(header.error());
  if (auto kind = check_kind(*header); !kind) return std::unexpected(kind.error());
  const std::optional<json::Value>& kid = header->kid;
  return kid ? read_kid(*kid, json) : std::string_view();
}

std::optional<std::string_view> usual_kid(std::string_view header_text,
                                          MutableBytes room) noexcept {
  if (!header_text.starts_with(kJoseHeaderStartText)) return std::nullopt;
  // With the last group of the start, texts of usual kids are long enough to be decoded in a block.
  constexpr std::size_t kSkipped = kJoseHeaderStartText.size() - 4;
  const auto size = base64url::decode(header_text.substr(kSkipped), room);
  if (!size) return std::nullopt;
  std::string_view kid = as_text(room.first(*size).subspan(3));
  if (!kid.ends_with(kJoseHeaderEnd)) return std::nullopt;
  kid.remove_suffix(kJoseHeaderEnd.size());
  return is_possible(kid, needs_no_escape) ? std::optional(kid) : std::nullopt;
}

std::size_t write_jose_header(std::string_view kid,
                              std::span<char, kMaxJoseHeaderSize> json) noexcept {
  char* end = std::ranges::copy(kJoseHeaderStart, json.data()).out;
  end = json::escape(kid, end);
  end = std::ranges::copy(kJoseHeaderEnd, end).out;
  return static_cast<std::size_t>(end - json.data());
}

}  // namespace sealring
