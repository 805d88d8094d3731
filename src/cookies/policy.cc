// SPDX-License-Identifier: Apache-2.0
#include "cookies/policy.h"

#include <algorithm>
#include <cstring>

#include "session/cookie_header.h"

namespace sealring::cookies {
namespace {

std::unexpected<Problem> invalid(std::string message) {
  return problem(Error::invalid_argument, std::move(message));
}

}  // namespace

Explained<Policy> Policy::make(const PolicyOptions& options) {
  if (options.context.empty() || options.context.size() > kMaxContext) {
    return invalid("the context must have 1 to 512 bytes");
  }
  for (const std::string_view name : options.names) {
    if (!session::is_cookie_name(name) || name.size() > kMaxName) {
      return invalid('"' + std::string(name) + "\" is not a cookie's name");
    }
  }
  if (options.names.empty() && options.matches == nullptr && !options.http_only && !options.all) {
    return invalid("no cookie is chosen");
  }
  if (options.accept_plain_until != 0 && options.mode != Mode::migrate) {
    return invalid("plain values are accepted for a time only in the mode migrate");
  }
  return Policy(options);
}

Policy::Policy(const PolicyOptions& options)
    : start_of_contexts_(std::string(kContextLabel).append(options.context).append(";")),
      matches_(options.matches),
      match_data_(options.match_data),
      http_only_(options.http_only),
      all_(options.all),
      mode_(options.mode),
      accept_plain_until_(options.accept_plain_until),
      sessions_(options.sessions.begin(), options.sessions.end()) {
  for (const std::string_view name : options.names) {
    names_.emplace_back(ReadForms(name).whole());
  }
}

Mode Policy::mode(std::int64_t now) const noexcept {
  const bool over = accept_plain_until_ != 0 && now >= accept_plain_until_;
  return over ? Mode::enforce : mode_;
}

bool Policy::is_listed(std::string_view name) const noexcept {
  if (is_of_own_session(name)) return false;
  const auto matches = [&](std::string_view form) {
    return matches_ != nullptr && !form.empty() && matches_(match_data_, form);
  };
  const auto same = [&](const std::string& other) { return equal_in_any_case(name, other); };
  if (std::ranges::any_of(names_, same)) return true;
  if (is_read_as_is(name)) return matches(name);
  const ReadForms forms(name);
  const auto listed = [&](const std::string& other) { return equal_as_read(name, forms, other); };
  if (std::ranges::any_of(names_, listed)) return true;
  if (matches_ != nullptr && forms.is_cut()) return true;
  return matches(name) || (forms.whole() != name && matches(forms.whole())) ||
         (forms.up_to_nul() != forms.whole() && matches(forms.up_to_nul())) ||
         (forms.up_to_bracket() != forms.up_to_nul() && matches(forms.up_to_bracket()));
}

bool Policy::chooses_name(std::string_view name) const noexcept {
  return all_ ? !is_of_own_session(name) : is_listed(name);
}

bool Policy::is_of_own_session(std::string_view name) const noexcept {
  return std::ranges::any_of(
      sessions_, [&](const std::string& session) { return session::is_cookie_of(session, name); });
}

TokenContext::TokenContext(const Policy& policy, std::string_view name) noexcept {
  const std::string_view start = policy.start_of_contexts();
  size_ = start.size() + name.size();
  std::memcpy(text_.data(), start.data(), start.size());
  std::memcpy(text_.data() + start.size(), name.data(), name.size());
}

}  // namespace sealring::cookies
