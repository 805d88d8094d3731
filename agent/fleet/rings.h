// SPDX-License-Identifier: Apache-2.0
// The rings of a fleet: followed from the store, put back into it, and published to it
// (spec/fleet.md section 8).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fleet/list_sync.h"
#include "fleet/store.h"
#include "kept_ring.h"

namespace sealring::agent {

// What is to be done about a ring of which the store has the generations in `fields`.
struct RingPlan {
  std::optional<std::string> fetch;  // the greatest that is newer than our own
  bool offer = false;                // our own, which the store does not have
  std::vector<std::string> remove;   // older ones
};
// Generations that were fetched and cannot be used, and why not. They are not fetched again.
using RefusedRings = std::map<std::string, std::string>;
RingPlan plan_for_ring(std::span<const std::string> fields, std::uint64_t own,
                       const RefusedRings& refused);
// The greatest generation of those; 0 if there is none.
std::uint64_t newest_of(std::span<const std::string> fields);

class Rings {
 public:
  using Published = std::function<void(const Explained<std::uint64_t>& generation)>;

  // `changed` is called when a ring has another generation.
  Rings(Store& store, std::string prefix, std::function<void()> changed);
  ~Rings();

  // The ring has to outlive this.
  Explained<void> add(KeptRing& ring);

  void tick(Time now);
  // `done` is told when the store has answered, or why nothing was published.
  void publish(const std::string& path, Time now, Published done);

  // What this node says about its rings.
  void describe(std::vector<std::pair<std::string, std::string>>& fields) const;
  // For people and monitoring. Sets "good" to false if one is not.
  void describe(Time now, nlohmann::json& status) const;

 private:
  struct Member;

  void ask(Member& member, Time now);
  void listed(Member& member, const Reply& reply);
  void fetched(Member& member, const std::string& field, const Reply& reply);
  void offer(Member& member, const RingPlan& plan);
  bool publish_next(Member& member);
  Explained<std::uint64_t> published(Member& member, const KeptRing::Sealed& next,
                                     std::span<const Reply> replies);
  static std::string what_is_refused(const Member& member);
  void fail(Member& member, const std::string& what);

  Store& store_;
  const std::string prefix_;
  const std::function<void()> changed_;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace sealring::agent
