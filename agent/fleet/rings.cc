// SPDX-License-Identifier: Apache-2.0
#include "fleet/rings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "decimal.h"
#include "log.h"

namespace sealring::agent {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr Milliseconds kBetweenQuestions = 1s;
constexpr Milliseconds kInTouch = 5s;
constexpr Milliseconds kRefused = 10s;  // until what was refused is tried again
constexpr std::size_t kMaxRefused = 16;

// Texts; nothing if it is something else.
std::optional<std::vector<std::string>> read_fields(const Reply& reply) {
  if (reply.kind != Reply::Kind::array || !std::ranges::all_of(reply.items, &Reply::is_text)) {
    return std::nullopt;
  }
  std::vector<std::string> fields;
  fields.reserve(reply.items.size());
  for (const Reply& item : reply.items) fields.push_back(item.text);
  return fields;
}

std::unexpected<Problem> nothing_published(const std::string& why) {
  return problem(Error::write_failed, "nothing was published" + why);
}
std::unexpected<Problem> not_followed(const std::string& why) {
  return nothing_published(", because this machine does not follow the store" +
                           (why.empty() ? std::string() : ": " + why));
}

void tell(const std::vector<Rings::Published>& publishers,
          const Explained<std::uint64_t>& generation) {
  for (const Rings::Published& done : publishers) done(generation);
}

// Nothing if it is not written as an agent writes it.
std::optional<std::uint64_t> read_generation(std::string_view field) {
  const auto generation = read_decimal<std::uint64_t>(field);
  if (!generation || field.front() == '0' || *generation > kMaxRingGeneration) return std::nullopt;
  return generation;
}

}  // namespace

RingPlan plan_for_ring(std::span<const std::string> fields, std::uint64_t own,
                       const RefusedRings& refused) {
  RingPlan plan;
  std::uint64_t newest = own;
  plan.offer = own != 0;
  for (const std::string& field : fields) {
    const auto generation = read_generation(field);
    if (!generation) continue;
    if (*generation == own) plan.offer = false;
    if (*generation < own) plan.remove.push_back(field);
    if (*generation > newest && !refused.contains(field)) {
      newest = *generation;
      plan.fetch = field;
    }
  }
  return plan;
}

std::uint64_t newest_of(std::span<const std::string> fields) {
  std::uint64_t newest = 0;
  for (const std::string& field : fields) {
    newest = std::max(newest, read_generation(field).value_or(0));
  }
  return newest;
}

struct Rings::Member {
  Member(KeptRing& kept, const std::string& prefix)
      : ring(kept), key(prefix + ":ring:" + kept.name()) {}

  bool is_in_touch(Time now) const { return listed_at && now.monotonic < *listed_at + kInTouch; }

  KeptRing& ring;
  const std::string key;
  bool is_waiting = false;
  Milliseconds next_question{0}, forget_refused{0};
  std::optional<Milliseconds> listed_at;
  RefusedRings refused;
  std::string problem;  // with the store
  // They wait until it is known what the store has.
  std::vector<Published> publishers;
};

Rings::Rings(Store& store, std::string prefix, std::function<void()> changed)
    : store_(store), prefix_(std::move(prefix)), changed_(std::move(changed)) {}

Rings::~Rings() = default;

Explained<void> Rings::add(KeptRing& ring) {
  const auto same = [&ring](const auto& other) { return other->ring.name() == ring.name(); };
  if (std::ranges::any_of(members_, same)) {
    return problem(Error::invalid_argument, "there are two rings that the store knows as \"" +
                                                ring.name() +
                                                "\", which is the last part of their path");
  }
  members_.push_back(std::make_unique<Member>(ring, prefix_));
  return {};
}

void Rings::tick(Time now) {
  for (const auto& member : members_) {
    const std::uint64_t before = member->ring.sealed().generation;
    member->ring.look(now.wall);
    if (member->ring.sealed().generation != before) changed_();
    if (!store_.is_up()) {
      tell(std::exchange(member->publishers, {}), not_followed(store_.problem()));
    }
    if (store_.is_up() && !member->is_waiting && now.monotonic >= member->next_question) {
      ask(*member, now);
    }
  }
}

