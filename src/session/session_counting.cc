// SPDX-License-Identifier: Apache-2.0
#include "session/session_counting.h"

#include <algorithm>

namespace sealring::session {
namespace {

using status::Counter;

constexpr std::size_t index_of(std::string_view result) {
  const auto results = std::span(status::kSessionResults);
  return static_cast<std::size_t>(std::ranges::find(results, result) - results.begin());
}
constexpr std::size_t kIdleEnd = index_of("idle_end"), kError = index_of("error");
static_assert(index_of("absolute_end") == kIdleEnd + 1 && kError == kIdleEnd + 2);
static_assert(std::size(status::kUnbound) == static_cast<std::size_t>(Unbound::other_cookie) + 1);

// As in kSessionResults.
std::size_t result_of(const Session& session) noexcept {
  switch (session.state()) {
    case State::idle_end:
      return kIdleEnd;
    case State::absolute_end:
      return kIdleEnd + 1;
    case State::refused:
      return std::min(static_cast<std::size_t>(session.reason()) - 9, kError);
    default:
      return 0;
  }
}

// As in kChanges.
std::size_t change_of(const Session& session, Change change) noexcept {
  constexpr auto kEnded = static_cast<std::size_t>(Change::ended) - 1;
  static_assert(std::ranges::equal(
      std::span(status::kChanges).subspan(kEnded),
      std::array<std::string_view, 4>{"ended", "idle_end", "absolute_end", "revoked"}));
  if (change != Change::ended) return static_cast<std::size_t>(change) - 1;
  switch (session.state()) {
    case State::idle_end:
      return kEnded + 1;
    case State::absolute_end:
      return kEnded + 2;
    case State::refused:
      return session.reason() == Error::revoked ? kEnded + 3 : kEnded;
    default:
      return kEnded;
  }
}

}  // namespace

void count_opened(const Sealer& sealer, const Session& session,
                  const Result<void>& opened) noexcept {
  if (sealer.counters() == nullptr || (opened && session.state() == State::none)) return;
  sealer.counters()->add<Counter::sessions_opened>(opened ? result_of(session) : kError);
  const bool is_unbound = session.state() == State::refused && session.reason() == Error::unbound;
  if (!is_unbound) return;
  sealer.counters()->add<Counter::unbound_sessions>(static_cast<std::size_t>(session.unbound()));
}

void count_change(const Sealer& sealer, const Session& session, Change change) noexcept {
  if (sealer.counters() == nullptr || change == Change::none) return;
  sealer.counters()->add<Counter::session_changes>(change_of(session, change));
}

void count_parts(const Sealer& sealer, const Session& session) noexcept {
  if (sealer.counters() == nullptr || session.parts() == 0) return;
  sealer.counters()->add<Counter::session_cookies>(session.parts() - 1);
}

}  // namespace sealring::session
