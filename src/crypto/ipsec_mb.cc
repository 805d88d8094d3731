// SPDX-License-Identifier: Apache-2.0
#include "crypto/ipsec_mb.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/secret.h"
#include "crypto/ipsec_mb_abi.h"
#include "crypto/partial_driver.h"

namespace sealring {
namespace {

struct Functions {
  ipsec_mb::Expand expand;
  ipsec_mb::Crypt encrypt;
  ipsec_mb::Crypt decrypt;
};

class IpsecMbAesGcm final : public AesGcm {
 public:
  explicit IpsecMbAesGcm(const Functions& functions) noexcept : functions_(functions) {}
  IpsecMbAesGcm(const IpsecMbAesGcm&) = delete;
  IpsecMbAesGcm& operator=(const IpsecMbAesGcm&) = delete;
  ~IpsecMbAesGcm() override { forget(); }

  Result<void> set_key(std::span<const std::uint8_t, kKeySize> key) noexcept override {
    forget();
    functions_.expand(key.data(), key_);
    return {};
  }

  Result<void> encrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                std::span<std::uint8_t, kTagSize> tag) noexcept override {
    run(functions_.encrypt, nonce, associated_data, text, tag);
    return {};
  }

  Result<void> decrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                std::span<const std::uint8_t, kTagSize> tag) noexcept override {
    std::array<std::uint8_t, kTagSize> expected;
    run(functions_.decrypt, nonce, associated_data, text, expected);
    if (equal_in_constant_time(expected, tag)) return {};
    wipe(text);
    return std::unexpected(Error::authentication_failed);
  }

 private:
  void run(ipsec_mb::Crypt function, Nonce nonce, Bytes associated_data, MutableBytes text,
           std::span<std::uint8_t, kTagSize> tag) noexcept {
    function(key_, state_, text.data(), text.data(), text.size(), nonce.data(),
             associated_data.data(), associated_data.size(), tag.data(), kTagSize);
  }

  void forget() noexcept {
    wipe(key_);
    wipe(state_);
  }

  const Functions functions_;
  alignas(64) std::uint8_t key_[ipsec_mb::kKeySize];      // expanded
  alignas(64) std::uint8_t state_[ipsec_mb::kStateSize];  // what the last call left
};

class IpsecMbDriver final : public PartialDriver {
 public:
  IpsecMbDriver(const Functions& functions, std::unique_ptr<Driver> rest) noexcept
      : PartialDriver(*rest), functions_(functions), rest_(std::move(rest)) {}

  std::string_view name() const noexcept override { return "openssl with ipsec-mb"; }

  Result<std::unique_ptr<AesGcm>> aes_256_gcm() noexcept override {
    std::unique_ptr<AesGcm> made(new (std::nothrow) IpsecMbAesGcm(functions_));
    if (!made) return std::unexpected(Error::out_of_memory);
    return made;
  }

 private:
  const Functions functions_;
  const std::unique_ptr<Driver> rest_;
};

std::unexpected<Problem> refused(const std::string& why) {
  return problem(Error::crypto_failure, "ipsec-mb cannot be used: " + why);
}

// It stays loaded until the process ends.
void* load_library() noexcept {
  for (const char* const name : ipsec_mb::kLibraries) {
    if (void* const library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

// Its manager has 3.5 MiB, but the functions do not use it: it is freed again.
Explained<Functions> load() {
#ifndef __x86_64__
  return refused("what is known of it is of x86-64 processors");  // there are others for arm64
#endif
  void* const library = load_library();
  if (library == nullptr) {
    const char* const reason = dlerror();
    return refused(std::string(reason != nullptr ? reason : "it cannot be loaded") +
                   "; Debian has it in the package libipsec-mb1 or libipsec-mb2");
  }
  const auto version = reinterpret_cast<unsigned (*)()>(dlsym(library, "imb_get_version"));
  if (version == nullptr || version() < ipsec_mb::kOldest || version() >= ipsec_mb::kTooNew) {
    return refused("it is none of the versions 1.3 to 2.0, of which its interface is known");
  }
  using ipsec_mb::Manager;
  const auto allocate =
      reinterpret_cast<Manager* (*)(std::uint64_t flags)>(dlsym(library, "alloc_mb_mgr"));
  const auto initialise =
      reinterpret_cast<void (*)(Manager*, int* kind)>(dlsym(library, "init_mb_mgr_auto"));
  const auto error_of = reinterpret_cast<int (*)(Manager*)>(dlsym(library, "imb_get_errno"));
  const auto release = reinterpret_cast<void (*)(Manager*)>(dlsym(library, "free_mb_mgr"));
  if (allocate == nullptr || initialise == nullptr || error_of == nullptr || release == nullptr) {
    return refused("functions of it are missing");
  }
  Manager* const manager = allocate(0);
  if (manager == nullptr) return refused("there is no memory for it");
  initialise(manager, nullptr);
  const bool works = error_of(manager) == 0;  // it tests itself
  const std::uint64_t features = manager->features;
  const auto* const functions = manager->functions;
  const Functions found{reinterpret_cast<ipsec_mb::Expand>(functions[ipsec_mb::kExpand]),
                        reinterpret_cast<ipsec_mb::Crypt>(functions[ipsec_mb::kEncrypt]),
                        reinterpret_cast<ipsec_mb::Crypt>(functions[ipsec_mb::kDecrypt])};
  release(manager);
  // Without them it emulates them, slowly.
  constexpr std::uint64_t kNeeded = ipsec_mb::kAes | ipsec_mb::kCarrylessMultiplication;
  if ((features & kNeeded) != kNeeded) {
    return refused("the processor lacks the instructions for AES (AES-NI and PCLMULQDQ)");
  }
  if (!works) return refused("its test of itself failed");
  return found;
}

// On texts shorter than a block, and on longer ones, which other code of the library encrypts.
bool agree(AesGcm& one, AesGcm& other) {
  const std::array<std::uint8_t, AesGcm::kKeySize> key{1, 2, 3};
  const std::array<std::uint8_t, AesGcm::kNonceSize> nonce{4, 5, 6};
  if (!one.set_key(key) || !other.set_key(key)) return false;
  for (const std::size_t size : {0U, 1U, 16U, 63U, 300U, 3000U}) {
    std::vector<std::uint8_t> text(size, 7), theirs = text;
    const std::vector<std::uint8_t> plaintext = text, associated(size / 10, 8);
    std::array<std::uint8_t, AesGcm::kTagSize> tag, their_tag;
    if (!one.encrypt_in_place(nonce, associated, text, tag) ||
        !other.encrypt_in_place(nonce, associated, theirs, their_tag) || text != theirs ||
        tag != their_tag || !one.decrypt_in_place(nonce, associated, text, tag) ||
        text != plaintext) {
      return false;
    }
  }
  return true;
}

}  // namespace

Explained<void> use_ipsec_mb(std::unique_ptr<Driver>& driver) {
  const auto functions = load();
  if (!functions) return std::unexpected(functions.error());
  const auto theirs = driver->aes_256_gcm();
  if (!theirs) return refused("OpenSSL makes no context to compare it with");
  IpsecMbAesGcm ours(*functions);
  if (!agree(ours, **theirs)) return refused("it does not compute what OpenSSL does");
  driver = std::make_unique<IpsecMbDriver>(*functions, std::move(driver));
  return {};
}

}  // namespace sealring
