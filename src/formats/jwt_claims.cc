// SPDX-License-Identifier: Apache-2.0
#include "formats/jwt_claims.h"

#include <algorithm>
#include <charconv>

#include "base/base64url.h"
#include "base/json.h"
#include "base/jwt.h"

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

// The claims that are used here.
struct Claims {
  std::optional<json::Value> aud, payload, payload_b64, jti;
  Times times;
};

Checked<void> read_time(const json::Value& value, std::uint64_t& time, std::uint64_t earliest,
                        const char* detail) {
  const auto read = jwt::read_time(value, kLatest);
  if (!read) return refused(Error::malformed, detail);
  time = std::max(*read, earliest);
  return {};
}

Checked<void> expect(bool holds, const char* detail) {
  if (!holds) return refused(Error::malformed, detail);
  return {};
}

Checked<void> read_claim(const json::Member& member, Claims& found) {
  const json::Value& value = member.value;
  const auto is = [&member](std::string_view name) { return json::says(member.name, name); };
  if (is("iat")) return read_time(value, found.times.issued_at, 0, "iat is not a number");
  if (is("nbf")) return read_time(value, found.times.not_before, 0, "nbf is not a number");
  // 0 would mean that it never expires.
  if (is("exp")) return read_time(value, found.times.expires_at, 1, "exp is not a number");
  if (is("aud")) {
    found.aud = value;
    return expect(value.kind == json::Kind::string || value.kind == json::Kind::array,
                  "aud is neither text nor an array");
  }
  if (is("payload")) {
    found.payload = value;
    return expect(value.kind != json::Kind::number && value.kind != json::Kind::literal,
                  "payload is neither text nor an object nor an array");
  }
  if (is("payload_b64")) {
    found.payload_b64 = value;
    return expect(value.kind == json::Kind::string, "payload_b64 is not text");
  }
  if (is("jti")) {
    found.jti = value;
    return expect(value.kind == json::Kind::string, "jti is not text");
  }
  return {};
}

std::unexpected<Refused> not_read(json::ObjectReader::Fault fault) {
  switch (fault) {
    case json::ObjectReader::Fault::same_name:
      return refused(Error::malformed, "it has two claims of one name");
    case json::ObjectReader::Fault::too_many:
      return refused(Error::malformed, "it has more than 256 claims");
    default:
      return refused(Error::malformed,
                     "what it encrypts is not a JSON object of at most 16 levels");
  }
}

Checked<void> find_claims(std::string_view json, Claims& found) {
  json::ObjectReader members(json);
  while (const auto member = members.next()) {
    if (auto read = read_claim(*member, found); !read) return std::unexpected(read.error());
  }
  if (!members.complete()) return not_read(members.fault());
  if (found.payload && found.payload_b64) {
    return refused(Error::malformed, "it has both payload and payload_b64");
  }
  return {};
}

// What eight characters say, if all of them are digits.
std::optional<std::uint64_t> number_of_eight(const std::uint8_t* text) {
  constexpr auto kEach = [](std::uint64_t byte) { return byte * 0x0101010101010101; };
  std::uint64_t digits = load_big_endian(std::span<const std::uint8_t, 8>(text, 8)) ^ kEach('0');
  // The highest bit of a byte is set if that is above 9.
  if (((digits | (digits + kEach(0x80 - 10))) & kEach(0x80)) != 0) return std::nullopt;
  digits = (digits >> 8 & 0x00ff00ff00ff00ff) * 10 + (digits & 0x00ff00ff00ff00ff);
  digits = (digits >> 16 & 0x0000ffff0000ffff) * 100 + (digits & 0x0000ffff0000ffff);
  return (digits >> 32) * 10000 + (digits & 0xffffffff);
}

// Takes from the front of claims what write_claims() writes.
class UsualReader {
 public:
  explicit UsualReader(std::string_view json) noexcept : left_(json) {}

  bool take(std::string_view text) noexcept {
    if (!left_.starts_with(text)) return false;
    left_.remove_prefix(text.size());
    return true;
  }

  // A number above 0.
  bool take_time(std::uint64_t& time) noexcept {
    const std::size_t most = std::min(left_.size(), kMaxTimeDigits);
    const auto eight = most >= 8 ? number_of_eight(as_bytes(left_).data()) : std::nullopt;
    std::uint64_t number = eight.value_or(0);
    std::size_t digits = eight ? 8 : 0;
    for (; digits < most; ++digits) {
      const unsigned digit = static_cast<std::uint8_t>(left_.data()[digits]) - unsigned{'0'};
      if (digit > 9) break;
      number = 10 * number + digit;
    }
    const bool is_one = digits != 0 && left_.front() != '0';
    left_.remove_prefix(digits);
    time = std::min(number, kLatest);
    return is_one;
  }

  // Up to a quote.
  json::Value take_string() noexcept {
    const json::Value string{json::Kind::string, left_.substr(0, json::plain_size(left_))};
    left_.remove_prefix(string.text.size());
    return string;
  }

