// SPDX-License-Identifier: Apache-2.0
// Seals and opens tokens with a key ring.
#pragma once

#include <memory>
#include <vector>

#include "crypto/random_pool.h"
#include "formats/format.h"
#include "keys/live_keyring.h"

namespace sealring {

// One a thread, made after fork. Sealing and opening allocate nothing.
class Sealer {
 public:
  static Explained<std::unique_ptr<Sealer>> make(std::shared_ptr<LiveKeyring> keyring,
                                                 Driver& driver);

  // Lets the live ring look at its file, and goes over to the ring of now if it is another, which
  // is tried again every second until it works. The keys change here and nowhere else.
  Explained<void> refresh(std::int64_t now);

  std::size_t sealed_size(std::size_t payload_size) const noexcept;
  std::size_t opened_size(std::size_t token_size) const noexcept;

  struct Refusal {
    Error reason;
    std::string_view kid{};  // what the token says, not proved; "": nothing. Until the next call
    Times times{};           // where they are the reason
    const char* detail = nullptr;  // static; null: the reason says it all
  };

  struct Sealed {
    std::size_t size;
    std::uint64_t expires_at;  // 0: never
    std::string_view kid;      // valid until the next refresh
  };
  std::expected<Sealed, Refusal> seal(std::int64_t now, std::uint64_t lifetime, Bytes context,
                                      Bytes payload, MutableBytes token) noexcept;

  struct Opened {
    Bytes payload;  // within the buffer
    Times times;
    std::string_view kid;  // of the key that opened it; valid until the next refresh
  };
  std::expected<Opened, Refusal> open(std::int64_t now, Bytes context, Bytes token,
                                      MutableBytes buffer) noexcept;

 private:
  static constexpr std::int64_t kNever = INT64_MIN;

  struct Served {
    const FormatRow* row;
    std::unique_ptr<Format> format;
  };

  Sealer(std::shared_ptr<LiveKeyring> live, Driver& driver, RandomPool pool) noexcept
      : live_(std::move(live)), driver_(driver), pool_(std::move(pool)) {}

  Explained<void> adopt_current_ring();
  void notice_fork() noexcept;
  Result<const Served*> recognise(Bytes token) const noexcept;
  std::expected<Opened, Refusal> open_in(MutableBytes buffer, std::int64_t now, Bytes context,
                                         Bytes token) noexcept;

  const std::shared_ptr<LiveKeyring> live_;
  Driver& driver_;
  RandomPool pool_;
  std::uint64_t generation_ = 0;     // of ring_
  std::int64_t failed_at_ = kNever;  // to go over to another ring
  std::shared_ptr<const Keyring> ring_;
  std::vector<Served> served_;  // the formats of the ring's keys, in the order of formats()
};

}  // namespace sealring
