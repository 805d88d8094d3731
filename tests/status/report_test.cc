// SPDX-License-Identifier: Apache-2.0
#include "status/report.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/keys.h"

namespace sealring::status {
namespace {

// One of each kind, with all that has to be escaped.
Report example() {
  Report report;
  report.now = kNow;
  report.since = kNow - 90000;
  for (std::size_t i = 0; i < kValueCount; ++i) report.values[i] = i + 1;
  for (std::size_t i = 0; i < kOverTimeCount; ++i) {
    SumStatus& sum = report.over_time[i];
    sum = {100 * i, {i, 2 * i, 3 * i}, {}};
    sum.course[0] = i;
    sum.course.back() = 7;
  }
  report.keys = {
      {.algorithm = "XAES-256-GCM",
       .kid = "abcdefgh",
       .in_ring = true,
       .primary = true,
       .sealed = 100,
       .opened = 200,
       .recently_sealed = {1, 10, 100},
       .recently_opened = {2, 20, 200},
       .last_seal = kNow - 1,
       .last_open = kNow - 2,
       .latest_end = static_cast<std::uint64_t>(kNow) + 3600,
       .since = kNow - 90000},
      {.algorithm = "A256GCM",
       .kid = "a \"quoted\" <kid> \\",
       .in_ring = true,
       .open_until = kNow + 5,
       .sealed = 43000000,
       .last_seal = kNow - 172800,
       .last_open = kNow - 259200,
       .latest_end = static_cast<std::uint64_t>(kNow) - 1,
       .since = kNow - 80000},
      {.algorithm = "nginx-legacy", .kid = "", .latest_end = KeyCounts::kNeverEnds},
      {.algorithm = "XAES-256-GCM", .kid = "uncounted", .in_ring = true},
      {.algorithm = "others", .sealed = 5},
  };
  report.rings = {{"/etc/nginx/session.keys", 2, "abcdefgh", kNow - 86400, kNow - 90000},
                  {"/a\n<b>/\"\\", 1, "", 0},
                  {"\xff", 1, "", 0}};
  report.lists = {{"/var/lib/sealring/revoked", 7, 3, 1, kNow - 9, kNow - 2, 60, false},
                  {"/tmp/old", 1, 0, 0, kNow - 900, kNow - 900, 60, true}};
  return report;
}

std::string golden(const std::string& name) {
  std::ifstream file(std::string(SEALRING_GOLDEN) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// With "VERSION" in place of the version, so that the files are those of each.
std::string written(Format format) {
  std::string text = write(example(), format);
  const std::string_view version = SEALRING_VERSION;
  return text.replace(text.find(version), version.size(), "VERSION");
}

class GoldenTest : public ::testing::TestWithParam<std::pair<Format, const char*>> {};

// What is different is written to a file, for a comparison.
TEST_P(GoldenTest, IsWritten) {
  const auto& [format, name] = GetParam();
  const std::string text = written(format);
  if (text != golden(name)) std::ofstream(::testing::TempDir() + "written." + name) << text;
  EXPECT_EQ(text, golden(name)) << "compare " << ::testing::TempDir() << "written." << name
                                << " with tests/status/golden";
}

INSTANTIATE_TEST_SUITE_P(Formats, GoldenTest,
                         ::testing::Values(std::pair{Format::prometheus, "report.prom"},
                                           std::pair{Format::openmetrics, "report.openmetrics"},
                                           std::pair{Format::json, "report.json"},
                                           std::pair{Format::page, "report.html"}));

TEST(Report, IsValidJson) {
  const auto json = nlohmann::json::parse(write(example(), Format::json));
  EXPECT_EQ(json["keys"][1]["kid"], "a \"quoted\" <kid> \\");
  EXPECT_EQ(json["keyrings"][1]["keyring"], "/a\n<b>/\"\\");
  EXPECT_EQ(json["counters"]["sealring_tokens_opened_total"].size(), kCounters[0].size());
}

TEST(Report, ChoosesTheFormat) {
  const auto is = [](std::string_view path, std::string_view accept, Format format) {
    EXPECT_EQ(format_for(path, accept), format) << path << " " << accept;
  };
  is("/status", "", Format::prometheus);
  is("/status", "*/*", Format::prometheus);
  is("/status", "text/plain", Format::prometheus);
  is("/status", "application/json", Format::json);
  is("/status", "application/openmetrics-text;version=1.0.0;q=0.5,text/plain", Format::openmetrics);
  is("/status", "text/html,application/xhtml+xml", Format::page);
  is("/status.json", "text/html", Format::json);
  is("/status.prom", "application/openmetrics-text", Format::prometheus);
}

TEST(Report, SaysWhichKeysCanGo) {
  Report report;
  report.now = kNow;
  const auto now = static_cast<std::uint64_t>(kNow);
  EXPECT_EQ(report.removal_of({.primary = true}), Removal::needed);
  EXPECT_EQ(report.removal_of({.pending = true}), Removal::needed);
  EXPECT_EQ(report.removal_of({.latest_end = now + 1}), Removal::needed);
  EXPECT_EQ(report.removal_of({.latest_end = KeyCounts::kNeverEnds}), Removal::needed);
  EXPECT_EQ(report.removal_of({.latest_end = now, .since = 1}), Removal::possible);
  EXPECT_EQ(report.removal_of({.since = 1}), Removal::possible);
  EXPECT_EQ(report.removal_of({}), Removal::unknown);
  EXPECT_EQ(report.removal_of({.open_until = kNow, .latest_end = now + 1}), Removal::closed);
  EXPECT_EQ(report.removal_of({.open_until = kNow + 1}), Removal::unknown);
}

TEST(Report, GathersKeysAndRings) {
  std::vector<std::uint64_t> memory(Counters::size() / 8);
  Counters& counters = *Counters::attach(
      {reinterpret_cast<std::uint8_t*>(memory.data()), Counters::size()}, kNow - 10);
  counters.counts_of(xaes_key(), kNow).count_sealed(kNow, 0);
  counters.counts_of(xaes_key(7), kNow);  // of no ring
  counters.add<Counter::tokens_opened>(4, 1);
  counters.add<Counter::tokens_opened>(4, 2);

  Report report = Report::of(counters, kNow);
  const auto ring = LiveKeyring::make({opening_until(legacy_key(), kNow + 5), xaes_key(),
                                       sealing_from(a256gcm_key(), kNow + 60)})
                        .value();
  report.add(*ring);
  report.add(*ring);
  EXPECT_EQ(report.since, kNow - 10);
  EXPECT_EQ(report.value(Counter::tokens_opened, 4, 1), 1U);
  EXPECT_EQ(report.over_time[4].total, 2U);
  EXPECT_EQ(report.over_time[4].recent, (Recent{2, 2, 2}));
  EXPECT_EQ(report.over_time[4].course[46], 2U) << "counted before the half hour that begins now";
  ASSERT_EQ(report.keys.size(), 4U);
  EXPECT_EQ(report.keys[0].kid, xaes_key().kid);
  EXPECT_EQ(report.keys[0].sealed, 1U);
  EXPECT_TRUE(report.keys[0].in_ring && report.keys[0].primary);
  EXPECT_EQ(report.keys[0].since, kNow);
  EXPECT_FALSE(report.keys[1].in_ring);
  EXPECT_EQ(report.keys[2].since, 0) << "no process has used it";
  EXPECT_EQ(report.keys[2].algorithm, "nginx-legacy");
  EXPECT_EQ(report.keys[2].open_until, kNow + 5);
  EXPECT_TRUE(report.keys[3].pending);
  ASSERT_EQ(report.rings.size(), 1U);
  EXPECT_EQ(report.rings[0].path, "configuration");
  EXPECT_EQ(report.rings[0].written_at, 0);
  EXPECT_EQ(report.rings[0].keys, 3U);
  EXPECT_EQ(report.rings[0].primary, xaes_key().kid);
}

}  // namespace
}  // namespace sealring::status
