// SPDX-License-Identifier: Apache-2.0
// The cases of spec/vectors: revocation lists, look-ups in them, and what a writer makes of them.
#include "support/vectors.h"

#include "support/revocations.h"

namespace sealring::revocation {
namespace {

std::string text(const nlohmann::json& object, const char* member) {
  const auto bytes = from_hex(object.at(member).get<std::string>());
  return {bytes.begin(), bytes.end()};
}

Explained<std::shared_ptr<const List>> list_of(const nlohmann::json& vector) {
  return parse(from_hex(vector.at("file_hex").get<std::string>()));
}

class RevocationVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(RevocationVectors, List) {
  const auto vector = read_vector(GetParam());
  const auto list = list_of(vector);
  ASSERT_EQ(list ? "ok" : error_name(list.error().error), vector.at("expect").get<std::string>());
  if (!list) return;
  const Header& header = (*list)->header();
  EXPECT_EQ(to_hex(header.salt), vector.at("salt_hex").get<std::string>());
  EXPECT_EQ(header.generation, vector.at("generation"));
  EXPECT_EQ(header.written_at, vector.at("written_at"));
  EXPECT_EQ(header.max_staleness, vector.at("max_staleness"));
  EXPECT_EQ((*list)->size(), vector.at("entries"));
  std::vector<std::string> names;
  for (const std::string_view name : (*list)->names()) names.push_back(to_hex(as_bytes(name)));
  EXPECT_EQ(names, vector.at("names_hex").get<std::vector<std::string>>());
  for (const auto& lookup : vector.at("lookups")) {
    const auto hash =
        hash_of(tested_driver(), header.salt, text(lookup, "name_hex"), text(lookup, "value_hex"));
    ASSERT_TRUE(hash);
    EXPECT_EQ(to_hex(*hash), lookup.at("hash_hex").get<std::string>());
    const auto found = (*list)->find(*hash);
    ASSERT_EQ(found.has_value(), lookup.at("revoked_at").is_number()) << lookup;
    if (found) {
      EXPECT_EQ(found->revoked_at, lookup.at("revoked_at"));
    }
  }
}

class RevocationChanges : public ::testing::TestWithParam<std::string> {};

TEST_P(RevocationChanges, Write) {
  const auto vector = read_vector(GetParam());
  Draft draft = Draft::after(list_of(vector).value());
  for (const auto& added : vector.at("revoke")) {
    ASSERT_TRUE(draft.add(tested_driver(), text(added, "name_hex"), text(added, "value_hex"),
                          added.at("revoked_at"), added.at("until")));
  }
  const auto written = std::move(draft).write(tested_driver(), vector.at("now"));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(to_hex(written->bytes), vector.at("written_hex").get<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Vectors, RevocationVectors,
                         ::testing::ValuesIn(vector_names({"revocation_list_"})), vector_test_name);
INSTANTIATE_TEST_SUITE_P(Vectors, RevocationChanges,
                         ::testing::ValuesIn(vector_names({"revocation_change_"})),
                         vector_test_name);

}  // namespace
}  // namespace sealring::revocation
