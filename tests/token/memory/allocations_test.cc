// SPDX-License-Identifier: Apache-2.0
// Sealing and opening allocate nothing.
#include <gtest/gtest.h>

#include "support/malloc.h"
#include "support/sealers.h"

namespace sealring {
namespace {

// Not by way of support/sealers.h, which makes buffers of its own.
struct Allocations : ::testing::Test {
  std::vector<std::uint8_t> token_ = std::vector<std::uint8_t>(8192);
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(8192);

  std::size_t of_seal(Sealer& sealer, std::string_view payload, std::size_t& size) {
    const std::size_t before = allocation_count();
    const auto sealed = sealer.seal(kNow, 60, as_bytes("context"), as_bytes(payload), token_);
    const std::size_t after = allocation_count();
    size = sealed.value().size;
    return after - before;
  }
  std::size_t of_open(Sealer& sealer, std::size_t size, std::string_view context, bool opens) {
    const std::size_t before = allocation_count();
    const auto opened = sealer.open(kNow, as_bytes(context), Bytes(token_).first(size), buffer_);
    const std::size_t after = allocation_count();
    EXPECT_EQ(opened.has_value(), opens);
    return after - before;
  }
};

TEST_F(Allocations, AreCounted) {
  const std::size_t before = allocation_count();
  const auto memory = std::make_unique<std::string>(100, 'x');
  EXPECT_GE(allocation_count(), before + 2);
}

TEST_F(Allocations, OfS1) {
  const auto sealer = sealer_of({xaes_key()});
  for (const std::size_t payload : {0U, 64U, 3000U}) {
    std::size_t size = 0;
    EXPECT_EQ(of_seal(*sealer, std::string(payload, 'p'), size), 0U);
    EXPECT_EQ(of_open(*sealer, size, "context", true), 0U) << "cold or cached";
    EXPECT_EQ(of_open(*sealer, size, "context", true), 0U) << "cached";
    EXPECT_EQ(of_open(*sealer, size, "another", false), 0U) << "refused";
    EXPECT_EQ(of_open(*sealer, size - 1, "context", false), 0U) << "malformed or refused";
  }
  for (int i = 0; i < 5000; ++i) {  // over the renewal of the prefix and of the pool
    std::size_t size = 0;
    EXPECT_EQ(of_seal(*sealer, "payload", size), 0U) << i;
  }
}

TEST_F(Allocations, OfJwe) {
  const auto sealer = sealer_of({a256gcm_key()});
  // Text, what is escaped, and what is no text.
  for (const char c : {'p', '"', '\xff'}) {
    for (const std::size_t payload : {0U, 64U, 1500U}) {
      std::size_t size = 0;
      EXPECT_EQ(of_seal(*sealer, std::string(payload, c), size), 0U);
      EXPECT_EQ(of_open(*sealer, size, "context", true), 0U) << "its header new or known";
      EXPECT_EQ(of_open(*sealer, size, "another", false), 0U) << "refused";
      EXPECT_EQ(of_open(*sealer, size - 1, "context", false), 0U) << "malformed";
    }
  }
}

TEST_F(Allocations, OfNginxLegacy) {
  const auto sealer = sealer_of({legacy_key()});
  for (const std::size_t payload : {0U, 64U, 3000U}) {
    std::size_t size = 0;
    EXPECT_EQ(of_seal(*sealer, std::string(payload, 'p'), size), 0U);
    EXPECT_EQ(of_open(*sealer, size, "", true), 0U);
    EXPECT_EQ(of_open(*sealer, size - 16, "", false), 0U);
  }
}

}  // namespace
}  // namespace sealring
