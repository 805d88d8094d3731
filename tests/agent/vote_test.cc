// SPDX-License-Identifier: Apache-2.0
#include "agent/fleet/vote.h"

#include <gtest/gtest.h>

#include "agent/fleet/list_sync.h"
#include "base/base64url.h"
#include "store_answers.h"

namespace sealring::agent {
namespace {

using namespace std::chrono_literals;

// kNow begins a minute.
const std::string kBefore = std::to_string(kNow * 1000 - 1) + "-0";
const std::string kFirst = std::to_string(kNow * 1000) + "-0";
const std::string kSecond = std::to_string(kNow * 1000) + "-1";
const std::string kVotes = "p:votes:l:" + kFirst;

// An agent that follows. The store is the test.
struct Agent {
  explicit Agent(std::vector<Entry> entries, std::uint8_t random = 0)
      : sync({"p", "l", {}, revocation::Salt{random}}, list) {
    list.entries = std::move(entries);
  }

  std::vector<Command> ask(std::chrono::milliseconds pause = 0ms) {
    time.monotonic += pause;
    return sync.ask(time);
  }
  void answer(std::vector<Reply> replies) { sync.answer(replies, time); }

  void join() {
    sync.connected();
    ask();
    answer({integer(0), array({text(base64url::encode(revocation::Salt{7})), Reply{}}),
            array({item(kBefore)}), array({})});
    ask();
    std::vector<Reply> page;
    for (const Entry& one : list.entries) {
      page.push_back(text(member_of(one)));
      page.push_back(text(std::to_string(one.until)));
    }
    answer({array({text("0"), array(page)})});
    ask();
    answer({array({item(kBefore)})});
  }
  // The first item of a minute comes; what the agent asks then, apart from further items.
  std::vector<Command> meet_minute() {
    join();
    ask(500ms);
    answer({array({item(kBefore), item(kFirst)})});
    auto asked = ask(500ms);
    EXPECT_EQ(asked.front(), (Command{"XRANGE", "p:changes:l", kFirst, "+", "COUNT", "200"}));
    asked.erase(asked.begin());
    return asked;
  }
  std::string digest() {
    const auto asked = meet_minute();
    return asked.empty() ? "" : asked[0][2];
  }
  // Whether it takes a snapshot, after so many have voted as it has, and so many otherwise.
  bool is_outvoted(std::uint64_t same, std::uint64_t others) {
    const std::string own = digest();
    answer({array({item(kFirst)}), integer(1), integer(1)});
    EXPECT_EQ(ask(9s).size(), 1u);
    answer({array({item(kFirst)})});
    EXPECT_EQ(ask(21s).back(), (Command{"HGETALL", kVotes}));
    answer({array({item(kFirst)}), array({text(own), text(std::to_string(same)), text("7"),
                                          text(std::to_string(others))})});
    EXPECT_EQ(sync.vote().equal(), others == 0 ? 1u : 0u);
    EXPECT_EQ(sync.vote().different(), others == 0 ? 0u : 1u);
    return !sync.has_joined();
  }

  OwnList list;
  Time time{1000ms, kNow};
  ListSync sync;
};

std::string digest_of(std::vector<Entry> entries) {
  return Agent(std::move(entries)).digest();
}

TEST(VoteTest, IsAboutTheStateAtTheFirstItemOfAMinute) {
  Agent agent({});
  agent.join();
  agent.ask(500ms);
  agent.answer({array({item(kBefore), item(kFirst, {entry(1)}), item(kSecond, {entry(2)})})});
  const auto findings = agent.sync.take_findings();
  ASSERT_EQ(findings.entries.size(), 1u) << "no further item before the vote";
  EXPECT_EQ(findings.entries[0].hash, entry(1).hash);
  agent.list.settled = false;
  EXPECT_TRUE(agent.ask().empty()) << "nor before it is written";
  EXPECT_LE(agent.sync.due_in(agent.time), 100ms);
  agent.list.entries = {entry(1)};
  agent.list.settled = true;
  const auto asked = agent.ask(100ms);
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0][2], kFirst);
  EXPECT_EQ(asked[1], (Command{"HINCRBY", kVotes, digest_of({entry(1)}), "1"}));
  EXPECT_EQ(asked[2], (Command{"EXPIRE", kVotes, "300"}));
  agent.answer(
      {array({item(kFirst, {entry(1)}), item(kSecond, {entry(2)})}), integer(1), integer(1)});
  EXPECT_EQ(agent.sync.take_findings().entries.size(), 1u) << "the other one, at once";
}

