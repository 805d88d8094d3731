// SPDX-License-Identifier: Apache-2.0
// Nothing of a fleet's ring is in the memory that the agent frees, and nothing stays in it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/kept_ring.h"
#include "base/base64url.h"
#include "base/descriptor.h"
#include "support/freed_memory.h"
#include "support/sealers.h"
#include "support/temporary_folder.h"

namespace sealring::agent {
namespace {

// Without a stream, whose buffer would keep it.
void write_secret(const std::string& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  ASSERT_EQ(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(FreedRings, HoldNothing) {
  const TemporaryFolder folder;
  const std::string path = folder / "session.keys";
  const Key first = xaes_key(1), second = xaes_key(2);
  const std::vector<std::string> traces = {
      std::string(as_text(first.secret)), base64url::encode(first.secret),
      std::string(as_text(second.secret)), base64url::encode(second.secret)};
  const auto fleet = sealer_of({xaes_key(99)});
  const std::string token = [&] {
    const SecretString text(ring_text({first}));
    return seal_ring(*fleet, kNow, "session.keys", 1, text).value();
  }();
  const SecretString changed(ring_text({second}));
  const FreedMemory freed(traces);
  {
    const auto ring = KeptRing::open(*fleet, path, kNow).value();
    ASSERT_TRUE(ring->take(token, kNow));
    write_secret(path, changed);
    const auto next = ring->next(kNow).value();
    ASSERT_TRUE(ring->published(next, kNow));
    write_secret(path, "torn");
    ring->look(kNow + 1);
    EXPECT_EQ(ring->problem(), "");
  }
  EXPECT_EQ(freed.count(), 0U);
  {
    const std::string seen(traces[1]);
  }
  EXPECT_EQ(freed.count(), 1U) << "it would be seen";
}

}  // namespace
}  // namespace sealring::agent
