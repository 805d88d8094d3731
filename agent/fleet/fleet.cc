// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "datagram.h"
#include "log.h"
#include "session/fields.h"

namespace sealring::agent {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr Milliseconds kBetweenRegistrations = 5s;
constexpr std::int64_t kMissing = 15, kForgotten = 86'400;  // seconds since a node was seen
// Each looks at a few of the nodes now and then, so that in a fleet of any size those that are gone
// are forgotten although nobody looks at all of them.
constexpr Milliseconds kBetweenForgetting = 5min;
constexpr const char* kLookedAt = "10";
constexpr std::size_t kMaxListName = 64;

Time now_of_both() {
  return {monotonic_now(), wall_now()};
}

class KeptReplica final : public Replica {
 public:
  explicit KeptReplica(const KeptList& list) : list_(list) {}

  std::optional<revocation::Salt> salt() const override {
    if (!list_.has_file()) return std::nullopt;
    return list_.list().header().salt;
  }
  std::optional<Entry> find(const revocation::Hash& hash) const override {
    return list_.has_file() ? list_.list().find(hash) : std::nullopt;
  }
  void for_each(const std::function<void(const Entry&)>& visit) const override {
    for (std::size_t i = 0; list_.has_file() && i < list_.list().size(); ++i) {
      visit(list_.list().at(i));
    }
  }
  std::vector<std::string> names() const override {
    if (!list_.has_file()) return {};
    const auto names = list_.list().names();
    return {names.begin(), names.end()};
  }
  bool is_settled() const override { return list_.has_file() && list_.waiting() == 0; }

 private:
  const KeptList& list_;
};

// What a node says about itself, for people and monitoring.
json read_node(const std::string& name, std::string text, std::int64_t now) {
  session::Fields fields;
  json node{
      {"name", name}, {"missing", true}, {"lists", json::object()}, {"rings", json::object()}};
  const MutableBytes bytes(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
  if (!fields.parse(bytes)) return node;
  node["version"] = std::string(fields.value("version"));
  for (const session::Field& field : fields.all()) {
    const std::size_t dot = field.name.rfind('.');
    if (dot == std::string_view::npos) continue;
    const std::string of(field.name.substr(0, dot)), what(field.name.substr(dot + 1));
    const auto number = read_time(field.value);
    if (what == "kids") {
      node["rings"][of]["kids"] = std::string(field.value);
    } else if (number) {
      (what == "ring" ? node["rings"][of]["generation"] : node["lists"][of][what]) = *number;
    }
  }
  if (const auto time = read_time(fields.value("time"))) {
    node["age"] = std::max<std::int64_t>(now - *time, 0);
    node["missing"] = now - *time > kMissing;
  }
  return node;
}

// Those in an answer, as HGETALL gives it, and the command that removes what is to be forgotten.
struct Nodes {
  json known = json::array();
  Command forget;  // empty: nothing
};
Nodes read_nodes(const Reply& reply, const std::string& key) {
  Nodes nodes;
  const std::int64_t now = wall_now();
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
    json node = read_node(reply.items[i].text, reply.items[i + 1].text, now);
    if (node.value("age", kForgotten + 1) <= kForgotten) {
      nodes.known.push_back(std::move(node));
      continue;
    }
    if (nodes.forget.empty()) nodes.forget = {"HDEL", key};
    nodes.forget.push_back(reply.items[i].text);
  }
  return nodes;
}

// Whether it is there, knows what is revoked, and has the rings of this machine.
bool is_good(const json& node, const json& rings) {
  const std::int64_t age = node.value("age", kForgotten);
  if (node.value("missing", true)) return false;
  for (const json& list : node["lists"]) {
    if (list.value("lag", std::int64_t{0}) + age > kMissing) return false;
  }
  return std::ranges::none_of(rings, [&node](const json& ring) {
    const auto theirs = node["rings"].find(ring.value("name", ""));
    return theirs != node["rings"].end() &&
           theirs->value("generation", std::int64_t{0}) < ring.value("generation", std::int64_t{0});
  });
}

}  // namespace

struct Fleet::Member {
  Member(KeptList& kept, ListSync::Settings settings)
      : list(kept), replica(kept), name(settings.list), sync(std::move(settings), replica) {}

