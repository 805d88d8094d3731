// SPDX-License-Identifier: Apache-2.0
// Waits for descriptors and for the time: poll(2), one thread.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/error.h"

namespace sealring::agent {

using Milliseconds = std::chrono::milliseconds;

// Of a clock that nobody sets.
Milliseconds monotonic_now();
// Seconds since 1970.
std::int64_t wall_now();

class Loop {
 public:
  using Handler = std::function<void(short events)>;
  // Does what is due and says how long nothing else will be.
  using Tick = std::function<Milliseconds()>;

  // Calls `handler` when one of `events` (POLLIN, POLLOUT) is there, or the descriptor has failed.
  void watch(int descriptor, short events, Handler handler);
  void change(int descriptor, short events);
  void forget(int descriptor);

  // Until stop() is called.
  Explained<void> run(const Tick& tick);
  void stop() { stopped_ = true; }

 private:
  struct Watched {
    short events;
    Handler handler;
  };

  std::map<int, Watched> watched_;
  bool stopped_ = false;
};

}  // namespace sealring::agent
