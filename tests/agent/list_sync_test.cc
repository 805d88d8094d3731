// SPDX-License-Identifier: Apache-2.0
#include "agent/fleet/list_sync.h"

#include <gtest/gtest.h>

#include "base/base64url.h"
#include "store_answers.h"

namespace sealring::agent {
namespace {

using namespace std::chrono_literals;

// The store is the test: it sees what is asked, and answers.
class ListSyncTest : public testing::Test {
 protected:
  std::vector<Command> ask(std::chrono::milliseconds pause = 0ms) {
    time_.monotonic += pause;
    return sync_.ask(time_);
  }
  void answer(std::vector<Reply> replies) { sync_.answer(replies, time_); }

  // Has asked to join, and gets this.
  void answer_join(const std::string& salt, std::vector<Reply> last,
                   std::vector<Reply> names = {}) {
    answer({integer(0), array({text(salt), Reply{}}), array(std::move(last)),
            array(std::move(names))});
  }
  void answer_scan(const std::vector<Entry>& members, const std::string& cursor = "0") {
    std::vector<Reply> page;
    for (const Entry& one : members) {
      page.push_back(text(member_of(one)));
      page.push_back(text(std::to_string(one.until)));
    }
    answer({array({text(cursor), array(page)})});
  }
  void join(const std::vector<Entry>& members = {}) {
    sync_.connected();
    ASSERT_EQ(ask().front().front(), "HSETNX");
    answer_join(salt_, {item(kEmptyId)});
    ASSERT_EQ(ask().front().front(), "ZSCAN");
    answer_scan(members);
    ASSERT_TRUE(sync_.has_joined());
  }

