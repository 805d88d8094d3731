// SPDX-License-Identifier: Apache-2.0
// The default properties of OpenSSL, which openssl.cnf sets, choose the provider of SHA-256, as
// they do for FIPS. Here it is one whose digests cannot be mistaken for others.
#include <gtest/gtest.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include <algorithm>
#include <array>

#include "crypto/drivers.h"
#include "support/hex.h"

namespace sealring {
namespace {

constexpr std::size_t kSize = Sha256::kSize;

int contexts = 0;

void* new_context(void*) {
  ++contexts;
  return &contexts;
}
void free_context(void*) {}
int init(void*, const OSSL_PARAM*) {
  return 1;
}
int update(void*, const unsigned char*, std::size_t) {
  return 1;
}
int final(void*, unsigned char* out, std::size_t* written, std::size_t) {
  std::fill_n(out, kSize, 0xaa);
  *written = kSize;
  return 1;
}
int parameters(OSSL_PARAM* wanted) {
  OSSL_PARAM* const size = OSSL_PARAM_locate(wanted, OSSL_DIGEST_PARAM_SIZE);
  OSSL_PARAM* const block = OSSL_PARAM_locate(wanted, OSSL_DIGEST_PARAM_BLOCK_SIZE);
  return (size == nullptr || OSSL_PARAM_set_size_t(size, kSize)) &&
         (block == nullptr || OSSL_PARAM_set_size_t(block, 64));
}

template <class Function>
OSSL_DISPATCH entry(int id, Function* function) {
  return {id, reinterpret_cast<void (*)()>(function)};
}

const OSSL_ALGORITHM* digests(void*, int operation, int*) {
  static const OSSL_DISPATCH functions[] = {entry(OSSL_FUNC_DIGEST_NEWCTX, new_context),
                                            entry(OSSL_FUNC_DIGEST_FREECTX, free_context),
                                            entry(OSSL_FUNC_DIGEST_INIT, init),
                                            entry(OSSL_FUNC_DIGEST_UPDATE, update),
                                            entry(OSSL_FUNC_DIGEST_FINAL, final),
                                            entry(OSSL_FUNC_DIGEST_GET_PARAMS, parameters),
                                            {0, nullptr}};
  static const OSSL_ALGORITHM algorithms[] = {{"SHA2-256", "provider=test", functions, nullptr},
                                              {nullptr, nullptr, nullptr, nullptr}};
  return operation == OSSL_OP_DIGEST ? algorithms : nullptr;
}

int start(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
          void** context) {
  static const OSSL_DISPATCH functions[] = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, digests),
                                            {0, nullptr}};
  *out = functions;
  *context = &contexts;
  return 1;
}

TEST(DefaultProperties, ChooseTheProviderOfTheDigest) {
  ASSERT_EQ(OSSL_PROVIDER_add_builtin(nullptr, "test", start), 1);
  OSSL_PROVIDER* const provider = OSSL_PROVIDER_load(nullptr, "test");
  OSSL_PROVIDER* const others = OSSL_PROVIDER_load(nullptr, "default");
  ASSERT_TRUE(provider != nullptr && others != nullptr);
  ASSERT_EQ(EVP_set_default_properties(nullptr, "?provider=test"), 1);
  // Not that of find_driver(), which lives longer than the provider.
  auto driver = kOpensslDriver.make(DriverParameters({})).value();
  auto sha_256 = driver->sha_256().value();
  for (int round = 0; round < 3; ++round) {
    std::array<std::uint8_t, kSize> digest{};
    ASSERT_TRUE(sha_256->digest(as_bytes("abc"), digest));
    EXPECT_EQ(to_hex(digest), to_hex(std::vector<std::uint8_t>(kSize, 0xaa)));
  }
  EXPECT_GT(contexts, 0);
  ASSERT_EQ(EVP_set_default_properties(nullptr, ""), 1);
  sha_256.reset();
  driver.reset();
  OSSL_PROVIDER_unload(others);
  OSSL_PROVIDER_unload(provider);
}

}  // namespace
}  // namespace sealring
