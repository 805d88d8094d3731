// SPDX-License-Identifier: Apache-2.0
// Simulates one fleet, and prints what was measured as JSON. bench/fleet.py starts the stores and
// calls it for each size and each kind of trouble.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "fleet.h"

namespace {

using sealring::bench::Plan;

Plan plan_of(int count, char** arguments) {
  Plan plan;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    const double value = std::atof(arguments[i + 1]);
    if (name == "nodes") plan.nodes = static_cast<std::size_t>(value);
    if (name == "seconds") plan.seconds = value;
    if (name == "rate") plan.rate = value;
    if (name == "loss") plan.loss = value;
    if (name == "clocks") plan.clocks = static_cast<std::int64_t>(value);
    if (name == "cut") plan.cut = value;
    if (name == "failover") plan.failover = value != 0;
    if (name == "port") plan.port = static_cast<int>(value);
    if (name == "replica") plan.replica_port = static_cast<int>(value);
  }
  return plan;
}

void print_times(const char* name, std::vector<double> times) {
  std::ranges::sort(times);
  const auto share = [&times](double part) {
    const auto at = static_cast<std::size_t>(part * static_cast<double>(times.size()));
    return times.empty() ? 0.0 : times[std::min(at, times.size() - 1)];
  };
  std::printf("\"%s\": {\"count\": %zu, \"median\": %.3f, \"most\": %.3f, \"all\": %.3f}, ", name,
              times.size(), share(0.5), share(0.999), share(1));
}

}  // namespace

int main(int count, char** arguments) {
  const Plan plan = plan_of(count, arguments);
  const auto result = sealring::bench::Fleet(plan).run();
  std::printf("{");
  print_times("everywhere", result.everywhere);
  print_times("after_outage", result.after_outage);
  std::printf(
      "\"lost\": %zu, \"snapshots\": %zu, \"exchanges\": %zu, \"sent\": %zu, \"received\": %zu, ",
      result.lost, result.snapshots, result.exchanges, result.bytes_sent, result.bytes_received);
  std::printf("\"commands\": {");
  const char* comma = "";
  for (const auto& [name, number] : result.commands) {
    std::printf("%s\"%s\": %zu", std::exchange(comma, ", "), name.c_str(), number);
  }
  std::printf("}}\n");
}