  const std::string salt_ = base64url::encode(revocation::Salt{7});
  OwnList list_;
  Time time_{1000ms, kNow};
  ListSync sync_{{"p", "l", {}, {}}, list_};
};

TEST_F(ListSyncTest, WithoutAConnectionItAsksNothing) {
  EXPECT_TRUE(ask().empty());
  join();
  sync_.disconnected();
  EXPECT_TRUE(ask(10s).empty());
  EXPECT_FALSE(sync_.is_in_touch(time_));
}

TEST_F(ListSyncTest, AsksOnceUntilTheAnswer) {
  sync_.connected();
  EXPECT_FALSE(ask().empty());
  EXPECT_TRUE(ask(10s).empty());
}

TEST_F(ListSyncTest, OffersItsSaltOrANewOne) {
  sync_.connected();
  EXPECT_EQ(ask().front(), (Command{"HSETNX", "p:list:l", "salt", salt_}));
  list_.own_salt.reset();
  ListSync other({"p", "l", 60, revocation::Salt{9}}, list_);
  other.connected();
  const auto asked = other.ask(time_);
  EXPECT_EQ(*find(asked, "HSETNX"),
            (Command{"HSETNX", "p:list:l", "salt", base64url::encode(revocation::Salt{9})}));
  EXPECT_EQ(*find(asked, "HSET"), (Command{"HSET", "p:list:l", "max_staleness", "60"}));
}

TEST_F(ListSyncTest, BeginsAnEmptyStream) {
  sync_.connected();
  ask();
  answer_join(salt_, {});
  EXPECT_EQ(ask().front(),
            (Command{"XADD", "p:changes:l", "MAXLEN", "~", "10000", "*", "e", "", "n", ""}));
  answer({text("1-0")});
  EXPECT_EQ(ask().front().front(), "HSETNX");
}

TEST_F(ListSyncTest, WithAnotherSaltItStaysAway) {
  sync_.connected();
  ask();
  answer_join(base64url::encode(revocation::Salt{8}), {item(kEmptyId)});
  EXPECT_NE(sync_.problem().find("another salt"), std::string::npos);
  EXPECT_NE(sync_.problem().find("stop the agent and its socket, remove the file, start the agent, "
                                 "and reload the servers"),
            std::string::npos)
      << "an agent that runs writes the file again, and its socket starts it";
  EXPECT_TRUE(ask(59s).empty());
  EXPECT_FALSE(ask(1s).empty()) << "it may work again";
}

TEST_F(ListSyncTest, TakesTheSnapshotInPages) {
  list_.own_names = {"sid"};
  sync_.connected();
  ask();
  answer_join(salt_, {item(kEmptyId)}, {text("sid"), text("user"), text("BAD")});
  ask();
  answer_scan({entry(1)}, "17");
  EXPECT_FALSE(sync_.has_joined());
  EXPECT_EQ(ask().front(), (Command{"ZSCAN", "p:entries:l", "17", "COUNT", "1000"}));
  answer_scan({entry(2), entry(1), entry(3, 1, kNow)});
  const auto findings = sync_.take_findings();
  EXPECT_EQ(findings.entries.size(), 2u) << "what has ended is not added";
  EXPECT_EQ(findings.names, std::vector<std::string>{"user"});
  EXPECT_TRUE(sync_.is_in_touch(time_));
  EXPECT_EQ(sync_.unsent(), 0u);
}

TEST_F(ListSyncTest, SendsWhatTheStoreLacks) {
  list_.entries = {entry(1), entry(2, 5), entry(3, 1, kNow), entry(4, 1, kLater + 9)};
  list_.own_names = {"sid"};
  join({entry(2, 5), entry(4)});
  EXPECT_EQ(sync_.unsent(), 2u);
  const auto asked = ask();
  EXPECT_EQ(asked.front(), Command{"MULTI"});
  EXPECT_EQ(*find(asked, "SADD"), (Command{"SADD", "p:names:l", "sid"}));
  EXPECT_EQ(*find(asked, "ZADD"),
            (Command{"ZADD", "p:entries:l", "GT", std::to_string(kLater), member_of(entry(1)),
                     std::to_string(kLater + 9), member_of(entry(4))}));
  EXPECT_EQ(find(asked, "ZREM"), nullptr);
  EXPECT_EQ(asked.back(), (Command{"XRANGE", "p:changes:l", kEmptyId, "+", "COUNT", "200"}));
}

TEST_F(ListSyncTest, AnEntryIsUnsentUntilItIsReadBack) {
  join();
  sync_.send(entry(1, 5), 3);
  const auto asked = ask();
  EXPECT_EQ(*find(asked, "ZREM"), (Command{"ZREM", "p:entries:l", member_of(entry(1, 3))}));
  std::vector<Reply> replies(asked.size(), text("QUEUED"));
  replies.back() = array({item(kEmptyId)});
  answer(replies);
  EXPECT_EQ(sync_.unsent(), 1u) << "the store did not say it";
  replies.assign(ask(500ms).size(), text("QUEUED"));
  replies.back() = array({item(kEmptyId), item("2-0", {entry(1, 4)})});
  answer(replies);
  EXPECT_EQ(sync_.unsent(), 1u) << "an earlier one is not this one";
  replies.assign(ask(500ms).size(), text("QUEUED"));
  replies.back() = array({item("2-0", {entry(1, 4)}), item("3-0", {entry(1, 5)})});
  answer(replies);
  EXPECT_EQ(sync_.unsent(), 0u);
  EXPECT_EQ(sync_.sent(), 1u);
  EXPECT_EQ(sync_.snapshots(), 1u);
}

TEST_F(ListSyncTest, FollowsTwiceASecond) {
  join();
  EXPECT_EQ(ask().back(), (Command{"XRANGE", "p:changes:l", kEmptyId, "+", "COUNT", "200"}));
  answer({array({item(kEmptyId), item("2-0", {entry(1)}, {"user"})})});
  const auto findings = sync_.take_findings();
  ASSERT_EQ(findings.entries.size(), 1u);
  EXPECT_EQ(findings.entries[0].hash, entry(1).hash);
  EXPECT_EQ(findings.names, std::vector<std::string>{"user"});
  EXPECT_TRUE(ask(499ms).empty());
  EXPECT_EQ(ask(1ms).back()[2], "2-0");
}

TEST_F(ListSyncTest, AGapIsASnapshot) {
  for (const bool is_gone : {true, false}) {
    join();
    ask();
    // The item that it knows is gone, or is another one: that of a store that took over.
    answer({array({is_gone ? item("9-0") : item(kEmptyId, {entry(1)})})});
    EXPECT_FALSE(sync_.has_joined());
    EXPECT_EQ(ask().front().front(), "HSETNX");
    EXPECT_EQ(sync_.problem(), "");
  }
}

TEST_F(ListSyncTest, OutOfTouchWithoutAnAnswer) {
  join();
  ask();
  time_.monotonic += 4999ms;
  EXPECT_TRUE(sync_.is_in_touch(time_));
  time_.monotonic += 1ms;
  EXPECT_FALSE(sync_.is_in_touch(time_));
}

TEST_F(ListSyncTest, SeveralMembersWithOneHashBecomeOne) {
  join({entry(1, 5, kLater), entry(1, 3, kLater + 7)});
  const auto findings = sync_.take_findings();
  ASSERT_EQ(findings.entries.size(), 1u);
  EXPECT_EQ(findings.entries[0].revoked_at, 5);
  EXPECT_EQ(findings.entries[0].until, kLater + 7);
  const auto asked = ask();
  EXPECT_EQ(*find(asked, "ZADD"), (Command{"ZADD", "p:entries:l", "GT", std::to_string(kLater + 7),
                                           member_of(entry(1, 5))}));
  EXPECT_EQ(*find(asked, "ZREM"), (Command{"ZREM", "p:entries:l", member_of(entry(1, 3))}));
}

TEST_F(ListSyncTest, AMemberThatHasEndedHidesNoLaterEntry) {
  list_.entries = {entry(1, 5)};
  join({entry(1, 3, kNow)});
  EXPECT_TRUE(sync_.take_findings().entries.empty());
  EXPECT_EQ(sync_.unsent(), 1u);
  const auto asked = ask();
  std::vector<std::string> words;
  for (const Command& command : asked) words.push_back(command.front());
  ASSERT_EQ(words, (std::vector<std::string>{"MULTI", "ZADD", "ZREM", "XADD", "EXEC", "XRANGE"}));
  EXPECT_EQ(*find(asked, "ZADD"),
            (Command{"ZADD", "p:entries:l", "GT", std::to_string(kLater), member_of(entry(1, 5))}));
  EXPECT_EQ(*find(asked, "ZREM"), (Command{"ZREM", "p:entries:l", member_of(entry(1, 3))}));
  EXPECT_EQ(find(asked, "XADD")->at(7), entry_bytes(std::vector{entry(1, 5)}));
  std::vector<Reply> replies(asked.size(), text("QUEUED"));
  replies.back() = array({item(kEmptyId), item("2-0", {entry(1, 5)})});
  answer(replies);
  EXPECT_EQ(sync_.unsent(), 0u);
  EXPECT_EQ(find(ask(500ms), "XADD"), nullptr);
}

TEST_F(ListSyncTest, WhatHasEndedOnBothSidesIsNotSent) {
  list_.entries = {entry(1, 5, kNow)};
  join({entry(1, 3, kNow - 9), entry(2, 3, kNow), entry(2, 4, kNow)});
  EXPECT_TRUE(sync_.take_findings().entries.empty());
  EXPECT_EQ(sync_.unsent(), 0u);
}

TEST_F(ListSyncTest, SendsAtOnce) {
  join();
  ask();
  answer({array({item(kEmptyId)})});
  EXPECT_TRUE(ask().empty());
  sync_.send(entry(1), {});
  EXPECT_EQ(sync_.due_in(time_), 0ms);
  EXPECT_NE(find(ask(), "ZADD"), nullptr);
}

TEST_F(ListSyncTest, MembersAreCountedOnceAMinute) {
  list_.entries = {entry(1), entry(2, 1, kNow + 60)};
  list_.own_names = {"sid"};
  join({entry(1), entry(2, 1, kNow + 60)});
  EXPECT_EQ(ask(30s).size(), 1u);
  answer({array({item(kEmptyId), item("1-1")})});
  list_.settled = false;
  EXPECT_EQ(ask(29s).size(), 1u) << "not while something waits to be written";
  answer({array({item("1-1")})});
  EXPECT_EQ(ask(1s).size(), 1u);
  answer({array({item("1-1")})});
  list_.settled = true;
  const auto answer_count = [this](std::int64_t count, const std::string& last = "1-1") {
    answer({array({item(last)}), integer(0), integer(0), array({text("sid"), text("user")}),
            integer(count)});
  };
  auto asked = ask(500ms);
  ASSERT_EQ(asked.size(), 5u);
  EXPECT_EQ(asked[1],
            (Command{"ZREMRANGEBYSCORE", "p:entries:l", "-inf", std::to_string(kNow - 3600)}));
  EXPECT_EQ(asked[2], (Command{"SADD", "p:names:l", "sid"}));
  EXPECT_EQ(asked[3], (Command{"SMEMBERS", "p:names:l"}));
  EXPECT_EQ(asked[4], (Command{"ZCOUNT", "p:entries:l", "(" + std::to_string(kNow + 60), "+inf"}));
  answer_count(1);
  EXPECT_TRUE(sync_.has_joined());
  EXPECT_EQ(sync_.take_findings().names, std::vector<std::string>{"user"}) << "a name it missed";
  EXPECT_EQ(find(ask(20s), "ZCOUNT"), nullptr);
  answer({array({item("1-1"), item("1-2")})});
  ask(40s);
  answer_count(2, "1-2");
  EXPECT_TRUE(sync_.has_joined()) << "once may be a change on its way";
  ask(500ms);
  answer_count(2, "1-2");
  EXPECT_FALSE(sync_.has_joined());
}

TEST_F(ListSyncTest, ItemsInAnotherFormAreLeftOut) {
  join();
  ask();
  answer({array({item(kEmptyId), array({text("2-0"), array({text("x"), text("y")})}),
                 array({text("3-0"), array({text("e"), text("short"), text("n"), text("")})}),
                 item("4-0", {entry(1)})})});
  EXPECT_EQ(sync_.take_findings().entries.size(), 1u);
  EXPECT_EQ(ask(500ms).back()[2], "4-0");
}

TEST_F(ListSyncTest, AnErrorIsAProblemUntilItHasJoinedAgain) {
  join();
  sync_.send(entry(1), {});
  std::vector<Reply> replies(ask().size(), text("QUEUED"));
  replies[replies.size() - 2] = array({integer(1), error("OOM command not allowed")});
  replies.back() = array({item(kEmptyId)});
  answer(replies);
  EXPECT_NE(sync_.problem().find("OOM"), std::string::npos) << "also within a transaction";
  EXPECT_EQ(sync_.unsent(), 1u);
  EXPECT_TRUE(ask(999ms).empty());
  ask(1ms);
  answer_join(salt_, {item(kEmptyId)});
  ask();
  answer_scan({});
  EXPECT_EQ(sync_.problem(), "");
}

TEST_F(ListSyncTest, SendsNoMoreAtOnceThanAnItemHolds) {
  join();
  for (std::uint8_t i = 0; i < 40; ++i) sync_.send(entry(i), {});
  auto asked = ask();
  EXPECT_EQ(find(asked, "ZADD")->size(), 3 + 2 * kMaxEntriesInItem);
  std::vector<Entry> sent;
  for (std::uint8_t i = 0; i < 32; ++i) sent.push_back(entry(i));
  std::vector<Reply> replies(asked.size(), text("QUEUED"));
  replies.back() = array({item(kEmptyId), item("2-0", sent)});
  answer(replies);
  EXPECT_EQ(sync_.unsent(), 8u);
  EXPECT_EQ(find(ask(), "ZADD")->size(), 3 + 2 * 8u) << "at once";
}

}  // namespace
}  // namespace sealring::agent
