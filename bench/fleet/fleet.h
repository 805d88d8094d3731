// SPDX-License-Identifier: Apache-2.0
// A fleet in simulated time: the agents' own state machines, a network that loses and delays, and a
// real store. Times are microseconds since the beginning.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <unordered_map>

#include "node.h"
#include "store_client.h"

namespace sealring::bench {

struct Plan {
  std::size_t nodes = 10;
  double seconds = 120;
  double rate = 1;          // revocations a second, in the whole fleet
  double loss = 0;          // of each message on its way; it is sent again
  std::int64_t clocks = 0;  // the most that a clock is off, in seconds
  double cut = 0;           // the share of nodes that are cut off from 30 s on, for 20 s
  bool failover = false;    // at 30 s, to a store that lacks the last 2 s, and is there 5 s later
  int port = 0, replica_port = 0;
};

struct Result {
  std::vector<double> everywhere;  // seconds from a revocation until it counts on each node
  // The same for those of an outage, from the end of the outage if that is later.
  std::vector<double> after_outage;
  std::size_t lost = 0;  // did not arrive everywhere
  std::size_t snapshots = 0;
  std::size_t exchanges = 0, bytes_sent = 0, bytes_received = 0;  // of the agents
  std::map<std::string, std::size_t> commands;
};

class Fleet {
 public:
  explicit Fleet(const Plan& plan);

  Result run();

 private:
  using Micros = std::int64_t;
  struct Event {
    Micros at;
    std::uint64_t number;  // those of one time happen in their order
    std::function<void()> happen;
    bool operator<(const Event& other) const {
      return std::pair(at, number) > std::pair(other.at, other.number);
    }
  };
  struct Question {
    Micros at;
    std::size_t node;
    std::uint64_t connection;
    std::vector<Command> commands;
    bool is_registration;
    bool operator<(const Question& other) const { return at > other.at; }
  };
  struct Revocation {
    Micros at;
    std::size_t missing;
    Micros last;
  };

  void at(Micros time, std::function<void()> happen);
  Micros delay();
  agent::Time time_of(const Node& node) const;
  void connect(std::size_t number);
  void lose(std::size_t number);
  void poll(std::size_t number);
  void poll_at(std::size_t number, Micros time);
  void enroll(std::size_t number, std::uint64_t connection);
  void answer_questions(Micros until);
  void deliver(std::size_t number, std::uint64_t connection, const std::vector<Reply>& replies);
  void revoke();
  void wait_to_write(std::size_t number);
  void write(std::size_t number);
  void plan_outages();
  void detach_replica();

  const Plan plan_;
  const std::int64_t base_;
  std::mt19937_64 random_{1};
  StoreClient primary_;
  std::unique_ptr<StoreClient> replica_;
  StoreClient* store_;  // nullptr: none answers

  Entries entries_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::uint64_t> poll_numbers_, asked_;
  std::vector<bool> will_write_;
  std::vector<Revocation> revocations_;
  std::priority_queue<Event> events_;
  std::priority_queue<Question> questions_;
  Micros now_ = 0;
  std::uint64_t number_ = 0;
  Micros outage_begins_ = 0, outage_ends_ = 0;
  Result result_;
};

}  // namespace sealring::bench
