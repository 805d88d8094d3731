// SPDX-License-Identifier: Apache-2.0
// What a sealer allocates when it is made, and at the first use of a key or a place. After that it
// allocates nothing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <barrier>
#include <fstream>
#include <thread>

#include "support/malloc.h"
#include "support/revocations.h"
#include "support/sealers.h"
#include "token/inspect.h"

namespace sealring {
namespace {

// Does not use support/sealers.h, which makes buffers of its own.
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

constexpr std::size_t kS1Places = 64;  // how many prefixes are remembered

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
  for (int i = 0; i < 5000; ++i) {  // long enough to renew the prefix and the pool
    EXPECT_EQ(of_seal(*sealer, "payload", size), 0U) << i;
  }
}

// One context for each place that a prefix gets, and no more.
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
  EXPECT_LE(with, kS1Places + 1) << "and one for the next prefix";
}

TEST_F(Allocations, OfJwe) {
  const auto sealer = sealer_of({a256gcm_key()});
  std::size_t size = 0;
  EXPECT_GT(of_seal(*sealer, "first use", size), 0U);
  of_open(*sealer, size, "context", true);
  // Text, text that is escaped, and bytes that are not text.
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

TEST_F(Allocations, OfLookingUpWhatIsRevoked) {
  const TemporaryFolder folder;
  revocation::create_list(folder / "list");
  revocation::revoke(folder / "list", "token", "an ID");
  revocation::revoke(folder / "list", "", "", 1);
  const auto sealer = sealer_of({xaes_key()});
  sealer->use_revocations(revocation::Revocations::load(tested_driver(), folder / "list").value(),
                          Stale::opens);
  std::size_t size = 0;
  of_seal(*sealer, "first use", size);
  of_open(*sealer, size, "context", true);
  EXPECT_EQ(of_open(*sealer, size, "context", true), 0U);
  revocation::revoke(folder / "list", "", "", kNow);
  ASSERT_TRUE(sealer->refresh(kNow));
  EXPECT_EQ(of_open(*sealer, size, "context", false), 0U) << "revoked";
}

// A sealer is made for each ring and thread, and again at each change of the ring.
TEST(SealerMemory, ANewOneIsSmall) {
  Driver& driver = tested_driver();
  std::ignore = sealer_of({xaes_key()});  // OpenSSL sets up its random generator once
  for (const Key& key : {xaes_key(), a256gcm_key(), legacy_key(), apache_key()}) {
    const auto live = LiveKeyring::make({key}).value();
    const std::size_t before = kept_bytes();
    const auto sealer = Sealer::make(live, driver).value();
    constexpr std::size_t kPool = 4096;  // a page of its own
    const std::size_t kept = kept_bytes() - before + kPool;
    EXPECT_LT(kept, 8192U) << row(key.algorithm).name;
    EXPECT_GT(kept, kPool) << "something is counted";
  }
}

std::size_t resident_bytes() {
  std::size_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// As in a process of httpd, where each thread has a sealer for each ring.
TEST(SealerMemory, OfManyRingsInManyThreads) {
  constexpr std::size_t kRings = 20, kThreads = 25;
  std::vector<std::shared_ptr<LiveKeyring>> rings;
  while (rings.size() < kRings) rings.push_back(LiveKeyring::make({xaes_key()}).value());
  std::ignore = seal(*sealer_of({xaes_key()}), "payload");  // what is done once in a process
  std::barrier step(kThreads + 1);
  std::vector<std::thread> threads;
  while (threads.size() < kThreads) {
    threads.emplace_back([&] {
      std::vector<std::unique_ptr<Sealer>> sealers;
      delete new std::string(100, 'x');  // the C library gives the thread its arena
      step.arrive_and_wait();
      step.arrive_and_wait();
      for (const auto& ring : rings) {
        sealers.push_back(Sealer::make(ring, tested_driver()).value());
        EXPECT_TRUE(open(*sealers.back(), seal(*sealers.back(), "payload")).opened);
      }
      step.arrive_and_wait();
      step.arrive_and_wait();
    });
  }
  step.arrive_and_wait();
  const std::size_t before = resident_bytes();
  step.arrive_and_wait();
  step.arrive_and_wait();
  const std::size_t added = resident_bytes() - before;
  step.arrive_and_wait();
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(added, std::size_t{8} << 20);
  EXPECT_GT(added, kRings * kThreads * 4096) << "each has at least a page";
}

TEST(SealerMemory, InspectingMakesNoContext) {
  const std::string token = seal(*sealer_of({xaes_key()}), "payload");
  const std::size_t before = allocated_bytes();
  ASSERT_TRUE(inspect(as_bytes(token)));
  EXPECT_LT(allocated_bytes() - before, 2 * token.size()) << "a buffer and the texts";
}

// Each allocation of a first use fails in turn: the failure is reported, and the next attempt
// works. Not for Apache's tokens: OpenSSL's PBKDF2 allocates each time, and does not report lack of
// memory as the cause.
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
