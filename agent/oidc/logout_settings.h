// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "oidc/logout_service.h"
#include "settings.h"

namespace sealring::agent {

bool asks_for_logouts(const Settings& settings);

// Of the settings whose names begin with "oidc-".
Explained<LogoutSettings> logout_settings_of(const Settings& settings);

}  // namespace sealring::agent
