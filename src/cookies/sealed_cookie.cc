// SPDX-License-Identifier: Apache-2.0
#include "cookies/sealed_cookie.h"

#include <charconv>

#include "base/secret.h"
#include "session/cookie.h"

namespace sealring::cookies {
namespace {

constexpr std::string_view kPath = "; Path=";
constexpr std::string_view kNoAge = "; Max-Age=0";
constexpr std::size_t kLongestNumber = 20;
constexpr std::size_t kMarks = 16;  // of one line at most: `~1`, `=`, `2~`, kNoAge

std::unexpected<SealFailure> failed(Error reason, const char* detail) {
  return std::unexpected(SealFailure{reason, detail});
}

// Takes parts of a buffer, one after another, and writes texts into them.
class Room {
 public:
  explicit Room(MutableBytes buffer) noexcept : left_(buffer) {}

  MutableBytes left() const noexcept { return left_; }

  MutableBytes take(std::size_t size) noexcept {
    const MutableBytes taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }

  template <typename... Texts>
  MutableBytes write(Texts... texts) noexcept {
    std::uint8_t* const begin = left_.data();
    const auto append = [this](std::string_view text) { copy(as_bytes(text), take(text.size())); };
    (append(texts), ...);
    return {begin, left_.data()};
  }

 private:
  MutableBytes left_;
};

// Sets the lines of a cookie whose payload is known.
class Writer {
 public:
  Writer(const Policy& policy, Sealer& sealer, std::int64_t now, Room& room,
         Replacement& replacement) noexcept
      : policy_(policy), sealer_(sealer), now_(now), room_(room), replacement_(replacement) {}

  // `attributes` are those of the lines.
  std::expected<void, SealFailure> seal(Bytes payload, std::string_view attributes,
                                        std::int64_t lifetime) noexcept {
    const TokenContext context(policy_, replacement_.name);
    const MutableBytes start = room_.write(replacement_.name, "=", kInOne);
    const auto sealed =
        sealer_.seal(now_, static_cast<std::uint64_t>(lifetime), context, payload, room_.left());
    if (!sealed) return failed(sealed.error().reason, sealed.error().detail);
    const MutableBytes token = room_.take(sealed->size);
    if (!binds_context(sealed->format)) {
      wipe(token);
      return failed(Error::unsupported,
                    "the primary key is of an old format, whose tokens are bound to no context");
    }
    finish(start, token, attributes);
    return {};
  }

  // Also deletes the second piece that the client has.
  void delete_second(std::string_view attributes) noexcept {
    add(room_.write(replacement_.name, kSecondSuffix, "=", attributes, kNoAge));
  }

 private:
  // The line begins with `start` and the token.
  void finish(MutableBytes start, MutableBytes token, std::string_view attributes) noexcept {
    const std::size_t other = start.size() + attributes.size();
    if (other >= session::kMaxCookieSize) {
      replacement_.fate = Fate::too_large;
      return;
    }
    const MutableBytes end = room_.write(attributes);
    const std::size_t first = session::kMaxCookieSize - other;
    if (token.size() <= first) {
      add({start.data(), end.data() + end.size()});
      return;
    }
    // The second has a longer name, and no mark in its value.
    static_assert(kSecondSuffix.size() == kInTwo.size());
    if (token.size() > 2 * first) {
      replacement_.fate = Fate::too_large;
      return;
    }
    const MutableBytes second = room_.write(replacement_.name, kSecondSuffix, "=",
                                            as_text(token.subspan(first)), attributes);
    copy(as_bytes(kInTwo), start.last(kInTwo.size()));
    copy(as_bytes(attributes), {token.data() + first, attributes.size()});
    add({start.data(), session::kMaxCookieSize});
    add(second);
  }

  void add(Bytes line) noexcept { replacement_.lines[replacement_.count++] = as_text(line); }

