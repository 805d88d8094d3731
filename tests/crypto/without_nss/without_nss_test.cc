// SPDX-License-Identifier: Apache-2.0
// The library as nginx's module has it, and every program of a build without NSS.
#include <gtest/gtest.h>

#include "crypto/drivers.h"

namespace sealring {
namespace {

TEST(WithoutNss, ItIsRefusedAndTheMessageSaysWhy) {
  for (const char* const name : {"nss", "nss:dir=/etc/pki/nssdb"}) {
    const auto found = find_driver(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().error, Error::invalid_argument);
    EXPECT_EQ(found.error().message,
              "sealring was built without the crypto driver \"nss\"; the drivers are: openssl "
              "(engine=NAME, provider=NAME)");
  }
}

TEST(WithoutNss, TheDefaultDriverIsThere) {
  EXPECT_TRUE(find_driver(kDefaultDriver));
}

}  // namespace
}  // namespace sealring
