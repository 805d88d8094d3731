// SPDX-License-Identifier: Apache-2.0
// A real store, asked by many simulated agents over one connection.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/fleet/reply.h"
#include "base/descriptor.h"

namespace sealring::bench {

using agent::Command;
using agent::Reply;

class StoreClient {
 public:
  // Ends the program if there is no store at this port of 127.0.0.1.
  explicit StoreClient(int port);

  void add(const Command& command);
  // Sends what was added and returns an answer for each command.
  std::vector<Reply> ask();
  Reply ask(const Command& command);

  // What the commands and the answers of the last ask() took, in the order of the commands.
  struct Size {
    std::size_t question, answer;
  };
  const std::vector<Size>& sizes() const { return sizes_; }

 private:
  Reply read();
  std::string_view line();
  void fill();

  Descriptor socket_;
  std::string out_, in_;
  std::size_t at_ = 0, consumed_ = 0;
  std::vector<std::size_t> questions_;
  std::vector<Size> sizes_;
};

}  // namespace sealring::bench
