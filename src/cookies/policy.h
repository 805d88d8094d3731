// SPDX-License-Identifier: Apache-2.0
// Which cookies of an application are sealed, and what passes that is not (spec/upstream-cookies.md
// section 1).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "cookies/names.h"

namespace sealring::cookies {

inline constexpr std::size_t kMaxContext = 512;
inline constexpr std::string_view kContextLabel = "upstream-cookie;";

enum class Mode { report, migrate, enforce };

struct PolicyOptions {
  std::string_view context;
  std::vector<std::string_view> names;
  // Whether a pattern matches. It must not throw. Null: there are no patterns.
  bool (*matches)(const void* data, std::string_view name) = nullptr;
  const void* match_data = nullptr;
  bool http_only = false;
  bool all = false;
  Mode mode = Mode::enforce;
  std::int64_t accept_plain_until = 0;     // `migrate` is `enforce` from then on; 0: never
  std::vector<std::string_view> sessions;  // the names of the server's own sessions
};

class Policy {
 public:
  static Explained<Policy> make(const PolicyOptions& options);

  Mode mode(std::int64_t now) const noexcept;
  bool http_only() const noexcept { return http_only_; }
  bool all() const noexcept { return all_; }
  bool lists_names() const noexcept { return !names_.empty() || matches_ != nullptr; }

  // By its name alone, so also with a value that was forged.
  bool chooses_name(std::string_view name) const noexcept;
  // Whether applications may take it for a chosen one: `all` chooses nothing in particular.
  bool is_listed(std::string_view name) const noexcept;
  bool is_of_own_session(std::string_view name) const noexcept;

  // The cookie's name follows.
  std::string_view start_of_contexts() const noexcept { return start_of_contexts_; }

 private:
  explicit Policy(const PolicyOptions& options);

  std::string start_of_contexts_;
  std::vector<std::string> names_;  // in the form that is compared
  bool (*matches_)(const void* data, std::string_view name);
  const void* match_data_;
  bool http_only_;
  bool all_;
  Mode mode_;
  std::int64_t accept_plain_until_;
  std::vector<std::string> sessions_;
};

// What the token of a cookie is bound to.
class TokenContext {
 public:
  // The name has at most kMaxName bytes.
  TokenContext(const Policy& policy, std::string_view name) noexcept;
  operator Bytes() const noexcept { return as_bytes({text_.data(), size_}); }

 private:
  std::array<char, kContextLabel.size() + kMaxContext + 1 + kMaxName> text_;
  std::size_t size_ = 0;
};

}  // namespace sealring::cookies
