// SPDX-License-Identifier: Apache-2.0
#include "daemon.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "control_server.h"
#include "crypto/drivers.h"
#include "datagram.h"
#include "fleet/fleet.h"
#include "fleet/fleet_settings.h"
#include "kept_list.h"
#include "kept_ring.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "oidc/logout_service.h"
#include "oidc/logout_settings.h"
#include "sockets.h"

namespace sealring::agent {
namespace {

using nlohmann::json;

constexpr mode_t kSocketMode = 0660;
constexpr std::size_t kDatagramsAtOnce = 1000;
constexpr std::size_t kMaxUnknownLists = 16;  // that are logged

// Text that others wrote need not be UTF-8.
std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string error_text(const std::string& message) {
  return text_of({{"error", message}});
}

class Daemon {
 public:
  Explained<void> start(const Settings& settings);
  Explained<void> run();

 private:
  Explained<void> join_fleet(const Settings& settings);
  Explained<void> answer_logouts(const Settings& settings);
  Explained<void> show_metrics(const Settings& settings);
  Explained<void> watch_signals();
  void read_datagrams();
  void take(Bytes datagram);
  void answer(const std::expected<Request, std::string>& request,
              const ControlServer::Answer& answer);
  void publish(const PublishRequest& request, const ControlServer::Answer& answer);
  Explained<void> keep_rings(const Settings& settings);
  json status() const;
  json status_of(const KeptList& list) const;
  Milliseconds tick();
  KeptList* find(std::string_view path) const;

