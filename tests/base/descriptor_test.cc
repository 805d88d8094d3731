// SPDX-License-Identifier: Apache-2.0
#include "base/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace sealring {
namespace {

int open_null() {
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}
bool is_open(int number) {
  return fcntl(number, F_GETFD) >= 0;
}

TEST(Descriptor, ClosesWhenItGoes) {
  const int number = open_null();
  {
    const Descriptor file(number);
    EXPECT_TRUE(file.is_open());
    EXPECT_EQ(file.get(), number);
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(Descriptor, AFailedOpenIsNotOpen) {
  EXPECT_FALSE(Descriptor(-1).is_open());
}

TEST(Descriptor, ZeroIsAnOpenFile) {
  const int saved = dup(0);
  {
    const Descriptor other(open_null());
    const Descriptor file(dup2(other.get(), 0));
    EXPECT_EQ(file.get(), 0);
    EXPECT_TRUE(file.is_open());
  }
  EXPECT_FALSE(is_open(0));
  dup2(saved, 0);
  close(saved);
}

TEST(Descriptor, MovesWithoutClosing) {
  const int number = open_null();
  Descriptor first(number);
  const Descriptor second(std::move(first));
  EXPECT_EQ(second.get(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(Descriptor, ClosesWhatAnAssignmentReplaces) {
  const int old = open_null();
  const int next = open_null();
  Descriptor file(old);
  file = Descriptor(next);
  EXPECT_EQ(file.get(), next);
  EXPECT_FALSE(is_open(old));
  EXPECT_TRUE(is_open(next));
}

}  // namespace
}  // namespace sealring
