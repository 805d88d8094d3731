// SPDX-License-Identifier: Apache-2.0
#include "loop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <vector>

namespace sealring::agent {

Milliseconds monotonic_now() {
  return std::chrono::duration_cast<Milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

std::int64_t wall_now() {
  return std::time(nullptr);
}

void Loop::watch(int descriptor, short events, Handler handler) {
  watched_[descriptor] = {events, std::move(handler)};
}

void Loop::change(int descriptor, short events) {
  if (const auto found = watched_.find(descriptor); found != watched_.end()) {
    found->second.events = events;
  }
}

void Loop::forget(int descriptor) {
  watched_.erase(descriptor);
}

Explained<void> Loop::run(const Tick& tick) {
  std::vector<pollfd> polled;
  while (!stopped_) {
    const Milliseconds wait = std::clamp(tick(), Milliseconds(0), Milliseconds(60'000));
    if (stopped_) break;
    polled.clear();
    for (const auto& [descriptor, entry] : watched_) {
      polled.push_back({descriptor, entry.events, 0});
    }
    if (poll(polled.data(), polled.size(), static_cast<int>(wait.count())) < 0) {
      if (errno == EINTR) continue;
      return problem(Error::write_failed, std::string("poll: ") + std::strerror(errno));
    }
    for (const pollfd& one : polled) {
      if (one.revents == 0) continue;
      // A handler may have removed it, or have replaced what runs now: so it is copied.
      const auto found = watched_.find(one.fd);
      if (found == watched_.end()) continue;
      const Handler handler = found->second.handler;
      handler(one.revents);
    }
  }
  return {};
}

}  // namespace sealring::agent
