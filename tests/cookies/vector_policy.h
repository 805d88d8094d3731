// SPDX-License-Identifier: Apache-2.0
// The policies of the vectors, and texts of which each character is one byte.
#pragma once

#include <memory>
#include <regex>

#include "cookies/policy.h"
#include "support/sealers.h"
#include "support/vectors.h"

namespace sealring::cookies {

inline std::string one_byte_each(std::string_view utf8) {
  std::string text;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      text += utf8[i];
    } else {  // U+0080 to U+00FF
      text += static_cast<char>((byte & 3U) << 6 | (static_cast<unsigned char>(utf8[++i]) & 0x3fU));
    }
  }
  return text;
}

class VectorPolicy {
 public:
  explicit VectorPolicy(const nlohmann::json& members)
      : context_(members.at("context")),
        names_(members.at("names")),
        sessions_(members.at("sessions")) {
    for (const std::string pattern : members.at("patterns")) patterns_->emplace_back(pattern);
    PolicyOptions options;
    options.context = context_;
    options.names.assign(names_.begin(), names_.end());
    if (!patterns_->empty()) options.matches = matches;
    options.match_data = patterns_.get();
    options.http_only = members.at("http_only");
    options.all = members.at("all");
    const std::string mode = members.at("mode");
    options.mode = mode == "report"    ? Mode::report
                   : mode == "migrate" ? Mode::migrate
                                       : Mode::enforce;
    options.accept_plain_until = members.at("accept_plain_until");
    options.sessions.assign(sessions_.begin(), sessions_.end());
    policy_.emplace(Policy::make(options).value());
  }

  const Policy& operator*() const { return *policy_; }

 private:
  using Patterns = std::vector<std::regex>;

  static bool matches(const void* data, std::string_view name) {
    const auto& patterns = *static_cast<const Patterns*>(data);
    return std::ranges::any_of(patterns, [&](const std::regex& pattern) {
      return std::regex_search(name.begin(), name.end(), pattern);
    });
  }

  std::string context_;
  std::vector<std::string> names_;
  std::vector<std::string> sessions_;
  std::unique_ptr<Patterns> patterns_ = std::make_unique<Patterns>();
  std::optional<Policy> policy_;
};

inline std::unique_ptr<Sealer> sealer_of_vector(const nlohmann::json& vector) {
  return sealer_of(parse_jwk_set(tested_driver(), vector.at("keyring").dump()).value());
}

}  // namespace sealring::cookies
