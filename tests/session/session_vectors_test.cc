// SPDX-License-Identifier: Apache-2.0
// The cases of spec/vectors from Cookie headers to fields and ends.
#include <gtest/gtest.h>

#include "session/session.h"
#include "support/hex.h"
#include "support/sealers.h"
#include "support/vectors.h"

namespace sealring::session {
namespace {

std::string result_of(const Session& session) {
  switch (session.state()) {
    case State::none:
      return "none";
    case State::good:
    case State::due:
      return "ok";
    case State::idle_end:
    case State::absolute_end:
    case State::refused:
      break;
  }
  return std::string(error_name(session.reason()));
}

std::string end_of(const Session& session) {
  if (session.state() == State::idle_end) return "idle";
  return session.state() == State::absolute_end ? "absolute" : "";
}

class SessionVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(SessionVectors, Open) {
  const auto vector = read_vector(GetParam());
  const auto sealer =
      sealer_of(parse_jwk_set(tested_driver(), vector.at("keyring").dump()).value());
  const std::string cookie = vector.at("cookie"), context = vector.at("context");
  const std::string subject = vector.at("subject_field"), expected = vector.at("expect");
  ProfileOptions options;
  options.cookie = cookie;
  options.context = context;
  options.subject = subject;
  options.parts = vector.at("parts");
  options.ends = {.idle = vector.at("idle"), .lifetime = vector.at("lifetime")};
  const Profile profile = Profile::make(options).value();

  const auto headers = vector.at("headers").get<std::vector<std::string>>();
  Candidates candidates(profile.name(), profile.parts());
  for (const std::string& header : headers) {
    std::string rest(header.size(), '\0');
    candidates.read(header, rest.data());
  }
  std::vector<std::uint8_t> buffer(Session::open_size(*sealer, candidates));
  Session session;
  ASSERT_TRUE(session.open(profile, *sealer, vector.at("now"), true, candidates, buffer));

  EXPECT_EQ(result_of(session), expected);
  EXPECT_EQ(end_of(session), vector.value("end", ""));
  if (vector.contains("kid")) {
    EXPECT_EQ(session.kid(), vector.at("kid").get<std::string>());
  }
  if (vector.contains("issued_at")) {
    EXPECT_EQ(session.times().issued_at, vector.at("issued_at"));
    EXPECT_EQ(session.times().expires_at, vector.at("expires_at"));
  }
  if (expected != "ok") return;

  auto fields = nlohmann::json::array();
  for (const Field& field : session.fields().all()) {
    if (is_reserved(field.name)) continue;
    fields.push_back(
        {{"name_hex", to_hex(as_bytes(field.name))}, {"value_hex", to_hex(as_bytes(field.value))}});
  }
  EXPECT_EQ(fields, vector.at("fields"));
  EXPECT_EQ(to_hex(as_bytes(session.fields().value(subject))),
            vector.at("subject_hex").get<std::string>());
  EXPECT_EQ(session.times().auth_time, vector.at("auth_time"));
  const std::string sid = vector.at("sid");
  std::array<char, kIdHashSize> hash;
  EXPECT_EQ(session.id_hash(*sealer, hash)->empty(), sid.empty());
  if (!sid.empty()) {
    EXPECT_EQ(session.fields().value("sid"), sid);
  }
}

INSTANTIATE_TEST_SUITE_P(Spec, SessionVectors, ::testing::ValuesIn(vector_names({"session_open_"})),
                         vector_test_name);

}  // namespace
}  // namespace sealring::session
