// SPDX-License-Identifier: Apache-2.0
#include "fleet/list_sync.h"

#include <algorithm>

#include "base/base64url.h"
#include "decimal.h"

namespace sealring::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenQuestions = 500ms;
constexpr auto kInTouch = 5s;
constexpr auto kBetweenCounts = 60s;
constexpr auto kAfterError = 1s;
constexpr auto kAfterConflict = 60s;
constexpr std::int64_t kClocks = 60;       // what is about to end is not counted
constexpr std::int64_t kKeepEnded = 3600;  // in the store, for agents whose clocks are slow
constexpr std::size_t kItemsAtOnce = 200;
constexpr auto kWhileHeld = 20ms;
constexpr const char* kTooManyNames = "the store has more names than a list can have";

constexpr std::size_t kMaxMembers = 2 * revocation::kMaxEntries;

// Also that of a command within a transaction.
const Reply* error_in(std::span<const Reply> replies) {
  for (const Reply& reply : replies) {
    if (reply.is_error()) return &reply;
    const auto inner = std::ranges::find_if(reply.items, &Reply::is_error);
    if (inner != reply.items.end()) return &*inner;
  }
  return nullptr;
}

bool covers(const Entry& one, const Entry& other) {
  return one.revoked_at >= other.revoked_at && one.until >= other.until;
}

Entry merged(const Entry& one, const Entry& other) {
  return {one.hash, std::max(one.revoked_at, other.revoked_at), std::max(one.until, other.until)};
}

}  // namespace

ListSync::ListSync(Settings settings, const Replica& replica)
    : settings_(std::move(settings)),
      keys_(settings_.prefix, settings_.list),
      replica_(replica),
      vote_(keys_, replica, settings_.random) {}

void ListSync::connected() {
  state_ = State::joining;
  is_waiting_ = false;
  not_before_ = {};
}

void ListSync::disconnected() {
  state_ = State::disconnected;
  is_waiting_ = false;
  answered_at_.reset();
  snapshot_.clear();
}

bool ListSync::is_in_touch(Time now) const {
  return state_ == State::following && answered_at_ && now.monotonic - *answered_at_ < kInTouch;
}

std::chrono::milliseconds ListSync::due_in(Time now) const {
  if (is_waiting_ || state_ == State::disconnected) return kInTouch;
  return std::max(not_before_ - now.monotonic, std::chrono::milliseconds(0));
}

void ListSync::fail(const std::string& what, Time now, std::chrono::milliseconds pause) {
  problem_ = what;
  state_ = State::joining;
  not_before_ = now.monotonic + pause;
  snapshot_.clear();
}

std::vector<Command> ListSync::ask(Time now) {
  if (is_waiting_ || state_ == State::disconnected || now.monotonic < not_before_) return {};
  if (state_ == State::following && vote_.is_held(now)) {
    not_before_ = now.monotonic + kWhileHeld;
    return {};
  }
  is_waiting_ = true;
  switch (state_) {
    case State::joining:
      return join();
    case State::beginning:
      return {added_item({}, {})};
    case State::scanning:
      return {{"ZSCAN", keys_.entries, cursor_, "COUNT", "1000"}};
    case State::following:
      return follow(now);
    case State::disconnected:
      break;
  }
  return {};
}

std::vector<Command> ListSync::join() const {
  const auto salt = replica_.salt().value_or(settings_.random);
  std::vector<Command> commands = {
      {"HSETNX", keys_.list, "salt", base64url::encode(salt)},
      {"HMGET", keys_.list, "salt", "max_staleness"},
      {"XREVRANGE", keys_.changes, "+", "-", "COUNT", "1"},
      {"SMEMBERS", keys_.names},
  };
  if (settings_.max_staleness) {
    commands.insert(commands.begin(), {"HSET", keys_.list, "max_staleness",
                                       std::to_string(*settings_.max_staleness)});
  }
  return commands;
}

void ListSync::answer(std::span<const Reply> replies, Time now) {
  is_waiting_ = false;
  if (const Reply* const error = error_in(replies)) {
    return fail("the store answers: " + error->text, now, kAfterError);
  }
  switch (state_) {
    case State::joining:
      return joined(replies, now);
    case State::beginning:
      state_ = State::joining;
      return;
    case State::scanning:
      return scanned(replies, now);
    case State::following:
      return followed(replies, now);
    case State::disconnected:
      return;
  }
}

