// SPDX-License-Identifier: Apache-2.0
// Sessions that mod_session keeps: it has the fields and the idle end, and gets the rest here.
#include <gtest/gtest.h>

#include <string>

#include "session/session.h"
#include "support/sealers.h"

namespace sealring::session {
namespace {

constexpr std::int64_t kHour = 3600;

std::string micro(std::int64_t seconds) {
  return std::to_string(seconds) + "000000";
}

class ModSession : public ::testing::Test {
 protected:
  // Opens a token, as one request of a browser does.
  Session& open(std::int64_t now, std::string_view token) {
    session = Session();
    opened.assign(sealer->opened_size(token.size()), 0);
    EXPECT_TRUE(session.open_token(terms, *sealer, now, true, token, opened));
    return session;
  }

  // mod_session saves this text. The token, or "": there is nothing to seal.
  std::string save(std::int64_t now, std::string text) {
    given = std::move(text);
    const MutableBytes bytes{reinterpret_cast<std::uint8_t*>(given.data()), given.size()};
    EXPECT_TRUE(session.replace(terms, bytes, &ignored));
    const auto prepared = session.prepare(terms, *sealer, now);
    EXPECT_TRUE(prepared);
    change = *prepared;
    if (change == Change::none) return {};
    sealed.assign(session.seal_size(*sealer), 0);
    const auto token = session.seal_token(terms, *sealer, now, sealed);
    EXPECT_TRUE(token);
    return std::string(*token);
  }

  // A new session of this text.
  std::string begin(std::int64_t now, std::string text) {
    session = Session();
    return save(now, std::move(text));
  }

  std::string text() const {
    std::string all(session.fields().text_size(), '\0');
    session.fields().write(all.data());
    return all;
  }

  std::string field(std::string_view name) const {
    return std::string(session.fields().value(name));
  }

  std::int64_t end() const { return session.times().expires_at; }

