// SPDX-License-Identifier: Apache-2.0
// Whether all agents have the same entries: they vote with digests (spec/fleet.md section 5). It
// has no I/O, as ListSync, which asks for it and hands in the answers.
#pragma once

#include <optional>
#include <span>

#include "fleet/layout.h"
#include "fleet/replica.h"

namespace sealring::agent {

class Vote {
 public:
  // `random` is another one for each agent.
  Vote(const Keys& keys, const Replica& replica, const revocation::Salt& random);

  // The agent has joined. It knows more than the stream has said, until it has read all of that.
  void begin(Time now);
  void caught_up() { has_caught_up_ = true; }

  // The stream has `item` after `before`. Whether there is a vote on what the stream has said so
  // far: then no further item is to be taken before the vote.
  bool take(const Item& before, const Item& item, Time now);
  // Whether the vote waits for entries to be written.
  bool is_held(Time now) const;

  // Whether the stream needs an item, because without one there is no vote.
  bool wants_item(Time now) const;
  // What to ask now. An agent with unsent entries has no vote: they are in its list, and the stream
  // has not said them.
  std::vector<Command> ask(bool has_unsent, const revocation::Salt& salt, Time now);
  // The answers. Whether this agent has to take a snapshot.
  bool answer(std::span<const Reply> replies);

  // Votes that were counted: in how many of them all agents had the same digest, and not.
  std::uint64_t equal() const { return equal_; }
  std::uint64_t different() const { return different_; }

 private:
  std::uint64_t random_from(std::string_view what) const;
  std::string key() const { return prefix_ + id_; }

  const std::string prefix_;
  const Replica& replica_;
  const revocation::Salt random_;

  bool has_caught_up_ = false;
  std::chrono::milliseconds item_at_{0};  // when the last one came
  std::optional<std::chrono::milliseconds> held_since_;
  std::string id_;               // of the last item that the vote is about
  std::int64_t ends_after_ = 0;  // which entries it is about
  std::string digest_;           // that this agent has voted for; "" if there is no vote
  std::chrono::milliseconds count_at_{0};
  bool is_counting_ = false;
  std::uint64_t equal_ = 0, different_ = 0;
};

}  // namespace sealring::agent
