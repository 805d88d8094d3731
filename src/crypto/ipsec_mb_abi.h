// SPDX-License-Identifier: Apache-2.0
// What is used of ipsec-mb's binary interface. It is the same in the versions 1.3 to 2.0, so one
// build works with the library of Debian 12 and with that of Debian 13, and needs the header of
// neither. Version 3 has other numbers, and another file name. A test compares this with the header
// that is installed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sealring::ipsec_mb {

inline constexpr const char* kLibraries[] = {"libIPSec_MB.so.2", "libIPSec_MB.so.1"};
// Earlier ones have the file name of 1.3, too. As `imb_get_version` says them.
inline constexpr unsigned kOldest = 0x010300;
inline constexpr unsigned kTooNew = 0x020100;

// The beginning of `IMB_MGR`. The functions are of many types.
struct Manager {
  std::uint64_t flags;
  std::uint64_t features;
  std::uint64_t others[6];
  void (*functions[51])();
};

// Of its features.
inline constexpr std::uint64_t kAes = 1U << 1;                      // IMB_FEATURE_AESNI
inline constexpr std::uint64_t kCarrylessMultiplication = 1U << 2;  // IMB_FEATURE_PCLMULQDQ

// Of its functions.
inline constexpr std::size_t kEncrypt = 26;  // gcm256_enc
inline constexpr std::size_t kDecrypt = 29;  // gcm256_dec
inline constexpr std::size_t kExpand = 50;   // gcm256_pre

using Crypt = void (*)(const void* key, void* state, std::uint8_t* out, const std::uint8_t* in,
                       std::uint64_t size, const std::uint8_t* nonce,
                       const std::uint8_t* associated_data, std::uint64_t associated_size,
                       std::uint8_t* tag, std::uint64_t tag_size);
using Expand = void (*)(const void* key, void* expanded);

// At least as large as they are in any of the versions.
inline constexpr std::size_t kKeySize = 1264;  // struct gcm_key_data
inline constexpr std::size_t kStateSize = 88;  // struct gcm_context_data

}  // namespace sealring::ipsec_mb
