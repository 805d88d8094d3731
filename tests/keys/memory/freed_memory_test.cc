// SPDX-License-Identifier: Apache-2.0
// Neither a ring's secrets nor anything derived from them is in the memory that it frees.
#include "support/freed_memory.h"

#include <gtest/gtest.h>

#include "base/base64url.h"
#include "keys/keyring_admin.h"
#include "keys/keyring_file.h"
#include "support/keys.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

// A secret's bytes, its text in the file, and the hash that a hash table would store.
std::vector<std::string> traces_of(const Key& key) {
  const std::string_view secret = as_text(key.secret);
  const std::size_t hash = std::hash<std::string_view>()(secret);
  return {std::string(secret), base64url::encode(key.secret),
          std::string(reinterpret_cast<const char*>(&hash), sizeof hash)};
}

std::vector<Key> keys() {
  return {xaes_key(0), a256gcm_key(0x40), legacy_key(0x80), apache_key()};
}

std::vector<std::string> all_traces() {
  std::vector<std::string> traces;
  for (const Key& key : keys()) {
    for (std::string& trace : traces_of(key)) traces.push_back(std::move(trace));
  }
  return traces;
}

TEST(FreedMemory, SeesATextAndAHash) {
  const auto traces = all_traces();
  const FreedMemory freed(traces);
  for (const std::string& trace : traces) {
    const std::size_t before = freed.count();
    {
      const std::vector<char> copy(trace.begin(), trace.end());
    }
    EXPECT_EQ(freed.count(), before + 1);
  }
}

TEST(FreedMemory, HoldsNothingOfARing) {
  const auto traces = all_traces();
  const FreedMemory freed(traces);
  {
    const auto ring = ring_of(keys());
  }
  EXPECT_EQ(freed.count(), 0U);
}

TEST(FreedMemory, HoldsNothingOfARingFile) {
  const TemporaryFolder folder;
  const std::string path = folder / "ring.jwks";
  write_text(path, ring_text(keys()));
  const auto traces = all_traces();
  const FreedMemory freed(traces);
  {
    ASSERT_TRUE(Keyring::make(read_keyring_file(tested_driver(), path).value().keys));
  }
  ASSERT_TRUE(rotate_keyring_file(tested_driver(), path, {kNow, 0, 1}));
  ASSERT_TRUE(prune_keyring_file(tested_driver(), path, kNow + 1));
  EXPECT_EQ(freed.count(), 0U);
}

TEST(FreedMemory, HoldsNothingOfAContext) {
  const Key key = xaes_key();
  const std::span<const std::uint8_t, AesGcm::kKeySize> secret(key.secret);
  const std::string text(as_text(secret));
  const FreedMemory freed({&text, 1});
  for (int made = 0; made < 2; ++made) {
    const auto gcm = tested_driver().aes_256_gcm().value();
    ASSERT_TRUE(gcm->set_key(secret));
  }
  EXPECT_EQ(freed.count(), 0U);
}

}  // namespace
}  // namespace sealring
