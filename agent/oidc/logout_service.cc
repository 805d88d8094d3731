// SPDX-License-Identifier: Apache-2.0
#include "oidc/logout_service.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "log.h"
#include "logout/logout_request.h"
#include "status/counters.h"

namespace sealring::agent {
namespace {

using nlohmann::json;

constexpr const char* kPath = "/backchannel-logout";
constexpr std::int64_t kBetweenLines = 10;  // seconds; anybody can send what is refused

HttpAnswer failure(const char* error, const std::string& description) {
  return {kHttpBadRequest, json{{"error", error}, {"error_description", description}}.dump()};
}

}  // namespace

Explained<std::unique_ptr<LogoutService>> LogoutService::start(Loop& loop, Driver& driver,
                                                               KeptList& list,
                                                               LogoutSettings settings) {
  auto keys = logout::follow_provider_keys(settings.keys);
  if (!keys) return std::unexpected(keys.error());
  std::unique_ptr<LogoutService> service(
      new LogoutService(driver, list, std::move(settings), std::move(*keys)));
  service->generation_ = service->keys_->generation();
  auto listening = listen_on(service->settings_.listen);
  if (!listening) return std::unexpected(listening.error());
  auto server = HttpServer::start(
      loop, std::move(*listening),
      {kPath, logout::kMaxRequestSize,
       [raw = service.get()](const HttpRequest& request, const HttpServer::Answer& answer) {
         raw->take(request.body, answer);
       }});
  if (!server) return std::unexpected(server.error());
  service->server_ = std::move(*server);
  return service;
}

Milliseconds LogoutService::tick(std::int64_t now) {
  if (const auto looked = keys_->refresh(now); !looked) {
    problem_ = looked.error().message;
    log(Level::error, problem_ + " (the keys loaded before stay in use)");
  }
  if (keys_->generation() != generation_) {
    generation_ = keys_->generation();
    problem_.clear();
    log(Level::notice, "key set \"" + keys_->path() + "\": loaded anew, " +
                           std::to_string(keys_->current()->size()) + " keys");
  }
  return server_->tick();
}

void LogoutService::take(const std::string& form, const HttpServer::Answer& answer) {
  const auto token = logout::token_in_form(form);
  const auto revoked =
      token ? revoke(*token, answer) : Checked<void>(std::unexpected(token.error()));
  if (!revoked) refuse(revoked.error(), answer);
}

Checked<void> LogoutService::revoke(std::string_view text, const HttpServer::Answer& answer) {
  const std::int64_t now = wall_now();
  const auto keys = keys_->current();
  std::vector<std::uint8_t> buffer(text.size());
  const auto token =
      logout::open_logout_token(driver_, *keys, settings_.parties, now, text, buffer);
  if (!token) return std::unexpected(token.error());
  const auto revoked = logout::revoked_by(*token, settings_.fields);
  if (!revoked) return std::unexpected(revoked.error());
  std::string used = logout::used_value(settings_.parties, token->jti);
  if (list_.has(logout::kUsedName, used)) {
    return refused(Error::revoked, "it was used before: the list has its jti");
  }
  // A token counts as used when what it revokes is in the file: until then it is good once more.
  list_.revoke(revoked->name, revoked->value, now,
               settings_.keep ? now + *settings_.keep : revocation::kEndOfTime,
               [this, answer, now, name = std::string(revoked->name), used = std::move(used),
                until = token->accepted_before](const Explained<void>& written) {
                 if (!written) return finish(written, name, answer);
                 list_.revoke(logout::kUsedName, used, now, until,
                              [this, answer, name](const Explained<void>& remembered) {
                                finish(remembered, name, answer);
                              });
               });
  return {};
}

void LogoutService::finish(const Explained<void>& written, const std::string& name,
                           const HttpServer::Answer& answer) {
  if (!written) {
    ++results_.back();
    log(Level::error, "back-channel logout: " + written.error().message);
    return answer(failure("server_error", "the logout could not be stored; try again"));
  }
  ++results_.front();
  log(Level::notice, "back-channel logout: revoked by " + name);
  answer({kHttpOk, ""});
}

void LogoutService::refuse(const Refused& refusal, const HttpServer::Answer& answer) {
  const std::string detail = refusal.detail != nullptr ? refusal.detail : "it cannot be verified";
  const bool is_ours = !is_refusal(refusal.reason);
  ++refused_;
  ++results_[status::result_index(refusal.reason)];
  if (const std::int64_t now = wall_now(); now >= log_again_) {
    log(is_ours ? Level::error : Level::warning,
        "back-channel logout: a logout token is refused: " +
            std::string(error_name(refusal.reason)) + " (" + detail + "); " +
            std::to_string(refused_ - logged_) + " since the last such line");
    logged_ = refused_;
    log_again_ = now + kBetweenLines;
  }
  answer(failure(is_ours ? "server_error" : "invalid_request",
                 "the logout token is refused: " + detail));
}

void LogoutService::describe(json& status) const {
  json found{
      {"accepted", results_.front()}, {"refused", refused_}, {"keys", keys_->current()->size()}};
  for (std::size_t i = 0; i < results_.size(); ++i) {
    found["results"][status::kResults[i]] = results_[i];
  }
  if (!problem_.empty()) {
    found["problem"] = problem_;
    status["good"] = false;
  }
  status["backchannel_logout"] = std::move(found);
}

}  // namespace sealring::agent
