// SPDX-License-Identifier: Apache-2.0
#include "formats/jwt_claims.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/base64url.h"
#include "base/json.h"

namespace sealring {
namespace {

constexpr std::uint64_t kLatest = kLatestTime;
constexpr std::size_t kMaxTimeDigits = 13;

constexpr std::string_view kIssuedAt = R"({"iat":)";
constexpr std::string_view kExpiresAt = R"(,"exp":)";
constexpr std::string_view kAudience = R"(,"aud":")";
constexpr std::string_view kPayload = R"(,"payload":")";
constexpr std::string_view kPayloadBase64 = R"(,"payload_b64":")";
constexpr std::size_t kMaxOverhead = kIssuedAt.size() + kExpiresAt.size() + 2 * kMaxTimeDigits +
                                     kAudience.size() + 2 * kMaxContextSize + 1 +
                                     kPayloadBase64.size() + 2;

class Writer {
 public:
  explicit Writer(MutableBytes out) : begin_(reinterpret_cast<char*>(out.data())), at_(begin_) {}

  void raw(std::string_view text) { at_ = std::ranges::copy(text, at_).out; }
  void time(std::uint64_t time) {
    at_ = std::to_chars(at_, at_ + kMaxTimeDigits, std::min(time, kLatest)).ptr;
  }
  void escaped(Bytes text) { at_ = json::escape(as_text(text), at_); }
  void base64url(Bytes bytes) { at_ += base64url::encode(bytes, at_); }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* const begin_;
  char* at_;
};

// A NumericDate, rounded up to a whole second: a time that is whole has come by then exactly if it
// had come by the fraction.
std::optional<std::uint64_t> read_time(const json::Value& value) {
  if (value.kind != json::Kind::number) return std::nullopt;
  const char* const begin = value.text.data();
  const char* const end = begin + value.text.size();
  std::uint64_t whole = 0;
  if (const auto read = std::from_chars(begin, end, whole);
      read.ec == std::errc{} && read.ptr == end) {
    return std::min(whole, kLatest);
  }
  double seconds = 0;
  if (std::from_chars(begin, end, seconds).ec != std::errc{}) return std::nullopt;
  if (seconds <= 0) return 0;
  if (seconds >= static_cast<double>(kLatest)) return kLatest;
  return static_cast<std::uint64_t>(std::ceil(seconds));
}

// The claims that mean something here.
struct Claims {
  std::optional<json::Value> aud, payload, payload_b64;
  Times times;

  // False if it is one of them and not of its type.
  bool take(const json::Member& member) {
    const auto is = [&member](std::string_view name) { return json::says(member.name, name); };
    if (is("iat")) return take_time(member.value, times.issued_at);
    if (is("nbf")) return take_time(member.value, times.not_before);
    // 0 would mean never.
    if (is("exp")) return take_time(member.value, times.expires_at, 1);
    if (is("aud")) {
      aud = member.value;
    } else if (is("payload")) {
      payload = member.value;
      return payload->kind == json::Kind::string;
    } else if (is("payload_b64")) {
      payload_b64 = member.value;
      return payload_b64->kind == json::Kind::string;
    }
    return true;
  }

 private:
  static bool take_time(const json::Value& value, std::uint64_t& time, std::uint64_t earliest = 0) {
    const auto read = read_time(value);
    if (read) time = std::max(*read, earliest);
    return read.has_value();
  }
};

// RFC 7519 section 4.1.3: a string, or an array of strings of which one is it.
Result<void> check_audience(const std::optional<json::Value>& aud, std::string_view context) {
  bool found = !aud && context.empty();
  if (aud && aud->kind == json::Kind::string) {
    found = json::says(*aud, context);
  } else if (aud) {
    if (aud->kind != json::Kind::array) return std::unexpected(Error::malformed);
    json::ArrayReader names(*aud);
    while (const auto name = names.next()) {
      if (name->kind != json::Kind::string) return std::unexpected(Error::malformed);
      found = found || json::says(*name, context);
    }
  }
  if (!found) return std::unexpected(Error::authentication_failed);
  return {};
}

Result<MutableBytes> take_payload(const Claims& found, MutableBytes claims, MutableBytes room) {
  if (found.payload_b64) {
    const auto size = base64url::decode(found.payload_b64->text, room);
    if (!size) return std::unexpected(size.error());
    return room.first(*size);
  }
  if (!found.payload) return claims;
  const auto* begin = reinterpret_cast<const std::uint8_t*>(found.payload->text.data());
  const MutableBytes place =
      claims.subspan(static_cast<std::size_t>(begin - claims.data()), found.payload->text.size());
  if (!found.payload->escaped) return place;
  return place.first(json::unescape(*found.payload, reinterpret_cast<char*>(place.data())));
}

}  // namespace

std::size_t max_claims_size(std::size_t payload_size) noexcept {
  return kMaxOverhead + 2 * payload_size;
}

Result<std::size_t> write_claims(Times times, Bytes context, Bytes payload,
                                 MutableBytes claims) noexcept {
  Writer out(claims);
  out.raw(kIssuedAt);
  out.time(times.issued_at);
  if (times.expires_at != 0) {
    out.raw(kExpiresAt);
    out.time(times.expires_at);
  }
  if (!context.empty()) {
    if (!json::escaped_size(as_text(context))) return std::unexpected(Error::invalid_argument);
    out.raw(kAudience);
    out.escaped(context);
    out.raw("\"");
  }
  const auto text_size = json::escaped_size(as_text(payload));
  // Longer than any payload it becomes by escapes alone, and is then shorter in base64.
  if (text_size && *text_size <= kMaxPayloadSize) {
    out.raw(kPayload);
    out.escaped(payload);
  } else {
    out.raw(kPayloadBase64);
    out.base64url(payload);
  }
  out.raw("\"}");
  return out.size();
}

Result<Opened> read_claims(MutableBytes claims, MutableBytes room, Bytes context) noexcept {
  Claims found;
  json::ObjectReader members(as_text(claims));
  while (const auto member = members.next()) {
    if (!found.take(*member)) return std::unexpected(Error::malformed);
  }
  if (!members.complete() || (found.payload && found.payload_b64)) {
    return std::unexpected(Error::malformed);
  }
  const auto payload = take_payload(found, claims, room);
  if (!payload) return std::unexpected(payload.error());
  if (auto meant = check_audience(found.aud, as_text(context)); !meant) {
    return std::unexpected(meant.error());
  }
  return Opened{*payload, found.times};
}

}  // namespace sealring
