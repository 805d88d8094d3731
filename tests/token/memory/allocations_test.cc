// SPDX-License-Identifier: Apache-2.0
// What a sealer allocates when it is made, at the first use of a key or a place, and after that:
// nothing.
#include <gtest/gtest.h>

#include "support/malloc.h"
#include "support/sealers.h"
#include "token/inspect.h"

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

constexpr std::size_t kS1Places = 64;  // of prefixes that an opener remembers

TEST_F(Allocations, OfS1) {
  const auto sealer = sealer_of({xaes_key()});
  std::size_t size = 0;
  EXPECT_GT(of_seal(*sealer, "first use", size), 0U);
  of_open(*sealer, size, "context", true);
  for (const std::size_t payload : {0U, 64U, 3000U}) {
    EXPECT_EQ(of_seal(*sealer, std::string(payload, 'p'), size), 0U);
    EXPECT_EQ(of_open(*sealer, size, "context", true), 0U);
    EXPECT_EQ(of_open(*sealer, size, "another", false), 0U) << "refused";
    EXPECT_EQ(of_open(*sealer, size - 1, "context", false), 0U) << "malformed or refused";
  }
  for (int i = 0; i < 5000; ++i) {  // over the renewal of the prefix and of the pool
    EXPECT_EQ(of_seal(*sealer, "payload", size), 0U) << i;
  }
}

// A context for each place that a prefix comes to, and no more.
TEST_F(Allocations, OfS1Prefixes) {
  const Key key = xaes_key();
  const auto opener = sealer_of({key});
  std::size_t with = 0;
  for (int i = 0; i < 2000; ++i) {
    std::size_t size = 0;
    of_seal(*sealer_of({key}), "payload", size);
    with += of_open(*opener, size, "context", true) > 0 ? 1 : 0;
  }
  EXPECT_GT(with, kS1Places / 2);
  EXPECT_LE(with, kS1Places);
}

TEST_F(Allocations, OfJwe) {
  const auto sealer = sealer_of({a256gcm_key()});
  std::size_t size = 0;
  EXPECT_GT(of_seal(*sealer, "first use", size), 0U);
  of_open(*sealer, size, "context", true);
  // Text, what is escaped, and what is no text.
  for (const char c : {'p', '"', '\xff'}) {
    for (const std::size_t payload : {0U, 64U, 1500U}) {
      EXPECT_EQ(of_seal(*sealer, std::string(payload, c), size), 0U);
      EXPECT_EQ(of_open(*sealer, size, "context", true), 0U);
      EXPECT_EQ(of_open(*sealer, size, "another", false), 0U) << "refused";
      EXPECT_EQ(of_open(*sealer, size - 1, "context", false), 0U) << "malformed";
    }
  }
}

TEST_F(Allocations, OfApacheLegacy) {
  for (const Algorithm algorithm : kApacheAlgorithms) {
    const auto sealer = sealer_of({apache_key(algorithm)});
    std::size_t size = 0;
    EXPECT_GT(of_seal(*sealer, "first use", size), 0U);
    of_open(*sealer, size, "", true);
    for (const std::size_t payload : {0U, 64U, 3000U}) {
      EXPECT_EQ(of_seal(*sealer, std::string(payload, 'p'), size), 0U);
      EXPECT_EQ(of_open(*sealer, size, "", true), 0U);
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

// Each ring, each thread and each change of a ring makes one.
TEST(SealerMemory, ANewOneIsSmall) {
  Driver& driver = tested_driver();
  std::ignore = sealer_of({xaes_key()});  // OpenSSL sets up its random generator once
  for (const Key& key : {xaes_key(), a256gcm_key(), legacy_key(), apache_key()}) {
    const auto live = LiveKeyring::make({key}).value();
    const std::size_t before = allocated_bytes();
    const auto sealer = Sealer::make(live, driver).value();
    EXPECT_LT(allocated_bytes() - before, 8192U) << row(key.algorithm).name;
  }
}

TEST(SealerMemory, InspectingMakesNoContext) {
  const std::string token = seal(*sealer_of({xaes_key()}), "payload");
  const std::size_t before = allocated_bytes();
  ASSERT_TRUE(inspect(as_bytes(token)));
  EXPECT_LT(allocated_bytes() - before, 2 * token.size()) << "a buffer and the texts";
}

// Each allocation of a first use fails in turn: it is said, and the next attempt works. Not with
// Apache's tokens: PBKDF2 of OpenSSL allocates each time, and does not say that this is what
// failed.
TEST(SealerMemory, AFirstUseWithoutMemorySaysSo) {
  for (const Key& key : {xaes_key(), a256gcm_key(), legacy_key()}) {
    const std::string token = seal(*sealer_of({key}), "payload");
    for (std::size_t passes = 0;; ++passes) {
      ASSERT_LT(passes, 100U) << "it does not end";
      const auto sealer = sealer_of({key});
      std::vector<std::uint8_t> out(sealer->sealed_size(7));
      std::vector<std::uint8_t> buffer(sealer->opened_size(token.size()));
      const auto sealed = [&] { return sealer->seal(kNow, 60, {}, as_bytes("payload"), out); };
      const auto opened = [&] { return sealer->open(kNow, {}, as_bytes(token), buffer); };
      bool failed = false;
      {
        const FailingAllocation failing(passes, false);
        if (const auto first = sealed(); !first) {
          EXPECT_EQ(first.error().reason, Error::out_of_memory);
        }
        if (const auto first = opened(); !first) {
          EXPECT_EQ(first.error().reason, Error::out_of_memory);
        }
        failed = failing.has_failed();
      }
      EXPECT_TRUE(sealed());
      EXPECT_TRUE(opened());
      if (!failed) break;
    }
  }
}

}  // namespace
}  // namespace sealring