void ListSync::joined(std::span<const Reply> replies, Time now) {
  const std::size_t first = settings_.max_staleness ? 2 : 1;
  const Reply& settings = replies[first];
  const auto items = read_items(replies[first + 1]);
  revocation::Salt salt;
  if (!items || !settings.is_array(2) || !settings.items[0].is_text() ||
      settings.items[0].text.size() != base64url::encoded_size(salt.size()) ||
      !base64url::decode(settings.items[0].text, salt)) {
    return fail("what the store has at \"" + keys_.list + "\" is not of this form", now,
                kAfterConflict);
  }
  const auto own = replica_.salt();
  if (own && *own != salt) {
    return fail(
        "the list has another salt than in the store, so they cannot be kept equal; stop the "
        "agent and its socket, remove the file, start the agent, and reload the servers",
        now, kAfterConflict);
  }
  salt_ = salt;
  max_staleness_ = 0;
  if (settings.items[1].is_text()) {
    max_staleness_ = read_decimal<std::uint32_t>(settings.items[1].text).value_or(0);
  }
  if (items->empty()) {
    state_ = State::beginning;
    return;
  }
  lacks_names_ = false;
  for (const Reply& name : replies[first + 2].items) take_name(name.text);
  last_ = items->front();
  state_ = State::scanning;
  cursor_ = "0";
  snapshot_.clear();
  foreign_ = 0;
}

void ListSync::scanned(std::span<const Reply> replies, Time now) {
  const Reply& page = replies[0];
  if (!page.is_array(2) || !page.items[0].is_text() || page.items[1].items.size() % 2 != 0) {
    return fail("the store answers ZSCAN in another form", now, kAfterError);
  }
  const std::vector<Reply>& members = page.items[1].items;
  for (std::size_t i = 0; i < members.size(); i += 2) {
    const auto entry = read_member(members[i].text, members[i + 1].text);
    if (!entry) {
      ++foreign_;
      continue;
    }
    snapshot_.push_back(*entry);
  }
  if (snapshot_.size() > kMaxMembers) {
    return fail("the store has more entries than a list can hold", now, kAfterConflict);
  }
  cursor_ = page.items[0].text;
  if (cursor_ == "0") compare(now);
}

// What one side has and the other does not.
void ListSync::compare(Time now) {
  std::ranges::sort(snapshot_, {}, &Entry::hash);
  for (auto at = snapshot_.begin(); at != snapshot_.end();) {
    const auto end =
        std::find_if(at, snapshot_.end(), [at](auto& e) { return e.hash != at->hash; });
    compare_one({at, end}, now);
    at = end;
  }
  replica_.for_each([&](const Entry& entry) {
    if (entry.until > now.wall &&
        !std::ranges::binary_search(snapshot_, entry.hash, {}, &Entry::hash)) {
      unsent_[entry.hash].entry = entry;
    }
  });
  snapshot_ = {};
  ++snapshots_;
  problem_ = lacks_names_ ? kTooManyNames : "";
  state_ = State::following;
  is_behind_ = has_differed_ = false;
  next_count_ = now.monotonic + kBetweenCounts;
  answered_at_ = now.monotonic;
  vote_.begin(now);
}

// All members with one hash.
void ListSync::compare_one(std::span<const Entry> same, Time now) {
  Entry entry = same.front();
  for (const Entry& other : same) entry = merged(entry, other);
  const auto own = replica_.find(entry.hash);
  if (entry.until > now.wall && (!own || !covers(*own, entry))) findings_.entries.push_back(entry);
  // Our own may have been revoked again since what the store has ended.
  if (own) entry = merged(entry, *own);
  if (entry.until <= now.wall) return;
  // ZSCAN may say a member twice.
  const auto is_same = [&entry](const Entry& member) {
    return member.revoked_at == entry.revoked_at && member.until == entry.until;
  };
  if (std::ranges::all_of(same, is_same)) return;
  Unsent& unsent = unsent_[entry.hash];
  unsent.entry = entry;
  for (const Entry& member : same) unsent.replaced.insert(member.revoked_at);
}

void ListSync::send(const Entry& entry, std::optional<std::int64_t> replaced) {
  const auto [place, is_new] = unsent_.try_emplace(entry.hash, Unsent{entry, {}});
  Unsent& unsent = place->second;
  if (!is_new) {
    unsent.replaced.insert(unsent.entry.revoked_at);
    unsent.entry = merged(unsent.entry, entry);
  }
  if (replaced) unsent.replaced.insert(*replaced);
  if (state_ == State::following) not_before_ = {};
}

std::vector<Command> ListSync::follow(Time now) {
  if (!salt_) return {};  // it has not joined
  std::vector<Command> commands;
  // Only what was read back is known to be sent, so first all is read that there is.
  if (!unsent_.empty() && !is_behind_) {
    add_sending(commands);
  } else if (vote_.wants_item(now) && !is_behind_) {
    commands.push_back(added_item({}, {}));
  }
  range_at_ = commands.size();
  commands.push_back(
      {"XRANGE", keys_.changes, last_.id, "+", "COUNT", std::to_string(kItemsAtOnce)});
  counted_after_ = 0;
  if (now.monotonic >= next_count_ && unsent_.empty() && replica_.is_settled()) {
    counted_after_ = now.wall + kClocks;
    commands.push_back(
        {"ZREMRANGEBYSCORE", keys_.entries, "-inf", std::to_string(now.wall - kKeepEnded)});
    add_names(commands);
    commands.push_back({"SMEMBERS", keys_.names});
    commands.push_back({"ZCOUNT", keys_.entries, "(" + std::to_string(counted_after_), "+inf"});
  }
  vote_at_ = commands.size();
  std::ranges::move(vote_.ask(!unsent_.empty(), *salt_, now), std::back_inserter(commands));
  not_before_ = now.monotonic + kBetweenQuestions;
  return commands;
}

