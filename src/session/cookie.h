// SPDX-License-Identifier: Apache-2.0
// A session's token in one or several cookies (spec/session.md section 3), written and read.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"

namespace sealring::session {

inline constexpr std::size_t kMaxCookieSize = 4096;  // name, value and attributes
inline constexpr std::size_t kMaxParts = 9;
inline constexpr std::size_t kMaxCandidates = 4;

struct CookieSettings {
  std::string_view name;
  std::string_view attributes;  // as written after the value: "; Path=/; Secure; HttpOnly"
  std::size_t parts = 2;        // 1 to kMaxParts
};

// What follows `Set-Cookie: ` for one session.
class CookieWriter {
 public:
  // `max_age` is in seconds; 0: until the browser is closed. invalid_argument: the token needs more
  // parts than the settings allow, or name and attributes leave no room.
  static Result<CookieWriter> make(const CookieSettings& settings, std::string_view token,
                                   std::int64_t max_age) noexcept;

  std::size_t count() const noexcept { return count_; }

  // Cookie `index` of count(). Returns its size.
  std::size_t write(std::size_t index, std::span<char, kMaxCookieSize> out) const noexcept;

  // The cookie that makes a client delete part `index` (counted from 0) of a session.
  static std::size_t write_deletion(const CookieSettings& settings, std::size_t index,
                                    std::span<char, kMaxCookieSize> out) noexcept;

  // The cookie that makes a client delete the bound cookie.
  static std::size_t write_bound_deletion(const CookieSettings& settings,
                                          std::span<char, kMaxCookieSize> out) noexcept;

 private:
  CookieWriter(const CookieSettings& settings, std::string_view token,
               std::int64_t max_age) noexcept
      : settings_(settings), token_(token), max_age_(max_age) {}

  std::size_t overhead_of(std::size_t index) const noexcept;  // of everything except the value
  std::size_t room_in(std::size_t index) const noexcept;

  CookieSettings settings_;
  std::string_view token_;
  std::int64_t max_age_;
  std::size_t count_ = 1;
};

// The cookies with the session's name that a client sent. Holds views into the headers.
class Candidates {
 public:
  // `parts`: how many a session may use.
  Candidates(std::string_view name, std::size_t parts) noexcept : name_(name), parts_(parts) {}

  // Adds the cookies of a header, in the header's order, and writes what is left of the header
  // without them to `rest`, which holds header.size() bytes. Returns how many bytes are left.
  std::size_t read(std::string_view header, char* rest) noexcept;

  std::size_t count() const noexcept { return counts_[0]; }

  // The values of the bound cookies that the client sent; the first kMaxCandidates.
  std::span<const std::string_view> bound_cookies() const noexcept {
    return std::span(bound_).first(bound_count_);
  }

  // One more than the highest part that the client sent; 0 if it sent none.
  std::size_t parts_sent() const noexcept;

  // Of how many cookies candidate `index` says that it is.
  std::size_t parts_of(std::size_t index) const noexcept;

  // The size of the buffer that token() may need.
  std::size_t token_size(std::size_t index) const noexcept;

  // The token of candidate `index`: a view into the header, or into `buffer` if it was joined from
  // parts. malformed: a part is missing, or there are more parts than a session may use.
  Result<std::string_view> token(std::size_t index, MutableBytes buffer) const noexcept;

 private:
  bool is_divided(std::size_t index) const noexcept;

  std::string_view name_;
  std::size_t parts_;
  std::array<std::array<std::string_view, kMaxCandidates>, kMaxParts> values_;
  std::array<std::size_t, kMaxParts> counts_{};
  std::array<std::string_view, kMaxCandidates> bound_;
  std::size_t bound_count_ = 0;
};

}  // namespace sealring::session
