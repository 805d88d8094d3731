// SPDX-License-Identifier: Apache-2.0
// Each crypto driver opens what another one sealed, for every algorithm.
#include <gtest/gtest.h>

#include "support/random.h"
#include "support/sealers.h"

namespace sealring {
namespace {

class OpensslAndNss : public ::testing::TestWithParam<AlgorithmRow> {
 protected:
  static Key key() {
    Key key;
    key.algorithm = GetParam().algorithm;
    key.secret.assign(32, 's');
    check_key(tested_driver(), key).value();
    return key;
  }
};

TEST_P(OpensslAndNss, SealedByOneOpenedByTheOther) {
  Driver& openssl = *find_driver("openssl").value();
  Driver& nss = *find_driver("nss").value();
  const std::pair<Driver&, Driver&> ways[] = {{openssl, nss}, {nss, openssl}};
  Randomness random;
  for (const auto& [one, other] : ways) {
    const auto sealing = sealer_of({key()}, one), opening = sealer_of({key()}, other);
    for (const std::size_t size : {0U, 1U, 7U, 8U, 15U, 16U, 17U, 64U, 255U, 3000U, 100'000U}) {
      const auto payload = random.bytes(size);
      const std::string token = seal(*sealing, as_text(payload), "context");
      const Outcome outcome = open(*opening, token, "context");
      EXPECT_TRUE(outcome.opened) << size << " bytes sealed by " << one.name();
      EXPECT_EQ(outcome.payload, as_text(payload));
      std::string altered = token;
      altered[altered.size() / 2] ^= 1;
      EXPECT_EQ(reason_of(*opening, altered, "context"), reason_of(*sealing, altered, "context"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, OpensslAndNss, ::testing::ValuesIn(kAlgorithms),
                         [](const auto& test) {
                           std::string name(test.param.name);
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace sealring
