// SPDX-License-Identifier: Apache-2.0
// What a token takes when several threads open, each with its own sealer on one ring, and the
// memory of sealers.
#include <malloc.h>

#include <barrier>
#include <thread>

#include "rounds.h"
#include "tokens.h"

namespace sealring::bench {
namespace {

constexpr int kTokens = 2000;

// CPU time of a token, the mean of the threads.
double with_threads(const Ring& ring, const Data& token, std::size_t count) {
  std::barrier start(static_cast<std::ptrdiff_t>(count));
  std::vector<double> taken(count);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      const Sealer sealer = sealer_of(ring);
      Data buffer(sealring_opened_size(sealer.get(), token.size()));
      for (int n = 0; n < kTokens / 10; ++n) open(sealer.get(), token, buffer);
      start.arrive_and_wait();
      const double before = nanoseconds();
      for (int n = 0; n < kTokens; ++n) open(sealer.get(), token, buffer);
      taken[i] = (nanoseconds() - before) / kTokens;
    });
  }
  for (std::thread& it : threads) it.join();
  return std::accumulate(taken.begin(), taken.end(), 0.0) / static_cast<double>(count);
}

std::size_t allocated() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Bytes of so many sealers on so many rings: when they are made, when each has opened a token, and
// when each has opened 1,000 of as many prefixes.
void print_memory_of(std::size_t rings, std::size_t sealers_of_ring) {
  std::vector<Sealer> sealers;
  std::vector<Data> tokens;
  std::vector<Ring> of_rings;
  for (std::size_t i = 0; i < rings; ++i) of_rings.push_back(ring_of("XAES-256-GCM"));
  while (tokens.size() < 1000) {
    tokens.push_back(sealed(sealer_of(of_rings[0]).get(), payload_of(64)));
  }
  sealers.reserve(rings * sealers_of_ring);
  Data buffer(sealring_opened_size(sealer_of(of_rings[0]).get(), tokens[0].size()));
  const std::size_t before = allocated();
  for (const Ring& ring : of_rings) {
    for (std::size_t i = 0; i < sealers_of_ring; ++i) sealers.push_back(sealer_of(ring));
  }
  const std::size_t made = allocated() - before;
  for (const Sealer& it : sealers) open(it.get(), tokens[0], buffer);
  const std::size_t used = allocated() - before;
  for (const Sealer& it : sealers) {
    for (const Data& token : tokens) open(it.get(), token, buffer);
  }
  std::cout << '"' << rings << '/' << sealers.size() << "\":[" << made << ',' << used << ','
            << allocated() - before << ']';
}

}  // namespace

void print_threads(int rounds) {
  const Ring ring = ring_of("XAES-256-GCM");
  const Data token = sealed(sealer_of(ring).get(), payload_of(64));
  std::vector<std::string> names;
  for (int i = 1; i <= 8; ++i) names.push_back("open_s1_threads/" + std::to_string(i));
  print_rounds(rounds, names, [&](std::size_t i) { return with_threads(ring, token, i + 1); });
}

void print_memory() {
  const char* separator = "{";
  for (const std::size_t sealers : {1U, 2U, 4U, 8U}) {
    std::cout << separator;
    print_memory_of(1, sealers);
    separator = ",\n";
  }
  std::cout << separator;
  print_memory_of(20, 25);
  std::cout << "}\n";
}

}  // namespace sealring::bench