Command ListSync::added_item(std::span<const Entry> entries,
                             std::span<const std::string> names) const {
  return {"XADD", keys_.changes,    "MAXLEN", "~", "10000", "*", "e", entry_bytes(entries),
          "n",    name_bytes(names)};
}

// All names, because an entry does not say which is its own.
std::vector<std::string> ListSync::add_names(std::vector<Command>& commands) const {
  std::vector<std::string> names = replica_.names();
  if (names.empty()) return names;
  commands.push_back({"SADD", keys_.names});
  commands.back().insert(commands.back().end(), names.begin(), names.end());
  return names;
}

void ListSync::add_sending(std::vector<Command>& commands) const {
  Command add{"ZADD", keys_.entries, "GT"};
  Command remove{"ZREM", keys_.entries};
  std::vector<Entry> entries;
  for (const auto& [hash, unsent] : unsent_) {
    if (entries.size() == kMaxEntriesInItem) break;
    entries.push_back(unsent.entry);
    add.push_back(std::to_string(unsent.entry.until));
    add.push_back(member_of(unsent.entry));
    for (const std::int64_t revoked_at : unsent.replaced) {
      if (revoked_at == unsent.entry.revoked_at) continue;
      remove.push_back(member_of({hash, revoked_at, 0}));
    }
  }
  commands.push_back({"MULTI"});
  const auto names = add_names(commands);
  commands.push_back(add);
  if (remove.size() > 2) commands.push_back(remove);
  commands.push_back(added_item(entries, names));
  commands.push_back({"EXEC"});
}

void ListSync::followed(std::span<const Reply> replies, Time now) {
  const auto items = read_items(replies[range_at_]);
  if (!items) return fail("the store answers XRANGE in another form", now, kAfterError);
  if (items->empty() || *items->begin() != last_) {
    // Something was missed. This is no problem yet.
    return join_again();
  }
  answered_at_ = now.monotonic;
  const std::size_t unsent_before = unsent();
  const bool has_taken_all = take_items(std::span(*items).subspan(1), now);
  is_behind_ = !has_taken_all || items->size() >= kItemsAtOnce;
  if (!is_behind_) vote_.caught_up();
  // On with the rest at once, but not with what the store does not keep.
  if (is_behind_ || (unsent() != 0 && unsent() < unsent_before)) not_before_ = {};
  if (counted_after_ != 0) {
    for (const Reply& name : replies[vote_at_ - 2].items) take_name(name.text);
    if (items->size() == 1) count(replies[vote_at_ - 1], now);
  }
  if (vote_.answer(replies.subspan(vote_at_))) join_again();
}

// Takes a snapshot.
void ListSync::join_again() {
  state_ = State::joining;
  not_before_ = {};
}

bool ListSync::take_items(std::span<const Item> items, Time now) {
  for (const Item& item : items) {
    take_item(item);
    const Item before = std::exchange(last_, item);
    if (vote_.take(before, item, now)) return false;
  }
  return true;
}

void ListSync::take_item(const Item& item) {
  const auto entries = read_entries(item.entries);
  const auto names = read_names(item.names);
  if (!entries || !names) return;  // the digest finds it in the snapshot
  for (const Entry& entry : *entries) {
    const auto unsent = unsent_.find(entry.hash);
    if (unsent != unsent_.end() && covers(entry, unsent->second.entry)) {
      unsent_.erase(unsent);
      ++sent_;
    }
    const auto own = replica_.find(entry.hash);
    if (!own || !covers(*own, entry)) findings_.entries.push_back(entry);
  }
  for (const std::string& name : *names) take_name(name);
}

void ListSync::take_name(const std::string& name) {
  const auto has = [&name](const std::vector<std::string>& names) {
    return std::ranges::find(names, name) != names.end();
  };
  const std::vector<std::string> own = replica_.names();
  if (!is_name(name) || has(own) || has(findings_.names)) return;
  if (own.size() + findings_.names.size() >= revocation::kMaxNames) {
    lacks_names_ = true;
    if (has_joined()) problem_ = kTooManyNames;
    return;
  }
  findings_.names.push_back(name);
}

void ListSync::count(const Reply& reply, Time now) {
  std::size_t own = foreign_;
  replica_.for_each([&](const Entry& entry) { own += entry.until > counted_after_ ? 1u : 0u; });
  if (std::cmp_equal(reply.integer, own)) {
    has_differed_ = false;
    next_count_ = now.monotonic + kBetweenCounts;
    return;
  }
  // Once may be a change that is on its way.
  if (!std::exchange(has_differed_, true)) return;
  join_again();
}

}  // namespace sealring::agent
