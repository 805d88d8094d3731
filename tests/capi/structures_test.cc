// SPDX-License-Identifier: Apache-2.0
// A structure that has grown, between programs and libraries of different versions.
#include "capi/structures.h"

#include <gtest/gtest.h>

#include <vector>

namespace sealring::capi {
namespace {

// As of a first version of a header, and of a second.
struct First {
  std::size_t size;
  std::uint64_t a;
};
struct Second {
  std::size_t size;
  std::uint64_t a;
  std::uint64_t b;
};

}  // namespace

template <>
inline constexpr std::size_t kFirstSize<Second> = sizeof(First);

namespace {

// Enough room for either, filled with what must not be read or must be left alone.
template <class Struct>
union Room {
  Room() { std::memset(bytes, 0xa5, sizeof bytes); }
  Struct structure;
  std::uint8_t bytes[sizeof(Second) + 8];
};

TEST(Structures, OfAnOlderProgramReadAsZeroWhereTheyEnd) {
  Room<Second> room;
  room.structure.size = sizeof(First);
  room.structure.a = 1;
  const auto read = read_structure(&room.structure);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->a, 1U);
  EXPECT_EQ(read->b, 0U);
  EXPECT_EQ(read->size, sizeof(Second));
}

TEST(Structures, OfAnOlderProgramAreNotWrittenPastTheirEnd) {
  Room<Second> room;
  room.structure.size = sizeof(First);
  write_structure(Second{sizeof(Second), 1, 2}, &room.structure);
  EXPECT_EQ(room.structure.a, 1U);
  EXPECT_EQ(room.structure.size, sizeof(First));
  for (std::size_t i = sizeof(First); i < sizeof room.bytes; ++i) EXPECT_EQ(room.bytes[i], 0xa5);
}

TEST(Structures, OfANewerProgramMayAskForNothingNew) {
  Room<First> room;
  std::memset(room.bytes, 0, sizeof room.bytes);
  room.structure.size = sizeof(Second);
  EXPECT_TRUE(read_structure(&room.structure));
  room.bytes[sizeof(Second) - 1] = 1;
  EXPECT_FALSE(read_structure(&room.structure));
}

TEST(Structures, OfANewerProgramGetZerosForWhatIsNew) {
  Room<First> room;
  room.structure.size = sizeof(Second);
  write_structure(First{sizeof(First), 1}, &room.structure);
  EXPECT_EQ(room.structure.a, 1U);
  EXPECT_EQ(room.structure.size, sizeof(Second));
  for (std::size_t i = sizeof(First); i < sizeof(Second); ++i) EXPECT_EQ(room.bytes[i], 0);
  EXPECT_EQ(room.bytes[sizeof(Second)], 0xa5);
}

TEST(Structures, WithoutASizeAreRefused) {
  std::vector<std::uint8_t> bytes(2 * kMaxSize);
  Second& second = *reinterpret_cast<Second*>(bytes.data());
  for (const std::size_t size : {std::size_t{0}, sizeof(First) - 1, kMaxSize + 1, SIZE_MAX}) {
    second.size = size;
    EXPECT_FALSE(has_size(&second)) << size;
    EXPECT_FALSE(read_structure(&second)) << size;
  }
  EXPECT_FALSE(has_size<Second>(nullptr));
}

TEST(Structures, InArraysHaveTheSizeOfTheFirst) {
  Second newer[3] = {};
  newer[0].size = sizeof(Second);
  EXPECT_EQ(static_cast<void*>(element(reinterpret_cast<First*>(newer), 2)), &newer[2]);
}

}  // namespace
}  // namespace sealring::capi
