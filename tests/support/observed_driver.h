// SPDX-License-Identifier: Apache-2.0
// The tested driver, with its calls counted, made to fail, or its random bytes given.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "support/tested_driver.h"

namespace sealring {

enum class Call {
  make_gcm,
  make_block,
  make_cbc,
  make_md5,
  make_pbkdf2,
  make_sha_256,
  gcm_set_key,
  gcm_encrypt,
  gcm_decrypt,
  block_set_key,
  block_encrypt,
  cbc_set_key,
  cbc_encrypt,
  cbc_decrypt,
  md5,
  pbkdf2,
  sha_256,
  random,
  verify,
};
inline constexpr std::size_t kCallCount = static_cast<std::size_t>(Call::verify) + 1;

class Observations {
 public:
  std::vector<std::size_t> hashed_sizes;  // of what MD5 was given

  std::size_t count(Call call) const { return counts_[static_cast<std::size_t>(call)]; }
  void reset() { counts_ = {}; }

  // The call after `passes` more of its kind fails, and all after that one.
  void fail(Call call, Error error, std::size_t passes = 0) { failure_ = {call, error, passes}; }
  void fail_no_more() { failure_.reset(); }

  Result<void> before(Call call) {
    ++counts_[static_cast<std::size_t>(call)];
    if (!failure_ || failure_->call != call || failure_->passes-- > 0) return {};
    failure_->passes = 0;
    return std::unexpected(failure_->error);
  }
  template <class Work>
  Result<void> run(Call call, Work work) {
    if (auto passed = before(call); !passed) return passed;
    return work();
  }

 private:
  struct Failure {
    Call call;
    Error error;
    std::size_t passes;
  };
  std::array<std::size_t, kCallCount> counts_{};
  std::optional<Failure> failure_;
};

class ObservedAesGcm final : public AesGcm {
 public:
  ObservedAesGcm(Observations& observed, std::unique_ptr<AesGcm> real)
      : observed_(observed), real_(std::move(real)) {}

  Result<void> set_key(std::span<const std::uint8_t, kKeySize> key) noexcept override {
    return observed_.run(Call::gcm_set_key, [&] { return real_->set_key(key); });
  }
  Result<void> encrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                std::span<std::uint8_t, kTagSize> tag) noexcept override {
    return observed_.run(Call::gcm_encrypt, [&] {
      return real_->encrypt_in_place(nonce, associated_data, text, tag);
    });
  }
  Result<void> decrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                std::span<const std::uint8_t, kTagSize> tag) noexcept override {
    return observed_.run(Call::gcm_decrypt, [&] {
      return real_->decrypt_in_place(nonce, associated_data, text, tag);
    });
  }

 private:
  Observations& observed_;
  std::unique_ptr<AesGcm> real_;
};

class ObservedAesBlock final : public AesBlock {
 public:
  ObservedAesBlock(Observations& observed, std::unique_ptr<AesBlock> real)
      : observed_(observed), real_(std::move(real)) {}

  Result<void> set_key(std::span<const std::uint8_t, 32> key) noexcept override {
    return observed_.run(Call::block_set_key, [&] { return real_->set_key(key); });
  }
  Result<void> encrypt_in_place(MutableBytes blocks) noexcept override {
    return observed_.run(Call::block_encrypt, [&] { return real_->encrypt_in_place(blocks); });
  }

 private:
  Observations& observed_;
  std::unique_ptr<AesBlock> real_;
};

class ObservedCbc final : public Cbc {
 public:
  ObservedCbc(Observations& observed, std::unique_ptr<Cbc> real)
      : observed_(observed), real_(std::move(real)) {}

  Result<void> set_key(Bytes key) noexcept override {
    return observed_.run(Call::cbc_set_key, [&] { return real_->set_key(key); });
  }
  Result<void> encrypt_in_place(Bytes iv, MutableBytes text) noexcept override {
    return observed_.run(Call::cbc_encrypt, [&] { return real_->encrypt_in_place(iv, text); });
  }
  Result<void> decrypt(Bytes iv, Bytes ciphertext, MutableBytes plaintext) noexcept override {
    return observed_.run(Call::cbc_decrypt,
                         [&] { return real_->decrypt(iv, ciphertext, plaintext); });
  }
  void forget() noexcept override { real_->forget(); }

 private:
  Observations& observed_;
  std::unique_ptr<Cbc> real_;
};

class ObservedMd5 final : public Md5 {
 public:
  ObservedMd5(Observations& observed, std::unique_ptr<Md5> real)
      : observed_(observed), real_(std::move(real)) {}

