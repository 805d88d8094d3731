// SPDX-License-Identifier: Apache-2.0
// Replaces the functions of the crypto libraries that src/crypto calls; each calls the real one.
#include "support/crypto_calls.h"

#include <dlfcn.h>
#include <openssl/conf.h>
#include <openssl/core_dispatch.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/md5.h>
#include <openssl/param_build.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <sys/random.h>

#include <iterator>
#include <string_view>
#ifdef SEALRING_NSS
#include <cryptohi.h>
#include <nss.h>
#include <pk11pub.h>
#include <secmod.h>
#endif

namespace sealring {
namespace {

struct Failure {
  bool is_awaited = false;
  std::size_t passes = 0;
  const char* failed = nullptr;
};
Failure failure;

bool fails(const char* name) {
  if (!failure.is_awaited) return false;
  if (failure.passes > 0) {
    --failure.passes;
    return false;
  }
  failure.is_awaited = false;
  failure.failed = name;
  return true;
}

// What a provider does for AES-256-GCM, by the numbers of its functions, and what is called
// instead.
void (*real[64])();

template <int Id, class Function>
struct Before;
template <int Id, class Result, class... Arguments>
struct Before<Id, Result(Arguments...)> {
  static Result call(Arguments... arguments) {
    if (fails("a provider's function")) return {};
    return reinterpret_cast<Result (*)(Arguments...)>(real[Id])(arguments...);
  }
  static constexpr OSSL_DISPATCH row() { return {Id, reinterpret_cast<void (*)()>(call)}; }
};

const OSSL_DISPATCH* stand_before(const OSSL_DISPATCH* functions) {
  static OSSL_DISPATCH rows[] = {
      Before<OSSL_FUNC_CIPHER_NEWCTX, OSSL_FUNC_cipher_newctx_fn>::row(),
      Before<OSSL_FUNC_CIPHER_ENCRYPT_INIT, OSSL_FUNC_cipher_encrypt_init_fn>::row(),
      Before<OSSL_FUNC_CIPHER_DECRYPT_INIT, OSSL_FUNC_cipher_decrypt_init_fn>::row(),
      Before<OSSL_FUNC_CIPHER_UPDATE, OSSL_FUNC_cipher_update_fn>::row(),
      Before<OSSL_FUNC_CIPHER_FINAL, OSSL_FUNC_cipher_final_fn>::row(),
      Before<OSSL_FUNC_CIPHER_GET_CTX_PARAMS, OSSL_FUNC_cipher_get_ctx_params_fn>::row(),
      {},  // for the function that frees a context
      {}};
  for (; functions->function_id != 0; ++functions) {
    real[functions->function_id] = functions->function;
    if (functions->function_id == OSSL_FUNC_CIPHER_FREECTX) std::end(rows)[-2] = *functions;
  }
  return rows;
}

// Of a provider's algorithms: how often they were asked for and not given back, the last ones, and
// what was shown instead.
int queried = 0;
const OSSL_ALGORITHM* asked_for = nullptr;
OSSL_ALGORITHM shown[2];

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

FailingCryptoCall::FailingCryptoCall(std::size_t passes) {
  failure = {true, passes, nullptr};
}

FailingCryptoCall::~FailingCryptoCall() {
  failure = {};
}

int queries_not_given_back() {
  return queried;
}

const char* FailingCryptoCall::failed() const {
  return failure.failed;
}

}  // namespace sealring

using sealring::fails;
using sealring::next;

// The headers say the types; a function gives `on_failure` where it is to fail.
#define STAND_BEFORE(name, on_failure, result, parameters, arguments) \
  result name parameters {                                            \
    if (fails(#name)) return on_failure;                              \
    return next<result parameters>(#name) arguments;                  \
  }

extern "C" {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

STAND_BEFORE(EVP_CIPHER_fetch, nullptr, EVP_CIPHER*,
             (OSSL_LIB_CTX * library, const char* name, const char* properties),
             (library, name, properties))
STAND_BEFORE(EVP_MD_fetch, nullptr, EVP_MD*,
             (OSSL_LIB_CTX * library, const char* name, const char* properties),
             (library, name, properties))
STAND_BEFORE(EVP_KDF_fetch, nullptr, EVP_KDF*,
             (OSSL_LIB_CTX * library, const char* name, const char* properties),
             (library, name, properties))
STAND_BEFORE(EVP_CIPHER_CTX_new, nullptr, EVP_CIPHER_CTX*, (void), ())
STAND_BEFORE(EVP_CipherInit_ex, 0, int,
             (EVP_CIPHER_CTX * context, const EVP_CIPHER* cipher, ENGINE* engine,
              const unsigned char* key, const unsigned char* iv, int encrypt),
             (context, cipher, engine, key, iv, encrypt))
STAND_BEFORE(EVP_CipherInit_ex2, 0, int,
             (EVP_CIPHER_CTX * context, const EVP_CIPHER* cipher, const unsigned char* key,
              const unsigned char* iv, int encrypt, const OSSL_PARAM* parameters),
             (context, cipher, key, iv, encrypt, parameters))
STAND_BEFORE(EVP_CipherUpdate, 0, int,
             (EVP_CIPHER_CTX * context, unsigned char* out, int* size, const unsigned char* in,
              int in_size),
             (context, out, size, in, in_size))
STAND_BEFORE(EVP_CipherFinal_ex, 0, int, (EVP_CIPHER_CTX * context, unsigned char* out, int* size),
             (context, out, size))
STAND_BEFORE(EVP_CIPHER_CTX_ctrl, 0, int,
             (EVP_CIPHER_CTX * context, int type, int argument, void* pointer),
             (context, type, argument, pointer))
STAND_BEFORE(EVP_CIPHER_CTX_set_padding, 0, int, (EVP_CIPHER_CTX * context, int padding),
             (context, padding))
STAND_BEFORE(EVP_KDF_CTX_new, nullptr, EVP_KDF_CTX*, (EVP_KDF * kdf), (kdf))
STAND_BEFORE(EVP_KDF_CTX_set_params, 0, int, (EVP_KDF_CTX * context, const OSSL_PARAM* parameters),
             (context, parameters))
STAND_BEFORE(EVP_KDF_derive, 0, int,
             (EVP_KDF_CTX * context, unsigned char* key, size_t size, const OSSL_PARAM* parameters),
             (context, key, size, parameters))
STAND_BEFORE(SHA256_Init, 0, int, (SHA256_CTX * state), (state))
STAND_BEFORE(SHA256_Update, 0, int, (SHA256_CTX * state, const void* data, size_t size),
             (state, data, size))
STAND_BEFORE(SHA256_Final, 0, int, (unsigned char* out, SHA256_CTX* state), (out, state))
STAND_BEFORE(MD5_Init, 0, int, (MD5_CTX * state), (state))
STAND_BEFORE(MD5_Update, 0, int, (MD5_CTX * state, const void* data, size_t size),
             (state, data, size))
STAND_BEFORE(MD5_Final, 0, int, (unsigned char* out, MD5_CTX* state), (out, state))
STAND_BEFORE(RAND_bytes_ex, 0, int,
             (OSSL_LIB_CTX * library, unsigned char* out, size_t size, unsigned int strength),
             (library, out, size, strength))
STAND_BEFORE(BN_bin2bn, nullptr, BIGNUM*, (const unsigned char* bytes, int size, BIGNUM* number),
             (bytes, size, number))
STAND_BEFORE(OSSL_PARAM_BLD_new, nullptr, OSSL_PARAM_BLD*, (void), ())
STAND_BEFORE(OSSL_PARAM_BLD_push_BN, 0, int,
             (OSSL_PARAM_BLD * builder, const char* name, const BIGNUM* number),
             (builder, name, number))
STAND_BEFORE(OSSL_PARAM_BLD_push_ulong, 0, int,
             (OSSL_PARAM_BLD * builder, const char* name, unsigned long number),
             (builder, name, number))
STAND_BEFORE(OSSL_PARAM_BLD_to_param, nullptr, OSSL_PARAM*, (OSSL_PARAM_BLD * builder), (builder))
STAND_BEFORE(EVP_PKEY_CTX_new_from_name, nullptr, EVP_PKEY_CTX*,
             (OSSL_LIB_CTX * library, const char* name, const char* properties),
             (library, name, properties))
STAND_BEFORE(EVP_PKEY_CTX_new_from_pkey, nullptr, EVP_PKEY_CTX*,
             (OSSL_LIB_CTX * library, EVP_PKEY* key, const char* properties),
             (library, key, properties))
STAND_BEFORE(EVP_PKEY_fromdata_init, 0, int, (EVP_PKEY_CTX * context), (context))
STAND_BEFORE(EVP_PKEY_fromdata, 0, int,
             (EVP_PKEY_CTX * context, EVP_PKEY** key, int selection, OSSL_PARAM* parameters),
             (context, key, selection, parameters))
STAND_BEFORE(EVP_PKEY_verify_init, 0, int, (EVP_PKEY_CTX * context), (context))
STAND_BEFORE(EVP_PKEY_CTX_set_rsa_padding, 0, int, (EVP_PKEY_CTX * context, int padding),
             (context, padding))
STAND_BEFORE(EVP_PKEY_CTX_set_signature_md, 0, int, (EVP_PKEY_CTX * context, const EVP_MD* digest),
             (context, digest))
STAND_BEFORE(EVP_PKEY_verify, -1, int,
             (EVP_PKEY_CTX * context, const unsigned char* signature, size_t signature_size,
              const unsigned char* digest, size_t digest_size),
             (context, signature, signature_size, digest, digest_size))
// OpenSSL calls it, too, with others.
void OSSL_PROVIDER_unquery_operation(const OSSL_PROVIDER* provider, int operation,
                                     const OSSL_ALGORITHM* algorithms) {
  const bool is_shown = algorithms == sealring::shown;
  if (is_shown) --sealring::queried;
  next<void(const OSSL_PROVIDER*, int, const OSSL_ALGORITHM*)>(__func__)(
      provider, operation, is_shown ? sealring::asked_for : algorithms);
}
const OSSL_ALGORITHM* OSSL_PROVIDER_query_operation(const OSSL_PROVIDER* provider, int operation,
                                                    int* no_cache) {
  if (fails(__func__)) return nullptr;
  const auto* theirs = next<const OSSL_ALGORITHM*(const OSSL_PROVIDER*, int, int*)>(__func__)(
      provider, operation, no_cache);
  ++sealring::queried;
  sealring::asked_for = theirs;
  auto& found = sealring::shown;
  for (; theirs != nullptr && theirs->algorithm_names != nullptr; ++theirs) {
    if (!std::string_view(theirs->algorithm_names).starts_with("AES-256-GCM:")) continue;
    found[0] = *theirs;
    found[0].implementation = sealring::stand_before(theirs->implementation);
  }
  return found;
}
STAND_BEFORE(OSSL_LIB_CTX_new, nullptr, OSSL_LIB_CTX*, (void), ())
STAND_BEFORE(OSSL_PROVIDER_load, nullptr, OSSL_PROVIDER*,
             (OSSL_LIB_CTX * library, const char* name), (library, name))
STAND_BEFORE(CONF_modules_load_file_ex, 0, int,
             (OSSL_LIB_CTX * library, const char* file, const char* application,
              unsigned long flags),
             (library, file, application, flags))

#pragma GCC diagnostic pop

#ifdef SEALRING_NSS
STAND_BEFORE(NSS_InitContext, nullptr, NSSInitContext*,
             (const char* folder, const char* certificates, const char* keys, const char* modules,
              NSSInitParameters* parameters, PRUint32 flags),
             (folder, certificates, keys, modules, parameters, flags))
STAND_BEFORE(SECMOD_RestartModules, SECFailure, SECStatus, (PRBool by_force), (by_force))
STAND_BEFORE(PK11_GetInternalSlot, nullptr, PK11SlotInfo*, (void), ())
STAND_BEFORE(PK11_ImportSymKey, nullptr, PK11SymKey*,
             (PK11SlotInfo * slot, CK_MECHANISM_TYPE mechanism, PK11Origin origin,
              CK_ATTRIBUTE_TYPE operation, SECItem* key, void* argument),
             (slot, mechanism, origin, operation, key, argument))
STAND_BEFORE(PK11_CreateContextBySymKey, nullptr, PK11Context*,
             (CK_MECHANISM_TYPE mechanism, CK_ATTRIBUTE_TYPE operation, PK11SymKey* key,
              const SECItem* parameter),
             (mechanism, operation, key, parameter))
STAND_BEFORE(PK11_AEADOp, SECFailure, SECStatus,
             (PK11Context * context, CK_GENERATOR_FUNCTION generator, int fixed_bits,
              unsigned char* iv, int iv_size, const unsigned char* associated_data,
              int associated_size, unsigned char* out, int* out_size, int capacity,
              unsigned char* tag, int tag_size, const unsigned char* in, int in_size),
             (context, generator, fixed_bits, iv, iv_size, associated_data, associated_size, out,
              out_size, capacity, tag, tag_size, in, in_size))
STAND_BEFORE(PK11_CipherOp, SECFailure, SECStatus,
             (PK11Context * context, unsigned char* out, int* out_size, int capacity,
              const unsigned char* in, int in_size),
             (context, out, out_size, capacity, in, in_size))
STAND_BEFORE(PK11_Encrypt, SECFailure, SECStatus,
             (PK11SymKey * key, CK_MECHANISM_TYPE mechanism, SECItem* parameter, unsigned char* out,
              unsigned int* out_size, unsigned int capacity, const unsigned char* in,
              unsigned int in_size),
             (key, mechanism, parameter, out, out_size, capacity, in, in_size))
STAND_BEFORE(PK11_Decrypt, SECFailure, SECStatus,
             (PK11SymKey * key, CK_MECHANISM_TYPE mechanism, SECItem* parameter, unsigned char* out,
              unsigned int* out_size, unsigned int capacity, const unsigned char* in,
              unsigned int in_size),
             (key, mechanism, parameter, out, out_size, capacity, in, in_size))
STAND_BEFORE(PK11_HashBuf, SECFailure, SECStatus,
             (SECOidTag algorithm, unsigned char* out, const unsigned char* in, PRInt32 size),
             (algorithm, out, in, size))
STAND_BEFORE(PK11_CreatePBEV2AlgorithmID, nullptr, SECAlgorithmID*,
             (SECOidTag algorithm, SECOidTag cipher, SECOidTag prf, int key_size, int iterations,
              SECItem* salt),
             (algorithm, cipher, prf, key_size, iterations, salt))
STAND_BEFORE(PK11_PBEKeyGen, nullptr, PK11SymKey*,
             (PK11SlotInfo * slot, SECAlgorithmID* algorithm, SECItem* passphrase, PRBool faulty,
              void* argument),
             (slot, algorithm, passphrase, faulty, argument))
STAND_BEFORE(PK11_ExtractKeyValue, SECFailure, SECStatus, (PK11SymKey * key), (key))
STAND_BEFORE(PK11_GetKeyData, nullptr, SECItem*, (PK11SymKey * key), (key))
STAND_BEFORE(PORT_NewArena, nullptr, PLArenaPool*, (unsigned long size), (size))
STAND_BEFORE(PORT_ArenaZAlloc, nullptr, void*, (PLArenaPool * arena, size_t size), (arena, size))
STAND_BEFORE(SECITEM_CopyItem, SECFailure, SECStatus,
             (PLArenaPool * arena, SECItem* to, const SECItem* from), (arena, to, from))
STAND_BEFORE(PK11_VerifyWithMechanism, SECFailure, SECStatus,
             (SECKEYPublicKey * key, CK_MECHANISM_TYPE mechanism, const SECItem* parameter,
              const SECItem* signature, const SECItem* hash, void* argument),
             (key, mechanism, parameter, signature, hash, argument))
STAND_BEFORE(VFY_VerifyDigestDirect, SECFailure, SECStatus,
             (const SECItem* digest, const SECKEYPublicKey* key, const SECItem* signature,
              SECOidTag algorithm, SECOidTag hash, void* argument),
             (digest, key, signature, algorithm, hash, argument))
#endif
STAND_BEFORE(getrandom, -1, ssize_t, (void* out, size_t size, unsigned int flags),
             (out, size, flags))
}