  KeptList& list;
  const KeptReplica replica;
  const std::string name;
  ListSync sync;
  std::map<revocation::Hash, Entry> from_store;  // what waits to be written
  std::optional<Milliseconds> in_touch_at;       // last, or when this began
  std::string reported;
};

Fleet::Fleet(Loop& loop, FleetSettings settings)
    : settings_(std::move(settings)),
      store_(loop, settings_.store, [this](bool is_up) { changed(is_up); }),
      rings_(store_, settings_.prefix, [this] { next_registration_ = {}; }) {}

Fleet::~Fleet() = default;

Explained<void> Fleet::add(KeptList& list) {
  ListSync::Settings settings{
      settings_.prefix, std::filesystem::path(list.path()).filename(), settings_.max_staleness, {}};
  if (settings.list.size() > kMaxListName ||
      std::ranges::any_of(members_, [&](auto& other) { return other->name == settings.list; })) {
    return problem(Error::invalid_argument,
                   "list \"" + list.path() +
                       "\": in the store a list has the last part of its path as its name, so this "
                       "has to be unique and at most 64 bytes long");
  }
  if (getentropy(settings.random.data(), settings.random.size()) != 0) {
    return problem(Error::crypto_failure, "there are no random bytes");
  }
  members_.push_back(std::make_unique<Member>(list, std::move(settings)));
  Member& member = *members_.back();
  list.on_new([&member](const Entry& entry, std::optional<std::int64_t> replaced) {
    const auto known = member.from_store.find(entry.hash);
    const bool is_known = known != member.from_store.end() &&
                          known->second.revoked_at == entry.revoked_at &&
                          known->second.until == entry.until;
    if (known != member.from_store.end()) member.from_store.erase(known);
    if (!is_known) member.sync.send(entry, replaced);
  });
  return {};
}

void Fleet::changed(bool is_up) {
  next_registration_ = {};
  for (const auto& member : members_) {
    is_up ? member->sync.connected() : member->sync.disconnected();
  }
}

Milliseconds Fleet::tick(Time now) {
  const Milliseconds next = store_.tick(now.monotonic);
  for (const auto& member : members_) {
    drive(*member, now);
    const bool in_touch = member->sync.is_in_touch(now);
    member->list.set_in_touch(in_touch);
    if (in_touch || !member->in_touch_at) member->in_touch_at = now.monotonic;
  }
  rings_.tick(now);
  if (store_.is_up() && now.monotonic >= next_registration_) register_node(now);
  if (store_.is_up() && now.monotonic >= next_forgetting_) {
    next_forgetting_ = now.monotonic + kBetweenForgetting;
    ask_for_nodes({"HRANDFIELD", nodes_key(), kLookedAt, "WITHVALUES"}, [this](const json& nodes) {
      report(forgetting_problem_, "nodes that are gone cannot be forgotten in the store: ",
             nodes.is_string() ? nodes.get<std::string>() : "");
    });
  }
  return std::min(next, due_in(now));
}

Milliseconds Fleet::due_in(Time now) const {
  Milliseconds next = kBetweenRegistrations;
  for (const auto& member : members_) next = std::min(next, member->sync.due_in(now));
  return next;
}

void Fleet::drive(Member& member, Time now) {
  const auto commands = member.sync.ask(now);
  store_.ask(commands, [this, &member](std::span<const Reply> replies) {
    if (replies.empty()) return;
    member.sync.answer(replies, now_of_both());
    take_findings(member);
  });
}

void Fleet::take_findings(Member& member) {
  const std::string& problem = member.sync.problem();
  if (problem != member.reported) {
    log(problem.empty() ? Level::notice : Level::error,
        "list \"" + member.list.path() +
            "\" in the store: " + (problem.empty() ? "it is followed again" : problem));
    member.reported = problem;
  }
  if (!member.sync.has_joined()) return;
  if (!member.list.has_file() &&
      !member.list.make(member.sync.salt(), member.sync.max_staleness(), wall_now())) {
    return;
  }
  const auto findings = member.sync.take_findings();
  member.list.set_max_staleness(member.sync.max_staleness());
  for (const Entry& entry : findings.entries) member.from_store[entry.hash] = entry;
  member.list.add_all(findings.names, findings.entries);
}

