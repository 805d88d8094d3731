// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/followed_file.h"
#include "cli/duration.h"
#include "logout/logout_token.h"

namespace sealring::agent {
namespace {

using Expected = std::optional<std::string>;

constexpr std::string_view kSpace = " \t\r";
constexpr std::int64_t kMaxKeep = std::int64_t{100} * 366 * 86'400;

std::string normal_path(const std::string& text) {
  return std::filesystem::path(absolute_path(text)).lexically_normal();
}

Expected add_list(Settings& settings, const std::string& text) {
  if (text.empty()) return "the path of a file";
  settings.lists.push_back(normal_path(text));
  return {};
}

Expected add_ring(Settings& settings, const std::string& text) {
  if (text.empty()) return "the path of a file";
  settings.rings.push_back(normal_path(text));
  return {};
}

Expected set_max_staleness(Settings& settings, const std::string& text) {
  const auto seconds = cli::parse_duration(text);
  if (!seconds || *seconds > std::numeric_limits<std::uint32_t>::max() ||
      (*seconds != 0 && *seconds < 10)) {
    return "a duration of 10s or more, such as 5m, or 0";
  }
  settings.max_staleness = static_cast<std::uint32_t>(*seconds);
  return {};
}

Expected set_socket(Settings& settings, const std::string& text) {
  settings.socket = absolute_path(text);
  return {};
}

Expected set_control(Settings& settings, const std::string& text) {
  settings.control = absolute_path(text);
  return {};
}

Expected set_store(Settings& settings, const std::string& text) {
  settings.store = read_store_address(text);
  if (!settings.store) return "redis://HOST:PORT, rediss://HOST:PORT or unix:PATH";
  return {};
}

Expected set_prefix(Settings& settings, const std::string& text) {
  if (text.empty() || text.size() > 64) return "a text of 1 to 64 bytes";
  settings.prefix = text;
  return {};
}

Expected set_node(Settings& settings, const std::string& text) {
  if (text.empty() || text.size() > 255) return "a name of 1 to 255 bytes";
  settings.node = text;
  return {};
}

template <std::optional<ListenAddress> Settings::* Member>
Expected set_listen(Settings& settings, const std::string& text) {
  settings.*Member = read_listen_address(text);
  if (!(settings.*Member)) {
    return "unix:PATH, 127.0.0.1:PORT or [::1]:PORT; a web server with TLS belongs before it";
  }
  return {};
}

Expected set_oidc_issuer(Settings& settings, const std::string& text) {
  if (text.empty() || text.size() > logout::kMaxIssuerSize || text.find(' ') != std::string::npos) {
    return "a URL of at most 512 bytes";
  }
  settings.oidc_issuer = text;
  return {};
}

Expected set_oidc_keys(Settings& settings, const std::string& text) {
  if (text.empty()) return "the path of a file";
  settings.oidc_keys = absolute_path(text);
  return {};
}

Expected set_oidc_list(Settings& settings, const std::string& text) {
  if (text.empty()) return "the path of a file";
  settings.oidc_list = normal_path(text);
  return {};
}

Expected set_oidc_keep(Settings& settings, const std::string& text) {
  const auto seconds = cli::parse_duration(text);
  if (!seconds || *seconds <= 0 || *seconds > kMaxKeep) {
    return "a duration such as 31m, at most 100 years";
  }
  settings.oidc_keep = seconds;
  return {};
}

template <std::string Settings::* Member>
Expected set_text(Settings& settings, const std::string& text) {
  if (text.empty()) return "a text";
  settings.*Member = text;
  return {};
}

constexpr std::array kSettings = {
    Setting{
        "list", "FILE",
        "a revocation list that this agent keeps; it is made if it does not exist. There may be "
        "several.",
        add_list},
    Setting{"max-staleness", "DURATION",
            "how long servers trust a list that this agent no longer confirms, such as 5m; 0 is "
            "without a bound. The default is what the list has.",
            set_max_staleness},
    Setting{"socket", "FILE",
            "the UNIX socket to which servers send logouts; the default is "
            "/run/sealring/agent.sock",
            set_socket},
    Setting{"control", "FILE",
            "the UNIX socket for status and publish; the default is /run/sealring/control.sock",
            set_control},
    Setting{"ring", "FILE",
            "a key ring that is that of the fleet: the agent replaces it when another machine has "
            "published one. There may be several.",
            add_ring},
    Setting{"fleet-key", "FILE",
            "the key ring under which rings are sealed in the store; all machines have the same",
            set_text<&Settings::fleet_key>},
    Setting{
        "store", "URL",
        "a Redis or Valkey server through which the agents of several machines keep their lists "
        "and rings equal: redis://HOST:PORT, rediss://HOST:PORT for TLS, or unix:PATH",
        set_store},
    Setting{"store-user", "NAME", "the user of the store's ACL", set_text<&Settings::store_user>},
    Setting{"store-password-file", "FILE", "a file with the password for the store",
            set_text<&Settings::store_password_file>},
    Setting{"store-ca", "FILE",
            "certificates of the authorities that the store's certificate may be from, in PEM; the "
            "default is those of the system",
            set_text<&Settings::store_ca>},
    Setting{"store-certificate", "FILE", "this machine's certificate for the store, in PEM",
            set_text<&Settings::store_certificate>},
    Setting{"store-key", "FILE", "its private key, in PEM", set_text<&Settings::store_key>},
    Setting{"prefix", "TEXT",
            "how all keys in the store begin; the default is sealring. Another fleet in the same "
            "store has another one.",
            set_prefix},
    Setting{"node", "NAME", "what this machine is called in the fleet; the default is its name",
            set_node},
    Setting{"metrics-listen", "ADDRESS",
            "where to answer GET /metrics, for Prometheus: unix:PATH, 127.0.0.1:PORT or "
            "[::1]:PORT. The default is nowhere.",
            set_listen<&Settings::metrics_listen>},
    Setting{"oidc-listen", "ADDRESS",
            "where to answer the back-channel logout of an OpenID provider: unix:PATH, "
            "127.0.0.1:PORT or [::1]:PORT. A web server with TLS passes requests on to it.",
            set_listen<&Settings::oidc_listen>},
    Setting{"oidc-issuer", "URL", "the provider's issuer, as it is in its tokens", set_oidc_issuer},
    Setting{"oidc-client", "ID", "the application's client_id at the provider",
            set_text<&Settings::oidc_client>},
    Setting{"oidc-keys", "FILE", "the provider's keys: a copy of what is at its jwks_uri",
            set_oidc_keys},
    Setting{"oidc-list", "FILE", "the list for these logouts; the default is the first one",
            set_oidc_list},
    Setting{"oidc-sid-field", "NAME",
            "the field in which sessions have the provider's sid, such as oidc_sid",
            set_text<&Settings::oidc_sid_field>},
    Setting{"oidc-sub-field", "NAME",
            "the field in which sessions have the provider's sub, such as user",
            set_text<&Settings::oidc_sub_field>},
    Setting{"oidc-keep", "DURATION",
            "how long such a revocation is needed: the idle timeout of the sessions and a minute "
            "more, such as 31m. The default is for ever.",
            set_oidc_keep},
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
  const std::size_t end = text.find_last_not_of(kSpace) + 1;  // 0 if there is nothing else
  return end > begin ? text.substr(begin, end - begin) : std::string_view();
}

// Returns what is wrong with the line.
Expected read_line(std::string_view line, Settings& settings) {
  const std::string_view text = trimmed(line);
  if (text.empty() || text.front() == '#') return {};
  const std::size_t split = text.find('=');
  if (split == std::string_view::npos) return "write it as \"name = value\"";
  const std::string_view name = trimmed(text.substr(0, split));
  const auto known = std::ranges::find(kSettings, name, &Setting::name);
  if (known == kSettings.end()) return "there is no setting \"" + std::string(name) + "\"";
  const auto expected = known->set(settings, std::string(trimmed(text.substr(split + 1))));
  if (expected) return "\"" + std::string(name) + "\" has to be " + *expected;
  return {};
}

}  // namespace

std::span<const Setting> all_settings() {
  return kSettings;
}

Explained<void> read_configuration(const std::string& path, Settings& settings) {
  const auto refused = [&path](const std::string& what) {
    return problem(Error::invalid_argument, "configuration \"" + path + "\"" + what);
  };
  std::ifstream file(path);
  if (!file) return refused(std::string(": ") + std::strerror(errno));
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (const auto wrong = read_line(line, settings)) {
      return refused(", line " + std::to_string(number) + ": " + *wrong);
    }
  }
  if (file.bad()) return refused(": it cannot be read");
  return {};
}

}  // namespace sealring::agent
