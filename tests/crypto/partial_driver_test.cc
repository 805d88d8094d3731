// SPDX-License-Identifier: Apache-2.0
#include "crypto/partial_driver.h"

#include <gtest/gtest.h>

#include "keys/rotation.h"
#include "support/observed_driver.h"
#include "support/sealers.h"

namespace sealring {
namespace {

// Overrides the AEAD alone, and counts what it is used for.
class OtherGcm final : public PartialDriver {
 public:
  OtherGcm() : PartialDriver(tested_driver()) {}
  Observations observed;

  std::string_view name() const noexcept override { return "other-gcm"; }
  Result<std::unique_ptr<AesGcm>> aes_256_gcm() noexcept override {
    auto real = PartialDriver::aes_256_gcm();
    if (!real) return std::unexpected(real.error());
    return std::make_unique<ObservedAesGcm>(observed, std::move(*real));
  }
};

Key key_of(Algorithm algorithm) {
  switch (row(algorithm).format) {
    case FormatId::s1:
    case FormatId::jwe:
      return modern_key(algorithm, 1);
    case FormatId::nginx_legacy:
      return legacy_key();
    default:
      return apache_key(algorithm);
  }
}

TEST(PartialDriver, ServesEveryAlgorithmAndItsOwnAeadWhereThereIsOne) {
  for (const AlgorithmRow& algorithm : kAlgorithms) {
    SCOPED_TRACE(algorithm.name);
    OtherGcm partial;
    const Key key = key_of(algorithm.algorithm);
    const auto over = sealer_of({key}, partial), full = sealer_of({key});
    EXPECT_EQ(open(*full, seal(*over, "payload", "context"), "context").payload, "payload");
    EXPECT_EQ(open(*over, seal(*full, "payload", "context"), "context").payload, "payload");
    const bool has_aead = algorithm.format == FormatId::s1 || algorithm.format == FormatId::jwe;
    EXPECT_EQ(partial.observed.count(Call::gcm_encrypt), has_aead ? 1U : 0U);
    EXPECT_EQ(partial.observed.count(Call::gcm_decrypt), has_aead ? 1U : 0U);
  }
}

TEST(PartialDriver, GeneratesAndChecksKeysByTheFullOne) {
  OtherGcm partial;
  const Key key = generate_key(partial, Algorithm::xaes_256_gcm, kNow).value();
  Key checked = key;
  checked.kid.clear();
  ASSERT_TRUE(check_key(tested_driver(), checked));
  EXPECT_EQ(checked.kid, key.kid);
}

}  // namespace
}  // namespace sealring
