// SPDX-License-Identifier: Apache-2.0
#include "crypto/xaes.h"

namespace sealring::xaes {
namespace {

// A block as two numbers.
std::uint64_t high(AesBlock::Block block) {
  return load_big_endian(std::span<const std::uint8_t, 8>(block.first<8>()));
}
std::uint64_t low(AesBlock::Block block) {
  return load_big_endian(std::span<const std::uint8_t, 8>(block.last<8>()));
}
void set(AesBlock::Block block, std::uint64_t high, std::uint64_t low) {
  store_big_endian(high, block.first<8>());
  store_big_endian(low, block.last<8>());
}

// Doubling in GF(2^128) (NIST SP 800-38B section 6.1), without a branch on the secret top bit.
void double_in_field(AesBlock::Block block) {
  const std::uint64_t reduction = (0 - (high(block) >> 63)) & 0x87;
  set(block, high(block) << 1 | low(block) >> 63, low(block) << 1 ^ reduction);
}

}  // namespace

// CMAC's first subkey, K1: AES(0) doubled.
Result<void> Derivation::set_key(std::span<const std::uint8_t, kKeySize> key) noexcept {
  if (auto set = aes_->set_key(key); !set) return set;
  wipe(subkey_.span());
  if (auto done = aes_->encrypt_in_place(subkey_.span()); !done) return done;
  double_in_field(subkey_);
  return {};
}

// The two halves are AES(M1 xor K1) and AES(M2 xor K1), with Mi = 0 i 'X' 0 prefix (16, 8, 8 and
// 96 bits): the counter-mode KDF of NIST SP 800-108r1 with CMAC.
Result<void> Derivation::derive(std::span<const std::uint8_t, kPrefixSize> prefix,
                                AesGcm& gcm) noexcept {
  const std::uint64_t high_xor = load_big_endian(prefix.first<4>()) ^ high(subkey_);
  const std::uint64_t low_xor = load_big_endian(prefix.last<8>()) ^ low(subkey_);
  const auto head = [](std::uint64_t i) { return i << 48 | std::uint64_t{'X'} << 40; };
  SecretArray<kKeySize> derived;
  set(derived.span().first<16>(), head(1) ^ high_xor, low_xor);
  set(derived.span().last<16>(), head(2) ^ high_xor, low_xor);
  if (auto done = aes_->encrypt_in_place(derived.span()); !done) return done;
  return gcm.set_key(derived.span());
}

}  // namespace sealring::xaes
