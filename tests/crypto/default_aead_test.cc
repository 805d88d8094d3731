// SPDX-License-Identifier: Apache-2.0
// Where AES-256-GCM comes from: ipsec-mb or OpenSSL.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdlib.h>  // setenv

#include <map>
#include <typeinfo>
#include <vector>

#include "crypto/drivers.h"
#include "crypto/ipsec_mb.h"
#include "support/forked.h"
#include "support/random.h"

#ifdef SEALRING_IPSEC_MB
#include <intel-ipsec-mb.h>

#include "crypto/ipsec_mb_abi.h"
#endif

namespace sealring {
namespace {

constexpr std::string_view kWithIpsecMb = "openssl with ipsec-mb";

// The default driver as a new process would make it, with SEALRING_AEAD in its environment.
Explained<std::unique_ptr<Driver>> made(const char* wanted, std::string_view provider = {}) {
  setenv("SEALRING_AEAD", wanted, 1);
  std::vector<DriverParameters::Parameter> given;
  if (!provider.empty()) given.push_back({"provider", provider});
  return kOpensslDriver.make(DriverParameters(given));
}

TEST(DefaultAead, OpensslCanBeDemanded) {
  Child([] { EXPECT_EQ(made("openssl").value()->name(), "openssl"); });
}

TEST(DefaultAead, OtherWordsAreRefused) {
  Child([] {
    const auto driver = made("ipsec");
    ASSERT_FALSE(driver);
    EXPECT_EQ(driver.error().error, Error::invalid_argument);
    EXPECT_EQ(driver.error().message,
              "the environment has SEALRING_AEAD=ipsec; it may be openssl or ipsec-mb, or not be "
              "set");
  });
}

// OpenSSL's FIPS provider is not installed everywhere. This one has its name, and the algorithms of
// the default provider.
class FipsProvider {
 public:
  // `for_once`: it says that what it gives must be asked for anew each time.
  static void install(bool for_once = false) {
    once = for_once;
    ours = OSSL_PROVIDER_load(nullptr, "default");
    ASSERT_NE(ours, nullptr);
    ASSERT_EQ(OSSL_PROVIDER_add_builtin(nullptr, "fips", start), 1);
    ASSERT_NE(OSSL_PROVIDER_load(nullptr, "fips"), nullptr);
  }

 private:
  static const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
    *no_cache = once;
    std::vector<OSSL_ALGORITHM>& algorithms = given[operation];
    int theirs_is_for_once = 0;
    const OSSL_ALGORITHM* theirs =
        OSSL_PROVIDER_query_operation(ours, operation, &theirs_is_for_once);
    algorithms.clear();
    for (; theirs != nullptr && theirs->algorithm_names != nullptr; ++theirs) {
      algorithms.push_back(*theirs);
      algorithms.back().property_definition = "provider=fips,fips=yes";
    }
    algorithms.push_back({});
    return algorithms.data();
  }

  static int start(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions,
                   void** context) {
    static const OSSL_DISPATCH kFunctions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<void (*)()>(query)}, {0, nullptr}};
    *functions = kFunctions;
    *context = OSSL_PROVIDER_get0_provider_ctx(ours);
    return 1;
  }

  static inline bool once;
  static inline OSSL_PROVIDER* ours;
  static inline std::map<int, std::vector<OSSL_ALGORITHM>> given;
};

// An engine's is EVP's too, but no engine that comes with OpenSSL has AES-256-GCM.
TEST(DefaultAead, IsThatOfEvpWhereAProvidersFunctionsCannotBeKept) {
  for (const bool for_once : {false, true}) {
    Child([&] {
      FipsProvider::install(for_once);
      ASSERT_EQ(EVP_default_properties_enable_fips(nullptr, 1), 1);
      const auto driver = made("openssl");
      ASSERT_TRUE(driver) << driver.error().message;
      const auto evp = (*driver)->aes_256_gcm().value();
      const auto other = made("openssl", "default").value()->aes_256_gcm().value();
      AesGcm &one = *evp, &another = *other;
      EXPECT_EQ(typeid(one) != typeid(another), for_once);
      const std::array<std::uint8_t, 32> key{1};
      const std::array<std::uint8_t, 12> nonce{2};
      ASSERT_TRUE(evp->set_key(key) && other->set_key(key));
      std::array<std::uint8_t, 50> text{3};
      const auto plaintext = text;
      std::array<std::uint8_t, 16> tag;
      ASSERT_TRUE(evp->encrypt_in_place(nonce, as_bytes("context"), text, tag));
      ASSERT_TRUE(other->decrypt_in_place(nonce, as_bytes("context"), text, tag));
      EXPECT_EQ(text, plaintext);
      ASSERT_TRUE(other->encrypt_in_place(nonce, as_bytes("context"), text, tag));
      auto altered = text;
      altered[49] ^= 1;
      EXPECT_EQ(evp->decrypt_in_place(nonce, as_bytes("context"), altered, tag).error(),
                Error::authentication_failed);
      EXPECT_TRUE(evp->decrypt_in_place(nonce, as_bytes("context"), text, tag));
      EXPECT_EQ(text, plaintext);
    });
  }
}