TEST(VoteTest, TheDigestIsOfTheContent) {
  EXPECT_EQ(digest_of({}), "0");
  EXPECT_EQ(digest_of({entry(1)}), "2096598084721920777") << "by tests/vectors/siphash.py";
  const std::string digest = digest_of({entry(1), entry(2)});
  EXPECT_EQ(digest_of({entry(2), entry(1)}), digest);
  EXPECT_NE(digest_of({entry(1), entry(3)}), digest) << "as many, but another one";
  EXPECT_NE(digest_of({entry(1), entry(2, 2)}), digest) << "another revoked_at";
  EXPECT_NE(digest_of({entry(1), entry(2, 1, kLater + 1)}), digest) << "another until";
  EXPECT_EQ(digest_of({entry(1), entry(2), entry(3, 1, kNow + 60)}), digest) << "about to end";
  EXPECT_NE(digest_of({entry(1), entry(2), entry(3, 1, kNow + 61)}), digest);
}

TEST(VoteTest, IsOnlyOnTheFirstItemOfAMinute) {
  Agent agent({});
  agent.join();
  agent.ask(500ms);
  agent.answer({array({item(kBefore), item(std::to_string(kNow * 1000 - 1) + "-7")})});
  EXPECT_EQ(agent.ask(500ms).size(), 1u);
}

TEST(VoteTest, WhoHasJustJoinedHasNone) {
  Agent agent({});
  agent.join();
  agent.sync.connected();
  agent.ask();
  agent.answer({integer(0), array({text(base64url::encode(revocation::Salt{7})), Reply{}}),
                array({item(kBefore)}), array({})});
  agent.ask();
  agent.answer({array({text("0"), array({})})});
  agent.ask();
  agent.answer({array({item(kBefore), item(kFirst)})});
  EXPECT_EQ(agent.ask(500ms).size(), 1u) << "its snapshot may be of a later state";
}

TEST(VoteTest, WhoHasUnsentEntriesHasNone) {
  Agent agent({});
  agent.join();
  agent.ask(500ms);
  agent.answer({array({item(kBefore), item(kFirst)})});
  agent.sync.send(entry(1), {});
  EXPECT_EQ(agent.ask().size(), 1u);
}

TEST(VoteTest, WhoHasAnotherTimeThanTheStoreHasNone) {
  for (const std::int64_t off : {-31, -30, 30, 31}) {
    Agent agent({});
    agent.time.wall += off;
    EXPECT_EQ(agent.meet_minute().size(), off * off > 900 ? 0u : 2u) << off;
  }
}

TEST(VoteTest, IsGivenUpIfNothingCanBeWritten) {
  Agent agent({});
  agent.join();
  agent.ask(500ms);
  agent.answer({array({item(kBefore), item(kFirst)})});
  agent.list.settled = false;
  EXPECT_TRUE(agent.ask(1999ms).empty());
  EXPECT_EQ(agent.ask(20ms).size(), 1u);
}

TEST(VoteTest, WhoeverIsAloneTakesASnapshot) {
  EXPECT_TRUE(Agent({entry(1)}).is_outvoted(1, 1));
  EXPECT_TRUE(Agent({entry(1)}).is_outvoted(1, 9999));
  EXPECT_FALSE(Agent({entry(1)}).is_outvoted(3, 0));
}

TEST(VoteTest, OfTheOthersFewDo) {
  int alarmed = 0;
  for (std::uint8_t random = 0; random < 100; ++random) {
    alarmed += Agent({entry(1)}, random).is_outvoted(9, 1) ? 1 : 0;
  }
  EXPECT_GT(alarmed, 5);
  EXPECT_LT(alarmed, 40);
}

TEST(VoteTest, WithoutVotesNothingHappens) {
  Agent agent({entry(1)});
  agent.digest();
  agent.answer({array({item(kFirst)}), integer(1), integer(1)});
  EXPECT_EQ(agent.ask(30s).back(), (Command{"HGETALL", kVotes}));
  agent.answer({array({item(kFirst)}), array({})});
  EXPECT_TRUE(agent.sync.has_joined());
}

TEST(VoteTest, AQuietStreamGetsAnItem) {
  Agent agent({});
  agent.join();
  const auto gets_one = [&agent](std::chrono::milliseconds pause) {
    const auto asked = agent.ask(pause);
    const bool is_adding = find(asked, "XADD") != nullptr;
    std::vector<Reply> replies;
    for (const Command& command : asked) {
      replies.push_back(command[0] == "XRANGE" ? array({item(kBefore)}) : integer(0));
      if (is_adding && command[0] == "XRANGE") replies.back().items.push_back(item(kFirst));
    }
    agent.answer(replies);
    return is_adding;
  };
  EXPECT_FALSE(gets_one(59s));
  while (agent.time.monotonic < 130s && !gets_one(500ms)) continue;
  EXPECT_LE(agent.time.monotonic, 122s);
  EXPECT_EQ(find(agent.ask(), "HINCRBY")->size(), 4u) << "and there is a vote";
}

}  // namespace
}  // namespace sealring::agent
