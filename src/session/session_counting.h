// SPDX-License-Identifier: Apache-2.0
// What became of a session, counted in the sealer's counters.
#pragma once

#include "session/session.h"

namespace sealring::session {

// After open(): `opened` is what that returned.
void count_opened(const Sealer& sealer, const Session& session,
                  const Result<void>& opened) noexcept;
// After prepare().
void count_change(const Sealer& sealer, const Session& session, Change change) noexcept;
// After seal().
void count_parts(const Sealer& sealer, const Session& session) noexcept;

}  // namespace sealring::session
