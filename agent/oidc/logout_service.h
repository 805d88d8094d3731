// SPDX-License-Identifier: Apache-2.0
// Back-channel logout of OpenID Connect (spec/backchannel-logout.md): requests become revocations
// of a list, and are answered when the list is on the disk.
#pragma once

#include <array>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "http_server.h"
#include "kept_list.h"
#include "listen_address.h"
#include "logout/logout_token.h"
#include "status/metrics.h"

namespace sealring::agent {

struct LogoutSettings {
  ListenAddress listen;
  logout::Parties parties;
  logout::FieldNames fields;
  std::string keys;  // the path of the key set
  std::string list;
  std::optional<std::int64_t> keep;  // in seconds; without it, for ever
};

class LogoutService {
 public:
  // The driver and the list outlive it.
  static Explained<std::unique_ptr<LogoutService>> start(Loop& loop, Driver& driver, KeptList& list,
                                                         LogoutSettings settings);

  Milliseconds tick(std::int64_t now);

  // Adds "backchannel_logout" to a status. The key set has a problem: it is not good.
  void describe(nlohmann::json& status) const;

 private:
  LogoutService(Driver& driver, KeptList& list, LogoutSettings settings,
                std::unique_ptr<logout::ProviderKeysFile> keys)
      : driver_(driver), list_(list), settings_(std::move(settings)), keys_(std::move(keys)) {}

  void take(const std::string& form, const HttpServer::Answer& answer);
  Checked<void> revoke(std::string_view token, const HttpServer::Answer& answer);
  void refuse(const Refused& refusal, const HttpServer::Answer& answer);
  void finish(const Explained<void>& written, const std::string& name,
              const HttpServer::Answer& answer);

  Driver& driver_;
  KeptList& list_;
  const LogoutSettings settings_;
  const std::unique_ptr<logout::ProviderKeysFile> keys_;
  std::unique_ptr<HttpServer> server_;
  std::string problem_;  // of the key set
  std::uint64_t generation_ = 0;
  std::array<std::uint64_t, std::size(status::kResults)> results_{};
  std::uint64_t refused_ = 0, logged_ = 0;
  std::int64_t log_again_ = 0;
};

}  // namespace sealring::agent
