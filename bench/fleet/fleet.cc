// SPDX-License-Identifier: Apache-2.0
#include "fleet.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace sealring::bench {
namespace {

constexpr std::int64_t kMs = 1000, kSecond = 1'000'000;
constexpr std::int64_t kDelay = kMs;         // each way, and about as much again
constexpr std::int64_t kResend = 200 * kMs;  // a TCP's first timeout, which doubles
constexpr std::int64_t kBetweenWrites = 100 * kMs, kWriting = 2 * kMs;  // as a KeptList does
constexpr std::int64_t kPatience = 5 * kSecond;  // as that of the agent's connection
constexpr std::int64_t kBegins = 10 * kSecond, kSettles = 20 * kSecond;
constexpr std::int64_t kOutageAt = 30 * kSecond;
constexpr std::int64_t kCutFor = 20 * kSecond;
// What is revoked so long before and after an outage belongs to it: it was on its way, or the
// agents were still waiting before they try again.
constexpr std::int64_t kOnItsWay = 2 * kSecond, kReturning = 15 * kSecond;

double seconds(std::int64_t micros) {
  return static_cast<double>(std::max<std::int64_t>(micros, 0)) / kSecond;
}

}  // namespace

Fleet::Fleet(const Plan& plan)
    : plan_(plan),
      base_(std::time(nullptr)),
      primary_(plan.port),
      replica_(plan.failover ? std::make_unique<StoreClient>(plan.replica_port) : nullptr),
      store_(&primary_) {
  primary_.ask({"FLUSHALL"});
  const auto up_to = [this](std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(random_);
  };
  for (std::size_t i = 0; i < plan.nodes; ++i) {
    nodes_.push_back(std::make_unique<Node>(entries_, random_()));
    nodes_.back()->clock = up_to(2 * plan.clocks) - plan.clocks;
    nodes_.back()->look = Clock(up_to(999));
    at(up_to(4 * kSecond), [this, i] { connect(i); });
  }
  poll_numbers_.resize(plan.nodes);
  will_write_.resize(plan.nodes);
  asked_.resize(plan.nodes);
  at(kBegins, [this] { revoke(); });
  plan_outages();
}

void Fleet::plan_outages() {
  if (plan_.cut > 0) {
    outage_begins_ = kOutageAt;
    outage_ends_ = kOutageAt + kCutFor;
    const auto count = static_cast<std::size_t>(plan_.cut * static_cast<double>(plan_.nodes));
    const auto set = [this, count](bool is_cut) {
      for (std::size_t i = 0; i < count; ++i) nodes_[i]->is_cut = is_cut;
    };
    at(outage_begins_, [set] { set(true); });
    at(outage_ends_, [set] { set(false); });
  }
  if (!plan_.failover) return;
  outage_begins_ = kOutageAt - 2 * kSecond;
  outage_ends_ = kOutageAt + 5 * kSecond;
  at(outage_begins_, [this] { detach_replica(); });
  at(kOutageAt, [this] {
    store_ = nullptr;
    for (std::size_t i = 0; i < nodes_.size(); ++i) lose(i);
  });
  at(outage_ends_, [this] { store_ = replica_.get(); });
}

// What is written from now on is lost when the replica takes over.
void Fleet::detach_replica() {
  primary_.ask({"WAIT", "1", "0"});
  replica_->ask({"REPLICAOF", "NO", "ONE"});
}