  const Policy& policy_;
  Sealer& sealer_;
  std::int64_t now_;
  Room& room_;
  Replacement& replacement_;
};

Replacement unchanged(Fate fate, std::string_view name, std::string_view line) {
  return {fate, name, {line}, 1};
}

// As in status::kCookiesSet.
enum class Set : std::uint8_t { sealed, renewed, deletion, too_large, error };
static_assert(std::size(status::kCookiesSet) == static_cast<std::size_t>(Set::error) + 1);

using Replaced = std::expected<Replacement, SealFailure>;

Set set_of(const Replaced& replaced, bool renewed) {
  if (!replaced) return Set::error;
  switch (replaced->fate) {
    case Fate::too_large:
      return Set::too_large;
    case Fate::deletion:
      return Set::deletion;
    default:
      return renewed ? Set::renewed : Set::sealed;
  }
}

void count(const Policy& policy, const Sealer& sealer, std::int64_t now, Set set) {
  if (sealer.counters() == nullptr) return;
  sealer.counters()->add<status::Counter::sealed_cookies_set>(
      static_cast<std::size_t>(set), static_cast<std::size_t>(policy.mode(now)));
}

Replaced replace_uncounted(const Policy& policy, Sealer& sealer, std::int64_t now,
                           std::string_view line, std::string_view request_path,
                           const Request* request, MutableBytes buffer) {
  const auto [name, value, text] = parse_set_cookie(line);
  const bool by_name = !name.empty() && policy.chooses_name(name);
  const bool by_attribute =
      !by_name && !name.empty() && policy.http_only() && !policy.is_of_own_session(name);
  if (!by_name && !by_attribute) return unchanged(Fate::passed, name, line);
  const Attributes attributes = parse_attributes(text);
  if (by_attribute && !attributes.http_only) return unchanged(Fate::passed, name, line);
  const Mode mode = policy.mode(now);
  if (buffer.size() < replacement_size(sealer, line.size(), request_path.size())) {
    return failed(Error::buffer_too_small, nullptr);
  }
  Room room(buffer);
  Replacement made{Fate::sealed, name, {}, 0};
  Writer writer(policy, sealer, now, room, made);
  const bool delete_second = request != nullptr && request->has_second_piece(name);
  const auto end = attributes.end(now);
  if (end && *end <= now) {
    made = unchanged(Fate::deletion, name, line);
    if (delete_second) writer.delete_second(text);
    return made;
  }
  if (mode == Mode::report) return unchanged(Fate::reported, name, line);

  if (name.size() > kMaxName) {
    made.fate = Fate::too_large;
  } else {
    const std::string_view path =
        attributes.has_path ? std::string_view() : default_path(request_path);
    const bool adds_path = !path.empty() && !path.contains(';');
    // Usually the payload is the end of the line.
    const auto before = static_cast<std::size_t>(value.data() - line.data());
    Bytes payload = as_bytes(line.substr(before));
    MutableBytes copied;
    if (adds_path || payload.size() != value.size() + text.size()) {
      copied = room.write(value, text, adds_path ? kPath : "", adds_path ? path : "");
      payload = copied;
    }
    const auto sealed = writer.seal(payload, text, end ? *end - now : 0);
    wipe(copied);
    if (!sealed) return std::unexpected(sealed.error());
  }
  if (made.fate == Fate::too_large && mode == Mode::migrate) {
    return unchanged(Fate::too_large, name, line);
  }
  if (made.count == 1 && delete_second) writer.delete_second(text);
  return made;
}

Replaced renew_uncounted(const Policy& policy, Sealer& sealer, std::int64_t now,
                         const OpenedCookie& cookie, MutableBytes buffer) {
  if (buffer.size() < renewal_size(sealer, cookie)) {
    return failed(Error::buffer_too_small, nullptr);
  }
  Replacement made{Fate::sealed, cookie.name, {}, 0};
  const std::size_t value_size = std::min(cookie.payload.find(';'), cookie.payload.size());
  const std::string_view text = cookie.payload.substr(value_size);
  const auto expires_at = static_cast<std::int64_t>(cookie.expires_at);
  const Attributes found = parse_attributes(text);
  if (!found.has_path || (expires_at != 0 && expires_at <= now)) return made;

  const std::string_view age = found.max_age_text;
  const std::size_t before =
      age.empty() ? text.size() : static_cast<std::size_t>(age.data() - text.data());
  std::array<char, kLongestNumber> digits;
  const std::int64_t left = expires_at == 0 ? 0 : expires_at - now;
  const char* const digits_end = std::to_chars(digits.begin(), digits.end(), left).ptr;
  Room room(buffer);
  const MutableBytes payload =
      room.write(cookie.payload.substr(0, value_size), text.substr(0, before),
                 age.empty() ? "" : std::string_view(digits.data(), digits_end),
                 age.empty() ? "" : text.substr(before + age.size()));
  const MutableBytes attributes = payload.subspan(value_size);
  Writer writer(policy, sealer, now, room, made);
  const auto sealed = writer.seal(payload, as_text(attributes), left);
  wipe(payload);
  if (!sealed) return std::unexpected(sealed.error());
  if (made.fate == Fate::too_large) made.count = 0;
  return made;
}

}  // namespace

// The payload, the token, and the lines: the attributes are in both, and the second has a name of
// its own.
std::size_t replacement_size(const Sealer& sealer, std::size_t line_size,
                             std::size_t path_size) noexcept {
  const std::size_t payload = line_size + kPath.size() + path_size + kLongestNumber;
  const std::size_t token = sealer.sealed_size(payload);
  return payload + 2 * token + 2 * (payload + kMarks);
}

// Beside the payload, the attributes with what is left of Max-Age.
std::size_t renewal_size(const Sealer& sealer, const OpenedCookie& cookie) noexcept {
  return replacement_size(sealer, cookie.name.size() + 1 + cookie.payload.size(), 0) +
         cookie.payload.size() + kLongestNumber;
}

std::expected<Replacement, SealFailure> replace(const Policy& policy, Sealer& sealer,
                                                std::int64_t now, std::string_view line,
                                                std::string_view request_path,
                                                const Request* request,
                                                MutableBytes buffer) noexcept {
  auto made = replace_uncounted(policy, sealer, now, line, request_path, request, buffer);
  if (!made || made->fate != Fate::passed) count(policy, sealer, now, set_of(made, false));
  return made;
}

std::expected<Replacement, SealFailure> renew(const Policy& policy, Sealer& sealer,
                                              std::int64_t now, const OpenedCookie& cookie,
                                              MutableBytes buffer) noexcept {
  auto made = renew_uncounted(policy, sealer, now, cookie, buffer);
  const bool is_not_due = made && made->fate == Fate::sealed && made->count == 0;
  if (!is_not_due) count(policy, sealer, now, set_of(made, true));
  return made;
}

}  // namespace sealring::cookies
