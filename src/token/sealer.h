// SPDX-License-Identifier: Apache-2.0
// Seals and opens tokens with a key ring.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "crypto/random_pool.h"
#include "formats/format.h"
#include "keys/live_keyring.h"
#include "revocation/revocations.h"
#include "status/counters.h"

namespace sealring {

// A kid that a token names, copied because the token's buffer is wiped.
class NamedKid {
 public:
  NamedKid() = default;
  explicit NamedKid(std::string_view kid) noexcept : size_(std::min(kid.size(), kMaxKidSize)) {
    copy(as_bytes(kid.substr(0, size_)), bytes_);
  }
  operator std::string_view() const noexcept { return as_text(Bytes(bytes_).first(size_)); }

 private:
  std::size_t size_ = 0;
  std::array<std::uint8_t, kMaxKidSize> bytes_;  // the first size_ are used
};

// With a stale revocation list, what is sealed is opened, or all of it is refused.
enum class Stale { opens, refuses };

// One per thread; create it after fork. The first use of a key, or of a place in a cache, may
// allocate (see Format); apart from that, sealing and opening allocate nothing.
class Sealer {
 public:
  static Explained<std::unique_ptr<Sealer>> make(std::shared_ptr<LiveKeyring> keyring,
                                                 Driver& driver);

  // From now on, what is revoked is refused. Without a call nothing is.
  void use_revocations(std::shared_ptr<revocation::Revocations> revocations, Stale stale);

  // From the next refresh() on, what is sealed, opened and refused is counted. Null: nothing is, as
  // without a call.
  // The counters have to outlive it.
  void use_counters(status::Counters* counters) noexcept {
    counters_ = counters;
    key_counts_.reset();
  }
  status::Counters* counters() const noexcept { return counters_; }

  // Makes the live ring and the revocations check their files, and adopts the current ones if they
  // are others. If that fails, it is tried again every second. The keys change here and nowhere
  // else, and so does the list.
  Explained<void> refresh(std::int64_t now);

  // What is revoked, as of the last refresh. Null: nothing, because there is no list.
  const revocation::Snapshot* revoked() const noexcept { return revoked_ ? &*revoked_ : nullptr; }
  // Whether the list is so old that nothing may be opened.
  bool is_too_stale(std::int64_t now) const noexcept {
    return revoked_ && stale_ == Stale::refuses && revoked_->file().is_stale(now);
  }

  // The kid of the key that seals; "": it has none, or there is no such key.
  std::string_view primary_kid(std::int64_t now) const noexcept;

  std::size_t sealed_size(std::size_t payload_size) const noexcept;
  std::size_t opened_size(std::size_t token_size) const noexcept;

  struct Refusal {
    Error reason;
    NamedKid kid{};                    // as the token says, not authenticated; "": none
    Times times{};                     // if they are the reason
    const char* detail = nullptr;      // a fixed phrase; null: nothing to add
    std::optional<FormatId> format{};  // that the token looks like, if the ring opens that one
  };

  struct Sealed {
    std::size_t size;
    std::uint64_t expires_at;  // as in the token; 0: it does not expire
    std::string_view kid;      // of the key that sealed it; valid until the next refresh
    std::string_view id;       // within the token
    FormatId format;
    const Key* key;  // valid as kid
  };
  std::expected<Sealed, Refusal> seal(std::int64_t now, std::uint64_t lifetime, Bytes context,
                                      Bytes payload, MutableBytes token) noexcept;

  struct Opened {
    Bytes payload;  // within the buffer
    Times times;
    std::string_view kid;  // of the key that opened it; valid until the next refresh
    std::string_view id;   // within the token or the buffer; "": the format has none
    FormatId format;
    const Key* key;  // valid as kid
  };
  std::expected<Opened, Refusal> open(std::int64_t now, Bytes context, Bytes token,
                                      MutableBytes buffer) noexcept;

  // As open(), for a caller that judges the token's times itself, and whether it was revoked: it
  // checks everything else.
  std::expected<Opened, Refusal> authenticate(std::int64_t now, Bytes context, Bytes token,
                                              MutableBytes buffer) noexcept;

  // Why a token or a session is refused with the reason `revoked`, if it was not.
  static constexpr const char* kTooStale =
      "the revocation list is stale, and this server was configured to refuse everything then";

  // Random bytes, at most RandomPool::kCapacity, and a digest, by the sealer's driver.
  Result<void> random(MutableBytes out) noexcept;
  Result<void> sha_256(Bytes data, std::span<std::uint8_t, 32> out) noexcept;

  Driver& driver() noexcept { return driver_; }

 private:
  static constexpr std::int64_t kNever = INT64_MIN;

  struct Served {
    const FormatRow* row;
    std::unique_ptr<Format> format;
  };

  Sealer(std::shared_ptr<LiveKeyring> live, Driver& driver, RandomPool pool,
         std::unique_ptr<Sha256> sha_256) noexcept
      : live_(std::move(live)),
        driver_(driver),
        pool_(std::move(pool)),
        sha_256_(std::move(sha_256)) {}

  Explained<void> refresh_ring(std::int64_t now);
  void refresh_counters(std::int64_t now) noexcept;
  Explained<void> refresh_revocations(std::int64_t now);
  Explained<void> adopt_current_ring();
  void adopt_current_list();
  inline void notice_fork() noexcept;
  inline Result<void> check_revoked(std::int64_t now, const Opened& opened) const noexcept;
  [[gnu::always_inline]] inline std::expected<Sealed, Refusal> seal_uncounted(
      std::int64_t now, std::uint64_t lifetime, Bytes context, Bytes payload,
      MutableBytes token) noexcept;
  std::expected<Opened, Refusal> authenticate_uncounted(std::int64_t now, Bytes context,
                                                        Bytes input, MutableBytes buffer) noexcept;
  inline void count_sealed(const std::expected<Sealed, Refusal>& sealed, std::int64_t now) noexcept;
  inline void count_opened(const std::expected<Opened, Refusal>& opened, std::int64_t now) noexcept;
  inline std::expected<Opened, Refusal> authenticate_as(const Served& served,
                                                        const Checked<Parsed>& parsed,
                                                        MutableBytes buffer, MutableBytes room,
                                                        std::int64_t now, Bytes context) noexcept;
  inline Checked<std::span<const Key* const>> keys_for(const FormatRow& row, std::string_view kid,
                                                       std::int64_t now) const noexcept;

  const std::shared_ptr<LiveKeyring> live_;
  Driver& driver_;
  RandomPool pool_;
  const std::unique_ptr<Sha256> sha_256_;
  std::uint64_t generation_ = 0;     // of ring_
  std::int64_t failed_at_ = kNever;  // when adopting another ring failed
  std::shared_ptr<const Keyring> ring_;
  std::vector<Served> served_;  // the formats of the ring's keys, in the order of formats()

  status::Counters* counters_ = nullptr;
  std::unique_ptr<status::KeyCounts*[]>
      key_counts_;                         // of the ring's keys; null: nothing is counted
  std::int64_t places_asked_at_ = kNever;  // for key_counts_

  std::shared_ptr<revocation::Revocations> revocations_;
  Stale stale_ = Stale::opens;
  std::uint64_t list_generation_ = 0;  // of revoked_
  std::optional<revocation::Snapshot> revoked_;
  std::optional<Problem> unreported_;  // of the list, when the ring had one too
};

}  // namespace sealring