void Rings::ask(Member& member, Time now) {
  if (now.monotonic >= member.forget_refused) {
    member.refused.clear();
    member.forget_refused = now.monotonic + kRefused;
  }
  member.is_waiting = true;
  member.next_question = now.monotonic + kBetweenQuestions;
  const Command command{"HKEYS", member.key};
  store_.ask(std::span(&command, 1), [this, &member](std::span<const Reply> replies) {
    member.is_waiting = false;
    if (!replies.empty()) listed(member, replies[0]);
  });
}

void Rings::listed(Member& member, const Reply& reply) {
  const auto fields = read_fields(reply);
  if (!fields) {
    return fail(member, reply.is_error()
                            ? "the store answers: " + reply.text
                            : "what the store has at \"" + member.key + "\" is not of this form");
  }
  const RingPlan plan = plan_for_ring(*fields, member.ring.sealed().generation, member.refused);
  if (plan.fetch && member.refused.size() < kMaxRefused) {
    member.is_waiting = true;
    const Command command{"HGET", member.key, *plan.fetch};
    store_.ask(std::span(&command, 1),
               [this, &member, field = *plan.fetch](std::span<const Reply> replies) {
                 member.is_waiting = false;
                 if (!replies.empty()) fetched(member, field, replies[0]);
               });
    return;
  }
  // A refused one is newer than our own: this machine may be behind.
  if (member.refused.empty()) {
    member.listed_at = monotonic_now();
    if (publish_next(member)) return;
  }
  offer(member, plan);
}

// Puts our own into the store, and removes older ones.
void Rings::offer(Member& member, const RingPlan& plan) {
  const KeptRing::Sealed& own = member.ring.sealed();
  std::vector<Command> commands;
  if (plan.offer) {
    commands.push_back({"HSETNX", member.key, std::to_string(own.generation), own.token});
  }
  if (!plan.remove.empty()) {
    commands.push_back({"HDEL", member.key});
    commands.back().insert(commands.back().end(), plan.remove.begin(), plan.remove.end());
  }
  if (commands.empty()) return fail(member, what_is_refused(member));
  member.is_waiting = true;
  store_.ask(commands, [this, &member](std::span<const Reply> replies) {
    member.is_waiting = false;
    if (replies.empty()) return;
    const auto error = std::ranges::find_if(replies, &Reply::is_error);
    fail(member,
         error == replies.end() ? what_is_refused(member) : "the store answers: " + error->text);
  });
}

void Rings::fetched(Member& member, const std::string& field, const Reply& reply) {
  if (reply.is_error()) return fail(member, "the store answers: " + reply.text);
  if (!reply.is_text()) return;  // it was removed in between
  member.next_question = {};
  auto taken = member.ring.take(reply.text, wall_now());
  if (taken) return changed_();
  std::string why = taken.error().message;
  if (is_refusal(taken.error().error)) {
    why += "; if no machine of the fleet can use it, remove it from the store: HDEL " + member.key +
           " " + field;
  }
  member.refused[field] = why;
}

// Of several, any one: when it is gone, the next is named.
std::string Rings::what_is_refused(const Member& member) {
  if (member.refused.empty()) return "";
  const auto& [generation, why] = *member.refused.begin();
  const std::size_t others = member.refused.size() - 1;
  return "generation " + generation +
         (others == 0 ? "" : ", and " + std::to_string(others) + " more") + ": " + why;
}

void Rings::fail(Member& member, const std::string& what) {
  if (!what.empty()) tell(std::exchange(member.publishers, {}), not_followed(what));
  if (what == member.problem) return;
  log(what.empty() ? Level::notice : Level::error,
      "key ring \"" + member.ring.path() +
          "\" in the store: " + (what.empty() ? "it is followed again" : what));
  member.problem = what;
}

