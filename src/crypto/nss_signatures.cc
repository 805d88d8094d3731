// SPDX-License-Identifier: Apache-2.0
#include "crypto/nss_signatures.h"

#include <cryptohi.h>
#include <keyhi.h>
#include <pk11pub.h>
#include <prerror.h>
#include <secerr.h>
#include <secoid.h>

#include <array>

#include "crypto/nss_process.h"

namespace sealring::nss {
namespace {

using PublicKey = Object<SECKEYPublicKey, SECKEY_DestroyPublicKey>;

// NSS's parameters are not const, but it only reads.
SECItem item(Bytes bytes) {
  return {siBuffer, const_cast<std::uint8_t*>(bytes.data()), static_cast<unsigned>(bytes.size())};
}

// A key of the type, whose parts are still empty. They have to be in its arena.
PublicKey make_key(KeyType type) {
  PLArenaPool* const arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
  if (arena == nullptr) return {};
  auto* const key = static_cast<SECKEYPublicKey*>(PORT_ArenaZAlloc(arena, sizeof(SECKEYPublicKey)));
  if (key == nullptr) {
    PORT_FreeArena(arena, PR_FALSE);
    return {};
  }
  key->arena = arena;
  key->keyType = type;
  key->pkcs11ID = CK_INVALID_HANDLE;
  return PublicKey(key);
}

bool set(SECKEYPublicKey* key, SECItem& part, Bytes bytes) {
  const SECItem value = item(bytes);
  return SECITEM_CopyItem(key->arena, &part, &value) == SECSuccess;
}

// Otherwise the one before could be taken for the reason of a failure that sets none.
void forget_error() {
  PR_SetError(0, 0);
}

Result<void> result_of(SECStatus verified) {
  if (verified == SECSuccess) return {};
  switch (PR_GetError()) {
    case SEC_ERROR_BAD_SIGNATURE:
      return std::unexpected(Error::authentication_failed);
    case SEC_ERROR_BAD_KEY:
      return std::unexpected(Error::malformed);
    default:
      return std::unexpected(Error::crypto_failure);
  }
}

}  // namespace

Result<void> verify_es256(Es256Key key, Sha256Digest digest, Es256Signature signature) noexcept {
  if (auto entered = enter(); !entered) return entered;
  constexpr std::uint8_t kP256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
  std::array<std::uint8_t, 65> point{0x04};
  copy(key, MutableBytes(point).subspan(1));
  const PublicKey imported = make_key(ecKey);
  SECKEYPublicKey* const here = imported.get();
  if (here == nullptr || !set(here, here->u.ec.DEREncodedParams, kP256) ||
      !set(here, here->u.ec.publicValue, point)) {
    return std::unexpected(Error::crypto_failure);
  }
  here->u.ec.encoding = ECPoint_Uncompressed;
  const SECItem hash = item(digest), signed_hash = item(signature);
  forget_error();
  return result_of(
      PK11_VerifyWithMechanism(here, CKM_ECDSA, nullptr, &signed_hash, &hash, nullptr));
}

Result<void> verify_rs256(Bytes modulus, Sha256Digest digest, Bytes signature) noexcept {
  if (!is_rs256_key(modulus)) return std::unexpected(Error::malformed);
  if (signature.size() != modulus.size()) return std::unexpected(Error::authentication_failed);
  if (auto entered = enter(); !entered) return entered;
  constexpr std::uint8_t kExponent[] = {0x01, 0x00, 0x01};
  const PublicKey imported = make_key(rsaKey);
  SECKEYPublicKey* const here = imported.get();
  if (here == nullptr || !set(here, here->u.rsa.modulus, modulus) ||
      !set(here, here->u.rsa.publicExponent, kExponent)) {
    return std::unexpected(Error::crypto_failure);
  }
  const SECItem hash = item(digest), signed_hash = item(signature);
  forget_error();
  return result_of(VFY_VerifyDigestDirect(&hash, here, &signed_hash, SEC_OID_PKCS1_RSA_ENCRYPTION,
                                          SEC_OID_SHA256, nullptr));
}

}  // namespace sealring::nss
