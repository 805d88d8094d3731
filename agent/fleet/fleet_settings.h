// SPDX-License-Identifier: Apache-2.0
// What a fleet needs of the settings: it reads the password and the machine's name.
#pragma once

#include "fleet/fleet.h"
#include "settings.h"

namespace sealring::agent {

// The settings name a store.
Explained<FleetSettings> fleet_settings_of(const Settings& settings);

}  // namespace sealring::agent