Result Fleet::run() {
  const auto end = static_cast<Micros>(plan_.seconds * kSecond);
  while (now_ < end) {
    const Micros event = events_.empty() ? end : events_.top().at;
    if (!questions_.empty() && questions_.top().at <= event) {
      now_ = questions_.top().at;
      // Nobody can have the answer to one of these before the last of them is there.
      answer_questions(now_ + kDelay);
      continue;
    }
    if (event >= end) break;
    now_ = event;
    const auto happen = std::move(const_cast<Event&>(events_.top()).happen);
    events_.pop();
    happen();
  }
  for (const Revocation& one : revocations_) {
    if (one.missing != 0) {
      ++result_.lost;
    } else if (outage_ends_ > 0 && one.at >= outage_begins_ - kOnItsWay &&
               one.at < outage_ends_ + kReturning) {
      result_.after_outage.push_back(seconds(one.last - std::max(one.at, outage_ends_)));
    } else {
      result_.everywhere.push_back(seconds(one.last - one.at));
    }
  }
  return std::move(result_);
}

void Fleet::at(Micros time, std::function<void()> happen) {
  events_.push({time, ++number_, std::move(happen)});
}

Fleet::Micros Fleet::delay() {
  Micros delay = kDelay + static_cast<Micros>(std::exponential_distribution(1.0)(random_) * kDelay);
  for (Micros pause = kResend; std::uniform_real_distribution()(random_) < plan_.loss; pause *= 2) {
    delay += pause;
  }
  return delay;
}

agent::Time Fleet::time_of(const Node& node) const {
  return {Clock(now_ / kMs), base_ + now_ / kSecond + node.clock};
}

// As the agent's connection does: it is patient, and waits longer after each failure.
void Fleet::connect(std::size_t number) {
  Node& node = *nodes_[number];
  const Micros longest = std::min<Micros>(10 * kSecond, 250 * kMs << std::min(node.trials++, 10));
  const Micros pause = std::uniform_int_distribution<Micros>(longest / 2, longest)(random_);
  if (node.is_cut || store_ == nullptr) {
    at(now_ + (node.is_cut ? std::max(pause, kPatience) : pause),
       [this, number] { connect(number); });
    return;
  }
  at(now_ + delay() + delay() + delay() + delay(), [this, number] {
    Node& one = *nodes_[number];
    one.is_connected = true;
    one.trials = 0;
    ++one.connection;
    one.sync.connected();
    enroll(number, one.connection);
    poll(number);
  });
}

void Fleet::lose(std::size_t number) {
  Node& node = *nodes_[number];
  if (!node.is_connected) return;
  node.is_connected = false;
  node.sync.disconnected();
  connect(number);
}

void Fleet::poll_at(std::size_t number, Micros time) {
  at(time, [this, number, poll_number = ++poll_numbers_[number]] {
    if (poll_numbers_[number] == poll_number) poll(number);
  });
}

void Fleet::poll(std::size_t number) {
  Node& node = *nodes_[number];
  if (!node.is_connected) return;
  auto commands = node.sync.ask(time_of(node));
  if (commands.empty()) {
    return poll_at(number,
                   now_ + std::max<Micros>(node.sync.due_in(time_of(node)).count(), 1) * kMs);
  }
  if (commands.front().front() == "ZSCAN" && commands.front()[2] == "0") ++result_.snapshots;
  questions_.push({now_ + delay(), number, node.connection, std::move(commands), false});
  at(now_ + kPatience, [this, number, asked = ++asked_[number], connection = node.connection] {
    const Node& one = *nodes_[number];
    if (asked_[number] == asked && one.connection == connection) lose(number);
  });
}

// What a node says about itself, every five seconds.
void Fleet::enroll(std::size_t number, std::uint64_t connection) {
  const Node& node = *nodes_[number];
  if (!node.is_connected || node.connection != connection) return;
  const std::string text = "time=" + std::to_string(base_ + now_ / kSecond) +
                           "&version=0.1.0&session.revoked.generation=1000000"
                           "&session.revoked.entries=10000&session.revoked.unsent=0";
  questions_.push({now_ + delay(),
                   number,
                   connection,
                   {{"HSET", "sealring:nodes", "web" + std::to_string(number), text}},
                   true});
  at(now_ + 5 * kSecond, [this, number, connection] { enroll(number, connection); });
}

