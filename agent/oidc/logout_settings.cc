// SPDX-License-Identifier: Apache-2.0
#include "oidc/logout_settings.h"

#include <algorithm>

#include "revocation/hash.h"
#include "session/fields.h"

namespace sealring::agent {
namespace {

std::unexpected<Problem> wrong(const std::string& what) {
  return problem(Error::invalid_argument, what);
}

std::unexpected<Problem> missing(const char* setting) {
  return wrong(std::string(setting) + " is missing, and the other oidc- settings need it");
}

// Names that mean something else in a revocation list.
bool is_taken(const std::string& field) {
  return session::is_reserved(field) || session::same_name(field, revocation::kToken) ||
         session::same_name(field, logout::kUsedName);
}

Explained<void> check_field(const char* setting, const std::string& field) {
  if (field.size() > revocation::kMaxNameSize) {
    return wrong(std::string(setting) + " is longer than 64 bytes");
  }
  if (is_taken(field)) {
    return wrong(std::string(setting) + ": \"" + field +
                 "\" has another meaning in revocation lists; the application has to store the "
                 "provider's value in a field of another name");
  }
  return {};
}

}  // namespace

bool asks_for_logouts(const Settings& settings) {
  return settings.oidc_listen.has_value() || settings.oidc_keep.has_value() ||
         !settings.oidc_issuer.empty() || !settings.oidc_client.empty() ||
         !settings.oidc_keys.empty() || !settings.oidc_list.empty() ||
         !settings.oidc_sid_field.empty() || !settings.oidc_sub_field.empty();
}

Explained<LogoutSettings> logout_settings_of(const Settings& settings) {
  if (!settings.oidc_listen) return missing("oidc-listen");
  if (settings.oidc_issuer.empty()) return missing("oidc-issuer");
  if (settings.oidc_client.empty()) return missing("oidc-client");
  if (settings.oidc_keys.empty()) return missing("oidc-keys");
  if (settings.oidc_sid_field.empty() && settings.oidc_sub_field.empty()) {
    return wrong(
        "oidc-sid-field or oidc-sub-field is missing: it says where sessions have the "
        "provider's sid or sub");
  }
  if (auto checked = check_field("oidc-sid-field", settings.oidc_sid_field); !checked) {
    return std::unexpected(checked.error());
  }
  if (auto checked = check_field("oidc-sub-field", settings.oidc_sub_field); !checked) {
    return std::unexpected(checked.error());
  }
  if (settings.lists.empty()) return wrong("it needs a revocation list: add \"list = FILE\"");
  const std::string& list =
      settings.oidc_list.empty() ? settings.lists.front() : settings.oidc_list;
  if (std::ranges::find(settings.lists, list) == settings.lists.end()) {
    return wrong("oidc-list \"" + list + "\" is none of this agent's lists");
  }
  return LogoutSettings{.listen = *settings.oidc_listen,
                        .parties = {settings.oidc_issuer, settings.oidc_client},
                        .fields = {settings.oidc_sid_field, settings.oidc_sub_field},
                        .keys = settings.oidc_keys,
                        .list = list,
                        .keep = settings.oidc_keep};
}

}  // namespace sealring::agent
