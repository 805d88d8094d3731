// SPDX-License-Identifier: Apache-2.0
// OpenSSL against NSS, and against the default driver, whose AES-256-GCM is ipsec-mb's where there
// is one: with the same random bytes all seal the same token, and all say the same of any other.
// The first byte chooses the key, the rest is a payload and a token.
#include <algorithm>
#include <random>
#include <vector>

#include "check.h"
#include "support/sealers.h"

namespace sealring::fuzz {
namespace {

// A driver whose random bytes are the same in each run.
class Repeatable final : public Driver {
 public:
  explicit Repeatable(std::string_view name) : real_(*find_driver(name).value()) {}

  std::string_view name() const noexcept override { return real_.name(); }
  Result<std::unique_ptr<AesGcm>> aes_256_gcm() noexcept override { return real_.aes_256_gcm(); }
  Result<std::unique_ptr<AesBlock>> aes_256() noexcept override { return real_.aes_256(); }
  Result<std::unique_ptr<Cbc>> cbc(CbcCipher cipher) noexcept override { return real_.cbc(cipher); }
  Result<std::unique_ptr<Md5>> md5() noexcept override { return real_.md5(); }
  Result<std::unique_ptr<Pbkdf2HmacSha1>> pbkdf2_hmac_sha1() noexcept override {
    return real_.pbkdf2_hmac_sha1();
  }
  Result<std::unique_ptr<Sha256>> sha_256() noexcept override { return real_.sha_256(); }
  Result<void> random(MutableBytes out) noexcept override {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_());
    return {};
  }
  Result<void> verify_es256(Es256Key key, Bytes message,
                            Es256Signature signature) noexcept override {
    return real_.verify_es256(key, message, signature);
  }
  Result<void> verify_rs256(Bytes modulus, Bytes message, Bytes signature) noexcept override {
    return real_.verify_rs256(modulus, message, signature);
  }

 private:
  Driver& real_;
  std::mt19937_64 engine_;
};

struct Served {
  Served(std::string_view driver, const Key& key)
      : random(driver), sealer(sealer_of({key}, random)) {}

  Repeatable random;
  const std::unique_ptr<Sealer> sealer;
};

// One key, served by each driver.
class Drivers {
 public:
  explicit Drivers(const Key& key)
      // With a provider it is OpenSSL alone.
      : openssl_("openssl:provider=default", key), others_{{"nss", key}, {kDefaultDriver, key}} {}

  void run(Bytes input) {
    const std::string token = seal(*openssl_.sealer, as_text(input));
    for (Served& other : others_) {
      check(seal(*other.sealer, as_text(input)) == token, "all seal the same");
    }
    compare(token, true);
    std::string altered = token;
    altered[input.empty() ? 0 : input.back() % altered.size()] ^= 1;
    compare(altered, false);
    compare(as_text(input), std::nullopt);
  }

 private:
  void compare(std::string_view token, std::optional<bool> opens) {
    const Outcome by_openssl = open(*openssl_.sealer, token);
    check(!opens || by_openssl.opened == *opens, "what was sealed opens, and nothing altered");
    for (Served& other : others_) {
      const Outcome by_other = open(*other.sealer, token);
      check(by_openssl.opened == by_other.opened, "all open the same");
      check(by_openssl.payload == by_other.payload, "all open it to the same");
      check(by_openssl.reason == by_other.reason, "all refuse for the same reason");
    }
  }

  Served openssl_;
  Served others_[2];
};

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealring;
  static fuzz::Drivers all[] = {
      fuzz::Drivers(xaes_key()),
      fuzz::Drivers(a256gcm_key()),
      fuzz::Drivers(legacy_key()),
      fuzz::Drivers(apache_key(Algorithm::apache_aes256)),
      fuzz::Drivers(apache_key(Algorithm::apache_aes192)),
      fuzz::Drivers(apache_key(Algorithm::apache_aes128)),
      fuzz::Drivers(apache_key(Algorithm::apache_3des192)),
  };
  if (size > 0) all[data[0] % std::size(all)].run(Bytes(data, size).subspan(1));
  return 0;
}
