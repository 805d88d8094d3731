// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "session/session.h"
#include "support/browser.h"

namespace sealring::session {
namespace {

MutableBytes writable(std::string& text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

class ChangedSessions : public ::testing::Test {
 protected:
  std::unique_ptr<Sealer> sealer = sealer_of({xaes_key()});
  Browser browser{*sealer};
};

TEST_F(ChangedSessions, OfAnotherSubjectAreNewOnes) {
  browser.sign_in(kNow, "alice");
  browser.ask(kNow + 10);
  const std::string sid = browser.field("sid");
  EXPECT_EQ(browser.sign_in(kNow + 10, "bob"), Change::started);
  browser.ask(kNow + 20);
  EXPECT_NE(browser.field("sid"), sid);
  EXPECT_EQ(browser.field("auth_time"), std::to_string(kNow + 10));
}

TEST_F(ChangedSessions, FromBeforeSignInGetANewSid) {
  ASSERT_TRUE(browser.ask(kNow).set("cart", "7"));
  EXPECT_EQ(browser.answer(), Change::started);
  browser.ask(kNow + 1);
  const std::string sid = browser.field("sid");
  EXPECT_EQ(browser.sign_in(kNow + 1, "alice"), Change::started);
  browser.ask(kNow + 2);
  EXPECT_NE(browser.field("sid"), sid);
  EXPECT_EQ(browser.field("cart"), "7");
}

TEST_F(ChangedSessions, OfTheSameSubjectGoOn) {
  browser.sign_in(kNow, "alice");
  browser.ask(kNow + 10);
  const std::string sid = browser.field("sid");
  EXPECT_EQ(browser.sign_in(kNow + 10, "alice"), Change::none);
  ASSERT_TRUE(browser.ask(kNow + 20).set("role", "admin"));
  EXPECT_EQ(browser.answer(), Change::changed);
  browser.ask(kNow + 30);
  EXPECT_EQ(browser.field("sid"), sid);
  EXPECT_EQ(browser.field("auth_time"), std::to_string(kNow));
}

TEST_F(ChangedSessions, End) {
  browser.sign_in(kNow, "alice");
  browser.ask(kNow + 10).end();
  EXPECT_EQ(browser.answer(), Change::ended);
  EXPECT_EQ(browser.lines,
            (std::vector<std::string>{"s=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
                                      "s-1=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"}));
}

TEST_F(ChangedSessions, ThatEndAndBeginInOneRequestAreNewOnes) {
  browser.sign_in(kNow, "alice");
  Session& session = browser.ask(kNow + 10);
  const std::string sid = browser.field("sid");
  session.end();
  ASSERT_TRUE(session.set("user", "alice"));
  EXPECT_EQ(browser.answer(), Change::started);
  browser.ask(kNow + 10);
  EXPECT_NE(browser.field("sid"), sid);
}

TEST_F(ChangedSessions, AreReplacedByATextOfTheApplication) {
  browser.sign_in(kNow, "alice");
  Session& session = browser.ask(kNow + 10);
  const std::string sid = browser.field("sid");
  bool ignored = true;
  std::string text("user=alice&role=a+b");
  ASSERT_TRUE(session.replace(browser.profile().terms(), writable(text), &ignored));
  EXPECT_FALSE(ignored);
  EXPECT_EQ(browser.answer(), Change::changed);
  browser.ask(kNow + 20);
  EXPECT_EQ(browser.field("role"), "a b");
  EXPECT_EQ(browser.field("sid"), sid);
}

TEST_F(ChangedSessions, AreWhatTheyWereIfTheApplicationAnswersTheirText) {
  browser.sign_in(kNow, "alice");
  Session& session = browser.ask(kNow + 10);
  std::string text(session.fields().text_size(), '\0');
  session.fields().write(text.data());
  bool ignored = true;
  ASSERT_TRUE(session.replace(browser.profile().terms(), writable(text), &ignored));
  EXPECT_FALSE(ignored);
  EXPECT_EQ(browser.answer(), Change::none);
}

TEST_F(ChangedSessions, DoNotTakeReservedFieldsFromApplications) {
  browser.sign_in(kNow, "alice");
  Session& session = browser.ask(kNow + 10);
  const std::string sid = browser.field("sid");
  bool ignored = false;
  std::string text(
      "user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time=2000000000&bound=x&prior=y&expiry=1&a=b");
  ASSERT_TRUE(session.replace(browser.profile().terms(), writable(text), &ignored));
  EXPECT_TRUE(ignored);
  EXPECT_EQ(browser.answer(), Change::changed);
  browser.ask(kNow + 20);
  EXPECT_EQ(browser.field("sid"), sid);
  EXPECT_EQ(browser.field("auth_time"), std::to_string(kNow));
  for (const char* name : {"bound", "prior", "expiry"}) EXPECT_EQ(browser.field(name), "") << name;
  EXPECT_EQ(session.set("sid", "x").error(), Error::invalid_argument);
  EXPECT_EQ(session.set("Auth_Time", "1").error(), Error::invalid_argument);
}

TEST_F(ChangedSessions, StartWithoutTheReservedFieldsOfApplications) {
  Session& session = browser.ask(kNow);
  bool ignored = false;
  std::string text("user=eve&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time=1");
  ASSERT_TRUE(session.replace(browser.profile().terms(), writable(text), &ignored));
  EXPECT_TRUE(ignored);
  EXPECT_EQ(browser.answer(), Change::started);
  browser.ask(kNow + 1);
  EXPECT_NE(browser.field("sid"), "AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(browser.field("auth_time"), std::to_string(kNow));
}

TEST_F(ChangedSessions, EndByATextWithoutFields) {
  for (const char* text : {"", "&&", "sid=AAAAAAAAAAAAAAAAAAAAAA", "user="}) {
    browser.sign_in(kNow, "alice");
    std::string given(text);
    bool ignored;
    ASSERT_TRUE(browser.ask(kNow + 1).replace(browser.profile().terms(), writable(given), &ignored))
        << text;
    EXPECT_EQ(browser.answer(), Change::ended) << text;
    EXPECT_EQ(browser.ask(kNow + 2).state(), State::none) << text;
  }
}

// A logout counts, whatever is wrong with what the client sent.
TEST_F(ChangedSessions, ThatAreRefusedEndByATextWithoutFields) {
  for (const char* text : {"", "sid=AAAAAAAAAAAAAAAAAAAAAA"}) {
    browser.header = "s=x; ";
    Session& session = browser.ask(kNow);
    ASSERT_EQ(session.state(), State::refused);
    EXPECT_FALSE(session.is_over());
    std::string given(text);
    bool ignored;
    ASSERT_TRUE(session.replace(browser.profile().terms(), writable(given), &ignored)) << text;
    EXPECT_TRUE(session.is_over());
    EXPECT_EQ(browser.answer(), Change::ended) << text;
    EXPECT_EQ(browser.header, "");
  }
}

TEST_F(ChangedSessions, ThatHaveEndedHaveNoFields) {
  browser.sign_in(kNow, "alice");
  Session& session = browser.ask(kNow + 1);
  std::string text("user=");
  bool ignored;
  ASSERT_TRUE(session.replace(browser.profile().terms(), writable(text), &ignored));
  EXPECT_TRUE(session.fields().all().empty()) << "nor a sid";
}

TEST_F(ChangedSessions, HaveNoByteThatNoTextHas) {
  browser.sign_in(kNow, "alice");
  Session& session = browser.ask(kNow + 1);
  EXPECT_EQ(session.set("role", std::string_view("a\0b", 3)).error(), Error::invalid_argument);
  EXPECT_EQ(session.set(std::string_view("a\0b", 3), "role").error(), Error::invalid_argument);
  EXPECT_EQ(browser.answer(), Change::none);
}

TEST_F(ChangedSessions, AreAsTheyWereAfterATextThatIsNone) {
  browser.sign_in(kNow, "alice");
  Session& session = browser.ask(kNow + 1);
  std::string text("user=%zz");
  bool ignored;
  EXPECT_EQ(session.replace(browser.profile().terms(), writable(text), &ignored).error(),
            Error::malformed);
  EXPECT_EQ(browser.field("user"), "alice");
  EXPECT_EQ(browser.answer(), Change::none);
}

TEST_F(ChangedSessions, LeaveNoPartBehind) {
  const std::string large(5000, 'x');
  ASSERT_TRUE(browser.ask(kNow).set("user", "alice"));
  browser.answer();
  ASSERT_TRUE(browser.ask(kNow).set("large", large));
  EXPECT_EQ(browser.answer(), Change::changed);
  EXPECT_EQ(browser.lines.size(), 2U);
  Session& session = browser.ask(kNow + 1);
  EXPECT_EQ(browser.field("large"), large);
  ASSERT_TRUE(session.set("large", ""));
  EXPECT_EQ(browser.answer(), Change::changed);
  ASSERT_EQ(browser.lines.size(), 2U);
  EXPECT_EQ(browser.lines[1], "s-1=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
  EXPECT_EQ(browser.ask(kNow + 2).state(), State::good);
}

TEST_F(ChangedSessions, ThatAreTooLargeAreNotSealed) {
  const std::string large(20000, 'x');
  Session& session = browser.ask(kNow);
  ASSERT_TRUE(session.set("large", large));
  ASSERT_EQ(session.prepare(browser.profile().terms(), *sealer, kNow), Change::started);
  std::vector<std::uint8_t> buffer(session.seal_size(*sealer));
  EXPECT_EQ(session.seal(browser.profile(), *sealer, kNow, buffer).error(),
            Error::invalid_argument);
  EXPECT_NE(session.detail(), nullptr);
  EXPECT_EQ(session.cookie_count(), 0U);
}

TEST_F(ChangedSessions, OfAnotherSubjectLoseAllReservedFields) {
  browser.header = "s=" + seal(*sealer, "user=alice&bound=x&prior=y&expiry=9", "s");
  ASSERT_TRUE(browser.ask(kNow).set("user", "bob"));
  EXPECT_EQ(browser.answer(), Change::started);
  browser.ask(kNow + 1);
  for (const char* name : {"bound", "prior", "expiry"}) EXPECT_EQ(browser.field(name), "") << name;
}

TEST_F(ChangedSessions, DeleteNoMorePartsThanTheyMayUse) {
  browser.sign_in(kNow, "alice");
  browser.header += "s-8=x; ";
  ASSERT_TRUE(browser.ask(kNow + 1).set("role", "admin"));
  EXPECT_EQ(browser.answer(), Change::changed);
  ASSERT_EQ(browser.lines.size(), 2U);
  EXPECT_TRUE(browser.lines[1].starts_with("s-1=;"));
}

}  // namespace
}  // namespace sealring::session
