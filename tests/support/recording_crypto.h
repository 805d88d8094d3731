// SPDX-License-Identifier: Apache-2.0
// Records what goes into the parts of a key derivation.
#pragma once

#include <string>
#include <vector>

#include "support/hex.h"
#include "support/observed_driver.h"

namespace sealring {

// The block cipher, and its blocks in hexadecimal.
class RecordingAesBlock final : public AesBlock {
 public:
  RecordingAesBlock() : real_(tested_driver().aes_256().value()) {}

  Result<void> set_key(std::span<const std::uint8_t, 32> key) noexcept override {
    keys_.push_back(to_hex(key));
    return real_->set_key(key);
  }
  Result<void> encrypt_in_place(MutableBytes blocks) noexcept override {
    record(blocks, inputs_);
    const auto done = real_->encrypt_in_place(blocks);
    record(blocks, outputs_);
    return done;
  }

  const std::vector<std::string>& keys() const { return keys_; }
  const std::vector<std::string>& inputs() const { return inputs_; }
  const std::vector<std::string>& outputs() const { return outputs_; }

 private:
  static void record(Bytes blocks, std::vector<std::string>& list) {
    for (; !blocks.empty(); blocks = blocks.subspan(kBlockSize)) {
      list.push_back(to_hex(blocks.first<kBlockSize>()));
    }
  }

  std::unique_ptr<AesBlock> real_;
  std::vector<std::string> keys_, inputs_, outputs_;
};

// Only accepts keys.
class RecordingAesGcm final : public AesGcm {
 public:
  Result<void> set_key(std::span<const std::uint8_t, kKeySize> key) noexcept override {
    keys_.push_back(to_hex(key));
    return {};
  }
  Result<void> encrypt_in_place(Nonce, Bytes, MutableBytes,
                                std::span<std::uint8_t, kTagSize>) noexcept override {
    return std::unexpected(Error::crypto_failure);
  }
  Result<void> decrypt_in_place(Nonce, Bytes, MutableBytes,
                                std::span<const std::uint8_t, kTagSize>) noexcept override {
    return std::unexpected(Error::crypto_failure);
  }

  const std::vector<std::string>& keys() const { return keys_; }

 private:
  std::vector<std::string> keys_;
};

}  // namespace sealring
