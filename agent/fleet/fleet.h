// SPDX-License-Identifier: Apache-2.0
// The part of an agent that talks with the store: its lists are kept equal, and the nodes know of
// one another (spec/fleet.md).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "fleet/list_sync.h"
#include "fleet/rings.h"
#include "fleet/store.h"
#include "kept_list.h"

namespace sealring::agent {

struct FleetSettings {
  StoreSettings store;
  std::string prefix = "sealring";
  std::string node;
  std::optional<std::uint32_t> max_staleness;
};

class Fleet {
 public:
  Fleet(Loop& loop, FleetSettings settings);
  ~Fleet();

  // They have to outlive this.
  Explained<void> add(KeptList& list);
  Explained<void> add(KeptRing& ring) { return rings_.add(ring); }

  // Does what is due and says how long nothing else is.
  Milliseconds tick(Time now);
  // How long no list has anything to ask.
  Milliseconds due_in(Time now) const;

  // Adds to a list's status what is known of it in the store.
  void describe(const KeptList& list, Time now, nlohmann::json& status) const;
  // See Rings.
  void publish(const std::string& path, Time now, Rings::Published done) {
    rings_.publish(path, now, std::move(done));
  }
  // Adds the rings and the store.
  void describe(Time now, nlohmann::json& status) const;
  // Adds the nodes, for which it asks the store, and calls `done` when they are there, or cannot be
  // had.
  void describe_nodes(nlohmann::json status, const std::function<void(nlohmann::json)>& done);

 private:
  struct Member;

  void changed(bool is_up);
  void drive(Member& member, Time now);
  void take_findings(Member& member);
  void register_node(Time now);
  // A problem that is not the one that was reported last.
  static void report(std::string& reported, const char* what, const std::string& problem);
  void ask_for_nodes(const Command& command,
                     const std::function<void(const nlohmann::json&)>& done);
  std::string nodes_key() const { return settings_.prefix + ":nodes"; }
  static std::int64_t lag_of(const Member& member, Time now);
  std::string described(Time now) const;

  const FleetSettings settings_;
  Store store_;
  std::vector<std::unique_ptr<Member>> members_;
  Rings rings_;
  Milliseconds next_registration_{0}, next_forgetting_{0};
  std::string registration_problem_, forgetting_problem_;
};

}  // namespace sealring::agent
