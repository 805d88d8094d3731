// SPDX-License-Identifier: Apache-2.0
// What a revocation list costs: a look-up in random order, and reading the file. CPU time of this
// thread; the fastest of several rounds, because what disturbs only makes them slower.
#include "revocation/revocations.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "crypto/drivers.h"
#include "revocation/writer.h"

namespace sealring::revocation {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr int kRounds = 9;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <class Work>
double fastest(Work work) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double start = cpu_seconds();
    work();
    best = std::min(best, cpu_seconds() - start);
  }
  return best;
}

void require(bool kept) {
  if (!kept) std::abort();
}

// In random order, so that hardly any entry is in a cache of the processor.
double lookup_seconds(const List& list, const std::vector<Hash>& hashes, bool found) {
  const double all = fastest([&] {
    std::size_t count = 0;
    for (const Hash& hash : hashes) count += list.find(hash) ? 1 : 0;
    require(count == (found ? hashes.size() : 0));
  });
  return all / static_cast<double>(hashes.size());
}

// What the revocations of one session take: its sid and its user are hashed and looked up. They are
// in no list, as those of almost all sessions are.
double session_seconds(Driver& driver, const ListFile& file) {
  constexpr int kSessions = 100'000;
  const auto sha_256 = driver.sha_256().value();
  const Snapshot snapshot(*sha_256, std::make_shared<const ListFile>(file), std::nullopt);
  char value[] = "user-0000000-AAAAAAAAA";  // as long as a sid
  return fastest([&] {
           for (int i = 0; i < kSessions; ++i) {
             for (int digit = 11, rest = i; digit > 4; --digit, rest /= 10) {
               value[digit] = static_cast<char>('0' + rest % 10);
             }
             const auto revoked = snapshot.has_any(
                 [&](std::string_view) { return std::optional(Sought{value, kNow}); });
             require(revoked && !*revoked);
           }
         }) /
         kSessions;
}

void measure(Driver& driver, const std::string& path, std::size_t count) {
  std::mt19937_64 random(count);
  std::vector<Hash> hashes(count);
  for (Hash& hash : hashes) {
    store_big_endian(random(), std::span(hash).first<8>());
    store_big_endian(random(), std::span(hash).last<8>());
  }
  create_list_file(driver, path, 0, kNow).value();
  update_list_file(driver, path, kNow, [&](Draft& draft) -> Explained<void> {
    for (const Hash& hash : hashes) {
      if (auto added = draft.add("sid", {hash, kNow, kNow + 3600}); !added) return added;
    }
    return draft.add_name("user");
  }).value();
  ListFile file;
  const double reading = fastest([&] { file = read_list_file(driver, path, nullptr)->file; });
  const double confirming =
      fastest([&] { require(read_list_file(driver, path, &file).has_value()); });
  const double hit = lookup_seconds(*file.list, hashes, true);
  const double session = session_seconds(driver, file);
  for (Hash& hash : hashes) hash[5] ^= 0x55;
  const double miss = lookup_seconds(*file.list, hashes, false);
  std::printf("| %zu | %.0f | %.0f | %.0f | %.2f | %.4f |\n", count, hit * 1e9, miss * 1e9,
              session * 1e9, reading * 1e3, confirming * 1e3);
  unlink(path.c_str());
}

}  // namespace
}  // namespace sealring::revocation

// With an argument, only the smallest list: to see that it runs.
int main(int count, char**) {
  using namespace sealring;
  Driver& driver = *find_driver(kDefaultDriver).value();
  std::string folder = "/tmp/sealring-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  std::printf(
      "| entries | found, ns | not found, ns | a session, ns | reading, ms | confirmed, ms |\n");
  std::printf("|---:|---:|---:|---:|---:|---:|\n");
  for (const std::size_t entries : {1'000U, 100'000U, 1'000'000U}) {
    revocation::measure(driver, folder + "/list", entries);
    if (count > 1) break;
  }
  const auto sha_256 = driver.sha_256().value();
  const double hash = revocation::fastest([&] {
    for (int i = 0; i < 1000; ++i) {
      if (!revocation::hash_of(*sha_256, {}, "sid", "AAECAwQFBgcICQoLDA0ODw")) std::abort();
    }
  });
  std::printf("\nthe hash of a sid: %.0f ns\n", hash * 1e6);
  rmdir(folder.c_str());
  return 0;
}
