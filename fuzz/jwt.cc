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

Checked<Opened> read_claims_in_exact_room(MutableBytes claims, std::vector<std::uint8_t>& room,
                                          Bytes context) {
  room.resize(claims.size() / 4 * 3 + claims.size() % 4 * 3 / 4 + kMaxIdSize);
  return read_claims(claims, room, context, "iv");
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

void read_header(std::string_view json) {
  std::vector<std::uint8_t> header(json.begin(), json.end());
  const auto kid = read_jose_header(header);
  if (!kid) {
    check(is_refusal(kid.error().reason), "a header is to blame for its refusal");
    check(kid.error().detail != nullptr, "what is wrong with a header is said");
    return;
  }
  check(is_json_object(json), "a header is JSON");
  check(kid->size() <= kMaxKidSize && is_printable(*kid), "a kid is one that a ring can hold");
  if (kid->empty()) return;

  std::array<char, kMaxJoseHeaderSize> written;
  const std::size_t size = write_jose_header(*kid, written);
  std::vector<std::uint8_t> again(written.begin(), written.begin() + std::ssize(written));
  again.resize(size);
  const auto back = read_jose_header(again);
  check(back && *back == *kid, "a header that is written is read");
}

void read(Bytes json, Bytes context) {
  std::vector<std::uint8_t> claims(json.begin(), json.end());
  std::vector<std::uint8_t> room;
  const auto opened = read_claims_in_exact_room(claims, room, context);
  if (!opened) {
    check(is_refusal(opened.error().reason), "claims are to blame for their refusal");
    check(opened.error().detail != nullptr, "what is wrong with claims is said");
    return;
  }
  check(is_json_object(as_text(json)), "claims are JSON");
  const Times& times = opened->times;
  const std::uint64_t latest = std::max({times.issued_at, times.expires_at, times.not_before});
  check(latest <= static_cast<std::uint64_t>(kLatestTime), "times have a bound");
  check(!opened->id.empty() && opened->id.size() <= kMaxIdSize && is_printable(opened->id),
        "an ID is short and printable");

  const std::vector<std::uint8_t> payload(opened->payload.begin(), opened->payload.end());
  std::vector<std::uint8_t> written(max_claims_size(payload.size()));
  const auto size = write_claims(times, context, payload, written);
  if (!size) return;  // not every audience is a context that a sealer takes
  written.resize(size->size);
  const auto back = read_claims_in_exact_room(written, room, context);
  check(back && std::ranges::equal(back->payload, payload), "claims that are written are read");
  check(back->times.issued_at == times.issued_at && back->times.expires_at == times.expires_at,
        "and their times");
}

void write(Bytes context, Bytes payload) {
  std::vector<std::uint8_t> written(max_claims_size(payload.size()));
  const auto size = write_claims({1, 2}, context, payload, written);
  if (!size) return;
  check(size->size <= written.size(), "claims fit the room that was asked for");
  written.resize(size->size);
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