void Fleet::answer_questions(Micros until) {
  std::vector<Question> asked;
  for (; !questions_.empty() && questions_.top().at < until; questions_.pop()) {
    Question question = std::move(const_cast<Question&>(questions_.top()));
    const Node& node = *nodes_[question.node];
    if (node.is_cut || !node.is_connected || store_ == nullptr) continue;
    for (Command& command : question.commands) {
      // The store's clock is that of the simulation.
      if (command[0] == "XADD") {
        *std::ranges::find(command, "*") = std::to_string(base_ * 1000 + question.at / kMs) + "-*";
      }
      ++result_.commands[command[0]];
      store_->add(command);
    }
    asked.push_back(std::move(question));
  }
  if (asked.empty()) return;
  const std::vector<Reply> replies = store_->ask();
  for (const StoreClient::Size& size : store_->sizes()) {
    result_.bytes_sent += size.question;
    result_.bytes_received += size.answer;
  }
  auto next = replies.begin();
  for (const Question& question : asked) {
    ++result_.exchanges;
    const auto end = next + static_cast<std::ptrdiff_t>(question.commands.size());
    if (!question.is_registration) {
      at(question.at + delay(),
         [this, number = question.node, connection = question.connection,
          own = std::vector<Reply>(next, end)] { deliver(number, connection, own); });
    }
    next = end;
  }
}

void Fleet::deliver(std::size_t number, std::uint64_t connection,
                    const std::vector<Reply>& replies) {
  Node& node = *nodes_[number];
  if (node.is_cut || !node.is_connected || node.connection != connection) return;
  ++asked_[number];
  node.sync.answer(replies, time_of(node));
  if (!node.sync.problem().empty()) {
    std::fprintf(stderr, "bench_fleet: %s\n", node.sync.problem().c_str());
  }
  for (const Entry& entry : node.sync.take_findings().entries) {
    const auto index = entries_.find(entry.hash);
    if (index && !node.has(*index)) node.waiting.emplace_back(*index, false);
  }
  wait_to_write(number);
  poll_at(number, now_ + node.sync.due_in(time_of(node)).count() * kMs);
}

void Fleet::revoke() {
  const std::size_t number =
      std::uniform_int_distribution<std::size_t>(0, nodes_.size() - 1)(random_);
  const std::size_t index = entries_.add(base_ + now_ / kSecond);
  // On its own machine it counts at once.
  revocations_.push_back({now_, nodes_.size() - 1, now_});
  nodes_[number]->waiting.emplace_back(index, true);
  wait_to_write(number);
  const auto next =
      static_cast<Micros>(std::exponential_distribution(plan_.rate)(random_) * kSecond) + 1;
  if (now_ + next < static_cast<Micros>(plan_.seconds * kSecond) - kSettles) {
    at(now_ + next, [this] { revoke(); });
  }
}

void Fleet::wait_to_write(std::size_t number) {
  Node& node = *nodes_[number];
  if (node.waiting.empty() || will_write_[number]) return;
  will_write_[number] = true;
  const Micros last = node.wrote_at.count() * kMs;
  at(std::max(now_, last + kBetweenWrites) + kWriting, [this, number] { write(number); });
}

void Fleet::write(std::size_t number) {
  Node& node = *nodes_[number];
  will_write_[number] = false;
  node.wrote_at = Clock(now_ / kMs);
  // The server looks once a second.
  const Micros look = node.look.count() * kMs;
  const Micros looks_at = (now_ - look + kSecond - 1) / kSecond * kSecond + look;
  for (const auto& [index, is_own] : std::exchange(node.waiting, {})) {
    if (node.has(index)) continue;
    node.put(index);
    if (is_own) {
      node.sync.send(entries_.at(index), {});
    } else {
      Revocation& one = revocations_[index];
      --one.missing;
      one.last = std::max(one.last, looks_at);
    }
  }
  if (node.is_connected) poll(number);
}

}  // namespace sealring::bench
