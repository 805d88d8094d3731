// SPDX-License-Identifier: Apache-2.0
#include "crypto/nss_ciphers.h"

#include <pk11pub.h>
#include <prerror.h>
#include <secerr.h>

#include "crypto/nss_process.h"

namespace sealring::nss {
namespace {

using Slot = Object<PK11SlotInfo, PK11_FreeSlot>;
using SymmetricKey = Object<PK11SymKey, PK11_FreeSymKey>;

void destroy(PK11Context* context) {
  PK11_DestroyContext(context, PR_TRUE);
}
using Context = Object<PK11Context, destroy>;

// NSS's parameters are not const, but it only reads.
SECItem item(Bytes bytes) {
  return {siBuffer, const_cast<std::uint8_t*>(bytes.data()), static_cast<unsigned>(bytes.size())};
}

Result<void> checked(bool ok) {
  if (!ok) return std::unexpected(Error::crypto_failure);
  return {};
}

Result<SymmetricKey> import(CK_MECHANISM_TYPE mechanism, Bytes key) noexcept {
  if (auto entered = enter(); !entered) return std::unexpected(entered.error());
  const Slot slot(PK11_GetInternalSlot());
  if (!slot) return std::unexpected(Error::crypto_failure);
  SECItem value = item(key);
  SymmetricKey imported(
      PK11_ImportSymKey(slot.get(), mechanism, PK11_OriginUnwrap, CKA_ENCRYPT, &value, nullptr));
  if (!imported) return std::unexpected(Error::crypto_failure);
  return imported;
}

Context context_of(CK_MECHANISM_TYPE mechanism, CK_ATTRIBUTE_TYPE operation,
                   const SymmetricKey& key) noexcept {
  const SECItem nothing = item({});
  return Context(PK11_CreateContextBySymKey(mechanism, operation, key.get(), &nothing));
}

// Uses the message interface, where a context keeps its key over many nonces.
class NssAesGcm final : public AesGcm {
 public:
  Result<void> set_key(std::span<const std::uint8_t, kKeySize> key) noexcept override {
    encrypting_ = {};
    decrypting_ = {};
    const auto imported = import(CKM_AES_GCM, key);
    if (!imported) return std::unexpected(imported.error());
    encrypting_ = context_of(CKM_AES_GCM, CKA_NSS_MESSAGE | CKA_ENCRYPT, *imported);
    decrypting_ = context_of(CKM_AES_GCM, CKA_NSS_MESSAGE | CKA_DECRYPT, *imported);
    return checked(encrypting_ && decrypting_);
  }

  Result<void> encrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                std::span<std::uint8_t, kTagSize> tag) noexcept override {
    return checked(run(encrypting_, nonce, associated_data, text, tag.data()));
  }

  Result<void> decrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                std::span<const std::uint8_t, kTagSize> tag) noexcept override {
    std::uint8_t expected[kTagSize];  // NSS's parameter is not const
    copy(tag, expected);
    if (run(decrypting_, nonce, associated_data, text, expected)) return {};
    return std::unexpected(decrypting_ && PR_GetError() == SEC_ERROR_BAD_DATA
                               ? Error::authentication_failed
                               : Error::crypto_failure);
  }

 private:
  static bool run(const Context& context, Nonce nonce, Bytes associated_data, MutableBytes text,
                  std::uint8_t* tag) noexcept {
    PK11Context* const here = context.get();
    std::uint8_t iv[kNonceSize];
    copy(nonce, iv);
    const int size = static_cast<int>(text.size());
    std::uint8_t nothing = 0;  // NSS refuses a null pointer, also to no bytes
    std::uint8_t* const place = text.empty() ? &nothing : text.data();
    int done = 0;
    return here != nullptr &&
           PK11_AEADOp(here, CKG_NO_GENERATE, 0, iv, kNonceSize, associated_data.data(),
                       static_cast<int>(associated_data.size()), place, &done, size, tag, kTagSize,
                       place, size) == SECSuccess &&
           done == size;
  }

  Context encrypting_;
  Context decrypting_;
};

class NssAesBlock final : public AesBlock {
 public:
  Result<void> set_key(std::span<const std::uint8_t, 32> key) noexcept override {
    context_ = {};
    const auto imported = import(CKM_AES_ECB, key);
    if (!imported) return std::unexpected(imported.error());
    context_ = context_of(CKM_AES_ECB, CKA_ENCRYPT, *imported);
    return checked(bool(context_));
  }

  Result<void> encrypt_in_place(MutableBytes blocks) noexcept override {
    PK11Context* const here = context_.get();
    const int size = static_cast<int>(blocks.size());
    int done = 0;
    return checked(here != nullptr &&
                   PK11_CipherOp(here, blocks.data(), &done, size, blocks.data(), size) ==
                       SECSuccess &&
                   done == size);
  }

 private:
  Context context_;
};

// A context gets its IV when it is made, so each call makes one.
class NssCbc final : public Cbc {
 public:
  explicit NssCbc(CbcCipher cipher)
      : mechanism_(cipher == CbcCipher::triple_des ? CKM_DES3_CBC : CKM_AES_CBC),
        sizes_(sizes_of(cipher)) {}

  Result<void> set_key(Bytes key) noexcept override {
    if (key.size() != sizes_.key) return std::unexpected(Error::invalid_argument);
    key_ = {};
    auto imported = import(mechanism_, key);
    if (!imported) return std::unexpected(imported.error());
    key_ = std::move(*imported);
    return {};
  }

  Result<void> encrypt_in_place(Bytes iv, MutableBytes text) noexcept override {
    return run(PK11_Encrypt, iv, text, text);
  }

  Result<void> decrypt(Bytes iv, Bytes ciphertext, MutableBytes plaintext) noexcept override {
    return run(PK11_Decrypt, iv, ciphertext, plaintext);
  }

  void forget() noexcept override { key_ = {}; }

 private:
  template <class Operation>
  Result<void> run(Operation operation, Bytes iv, Bytes in, MutableBytes out) noexcept {
    if (iv.size() != sizes_.block || in.size() % sizes_.block != 0) {
      return std::unexpected(Error::invalid_argument);
    }
    if (in.empty()) return {};
    PK11SymKey* const here = key_.get();
    SECItem parameter = item(iv);
    const auto size = static_cast<unsigned>(in.size());
    unsigned done = 0;
    return checked(here != nullptr &&
                   operation(here, mechanism_, &parameter, out.data(), &done, size, in.data(),
                             size) == SECSuccess &&
                   done == size);
  }

  CK_MECHANISM_TYPE mechanism_;
  CbcSizes sizes_;
  SymmetricKey key_;
};

}  // namespace

std::unique_ptr<AesGcm> make_aes_256_gcm() noexcept {
  return std::unique_ptr<AesGcm>(new (std::nothrow) NssAesGcm);
}

std::unique_ptr<AesBlock> make_aes_256() noexcept {
  return std::unique_ptr<AesBlock>(new (std::nothrow) NssAesBlock);
}

std::unique_ptr<Cbc> make_cbc(CbcCipher cipher) noexcept {
  return std::unique_ptr<Cbc>(new (std::nothrow) NssCbc(cipher));
}

}  // namespace sealring::nss
