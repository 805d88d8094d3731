// SPDX-License-Identifier: Apache-2.0
// The cookies of a request: sealed as the client sends them, plain as the application gets them
// (spec/upstream-cookies.md section 4).
#pragma once

#include <optional>
#include <span>

#include "base/fixed_list.h"
#include "cookies/policy.h"
#include "session/cookie_header.h"
#include "token/sealer.h"

namespace sealring::cookies {

inline constexpr std::size_t kMaxOpened = 32;
inline constexpr std::size_t kMaxPossibleNames = 1024;

inline constexpr std::string_view kInOne = "1~";  // before a token
inline constexpr std::string_view kInTwo = "2~";  // before its first piece
inline constexpr std::string_view kSecondSuffix = "~1";

bool looks_sealed(std::string_view value) noexcept;

// A cookie that was opened. It holds views into the headers and the buffer.
struct OpenedCookie {
  std::string_view name;
  std::string_view payload;
  std::uint64_t expires_at;
  bool is_due;  // to be sealed with the primary key
};

// A pair that was cut out, or that would have been.
struct CutCookie {
  std::string_view name;  // as sent; empty: it has none
  Error reason;
  NamedKid kid{};
  const char* detail = nullptr;
};

// One for a request. It allocates nothing, and holds views into the headers and the buffer. All
// headers are read before the first of them is rewritten.
class Request {
 public:
  // NOLINTNEXTLINE(modernize-use-equals-default): `Request()` would first clear all of its memory
  Request() noexcept {}

  void read(const Sealer& sealer, std::string_view header) noexcept;
  // The size of the buffer that begin() needs.
  std::size_t open_size(const Sealer& sealer) const noexcept;
  Result<void> begin(const Policy& policy, Sealer& sealer, std::int64_t now,
                     MutableBytes buffer) noexcept;
  // What the application gets of a header that was read: the header itself, if nothing in it
  // changes, or else a text in the buffer with a NUL behind it. An error is operational: something
  // is wrong on this side.
  Result<std::string_view> rewrite(std::string_view header) noexcept;

  std::span<const OpenedCookie> opened() const noexcept { return opened_.elements(); }
  std::size_t plain() const noexcept { return plain_count_; }  // accepted, though not sealed
  std::size_t cut() const noexcept { return cut_count_; }
  // Of those that were cut out, the first that was altered or forged, or else the first.
  const std::optional<CutCookie>& first_cut() const noexcept { return first_cut_; }
  bool has_forged() const noexcept { return has_forged_; }

  bool has_second_piece(std::string_view name) const noexcept;

 private:
  struct Piece {
    std::string_view name;  // without `~1` if it is a second one
    std::string_view value;
  };
  using Pieces = FixedList<Piece, kMaxOpened>;
  enum class Action { keep, cut, replace };

  Action judge(std::string_view pair, const session::Cookie& cookie) noexcept;
  // A result as in status::kCookiesReceived.
  void count(std::size_t result) const noexcept;
  Action judge_sealed(const session::Cookie& cookie, std::size_t first) noexcept;
  static bool has_piece(const Pieces& pieces, std::string_view name) noexcept;
  bool is_second_piece(const session::Cookie& cookie) const noexcept;
  std::size_t rewritten_size(std::string_view header) const noexcept;
  const Piece* second_of(std::size_t first) const noexcept;
  std::optional<std::string_view> join(std::size_t first) noexcept;
  bool contains_chosen_name(std::string_view pair) noexcept;
  Action cut(std::string_view name, Error reason, const char* detail,
             std::string_view kid = {}) noexcept;
  MutableBytes take(std::size_t size) noexcept;

  std::size_t size_ = 0;  // of the headers, and of what is opened that is in one cookie

  // From begin() on.
  const Policy* policy_ = nullptr;
  Sealer* sealer_;
  std::int64_t now_;
  Mode mode_;
  MutableBytes buffer_;     // what is left of it
  std::string_view value_;  // of the cookie that was opened last
  std::optional<Error> failure_;
  std::size_t tried_ = 0;
  std::size_t possible_names_ = 0;
  std::size_t next_first_ = 0;  // of first_

  Pieces first_;  // with their marks
  Pieces second_;
  FixedList<OpenedCookie, kMaxOpened> opened_;
  std::size_t plain_count_ = 0;
  std::size_t cut_count_ = 0;
  std::optional<CutCookie> first_cut_;
  bool has_forged_ = false;
};

}  // namespace sealring::cookies
