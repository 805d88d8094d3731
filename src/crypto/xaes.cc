// SPDX-License-Identifier: Apache-2.0
#include "crypto/xaes.h"

#include "base/secret.h"

namespace sealring::xaes {
namespace {

// CMAC's first subkey: AES(0) doubled in GF(2^128) (NIST SP 800-38B section 6.1), without a branch
// on the secret top bit.
void double_in_field(AesBlock::Block block) {
  const std::uint64_t high = load_big_endian(std::span<const std::uint8_t, 8>(block.first<8>()));
  const std::uint64_t low = load_big_endian(std::span<const std::uint8_t, 8>(block.last<8>()));
  const std::uint64_t reduction = (0 - (high >> 63)) & 0x87;
  store_big_endian(high << 1 | low >> 63, block.first<8>());
  store_big_endian(low << 1 ^ reduction, block.last<8>());
}

}  // namespace

Result<void> derive(AesBlock& aes, std::span<const std::uint8_t, kKeySize> key,
                    std::span<const std::uint8_t, kPrefixSize> prefix, AesGcm& gcm) noexcept {
  if (auto set = aes.set_key(key); !set) return set;
  SecretArray<16> subkey;
  if (auto done = aes.encrypt_in_place(subkey); !done) return done;
  double_in_field(subkey);

  // The two halves are AES(M1 xor K1) and AES(M2 xor K1), with Mi = 0 i 'X' 0 prefix (16, 8, 8 and
  // 96 bits): the counter-mode KDF of NIST SP 800-108r1 with CMAC.
  SecretArray<kKeySize> derived;
  const AesBlock::Block halves[] = {derived.span().first<16>(), derived.span().last<16>()};
  for (std::uint8_t i = 1; const AesBlock::Block half : halves) {
    const std::uint8_t head[4] = {0, i++, 'X', 0};
    copy(head, half.first<4>());
    copy(prefix, half.last<12>());
    for (std::size_t j = 0; j < half.size(); ++j) half[j] ^= subkey.span()[j];
    if (auto done = aes.encrypt_in_place(half); !done) return done;
  }
  return gcm.set_key(derived.span());
}

}  // namespace sealring::xaes
