// SPDX-License-Identifier: Apache-2.0
// The JSON within a JWE, which a fuzzer could not reach through the encryption: header and claims.
// The first line is the context, what follows the JSON.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "check.h"
#include "formats/jose_header.h"
#include "formats/jwt_claims.h"

namespace sealring::fuzz {
namespace {

// Another parser's word for what is JSON. It refuses numbers that are too large, which may pass
// here, and knows no bounds.
bool is_json_object(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  return parsed.is_object() || json.find_first_of("eE") != std::string_view::npos;
}

Result<Opened> read_claims_in_exact_room(MutableBytes claims, std::vector<std::uint8_t>& room,
                                         Bytes context) {
  room.resize(claims.size() / 4 * 3 + claims.size() % 4 * 3 / 4);
  return read_claims(claims, room, context);
}

void read_header(std::string_view json) {
  std::array<char, kMaxKidSize> kid, again;
  const auto size = read_jose_header(json, kid);
  if (!size) {
    check(is_refusal(size.error()), "a header is to blame for its refusal");
    return;
  }
  check(is_json_object(json), "a header is JSON");
  check(*size >= 1 && *size <= kid.size(), "a kid has a size");
  const std::string_view name(kid.data(), *size);
  check(std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; }),
        "a kid is printable");

  std::array<char, kMaxJoseHeaderSize> written;
  const std::size_t written_size = write_jose_header(name, written);
  const auto back = read_jose_header({written.data(), written_size}, again);
  check(back && name == std::string_view(again.data(), *back), "a header that is written is read");
}

void read(Bytes json, Bytes context) {
  std::vector<std::uint8_t> claims(json.begin(), json.end());
  std::vector<std::uint8_t> room;
  const auto opened = read_claims_in_exact_room(claims, room, context);
  if (!opened) {
    check(is_refusal(opened.error()), "claims are to blame for their refusal");
    return;
  }
  check(is_json_object(as_text(json)), "claims are JSON");
  const Times& times = opened->times;
  const std::uint64_t latest = std::max({times.issued_at, times.expires_at, times.not_before});
  check(latest <= static_cast<std::uint64_t>(kLatestTime), "times have a bound");

  const std::vector<std::uint8_t> payload(opened->payload.begin(), opened->payload.end());
  std::vector<std::uint8_t> written(max_claims_size(payload.size()));
  const auto size = write_claims(times, context, payload, written);
  if (!size) return;  // not every audience is a context that a sealer takes
  written.resize(*size);
  const auto back = read_claims_in_exact_room(written, room, context);
  check(back && std::ranges::equal(back->payload, payload), "claims that are written are read");
  check(back->times.issued_at == times.issued_at && back->times.expires_at == times.expires_at,
        "and their times");
}

void write(Bytes context, Bytes payload) {
  std::vector<std::uint8_t> written(max_claims_size(payload.size()));
  const auto size = write_claims({1, 2}, context, payload, written);
  if (!size) return;
  check(*size <= written.size(), "claims fit the room that was asked for");
  written.resize(*size);
  check(nlohmann::json::accept(as_text(written)), "what is written is JSON");
  std::vector<std::uint8_t> room;
  const auto back = read_claims_in_exact_room(written, room, context);
  check(back && std::ranges::equal(back->payload, payload), "any payload is written and read");
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealring;
  const Bytes input(data, size);
  const auto line = static_cast<std::size_t>(std::ranges::find(input, '\n') - input.begin());
  const Bytes context = input.first(std::min(line, kMaxContextSize));
  const Bytes json = input.subspan(std::min(line + 1, size));
  fuzz::read_header(as_text(json));
  fuzz::read(json, context);
  fuzz::write(context, json);
  return 0;
}
