// SPDX-License-Identifier: Apache-2.0
// A machine of the simulated fleet: the agent's own ListSync, and what it has of the list.
#pragma once

#include <optional>
#include <vector>

#include "agent/fleet/list_sync.h"

namespace sealring::bench {

using agent::Entry;
using Clock = std::chrono::milliseconds;

// All entries that there are. The hash of one begins with its place here.
class Entries {
 public:
  std::size_t add(std::int64_t now);
  const Entry& at(std::size_t index) const { return all_[index]; }
  std::optional<std::size_t> find(const revocation::Hash& hash) const;

 private:
  std::vector<Entry> all_;
};

class Node final : public agent::Replica {
 public:
  Node(const Entries& entries, std::uint64_t random);

  std::optional<revocation::Salt> salt() const override { return salt_; }
  std::optional<Entry> find(const revocation::Hash& hash) const override;
  void for_each(const std::function<void(const Entry&)>& visit) const override;
  std::vector<std::string> names() const override { return {"sid"}; }
  bool is_settled() const override { return waiting.empty(); }

  bool has(std::size_t index) const { return index < has_.size() && has_[index]; }
  void put(std::size_t index);

  agent::ListSync sync;
  std::int64_t clock = 0;                             // how many seconds it is ahead
  std::vector<std::pair<std::size_t, bool>> waiting;  // to be written, and whether it is its own
  Clock wrote_at{-1000};
  Clock look{0};  // when in each second its server looks
  bool is_connected = false, is_cut = false;
  std::uint64_t connection = 0;  // how many it has had
  int trials = 0;

 private:
  const Entries& entries_;
  const std::optional<revocation::Salt> salt_ = revocation::Salt{7};
  std::vector<bool> has_;
};

}  // namespace sealring::bench
