// SPDX-License-Identifier: Apache-2.0
// The handles of sessions, of their profiles, and of revocations.
#pragma once

#include <sealring/session.h>

#include "revocation/revocations.h"
#include "session/session.h"

struct sealring_revocations {
  std::shared_ptr<sealring::revocation::Revocations> live;
};

struct sealring_session_profile {
  sealring::session::Profile profile;
};

struct sealring_session {
  const sealring::session::Profile* profile;  // null: mod_session keeps it
  sealring::session::Terms terms;
  sealring::session::Candidates candidates;
  sealring::session::Session session;
};