  Result<void> digest(Bytes data, std::span<std::uint8_t, kSize> out) noexcept override {
    observed_.hashed_sizes.push_back(data.size());
    return observed_.run(Call::md5, [&] { return real_->digest(data, out); });
  }

 private:
  Observations& observed_;
  std::unique_ptr<Md5> real_;
};

class ObservedSha256 final : public Sha256 {
 public:
  ObservedSha256(Observations& observed, std::unique_ptr<Sha256> real)
      : observed_(observed), real_(std::move(real)) {}

  Result<void> digest(Bytes data, std::span<std::uint8_t, kSize> out) noexcept override {
    return observed_.run(Call::sha_256, [&] { return real_->digest(data, out); });
  }

 private:
  Observations& observed_;
  std::unique_ptr<Sha256> real_;
};

class ObservedPbkdf2 final : public Pbkdf2HmacSha1 {
 public:
  ObservedPbkdf2(Observations& observed, std::unique_ptr<Pbkdf2HmacSha1> real)
      : observed_(observed), real_(std::move(real)) {}

  Result<void> derive(Bytes passphrase, Bytes salt, unsigned iterations,
                      MutableBytes key) noexcept override {
    return observed_.run(Call::pbkdf2,
                         [&] { return real_->derive(passphrase, salt, iterations, key); });
  }

 private:
  Observations& observed_;
  std::unique_ptr<Pbkdf2HmacSha1> real_;
};

class ObservedDriver final : public Driver {
 public:
  Observations observed;

  // These come first from random(), then the real ones.
  void give_random(Bytes bytes) { given_.insert(given_.end(), bytes.begin(), bytes.end()); }

  // What random() filled last, where the caller keeps it.
  MutableBytes last_filled() const { return last_filled_; }

  std::string_view name() const noexcept override { return "observed"; }

  Result<std::unique_ptr<AesGcm>> aes_256_gcm() noexcept override {
    return made<AesGcm, ObservedAesGcm>(Call::make_gcm, &Driver::aes_256_gcm);
  }
  Result<std::unique_ptr<AesBlock>> aes_256() noexcept override {
    return made<AesBlock, ObservedAesBlock>(Call::make_block, &Driver::aes_256);
  }
  Result<std::unique_ptr<Cbc>> cbc(CbcCipher cipher) noexcept override {
    return made<Cbc, ObservedCbc>(Call::make_cbc, &Driver::cbc, cipher);
  }
  Result<std::unique_ptr<Md5>> md5() noexcept override {
    return made<Md5, ObservedMd5>(Call::make_md5, &Driver::md5);
  }
  Result<std::unique_ptr<Pbkdf2HmacSha1>> pbkdf2_hmac_sha1() noexcept override {
    return made<Pbkdf2HmacSha1, ObservedPbkdf2>(Call::make_pbkdf2, &Driver::pbkdf2_hmac_sha1);
  }
  Result<std::unique_ptr<Sha256>> sha_256() noexcept override {
    return made<Sha256, ObservedSha256>(Call::make_sha_256, &Driver::sha_256);
  }
  Result<void> random(MutableBytes out) noexcept override {
    last_filled_ = out;
    return observed.run(Call::random, [&] {
      auto filled = tested_driver().random(out);
      for (std::uint8_t& byte : out) {
        if (given_.empty()) break;
        byte = given_.front();
        given_.pop_front();
      }
      return filled;
    });
  }

  Result<void> verify_es256(Es256Key key, Bytes message,
                            Es256Signature signature) noexcept override {
    return observed.run(Call::verify,
                        [&] { return tested_driver().verify_es256(key, message, signature); });
  }
  Result<void> verify_rs256(Bytes modulus, Bytes message, Bytes signature) noexcept override {
    return observed.run(Call::verify,
                        [&] { return tested_driver().verify_rs256(modulus, message, signature); });
  }

 private:
  template <class Interface, class Observed, class... Arguments>
  Result<std::unique_ptr<Interface>> made(
      Call call, Result<std::unique_ptr<Interface>> (Driver::*make)(Arguments...) noexcept,
      Arguments... arguments) {
    if (auto passed = observed.before(call); !passed) return std::unexpected(passed.error());
    auto real = (tested_driver().*make)(arguments...);
    if (!real) return std::unexpected(real.error());
    return std::make_unique<Observed>(observed, std::move(*real));
  }

  std::deque<std::uint8_t> given_;
  MutableBytes last_filled_;
};

}  // namespace sealring
