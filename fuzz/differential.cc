// SPDX-License-Identifier: Apache-2.0
// OpenSSL against NSS: with the same random bytes both seal the same token, and both say the same
// of any other. The first byte chooses the key, the rest is a payload and a token.
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
  Result<void> sha_256(Bytes data, std::span<std::uint8_t, 32> out) noexcept override {
    return real_.sha_256(data, out);
  }
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

// One key, served by both drivers.
class Pair {
 public:
  explicit Pair(const Key& key) : key_(key) {}

  void run(Bytes input) {
    const std::string token = seal(*openssl_sealer_, as_text(input));
    check(seal(*nss_sealer_, as_text(input)) == token, "both seal the same");
    compare(token, true);
    std::string altered = token;
    altered[input.empty() ? 0 : input.back() % altered.size()] ^= 1;
    compare(altered, false);
    compare(as_text(input), std::nullopt);
  }

 private:
  void compare(std::string_view token, std::optional<bool> opens) {
    const Outcome by_openssl = open(*openssl_sealer_, token), by_nss = open(*nss_sealer_, token);
    check(by_openssl.opened == by_nss.opened, "both open the same");
    check(by_openssl.payload == by_nss.payload, "both open it to the same");
    check(by_openssl.reason == by_nss.reason, "both refuse for the same reason");
    check(!opens || by_nss.opened == *opens, "what was sealed opens, and nothing altered");
  }

  const Key key_;
  Repeatable openssl_{"openssl"}, nss_{"nss"};
  const std::unique_ptr<Sealer> openssl_sealer_ = sealer_of({key_}, openssl_);
  const std::unique_ptr<Sealer> nss_sealer_ = sealer_of({key_}, nss_);
};

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealring;
  static fuzz::Pair pairs[] = {
      fuzz::Pair(xaes_key()),
      fuzz::Pair(a256gcm_key()),
      fuzz::Pair(legacy_key()),
      fuzz::Pair(apache_key(Algorithm::apache_aes256)),
      fuzz::Pair(apache_key(Algorithm::apache_aes192)),
      fuzz::Pair(apache_key(Algorithm::apache_aes128)),
      fuzz::Pair(apache_key(Algorithm::apache_3des192)),
  };
  if (size > 0) pairs[data[0] % std::size(pairs)].run(Bytes(data, size).subspan(1));
  return 0;
}
