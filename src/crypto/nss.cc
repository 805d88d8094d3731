// SPDX-License-Identifier: Apache-2.0
// The NSS driver. Each operation allocates within NSS, and doing more in advance would not avoid
// that.
#include <pk11pub.h>
#include <sys/random.h>

#include <array>
#include <cerrno>

#include "base/secret.h"
#include "crypto/nss_ciphers.h"
#include "crypto/nss_process.h"
#include "crypto/nss_signatures.h"

namespace sealring {
namespace {

void destroy(SECAlgorithmID* algorithm) {
  SECOID_DestroyAlgorithmID(algorithm, PR_TRUE);
}

using Algorithm = nss::Object<SECAlgorithmID, destroy>;
using Slot = nss::Object<PK11SlotInfo, PK11_FreeSlot>;
using SymmetricKey = nss::Object<PK11SymKey, PK11_FreeSymKey>;

Result<void> hash(SECOidTag algorithm, Bytes data, MutableBytes out) noexcept {
  if (auto entered = nss::enter(); !entered) return entered;
  if (PK11_HashBuf(algorithm, out.data(), data.data(), static_cast<PRInt32>(data.size())) !=
      SECSuccess) {
    return std::unexpected(Error::crypto_failure);
  }
  return {};
}

class NssMd5 final : public Md5 {
 public:
  Result<void> digest(Bytes data, std::span<std::uint8_t, kSize> out) noexcept override {
    return hash(SEC_OID_MD5, data, out);
  }
};

class NssSha256 final : public Sha256 {
 public:
  Result<void> digest(Bytes data, std::span<std::uint8_t, kSize> out) noexcept override {
    return hash(SEC_OID_SHA256, data, out);
  }
};

class NssPbkdf2 final : public Pbkdf2HmacSha1 {
 public:
  Result<void> derive(Bytes passphrase, Bytes salt, unsigned iterations,
                      MutableBytes key) noexcept override {
    if (auto entered = nss::enter(); !entered) return entered;
    const SymmetricKey derived = make(passphrase, salt, iterations, static_cast<int>(key.size()));
    if (!derived || PK11_ExtractKeyValue(derived.get()) != SECSuccess) {
      return std::unexpected(Error::crypto_failure);
    }
    const SECItem* const value = PK11_GetKeyData(derived.get());
    if (value == nullptr || value->len != key.size()) {
      return std::unexpected(Error::crypto_failure);
    }
    copy({value->data, value->len}, key);
    return {};
  }

 private:
  static SymmetricKey make(Bytes passphrase, Bytes salt, unsigned iterations, int size) noexcept {
    SECItem salt_item = item(salt), passphrase_item = item(passphrase);
    const Algorithm algorithm(
        PK11_CreatePBEV2AlgorithmID(SEC_OID_PKCS5_PBKDF2, SEC_OID_HMAC_SHA1, SEC_OID_HMAC_SHA1,
                                    size, static_cast<int>(iterations), &salt_item));
    const Slot slot(PK11_GetInternalSlot());
    if (!algorithm || !slot) return {};
    return SymmetricKey(
        PK11_PBEKeyGen(slot.get(), algorithm.get(), &passphrase_item, PR_FALSE, nullptr));
  }

  // NSS's parameters are not const, but it only reads.
  static SECItem item(Bytes bytes) {
    return {siBuffer, const_cast<std::uint8_t*>(bytes.data()), static_cast<unsigned>(bytes.size())};
  }
};

class NssDriver final : public Driver {
 public:
  std::string_view name() const noexcept override { return "nss"; }

  Result<std::unique_ptr<AesGcm>> aes_256_gcm() noexcept override {
    return made(nss::make_aes_256_gcm());
  }
  Result<std::unique_ptr<AesBlock>> aes_256() noexcept override {
    return made(nss::make_aes_256());
  }
  Result<std::unique_ptr<Cbc>> cbc(CbcCipher cipher) noexcept override {
    return made(nss::make_cbc(cipher));
  }
  Result<std::unique_ptr<Md5>> md5() noexcept override {
    return made(std::unique_ptr<Md5>(new (std::nothrow) NssMd5));
  }
  Result<std::unique_ptr<Pbkdf2HmacSha1>> pbkdf2_hmac_sha1() noexcept override {
    return made(std::unique_ptr<Pbkdf2HmacSha1>(new (std::nothrow) NssPbkdf2));
  }

  Result<std::unique_ptr<Sha256>> sha_256() noexcept override {
    return made(std::unique_ptr<Sha256>(new (std::nothrow) NssSha256));
  }

  // From the kernel. In a forked child NSS's generator continues from the parent's state, so
  // siblings draw the same bytes, and even after PK11_RandomUpdate() it returns what it had
  // buffered. With "noinit" we cannot know whether the server has forked since it initialised NSS.
  Result<void> random(MutableBytes out) noexcept override {
    for (MutableBytes left = out; !left.empty();) {
      const ssize_t size = getrandom(left.data(), left.size(), 0);
      if (size < 0 && errno != EINTR) return std::unexpected(Error::crypto_failure);
      if (size > 0) left = left.subspan(static_cast<std::size_t>(size));
    }
    return {};
  }

  Result<void> verify_es256(Es256Key key, Bytes message,
                            Es256Signature signature) noexcept override {
    std::array<std::uint8_t, 32> digest;
    if (auto hashed = hash_once(message, digest); !hashed) return hashed;
    return nss::verify_es256(key, digest, signature);
  }

  Result<void> verify_rs256(Bytes modulus, Bytes message, Bytes signature) noexcept override {
    std::array<std::uint8_t, 32> digest;
    if (auto hashed = hash_once(message, digest); !hashed) return hashed;
    return nss::verify_rs256(modulus, digest, signature);
  }

 private:
  template <class Interface>
  static Result<std::unique_ptr<Interface>> made(std::unique_ptr<Interface> object) {
    if (!object) return std::unexpected(Error::out_of_memory);
    return object;
  }
};

Explained<std::unique_ptr<Driver>> make(const DriverParameters& parameters) {
  if (auto started = nss::start(parameters); !started) return std::unexpected(started.error());
  auto driver = std::make_unique<NssDriver>();
  // In FIPS mode NSS does not accept keys in plain text.
  const SecretArray<AesGcm::kKeySize> key;
  if (auto gcm = driver->aes_256_gcm(); !gcm || !(*gcm)->set_key(key)) {
    return problem(Error::crypto_failure,
                   "NSS accepts no key for AES-256-GCM; switch its FIPS mode off (modutil -fips "
                   "false -dbdir FOLDER)");
  }
  return driver;
}

constexpr ParameterRow kParameters[] = {
    {"dir", "FOLDER"}, {"key3", "PREFIX"}, {"cert7", "PREFIX"}, {"secmod", "FILE"}, {"noinit", ""}};

}  // namespace

const DriverRow kNssDriver = {.name = "nss", .parameters = kParameters, .make = make};

}  // namespace sealring
