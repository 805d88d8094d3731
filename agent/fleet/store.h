// SPDX-License-Identifier: Apache-2.0
// The connection to the store: asks, and hands each answer to who asked. It connects again when it
// is lost, later after each failure. A server that says that it is a replica is lost: the address
// may lead to another one by now.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/secret.h"
#include "fleet/reply.h"
#include "fleet/resolver.h"
#include "fleet/store_address.h"
#include "fleet/stream.h"
#include "loop.h"

struct redisReader;

namespace sealring::agent {

struct StoreSettings {
  StoreAddress address;
  std::string user;
  SecretString password;
  TlsSettings tls;
};

class Store {
 public:
  // With one reply for each command, or with none if the connection is lost before.
  using Answered = std::function<void(std::span<const Reply>)>;
  // Called when the connection is there, and when it is lost.
  using Changed = std::function<void(bool is_up)>;

  Store(Loop& loop, StoreSettings settings, Changed changed);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  bool is_up() const { return is_up_; }
  // Why it is not, or was not until just now.
  const std::string& problem() const { return problem_; }
  // How many were made, and how many failed or were lost.
  std::uint64_t connections() const { return connections_; }
  std::uint64_t failures() const { return failures_; }

  void ask(std::span<const Command> commands, Answered answered);

  // Connects if it is time, and gives up on a store that does not answer. Returns how long nothing
  // is due.
  Milliseconds tick(Milliseconds now);

 private:
  struct Question {
    std::size_t answers;  // how many it will have
    Answered answered;
  };

  void begin_trial(Milliseconds now);
  void looked_up(const Addresses& found);
  void connect(const SocketAddress& to, Milliseconds now);
  void lose(const std::string& why);
  void log_in();
  void settle();
  void expect(std::size_t answers, Answered answered);
  void handle(short events);
  bool write();
  bool read();
  bool take(std::span<const std::uint8_t> bytes);
  void watch();

  Loop& loop_;
  const StoreSettings settings_;
  const Changed changed_;
  std::string problem_ = "not connected yet";
  bool is_up_ = false;
  std::uint64_t connections_ = 0, failures_ = 0;

  Resolver resolver_;
  bool waits_for_name_ = false;
  Descriptor socket_{-1};
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
  std::size_t unparsed_ = 0;
  SecretString out_;  // it may have the password
  bool write_wants_read_ = false, read_wants_write_ = false;
  std::deque<Question> questions_;
  std::vector<Reply> answers_;  // to the first of them

  Milliseconds next_trial_{0}, connected_at_{0}, waiting_since_{0};
  std::size_t trials_ = 0;
  bool was_replica_ = false;
};

}  // namespace sealring::agent