void Fleet::register_node(Time now) {
  next_registration_ = now.monotonic + kBetweenRegistrations;
  const Command command{"HSET", nodes_key(), settings_.node, described(now)};
  store_.ask(std::span(&command, 1), [this](std::span<const Reply> replies) {
    if (replies.empty()) return;
    report(registration_problem_, "this node cannot be registered in the store: ",
           replies[0].is_error() ? replies[0].text : "");
  });
}

void Fleet::report(std::string& reported, const char* what, const std::string& problem) {
  if (!problem.empty() && problem != reported) log(Level::error, what + problem);
  reported = problem;
}

// For how many seconds it has not been in touch.
std::int64_t Fleet::lag_of(const Member& member, Time now) {
  return (now.monotonic - member.in_touch_at.value_or(now.monotonic)) / 1s;
}

// What this node says about itself.
std::string Fleet::described(Time now) const {
  std::vector<std::pair<std::string, std::string>> pairs = {{"time", std::to_string(now.wall)},
                                                            {"version", SEALRING_VERSION}};
  rings_.describe(pairs);  // first, because a publisher waits for what nodes say about them
  for (const auto& member : members_) {
    if (!member->list.has_file()) continue;
    const auto& header = member->list.list().header();
    pairs.emplace_back(member->name + ".generation", std::to_string(header.generation));
    pairs.emplace_back(member->name + ".entries", std::to_string(header.count));
    pairs.emplace_back(member->name + ".unsent", std::to_string(member->sync.unsent()));
    pairs.emplace_back(member->name + ".lag", std::to_string(lag_of(*member, now)));
  }
  session::Fields fields;
  for (const auto& [name, value] : pairs) {
    if (!fields.set(name, value)) break;  // there is room for fifteen lists
  }
  std::string text(fields.text_size(), '\0');
  fields.write(text.data());
  return text;
}

void Fleet::describe(const KeptList& list, Time now, json& status) const {
  const auto member =
      std::ranges::find_if(members_, [&list](auto& one) { return &one->list == &list; });
  const ListSync& sync = (*member)->sync;
  status["in_touch"] = sync.is_in_touch(now);
  status["lag"] = lag_of(**member, now);
  status["unsent"] = sync.unsent();
  status["sent"] = sync.sent();
  status["snapshots"] = sync.snapshots();
  status["votes"] = {{"equal", sync.vote().equal()}, {"different", sync.vote().different()}};
  if (!sync.problem().empty()) status["store_problem"] = sync.problem();
}

void Fleet::describe(Time now, json& status) const {
  rings_.describe(now, status);
  json& store = status["store"];
  store = {{"address", settings_.store.address.text()},
           {"up", store_.is_up()},
           {"connections", store_.connections()},
           {"failures", store_.failures()},
           {"nodes", nodes_key()}};
  if (!store_.is_up()) store["problem"] = store_.problem();
}

void Fleet::describe_nodes(json status, const std::function<void(json)>& done) {
  if (!store_.is_up()) return done(std::move(status));
  ask_for_nodes({"HGETALL", nodes_key()}, [status, done](const json& nodes) mutable {
    if (nodes.is_string()) {
      status["store"]["problem"] = nodes;
      status["good"] = false;
      return done(std::move(status));
    }
    status["nodes"] = nodes;
    for (json& node : status["nodes"]) {
      node["good"] = is_good(node, status["rings"]);
      if (!node["good"]) status["good"] = false;
    }
    done(std::move(status));
  });
}

// `done` gets an array of nodes, or a text that says why there is none.
void Fleet::ask_for_nodes(const Command& command, const std::function<void(const json&)>& done) {
  store_.ask(std::span(&command, 1), [this, done](std::span<const Reply> replies) {
    if (replies.empty()) return done(store_.problem());
    if (replies[0].is_error()) return done("the store answers: " + replies[0].text);
    const Nodes nodes = read_nodes(replies[0], nodes_key());
    done(nodes.known);
    if (!nodes.forget.empty()) {
      store_.ask(std::span(&nodes.forget, 1), [](std::span<const Reply>) {});
    }
  });
}

}  // namespace sealring::agent