  bool ends_with(std::string_view text) const noexcept { return left_ == text; }

 private:
  std::string_view left_;
};

// If the claims are as write_claims() writes them, without escapes: finds what find_claims() would
// find, for a tenth of the instructions.
bool find_usual_claims(std::string_view json, Claims& found) {
  UsualReader in(json);
  if (!in.take(kIssuedAt) || !in.take_time(found.times.issued_at)) return false;
  if (in.take(kExpiresAt) && !in.take_time(found.times.expires_at)) return false;
  if (in.take(kAudience)) {
    found.aud = in.take_string();
    if (!in.take("\"")) return false;
  }
  const bool is_text = in.take(kPayload);
  if (!is_text && !in.take(kPayloadBase64)) return false;
  (is_text ? found.payload : found.payload_b64) = in.take_string();
  return in.ends_with("\"}");
}

Checked<void> check_audience(const std::optional<json::Value>& aud, std::string_view context) {
  if (!aud) {
    if (context.empty()) return {};
    return refused(Error::authentication_failed, "it is for no context: it has no aud");
  }
  const auto found = jwt::names(*aud, context);
  if (!found) return refused(Error::malformed, "aud contains something other than text");
  if (!*found) {
    return refused(Error::authentication_failed, "its aud is not the context that was expected");
  }
  return {};
}

// The bytes of a text within the claims, to write to.
MutableBytes place_of(std::string_view text, MutableBytes claims) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(text.data());
  return claims.subspan(static_cast<std::size_t>(begin - claims.data()), text.size());
}

Checked<MutableBytes> take_payload(const Claims& found, MutableBytes claims, MutableBytes room) {
  if (found.payload_b64) {
    const auto size = base64url::decode(json::unescape_in(claims, *found.payload_b64), room);
    if (!size) return refused(size.error(), "payload_b64 is not base64url");
    return room.first(*size);
  }
  if (!found.payload) return claims;
  return place_of(json::unescape_in(claims, *found.payload), claims);
}

// A jti that can serve as an ID: short and printable, so that it can be logged and given on a
// command line. It is unescaped into `room`, because the payload may be the claims' own text.
std::optional<std::string_view> id_in(const std::optional<json::Value>& jti, MutableBytes room) {
  constexpr std::size_t kMaxEscapedSize = 6 * kMaxIdSize;
  if (!jti || jti->text.size() > kMaxEscapedSize) return std::nullopt;
  char unescaped[kMaxEscapedSize];
  std::string_view id = jti->text;
  if (jti->escaped) id = {unescaped, json::unescape(*jti, unescaped)};
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  if (id.empty() || id.size() > kMaxIdSize || !std::ranges::all_of(id, printable)) {
    return std::nullopt;
  }
  if (!jti->escaped) return id;
  copy(as_bytes(id), room);
  return as_text(room.first(id.size()));
}

}  // namespace

std::size_t max_claims_size(std::size_t payload_size) noexcept {
  return kMaxOverhead + 2 * payload_size;
}

Checked<WrittenClaims> write_claims(Times times, Bytes context, Bytes payload,
                                    MutableBytes claims) noexcept {
  const std::uint64_t expires_at = std::min(times.expires_at, kLatest);
  Writer out(claims);
  out.raw(kIssuedAt);
  out.time(times.issued_at);
  if (expires_at != 0) {
    out.raw(kExpiresAt);
    out.time(expires_at);
  }
  if (!context.empty()) {
    if (!json::escaped_size(as_text(context))) {
      return refused(
          Error::invalid_argument,
          "the context is not UTF-8 text, or has a control character that a JWE cannot hold");
    }
    out.raw(kAudience);
    out.escaped(context);
    out.raw("\"");
  }
  const auto text_size = json::escaped_size(as_text(payload));
  // A text that escapes make longer than any payload is shorter in base64.
  if (text_size && *text_size <= kMaxPayloadSize) {
    out.raw(kPayload);
    out.escaped(payload);
  } else {
    out.raw(kPayloadBase64);
    out.base64url(payload);
  }
  out.raw("\"}");
  return WrittenClaims{out.size(), expires_at};
}

Checked<Opened> read_claims(MutableBytes claims, MutableBytes room, Bytes context,
                            std::string_view id) noexcept {
  Claims found;
  if (!find_usual_claims(as_text(claims), found)) {
    found = {};
    if (auto read = find_claims(as_text(claims), found); !read) {
      return std::unexpected(read.error());
    }
  }
  const auto payload = take_payload(found, claims, room.first(room.size() - kMaxIdSize));
  if (!payload) return std::unexpected(payload.error());
  if (auto meant = check_audience(found.aud, as_text(context)); !meant) {
    return std::unexpected(meant.error());
  }
  const auto jti = id_in(found.jti, room.last(kMaxIdSize));
  return Opened{*payload, found.times, jti.value_or(id)};
}

}  // namespace sealring
