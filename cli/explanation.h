// SPDX-License-Identifier: Apache-2.0
// What is checked of a token, in its order: what each check found, what failed, and what to do.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "session/session.h"
#include "token/sealer.h"

namespace sealring::cli {

struct Check {
  std::string name;
  bool passed;
  std::string says;
  std::string advice{};  // where it failed
};

// The checks up to the one that failed.
struct Explanation {
  std::vector<Check> checks;
  std::optional<Error> reason;  // why it is refused; nothing: it opens
  std::int64_t issued_at = 0;

  void pass(const char* name, std::string says) { checks.push_back({name, true, std::move(says)}); }
  void fail(const char* name, Error why, std::string says, std::string advice) {
    checks.push_back({name, false, std::move(says), std::move(advice)});
    reason = why;
  }
};

// With what tokens are opened.
struct Opener {
  Sealer& sealer;
  const Keyring& ring;
  std::int64_t now;
  session::Terms terms;              // the context, and of sessions the rest
  bool of_session;                   // whether the payload is to be that of a session
  std::string keyring, revocations;  // the files, for advice; empty: none
  std::span<const std::string_view> bound_cookies{};  // that came with a session
};

// Errors: operational ones.
Result<Explanation> explain_token(const Opener& opener, Bytes token);

}  // namespace sealring::cli
