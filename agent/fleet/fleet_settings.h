// SPDX-License-Identifier: Apache-2.0
// What a fleet needs of the settings: it reads the password and the machine's name.
#pragma once

#include "fleet/fleet.h"
#include "settings.h"

namespace sealring::agent {

// `store` is the one that the settings name.
Explained<FleetSettings> fleet_settings_of(const Settings& settings, const StoreAddress& store);

}  // namespace sealring::agent