#ifdef SEALRING_IPSEC_MB

// ---- What is declared is what the installed version has

template <class Function>
constexpr std::size_t offset_of(std::size_t function) {
  return offsetof(ipsec_mb::Manager, functions) + function * sizeof(Function);
}
static_assert(offsetof(ipsec_mb::Manager, features) == offsetof(IMB_MGR, features));
static_assert(offset_of<void (*)()>(ipsec_mb::kEncrypt) == offsetof(IMB_MGR, gcm256_enc));
static_assert(offset_of<void (*)()>(ipsec_mb::kDecrypt) == offsetof(IMB_MGR, gcm256_dec));
static_assert(offset_of<void (*)()>(ipsec_mb::kExpand) == offsetof(IMB_MGR, gcm256_pre));
static_assert(ipsec_mb::kAes == IMB_FEATURE_AESNI);
static_assert(ipsec_mb::kCarrylessMultiplication == IMB_FEATURE_PCLMULQDQ);
static_assert(ipsec_mb::kKeySize >= sizeof(gcm_key_data));
static_assert(ipsec_mb::kStateSize >= sizeof(gcm_context_data));
// The same parameters: of pointers to bytes and of sizes.
static_assert(
    std::is_invocable_v<decltype(IMB_MGR::gcm256_enc), const gcm_key_data*, gcm_context_data*,
                        std::uint8_t*, const std::uint8_t*, std::uint64_t, const std::uint8_t*,
                        const std::uint8_t*, std::uint64_t, std::uint8_t*, std::uint64_t>);
static_assert(std::is_invocable_v<decltype(IMB_MGR::gcm256_pre), const void*, gcm_key_data*>);

// ---- When it is used

TEST(DefaultAead, IsIpsecMbWhereItWorks) {
  Child([] {
    const auto demanded = made("ipsec-mb");
    EXPECT_TRUE(demanded) << demanded.error().message;
    EXPECT_EQ((*demanded)->name(), kWithIpsecMb);
    EXPECT_EQ(made("").value()->name(), kWithIpsecMb);
    unsetenv("SEALRING_AEAD");
    EXPECT_EQ(kOpensslDriver.make(DriverParameters({})).value()->name(), kWithIpsecMb);
  });
}

TEST(DefaultAead, IsTheProvidersIfADriverNamesOne) {
  Child([] { EXPECT_EQ(made("ipsec-mb", "default").value()->name(), "openssl"); });
}

TEST(DefaultAead, IsOpensslsUnderItsFipsProvider) {
  Child([] {
    FipsProvider::install();
    EXPECT_EQ(made("").value()->name(), kWithIpsecMb) << "it is there, and not in use";
    ASSERT_EQ(EVP_default_properties_enable_fips(nullptr, 1), 1);
    EXPECT_EQ(made("").value()->name(), "openssl");
    const auto demanded = made("ipsec-mb");
    ASSERT_FALSE(demanded);
    EXPECT_EQ(
        demanded.error().message,
        "the environment has SEALRING_AEAD=ipsec-mb, but OpenSSL is configured to use another "
        "provider's AES-256-GCM than its default one's");
  });
}

// ---- How it is used

TEST(IpsecMb, AForgedTextIsNotDecrypted) {
  Child([] {
    const auto gcm = made("ipsec-mb").value()->aes_256_gcm().value();
    Randomness random;
    const auto key = random.bytes(32), nonce = random.bytes(12);
    ASSERT_TRUE(gcm->set_key(Bytes(key).first<32>()));
    for (const std::size_t size : {1U, 16U, 100U, 3000U}) {
      std::vector<std::uint8_t> text(size, 'p');
      std::array<std::uint8_t, AesGcm::kTagSize> tag;
      const AesGcm::Nonce once = Bytes(nonce).first<12>();
      ASSERT_TRUE(gcm->encrypt_in_place(once, {}, text, tag));
      tag.back() ^= 1;
      EXPECT_EQ(gcm->decrypt_in_place(once, {}, text, tag).error(), Error::authentication_failed);
      EXPECT_EQ(text, std::vector<std::uint8_t>(size, 0)) << "nothing is left of it";
    }
  });
}

TEST(IpsecMb, AContextWorksOnInAForkedChild) {
  Child([] {
    const auto gcm = made("ipsec-mb").value()->aes_256_gcm().value();
    const std::array<std::uint8_t, 32> key{1};
    const std::array<std::uint8_t, 12> nonce{2};
    ASSERT_TRUE(gcm->set_key(key));
    std::array<std::uint8_t, 16> tag;
    ASSERT_TRUE(gcm->encrypt_in_place(nonce, as_bytes("context"), {}, tag));
    Child([&] {
      EXPECT_TRUE(gcm->decrypt_in_place(nonce, as_bytes("context"), {}, tag));
      ASSERT_TRUE(gcm->set_key(std::array<std::uint8_t, 32>{3}));
      EXPECT_FALSE(gcm->decrypt_in_place(nonce, as_bytes("context"), {}, tag));
    }).wait();
    EXPECT_TRUE(gcm->decrypt_in_place(nonce, as_bytes("context"), {}, tag));
  });
}

#endif

}  // namespace
}  // namespace sealring