  std::unique_ptr<Sealer> sealer = sealer_of({xaes_key()});
  Terms terms{as_bytes("members"), "user", {.lifetime = 12 * kHour}, true};
  Session session;
  std::vector<std::uint8_t> opened, sealed;
  std::string given;
  bool ignored = false;
  Change change = Change::none;
};

TEST_F(ModSession, GetsASidAndAnAuthTime) {
  const std::string token = begin(kNow, "user=alice");
  EXPECT_EQ(change, Change::started);
  EXPECT_EQ(end(), kNow + 12 * kHour);
  open(kNow + 1, token);
  EXPECT_EQ(text(), "user=alice&sid=" + field("sid") + "&auth_time=" + std::to_string(kNow));
  EXPECT_EQ(field("sid").size(), kSidSize);
}

TEST_F(ModSession, KeepsThemAsLongAsTheSubjectIsTheSame) {
  open(kNow + 10, begin(kNow, "user=alice"));
  const std::string sid = field("sid"), before = text();
  open(kNow + 20, save(kNow + 10, before + "&role=admin"));
  EXPECT_EQ(change, Change::changed);
  EXPECT_EQ(end(), kNow + 12 * kHour);
  const std::string changed = text();
  open(kNow + 30, save(kNow + 20, changed));
  EXPECT_EQ(change, Change::renewed);
  EXPECT_EQ(text(), changed);
  EXPECT_EQ(field("sid"), sid);
  EXPECT_EQ(field("auth_time"), std::to_string(kNow));
}

TEST_F(ModSession, OfAnotherSubjectIsANewOne) {
  for (const std::string_view next : {"user=bob&cart=7", "cart=7"}) {
    open(kNow + 10, begin(kNow, "user=alice&cart=7"));
    const std::string sid = field("sid");
    open(kNow + 20, save(kNow + 10, std::string(next)));
    EXPECT_EQ(change, Change::started) << next;
    EXPECT_NE(field("sid"), sid);
    EXPECT_EQ(field("auth_time"), std::to_string(kNow + 10));
    EXPECT_EQ(end(), kNow + 10 + 12 * kHour);
  }
}

TEST_F(ModSession, FromBeforeSignInGetsANewSid) {
  open(kNow + 10, begin(kNow, "cart=7"));
  const std::string sid = field("sid");
  open(kNow + 20, save(kNow + 10, text() + "&user=alice"));
  EXPECT_EQ(change, Change::started);
  EXPECT_NE(field("sid"), sid);
  EXPECT_EQ(field("auth_time"), std::to_string(kNow + 10));
  EXPECT_EQ(field("cart"), "7");
}

TEST_F(ModSession, HasTheSubjectThatIsConfigured) {
  terms.subject = "members-user";
  open(kNow + 10, begin(kNow, "members-user=alice&user=1"));
  const std::string sid = field("sid");
  open(kNow + 20, save(kNow + 10, "members-user=alice&user=2"));
  EXPECT_EQ(field("sid"), sid);
  open(kNow + 30, save(kNow + 20, "members-user=bob&user=2"));
  EXPECT_NE(field("sid"), sid);
}

TEST_F(ModSession, IgnoresReservedFieldsOfTheApplication) {
  open(kNow + 10, begin(kNow, "user=alice"));
  const std::string before = text();
  save(kNow + 10, before);
  EXPECT_FALSE(ignored);
  for (const std::string_view forged :
       {"sid=AAAAAAAAAAAAAAAAAAAAAA", "SID=x", "auth_time=9999999999", "bound=x", "prior=x"}) {
    open(kNow + 10, begin(kNow, "user=alice"));
    const std::string own = text();
    open(kNow + 20, save(kNow + 10, "user=alice&" + std::string(forged)));
    EXPECT_TRUE(ignored) << forged;
    EXPECT_EQ(text(), own);
  }
  open(kNow + 10, begin(kNow, "user=alice&auth_time=9999999999"));
  EXPECT_EQ(field("auth_time"), std::to_string(kNow));
}

TEST_F(ModSession, WithoutFieldsOfItsOwnIsNone) {
  EXPECT_EQ(begin(kNow, ""), "");
  EXPECT_EQ(begin(kNow, "expiry=" + micro(kNow + kHour)), "");
  open(kNow + 10, begin(kNow, "user=alice"));
  EXPECT_EQ(save(kNow + 10, "sid=" + field("sid") + "&expiry=" + micro(kNow + kHour)), "");
}

TEST_F(ModSession, EndsAtItsOwnEndOrAtTheAbsoluteOne) {
  const std::string token = begin(kNow, "user=alice&expiry=" + micro(kNow + kHour));
  EXPECT_EQ(end(), kNow + kHour);
  open(kNow + kHour - 1, token);
  EXPECT_EQ(session.state(), State::good);
  open(kNow + kHour, token);
  EXPECT_EQ(session.state(), State::idle_end);
  EXPECT_EQ(session.times().issued_at, kNow);

  begin(kNow, "user=alice&expiry=" + std::to_string(kNow + 9) + "000001");
  EXPECT_EQ(end(), kNow + 10) << "the token does not end before the session";
  begin(kNow, "user=alice&expiry=" + micro(kNow + 13 * kHour));
  EXPECT_EQ(end(), kNow + 12 * kHour);
}

TEST_F(ModSession, MeetsTheAbsoluteEndOfNow) {
  terms.ends.lifetime = 0;
  const std::string token = begin(kNow, "user=alice");
  EXPECT_EQ(end(), 0);
  terms.ends.lifetime = kHour;
  open(kNow + kHour - 1, token);
  EXPECT_EQ(session.state(), State::good);
  open(kNow + kHour, token);
  EXPECT_EQ(session.state(), State::absolute_end);
  EXPECT_EQ(session.times().auth_time, kNow);
  EXPECT_EQ(text(), "");
  save(kNow + kHour, "user=alice");
  EXPECT_EQ(change, Change::started);
}

TEST_F(ModSession, OfNoAuthTimeCountsFromItsToken) {
  std::vector<std::uint8_t> token(sealer->sealed_size(10));
  const auto made = sealer->seal(kNow, 0, terms.context, as_bytes("user=alice"), token);
  ASSERT_TRUE(made);
  const std::string old(as_text(Bytes(token).first(made->size)));
  open(kNow + 12 * kHour, old);
  EXPECT_EQ(session.state(), State::absolute_end);
  open(kNow + 10, old);
  open(kNow + 20, save(kNow + 10, "user=alice"));
  EXPECT_EQ(change, Change::renewed);
  EXPECT_EQ(field("auth_time"), std::to_string(kNow));
  EXPECT_EQ(field("sid").size(), kSidSize);
}

TEST_F(ModSession, OfAnOldFormatCountsFromNow) {
  sealer = sealer_of({apache_key()});
  const std::string token = begin(kNow, "user=alice&expiry=" + micro(kNow + kHour));
  open(kNow + 10, token);
  EXPECT_EQ(session.state(), State::good);
  EXPECT_EQ(field("auth_time"), std::to_string(kNow));
  std::vector<std::uint8_t> plain(sealer->sealed_size(10));
  const auto made = sealer->seal(kNow, 0, terms.context, as_bytes("user=alice"), plain);
  ASSERT_TRUE(made);
  open(kNow + 99 * kHour, as_text(Bytes(plain).first(made->size)));
  EXPECT_EQ(session.state(), State::good);
  EXPECT_EQ(session.times().auth_time, kNow + 99 * kHour);
}

TEST_F(ModSession, ThatIsNewDoesNotHaveTheEndOfTheLastOne) {
  const std::string old = "&expiry=" + micro(kNow + kHour);
  open(kNow + 10, begin(kNow, "user=alice" + old));
  EXPECT_EQ(save(kNow + 10, "user=alice" + old).empty(), false);
  EXPECT_EQ(end(), kNow + kHour);
  open(kNow + 10, begin(kNow, "user=alice" + old));
  save(kNow + 10, "user=bob" + old);
  EXPECT_EQ(end(), kNow + 10 + 12 * kHour);
  open(kNow + 10, begin(kNow, "user=alice" + old));
  save(kNow + 10, "user=bob&expiry=" + micro(kNow + 2 * kHour));
  EXPECT_EQ(end(), kNow + 2 * kHour);
}

// mod_session has the end of a token whose text has none.
TEST_F(ModSession, ThatIsNewDoesNotHaveTheEndOfTheLastToken) {
  open(kNow + 10, begin(kNow, "user=alice"));
  save(kNow + 10, "user=bob&expiry=" + micro(kNow + 12 * kHour));
  EXPECT_EQ(end(), kNow + 10 + 12 * kHour);
}

TEST_F(ModSession, ThatEndsWhileItIsAnsweredIsSealedForASecond) {
  open(kNow + 10, begin(kNow, "user=alice"));
  save(kNow + 12 * kHour, "user=alice&a=b");
  EXPECT_EQ(end(), kNow + 12 * kHour + 1);
  open(kNow + 10, begin(kNow, "user=alice"));
  save(kNow + 12 * kHour + 5, "user=alice&a=b");
  EXPECT_EQ(end(), kNow + 12 * kHour + 6);
}

TEST_F(ModSession, WithAnEndInThousandsOfYearsHasATokenWithoutOne) {
  terms.ends.lifetime = 0;
  begin(kNow, "user=alice&expiry=9223372036854775807");
  EXPECT_EQ(end(), 0);
}

TEST_F(ModSession, IsRefusedForTheReasonsOfTokens) {
  const std::string token = begin(kNow, "user=alice");
  terms.context = as_bytes("others");
  EXPECT_EQ(open(kNow, token).reason(), Error::authentication_failed);
  EXPECT_EQ(session.state(), State::refused);
  EXPECT_EQ(open(kNow, "nonsense").reason(), Error::malformed);
  EXPECT_NE(save(kNow, "user=alice"), "");
  EXPECT_EQ(change, Change::started);
}

TEST_F(ModSession, LargerThanATextIsNotSealed) {
  given = "a=" + std::string(65000, 'x');
  const MutableBytes bytes{reinterpret_cast<std::uint8_t*>(given.data()), given.size()};
  ASSERT_TRUE(session.replace(terms, bytes, &ignored));
  std::string more(600, 'y');
  ASSERT_TRUE(session.set("b", more));
  ASSERT_EQ(session.prepare(terms, *sealer, kNow), Change::started);
  sealed.assign(session.seal_size(*sealer), 0);
  const auto token = session.seal_token(terms, *sealer, kNow, sealed);
  EXPECT_EQ(token.error(), Error::invalid_argument);
  EXPECT_NE(std::string_view(session.detail()).find("65536"), std::string_view::npos);
}

}  // namespace
}  // namespace sealring::session
