// SPDX-License-Identifier: Apache-2.0
// Keeps one list equal to that of the store (spec/fleet.md sections 3 to 6). It has no I/O: time
// and answers are handed in, and it says what to ask next.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fleet/layout.h"
#include "fleet/replica.h"
#include "fleet/vote.h"

namespace sealring::agent {

class ListSync {
 public:
  struct Settings {
    std::string prefix = "sealring";
    std::string list;
    std::optional<std::uint32_t> max_staleness;
    revocation::Salt
        random;  // the salt of a list that nobody has yet, and for what is left to chance
  };

  // What the list of this machine lacks.
  struct Findings {
    std::vector<Entry> entries;
    std::vector<std::string> names;
  };

  ListSync(Settings settings, const Replica& replica);

  // A new connection; answers to what was asked before will not come.
  void connected();
  void disconnected();

  // What to ask now, in one go; nothing if answers are awaited or nothing is due.
  std::vector<Command> ask(Time now);
  // How long nothing is due, unless an answer comes.
  std::chrono::milliseconds due_in(Time now) const;
  // The answers, one for each command.
  void answer(std::span<const Reply> replies, Time now);

  // An entry that is new on this machine, which has it on disk. `replaced` is the revoked_at of the
  // one before with the same hash.
  void send(const Entry& entry, std::optional<std::int64_t> replaced);

  Findings take_findings() { return std::exchange(findings_, {}); }

  bool is_in_touch(Time now) const;
  bool has_joined() const { return state_ == State::following; }
  std::size_t unsent() const { return unsent_.size(); }
  // Entries that were sent and read back, and snapshots, since it began.
  std::uint64_t sent() const { return sent_; }
  std::uint64_t snapshots() const { return snapshots_; }
  const Vote& vote() const { return vote_; }
  // What keeps it from following; "" if nothing does.
  const std::string& problem() const { return problem_; }
  // Of the store, once they are known.
  const std::optional<revocation::Salt>& salt() const { return salt_; }
  std::uint32_t max_staleness() const { return max_staleness_; }

 private:
  enum class State { disconnected, joining, beginning, scanning, following };

  struct Unsent {
    Entry entry;
    std::set<std::int64_t> replaced;  // revoked_at of members that this one makes needless
  };

  void fail(const std::string& what, Time now, std::chrono::milliseconds pause);
  std::vector<Command> join() const;
  std::vector<Command> follow(Time now);
  Command added_item(std::span<const Entry> entries, std::span<const std::string> names) const;
  std::vector<std::string> add_names(std::vector<Command>& commands) const;
  void add_sending(std::vector<Command>& commands) const;
  void joined(std::span<const Reply> replies, Time now);
  void scanned(std::span<const Reply> replies, Time now);
  void followed(std::span<const Reply> replies, Time now);
  void compare(Time now);
  void compare_one(std::span<const Entry> same, Time now);
  void join_again();
  bool take_items(std::span<const Item> items, Time now);
  void take_item(const Item& item);
  void take_name(const std::string& name);
  void count(const Reply& reply, Time now);

  const Settings settings_;
  const Keys keys_;
  const Replica& replica_;

  State state_ = State::disconnected;
  bool is_waiting_ = false;
  std::chrono::milliseconds not_before_{0};
  std::string problem_;

  std::optional<revocation::Salt> salt_;
  std::uint32_t max_staleness_ = 0;
  Item last_;
  bool is_behind_ = false;  // there are more items than the last answer had

  std::size_t range_at_ = 0, vote_at_ = 0;  // where the answers to these questions are

  std::string cursor_;
  std::vector<Entry> snapshot_;
  bool lacks_names_ = false;  // because the store has too many
  std::size_t foreign_ = 0;   // members that are none of ours, as of the last snapshot

  std::map<revocation::Hash, Unsent> unsent_;
  std::uint64_t sent_ = 0, snapshots_ = 0;
  Findings findings_;

  std::optional<std::chrono::milliseconds> answered_at_;
  std::chrono::milliseconds next_count_{0};
  std::int64_t counted_after_ = 0;
  bool has_differed_ = false;
  Vote vote_;
};

}  // namespace sealring::agent
