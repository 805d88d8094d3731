// SPDX-License-Identifier: Apache-2.0
// The key ring file: any text is refused in a sentence or makes a ring, which is written and read
// back as it was, and which rotating and pruning leave readable.
#include <algorithm>

#include "check.h"
#include "keys/jwk_set.h"
#include "keys/rotation.h"
#include "support/keys.h"

namespace sealring::fuzz {
namespace {

bool equal(const Key& a, const Key& b) {
  return a.algorithm == b.algorithm && a.kid == b.kid && a.secret == b.secret && a.iv == b.iv &&
         a.seal_from == b.seal_from && a.open_until == b.open_until && a.may_seal == b.may_seal;
}

// It goes to logs and terminals.
void check_message(const Problem& problem) {
  check(!problem.message.empty(), "a refusal says why");
  check(problem.message.size() < 400, "a refusal is a sentence");
  check(std::ranges::all_of(problem.message, [](char c) { return c >= ' ' && c <= '~'; }),
        "a refusal is printable");
}

void check_round_trip(const std::vector<Key>& keys, std::span<const ForeignJwk> foreign = {}) {
  std::vector<ForeignJwk> foreign_again;
  const SecretString text = format_jwk_set(keys, foreign);
  if (text.size() > kMaxKeyringFileSize) return;
  const auto again = parse_jwk_set(tested_driver(), text, &foreign_again);
  check(again && std::ranges::equal(*again, keys, equal), "what is written reads the same");
  check(std::ranges::equal(foreign_again, foreign, {}, &ForeignJwk::text, &ForeignJwk::text),
        "foreign keys are kept byte for byte");
}

void check_lookups(const Keyring& ring) {
  for (const std::int64_t now : {std::int64_t{0}, kNow, kLatestTime}) {
    const Key* primary = ring.primary(now);
    check(primary == nullptr || primary->seals_at(now), "the primary key may seal");
    const auto seals = [&](const Key& key) { return key.seals_at(now); };
    check((primary != nullptr) == std::ranges::any_of(ring.keys(), seals), "a key that may, does");
  }
  for (const Key& key : ring.keys()) {
    const auto found = ring.candidates(row(key.algorithm).format, key.kid);
    check(std::ranges::count(found, &key) == 1, "a key is found by its kid");
  }
}

void check_changes(std::vector<Key> keys) {
  if (rotate(tested_driver(), keys, {kNow, 3600, 86400})) {
    check_round_trip(keys);
    const auto ring = Keyring::make(keys);
    if (keys.size() <= kMaxKeys) {
      check(ring && (*ring)->primary(kNow + 3600) != nullptr, "a rotated ring seals");
    }
  }
  if (prune(keys, kNow)) {
    check(Keyring::make(keys).has_value() || keys.size() > kMaxKeys, "a pruned ring is a ring");
  }
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealring;
  std::vector<ForeignJwk> foreign;
  const auto keys = parse_jwk_set(tested_driver(), as_text({data, size}), &foreign);
  if (!keys) {
    fuzz::check_message(keys.error());
    return 0;
  }
  fuzz::check_round_trip(*keys, foreign);
  const auto ring = Keyring::make(*keys);
  if (!ring) {
    fuzz::check_message(ring.error());
    return 0;
  }
  fuzz::check_lookups(**ring);
  fuzz::check_changes(*keys);
  return 0;
}
