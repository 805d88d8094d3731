// SPDX-License-Identifier: Apache-2.0
// What the agent is to do. Each setting is an option of the command line and a line of its file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "fleet/store_address.h"
#include "listen_address.h"

namespace sealring::agent {

inline constexpr const char* kDefaultConfiguration = "/etc/sealring/agent.conf";

struct Settings {
  std::vector<std::string> lists;
  std::optional<std::uint32_t> max_staleness;
  std::string socket = "/run/sealring/agent.sock";
  std::string control = "/run/sealring/control.sock";

  std::vector<std::string> rings;
  std::string fleet_key;

  std::optional<StoreAddress> store;  // without one, this machine is alone
  std::string store_user, store_password_file;
  std::string store_ca, store_certificate, store_key;
  std::string prefix = "sealring";
  std::string node;  // "": the name of the machine

  std::optional<ListenAddress> metrics_listen;

  // Back-channel logout.
  std::optional<ListenAddress> oidc_listen;
  std::string oidc_issuer, oidc_client, oidc_keys;
  std::string oidc_list;  // "": the first list
  std::string oidc_sid_field, oidc_sub_field;
  std::optional<std::int64_t> oidc_keep;  // in seconds
};

struct Setting {
  const char* name;
  const char* type;
  const char* description;
  // Returns what was expected, if the text is something else.
  std::optional<std::string> (*set)(Settings& settings, const std::string& text);
};

std::span<const Setting> all_settings();

// Reads lines of the form "name = value". Empty lines, and lines that begin with "#", are
// ignored.
Explained<void> read_configuration(const std::string& path, Settings& settings);

}  // namespace sealring::agent