void Rings::publish(const std::string& path, Time now, Published done) {
  const auto found =
      std::ranges::find_if(members_, [&](auto& member) { return member->ring.path() == path; });
  if (found == members_.end()) {
    return done(problem(Error::write_failed, "this agent does not follow the ring \"" + path +
                                                 "\"; add \"ring = " + path +
                                                 "\" to its configuration"));
  }
  Member& member = **found;
  if (!store_.is_up() || !member.is_in_touch(now) || !member.refused.empty()) {
    return done(not_followed(store_.is_up() ? member.problem : store_.problem()));
  }
  // What the store had when it was asked last may be seconds old.
  member.publishers.push_back(std::move(done));
  member.next_question = {};
}

// The store has none that is newer than our own. Whether it was asked to take the next one.
bool Rings::publish_next(Member& member) {
  auto publishers = std::exchange(member.publishers, {});
  if (publishers.empty()) return false;
  const auto next = member.ring.next(wall_now());
  if (!next) {
    tell(publishers, nothing_published(": " + next.error().message));
    return false;
  }
  if (next->generation == member.ring.sealed().generation) {
    tell(publishers, next->generation);
    return false;
  }
  // Another machine may have published since; the store says that with its answer.
  const Command commands[] = {{"MULTI"},
                              {"HKEYS", member.key},
                              {"HSETNX", member.key, std::to_string(next->generation), next->token},
                              {"EXEC"}};
  member.is_waiting = true;
  store_.ask(commands, [this, &member, next = *next,
                        publishers = std::move(publishers)](std::span<const Reply> replies) {
    member.is_waiting = false;
    member.next_question = {};
    tell(publishers, published(member, next, replies));
  });
  return true;
}

Explained<std::uint64_t> Rings::published(Member& member, const KeptRing::Sealed& next,
                                          std::span<const Reply> replies) {
  if (!replies.empty() && replies.back().text.starts_with("EXECABORT")) {
    return nothing_published(": the store answers: " +
                             std::ranges::find_if(replies, &Reply::is_error)->text);
  }
  const auto before = !replies.empty() && replies.back().is_array(2)
                          ? read_fields(replies.back().items[0])
                          : std::nullopt;
  if (!before || replies.back().items[1].kind != Reply::Kind::integer) {
    return problem(Error::write_failed,
                   "it is not known whether the ring was published: " +
                       (replies.empty() ? store_.problem() : "the store answers something else") +
                       "; run it again");
  }
  if (newest_of(*before) >= next.generation) {
    if (replies.back().items[1].integer == 1) {
      const Command command{"HDEL", member.key, std::to_string(next.generation)};
      store_.ask(std::span(&command, 1), [](std::span<const Reply>) {});
    }
    return nothing_published(
        ", because another machine has just published this ring; rotate on one machine only");
  }
  const auto kept = member.ring.published(next, wall_now());
  changed_();
  if (!kept) return std::unexpected(kept.error());
  return next.generation;
}

void Rings::describe(std::vector<std::pair<std::string, std::string>>& fields) const {
  for (const auto& member : members_) {
    const KeptRing& ring = member->ring;
    std::string kids;
    for (const std::string& kid : ring.kids()) kids += (kids.empty() ? "" : ",") + kid;
    fields.emplace_back(ring.name() + ".ring", std::to_string(ring.sealed().generation));
    fields.emplace_back(ring.name() + ".kids", kids);
  }
}

void Rings::describe(Time now, json& status) const {
  json rings = json::array();
  for (const auto& member : members_) {
    const KeptRing& ring = member->ring;
    const bool in_touch = store_.is_up() && member->is_in_touch(now);
    json entry{
        {"path", ring.path()},   {"name", ring.name()}, {"generation", ring.sealed().generation},
        {"since", ring.since()}, {"kids", ring.kids()}, {"in_touch", in_touch}};
    if (!ring.problem().empty()) entry["problem"] = ring.problem();
    if (!member->problem.empty()) entry["store_problem"] = member->problem;
    const bool good = in_touch && ring.problem().empty() && member->problem.empty() &&
                      ring.sealed().generation != 0;
    entry["good"] = good;
    if (!good) status["good"] = false;
    rings.push_back(std::move(entry));
  }
  status["rings"] = std::move(rings);
}

}  // namespace sealring::agent