  Driver* driver_ = nullptr;
  Loop loop_;
  std::vector<std::unique_ptr<KeptList>> lists_;
  std::unique_ptr<Sealer> fleet_key_;
  std::vector<std::unique_ptr<KeptRing>> rings_;
  Descriptor signals_{-1}, datagrams_{-1};
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<LogoutService> logouts_;
  std::unique_ptr<HttpServer> metrics_;
  const std::int64_t since_ = wall_now();
  std::uint64_t refused_ = 0;
  std::set<std::string, std::less<>> unknown_;
};

Explained<void> Daemon::start(const Settings& settings) {
  if (settings.lists.empty() && settings.rings.empty()) {
    return problem(Error::invalid_argument,
                   "there is no list to keep; name one with --list, or as \"list = FILE\" in " +
                       std::string(kDefaultConfiguration));
  }
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return std::unexpected(driver.error());
  driver_ = *driver;
  for (const std::string& path : settings.lists) {
    if (find(path) != nullptr) {
      return problem(Error::invalid_argument, "list \"" + path + "\" is there twice");
    }
    auto list = KeptList::open(*driver_, path, wall_now());
    if (!list) return std::unexpected(list.error());
    if (settings.max_staleness) (*list)->set_max_staleness(*settings.max_staleness);
    // With a store, its salt decides.
    if (!settings.store && !(*list)->has_file()) {
      const auto bound = settings.max_staleness.value_or(0);
      if (auto made = (*list)->make({}, bound, wall_now()); !made) return made;
    }
    lists_.push_back(std::move(*list));
  }
  if (auto joined = join_fleet(settings); !joined) return joined;
  if (auto watched = watch_signals(); !watched) return watched;
  auto datagrams = listen_at(settings.socket, Kind::datagram, kSocketMode);
  if (!datagrams) return std::unexpected(datagrams.error());
  datagrams_ = std::move(*datagrams);
  loop_.watch(datagrams_.get(), POLLIN, [this](short) { read_datagrams(); });
  // Before the control socket: who can ask for the status finds all of it.
  if (auto answered = answer_logouts(settings); !answered) return answered;
  if (auto shown = show_metrics(settings); !shown) return shown;
  auto control = listen_at(settings.control, Kind::stream, kSocketMode);
  if (!control) return std::unexpected(control.error());
  control_ = std::make_unique<ControlServer>(
      loop_, std::move(*control),
      [this](const auto& request, const auto& to_client) { answer(request, to_client); });
  return {};
}

Explained<void> Daemon::join_fleet(const Settings& settings) {
  if (!settings.store) {
    if (settings.rings.empty()) return {};
    return problem(Error::invalid_argument,
                   "rings come from a store; name it with --store, or as \"store = URL\" in " +
                       std::string(kDefaultConfiguration));
  }
  auto fleet_settings = fleet_settings_of(settings, *settings.store);
  if (!fleet_settings) return std::unexpected(fleet_settings.error());
  fleet_ = std::make_unique<Fleet>(loop_, std::move(*fleet_settings));
  for (const auto& list : lists_) {
    list->set_in_touch(false);
    if (auto added = fleet_->add(*list); !added) return added;
  }
  return keep_rings(settings);
}

Explained<void> Daemon::keep_rings(const Settings& settings) {
  if (settings.rings.empty()) return {};
  if (settings.fleet_key.empty()) {
    return problem(Error::invalid_argument,
                   "rings are sealed in the store; make a fleet key on one machine (sealring "
                   "keyring init FILE), copy it to all, and name it as \"fleet-key = FILE\"");
  }
  auto keys = LiveKeyring::load(*driver_, settings.fleet_key);
  if (!keys) return std::unexpected(keys.error());
  auto sealer = Sealer::make(std::move(*keys), *driver_);
  if (!sealer) return std::unexpected(sealer.error());
  fleet_key_ = std::move(*sealer);
  for (const std::string& path : settings.rings) {
    auto ring = KeptRing::open(*fleet_key_, path, wall_now());
    if (!ring) return std::unexpected(ring.error());
    if (auto added = fleet_->add(**ring); !added) return added;
    rings_.push_back(std::move(*ring));
  }
  return {};
}

Explained<void> Daemon::answer_logouts(const Settings& settings) {
  if (!asks_for_logouts(settings)) return {};
  auto service_settings = logout_settings_of(settings);
  if (!service_settings) return std::unexpected(service_settings.error());
  // It is one of them.
  KeptList& list = *find(service_settings->list);
  auto service = LogoutService::start(loop_, *driver_, list, std::move(*service_settings));
  if (!service) return std::unexpected(service.error());
  logouts_ = std::move(*service);
  return {};
}

Explained<void> Daemon::show_metrics(const Settings& settings) {
  if (!settings.metrics_listen) return {};
  auto server = serve_metrics(loop_, *settings.metrics_listen, [this] { return status(); });
  if (!server) return std::unexpected(server.error());
  metrics_ = std::move(*server);
  return {};
}

Explained<void> Daemon::watch_signals() {
  sigset_t stopping;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  sigaddset(&stopping, SIGINT);
  if (sigprocmask(SIG_BLOCK, &stopping, nullptr) == 0) {
    signals_ = Descriptor(signalfd(-1, &stopping, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  if (!signals_.is_open()) {
    return problem(Error::write_failed, std::string("signals: ") + std::strerror(errno));
  }
  loop_.watch(signals_.get(), POLLIN, [this](short) { loop_.stop(); });
  return {};
}

Explained<void> Daemon::run() {
  notify_systemd("READY=1");
  auto ended = loop_.run([this] { return tick(); });
  notify_systemd("STOPPING=1");
  read_datagrams();
  for (const auto& list : lists_) {
    auto written = list->write(wall_now());
    // That a logout token was used is known now.
    if (written && list->waiting() != 0) written = list->write(wall_now());
    if (!written && ended) ended = written;
  }
  return ended;
}

KeptList* Daemon::find(std::string_view path) const {
  const auto found =
      std::ranges::find_if(lists_, [path](const auto& list) { return list->path() == path; });
  return found == lists_.end() ? nullptr : found->get();
}

Milliseconds Daemon::tick() {
  Milliseconds next{1000};
  if (fleet_key_) {
    if (const auto looked = fleet_key_->refresh(wall_now()); !looked) {
      log(Level::error, "the fleet key: " + looked.error().message);
    }
  }
  if (fleet_) next = std::min(next, fleet_->tick({monotonic_now(), wall_now()}));
  for (const auto& list : lists_) next = std::min(next, list->tick(monotonic_now(), wall_now()));
  if (logouts_) next = std::min(next, logouts_->tick(wall_now()));
  if (metrics_) next = std::min(next, metrics_->tick());
  // What was written now is sent at once.
  if (fleet_) next = std::min(next, fleet_->due_in({monotonic_now(), wall_now()}));
  return next;
}

void Daemon::read_datagrams() {
  // One byte more shows that a datagram is too long.
  std::array<std::uint8_t, kMaxDatagramSize + 1> buffer;
  for (std::size_t i = 0; i < kDatagramsAtOnce; ++i) {
    const ssize_t size = recv(datagrams_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return;
    take(Bytes(buffer).first(static_cast<std::size_t>(size)));
  }
}

void Daemon::take(Bytes datagram) {
  const auto told = read_datagram(datagram);
  if (!told) {
    if (refused_++ == 0)
      log(Level::warning, "a datagram is refused because of its form; status counts them");
    return;
  }
  if (KeptList* const list = find(told->list); list != nullptr) {
    list->add(told->name, told->entry, {});
    return;
  }
  ++refused_;
  if (unknown_.size() < kMaxUnknownLists && unknown_.insert(told->list).second) {
    log(Level::warning, "a server sends logouts for \"" + told->list +
                            "\", which is none of this agent's lists; add \"list = " + told->list +
                            "\" to its configuration");
  }
}

void Daemon::answer(const std::expected<Request, std::string>& request,
                    const ControlServer::Answer& to_client) {
  if (!request) return to_client(error_text("the request is refused: " + request.error()));
  if (const auto* const to_publish = std::get_if<PublishRequest>(&*request)) {
    return publish(*to_publish, to_client);
  }
  if (!fleet_) return to_client(text_of(status()));
  fleet_->describe_nodes(status(), [to_client](const json& all) { to_client(text_of(all)); });
}

void Daemon::publish(const PublishRequest& request, const ControlServer::Answer& to_client) {
  if (!fleet_) {
    return to_client(error_text("this agent has no store, so there is nobody to publish it to"));
  }
  fleet_->publish(request.ring, {monotonic_now(), wall_now()},
                  [to_client](const Explained<std::uint64_t>& generation) {
                    to_client(generation ? text_of({{"generation", *generation}})
                                         : error_text(generation.error().message));
                  });
}

json Daemon::status_of(const KeptList& list) const {
  const Time now{monotonic_now(), wall_now()};
  json status{{"path", list.path()}};
  if (!list.problem().empty()) status["problem"] = list.problem();
  if (list.has_file()) {
    const revocation::Header& header = list.list().header();
    status.update({{"generation", header.generation},
                   {"entries", header.count},
                   {"age", std::max<std::int64_t>(now.wall - header.written_at, 0)},
                   {"written_at", header.written_at},
                   {"confirmed_at", list.file().confirmed_at},
                   {"stale", list.file().is_stale(now.wall)},
                   {"waiting", list.waiting()},
                   {"received",
                    {{"local", list.received_locally()}, {"store", list.received_from_store()}}}});
  } else if (list.problem().empty()) {
    status["problem"] = "it waits for the store, to be made";
  }
  if (fleet_) fleet_->describe(list, now, status);
  status["good"] = list.has_file() && list.problem().empty() && status.value("in_touch", true);
  return status;
}

// All that is known without asking the store.
json Daemon::status() const {
  json status{
      {"version", SEALRING_VERSION}, {"now", wall_now()},  {"since", since_}, {"good", true},
      {"lists", json::array()},      {"refused", refused_}};
  for (const auto& list : lists_) {
    status["lists"].push_back(status_of(*list));
    if (!status["lists"].back()["good"]) status["good"] = false;
  }
  if (fleet_) fleet_->describe({monotonic_now(), wall_now()}, status);
  if (logouts_) logouts_->describe(status);
  return status;
}

}  // namespace

Explained<void> run(const Settings& settings) {
  Daemon daemon;
  if (auto started = daemon.start(settings); !started) return started;
  return daemon.run();
}

}  // namespace sealring::agent
