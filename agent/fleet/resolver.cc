// SPDX-License-Identifier: Apache-2.0
#include "fleet/resolver.h"

#include <signal.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

namespace sealring::agent {
namespace {

std::unexpected<Problem> failed(int code) {
  return problem(Error::write_failed,
                 std::string("a name cannot be looked up: ") + std::strerror(code));
}

// Signals are for the thread of the loop, which is the one that made this.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

Resolver::~Resolver() {
  if (told_) loop_.forget(told_->get());
}

Explained<void> Resolver::look_up(const std::string& host, const std::string& port, Found found) {
  auto told = std::make_shared<Descriptor>(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!told->is_open()) return failed(errno);
  std::packaged_task<Addresses()> task([host, port] { return addresses_of(host, port); });
  addresses_ = task.get_future();
  try {
    const SignalsBlocked blocked;
    std::thread([task = std::move(task), told]() mutable {
      task();
      eventfd_write(told->get(), 1);
    }).detach();
  } catch (const std::system_error& error) {
    return failed(error.code().value());
  }
  told_ = std::move(told);
  found_ = std::move(found);
  loop_.watch(told_->get(), POLLIN, [this](short) { take(); });
  return {};
}

void Resolver::take() {
  loop_.forget(told_->get());
  told_.reset();
  std::exchange(found_, {})(addresses_.get());
}

}  // namespace sealring::agent
