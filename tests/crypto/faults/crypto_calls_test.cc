// SPDX-License-Identifier: Apache-2.0
// Each call of the crypto library fails in turn: nothing is sealed or opened that should not be,
// and the next attempt with the same objects works.
#include "support/crypto_calls.h"

#include <gtest/gtest.h>

#include <functional>

#include "keys/rotation.h"
#include "support/forked.h"
#include "support/sealers.h"
#include "support/signatures.h"

namespace sealring {
namespace {

Key key_of(Algorithm algorithm) {
  switch (row(algorithm).format) {
    case FormatId::s1:
    case FormatId::jwe:
      return modern_key(algorithm, 1);
    case FormatId::nginx_legacy:
      return legacy_key();
    case FormatId::apache_legacy:
      return apache_key(algorithm);
  }
  return {};
}

constexpr Algorithm kAlgorithms[] = {Algorithm::xaes_256_gcm,  Algorithm::a256gcm,
                                     Algorithm::nginx_legacy,  Algorithm::apache_aes256,
                                     Algorithm::apache_aes192, Algorithm::apache_aes128,
                                     Algorithm::apache_3des192};

// Expects `attempt` to return false whenever one of the calls fails. Returns how many calls there
// are.
std::size_t fail_each_call(const std::function<bool()>& attempt) {
  for (std::size_t passes = 0;; ++passes) {
    const FailingCryptoCall failing(passes);
    const bool succeeded = attempt();
    if (failing.failed() == nullptr) {
      EXPECT_TRUE(succeeded);
      return passes;
    }
    EXPECT_FALSE(succeeded) << failing.failed();
  }
}

bool seals(Sealer& sealer, std::string& token) {
  constexpr std::string_view kPayload = "user=alice";
  token.resize(sealer.sealed_size(kPayload.size()));
  const MutableBytes out(reinterpret_cast<std::uint8_t*>(token.data()), token.size());
  const auto sealed = sealer.seal(kNow, 3600, as_bytes("context"), as_bytes(kPayload), out);
  if (sealed) token.resize(sealed->size);
  return sealed.has_value();
}

bool opens(Sealer& sealer, const std::string& token) {
  const Outcome outcome = open(sealer, token, "context");
  EXPECT_EQ(outcome.payload, outcome.opened ? "user=alice" : "");
  return outcome.opened;
}

TEST(CryptoCallFaults, OfSealersThatAreNew) {
  for (const Algorithm algorithm : kAlgorithms) {
    SCOPED_TRACE(row(algorithm).name);
    Driver& driver = tested_driver();
    const auto live = LiveKeyring::make({key_of(algorithm)}).value();
    const std::size_t calls = fail_each_call([&] {
      const auto sealing = Sealer::make(live, driver);
      const auto opening = Sealer::make(live, driver);
      std::string token;
      return sealing && opening && seals(**sealing, token) && opens(**opening, token);
    });
    // Of ipsec-mb none is made to fail.
    EXPECT_GE(calls, driver.name() == "openssl with ipsec-mb" ? 2U : 6U);
  }
}

TEST(CryptoCallFaults, OfSealersThatGoOn) {
  for (const Algorithm algorithm : kAlgorithms) {
    SCOPED_TRACE(row(algorithm).name);
    const auto sealing = sealer_of({key_of(algorithm)});
    const auto opening = sealer_of({key_of(algorithm)});
    std::string token;
    fail_each_call([&] { return seals(*sealing, token); });
    fail_each_call([&] { return opens(*opening, token); });
  }
}

TEST(CryptoCallFaults, OfAForkedChild) {
  for (const Algorithm algorithm : kAlgorithms) {
    SCOPED_TRACE(row(algorithm).name);
    const auto sealer = sealer_of({key_of(algorithm)});
    const std::string token = seal(*sealer, "user=alice", "context");
    const Child child([&] {
      std::string another;
      bool has_failed = true;
      // A failure of the step that first removes the parent's keys from the contexts does no harm
      // to a token.
      for (std::size_t passes = 0; has_failed; ++passes) {
        const FailingCryptoCall failing(passes);
        std::ignore = opens(*sealer, token) && seals(*sealer, another);
        has_failed = failing.failed() != nullptr;
      }
      EXPECT_TRUE(opens(*sealer, token));
      EXPECT_TRUE(seals(*sealer, another));
    });
  }
}

TEST(CryptoCallFaults, OfMakingAndCheckingKeys) {
  Driver& driver = tested_driver();
  fail_each_call([&] { return generate_key(driver, Algorithm::xaes_256_gcm, 0).has_value(); });
  Key key = xaes_key();
  fail_each_call([&] { return check_key(driver, key).has_value(); });
}

// What fails is no forgery: a signature is found wrong only where it was checked.
TEST(CryptoCallFaults, OfVerifyingSignatures) {
  Driver& driver = tested_driver();
  const auto expect_no_verdict = [](const Result<void>& verified) {
    if (!verified) {
      EXPECT_NE(verified.error(), Error::authentication_failed);
    }
    return verified.has_value();
  };
  const Bytes key(kEs256Key), signature(kEs256Signature);
  ASSERT_FALSE(driver.verify_es256(key.first<64>(), as_bytes("other"), signature.first<64>()));
  fail_each_call([&] {
    return expect_no_verdict(
        driver.verify_es256(key.first<64>(), as_bytes(kEs256Message), signature.first<64>()));
  });
  fail_each_call([&] {
    return expect_no_verdict(
        driver.verify_rs256(kRs256Key, as_bytes(kRs256Message), kRs256Signature));
  });
}

TEST(CryptoCallFaults, OfADigest) {
  const auto sha_256 = tested_driver().sha_256().value();
  std::array<std::uint8_t, 32> digest;
  EXPECT_GE(fail_each_call([&] { return sha_256->digest(as_bytes("abc"), digest).has_value(); }),
            1U);
}

// A driver may lack what only the old formats need. Then those formats report it.
TEST(CryptoCallFaults, OfStartingADriver) {
  const bool is_nss = tested_driver().name() == "nss";
  using Parameters = std::vector<DriverParameters::Parameter>;
  for (const Parameters& given : {Parameters{}, Parameters{{"provider", "default"}}}) {
    if (is_nss && !given.empty()) continue;
    const DriverParameters parameters(given);
    for (std::size_t passes = 0;; ++passes) {
      auto failing = std::make_optional<FailingCryptoCall>(passes);
      const auto driver = (is_nss ? kNssDriver : kOpensslDriver).make(parameters);
      const bool has_failed = failing->failed() != nullptr;
      failing.reset();
      if (!driver) {
        EXPECT_EQ(driver.error().error, Error::crypto_failure);
        EXPECT_FALSE(driver.error().message.empty());
        continue;
      }
      int served = 0;
      for (const Algorithm algorithm : kAlgorithms) {
        auto live = LiveKeyring::make({key_of(algorithm)}).value();
        const auto sealer = Sealer::make(std::move(live), **driver);
        std::string token;
        served += sealer && seals(**sealer, token) && opens(**sealer, token);
      }
      EXPECT_TRUE(served == std::ssize(kAlgorithms) || has_failed);
      EXPECT_GE(served, 2) << "the modern formats";
      if (!has_failed) break;
    }
  }
}

TEST(CryptoCalls, AProvidersAlgorithmsAreGivenBack) {
  std::ignore = tested_driver();
  EXPECT_EQ(queries_not_given_back(), 0);
}

}  // namespace
}  // namespace sealring
