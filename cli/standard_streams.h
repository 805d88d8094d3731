// SPDX-License-Identifier: Apache-2.0
// Standard streams that the caller closed, or whose reader went away.
#pragma once

namespace sealring::cli {

// Makes sure that no file opened later takes the number of a standard stream that the caller
// closed, and that writing to a closed pipe or connection is an error that can be reported.
void secure_standard_streams();

}  // namespace sealring::cli
