// SPDX-License-Identifier: Apache-2.0
#include "fleet/store.h"

#include <hiredis/hiredis.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "log.h"

namespace sealring::agent {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxUnparsed = std::size_t{64} << 20;
constexpr Milliseconds kFirstPause{250}, kLongestPause{10'000};
constexpr Milliseconds kPatience{5'000};  // with a name, a connection or an answer

void append(SecretString& out, std::span<const std::string_view> command) {
  const auto add = [&out](std::string_view text) { out.append(text); };
  add("*" + std::to_string(command.size()) + "\r\n");
  for (const std::string_view part : command) {
    add("$" + std::to_string(part.size()) + "\r\n");
    add(part);
    add("\r\n");
  }
}

Reply converted(const redisReply& from) {
  Reply reply;
  reply.integer = from.integer;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      reply.kind = Reply::Kind::text;
      break;
    case REDIS_REPLY_ERROR:
      reply.kind = Reply::Kind::error;
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::array;
      for (std::size_t i = 0; i < from.elements; ++i) {
        reply.items.push_back(converted(*from.element[i]));
      }
      break;
    default:
      break;
  }
  if (from.str != nullptr) reply.text.assign(from.str, static_cast<std::size_t>(from.len));
  return reply;
}

// The error with which a server refuses what only a primary does, also within a transaction; or "".
std::string_view refusal_of_replica(const Reply& reply) {
  for (const Reply& inner : reply.items) {
    if (const auto refusal = refusal_of_replica(inner); !refusal.empty()) return refusal;
  }
  if (!reply.is_error()) return "";
  constexpr auto kAborted = "EXECABORT Transaction discarded because of: "sv;
  std::string_view text = reply.text;
  if (text.starts_with(kAborted)) text.remove_prefix(kAborted.size());
  for (const auto refusal : {"READONLY"sv, "MASTERDOWN"sv}) {
    if (text.starts_with(refusal)) return refusal;
  }
  return "";
}

// Doubles, and is not the same for all machines, which would all come back at once.
Milliseconds pause_after(std::size_t trials) {
  const auto pause =
      std::min(kLongestPause, kFirstPause * (1 << std::min<std::size_t>(trials, 10)));
  std::uint32_t random = 0;
  if (getentropy(&random, sizeof(random)) != 0) return pause;
  return pause / 2 + Milliseconds(random % static_cast<std::uint32_t>(pause.count() / 2 + 1));
}

}  // namespace

Store::Store(Loop& loop, StoreSettings settings, Changed changed)
    : loop_(loop),
      settings_(std::move(settings)),
      changed_(std::move(changed)),
      resolver_(loop),
      reader_(nullptr, redisReaderFree) {}

Store::~Store() {
  if (socket_.is_open()) loop_.forget(socket_.get());
}

Milliseconds Store::tick(Milliseconds now) {
  if (!socket_.is_open() && !resolver_.is_busy() && now >= next_trial_) begin_trial(now);
  if (waits_for_name_) {
    if (now - waiting_since_ < kPatience) return kPatience - (now - waiting_since_);
    lose("the name \"" + settings_.address.host + "\" cannot be looked up: no name server answers");
  }
  if (!socket_.is_open()) {
    // The next trial is after the end of what is looked up, although it was given up.
    return resolver_.is_busy() ? kPatience : std::max(next_trial_ - now, Milliseconds(0));
  }
  if (was_replica_ && is_up_ && now - connected_at_ >= kPatience) settle();
  if (questions_.empty()) {
    waiting_since_ = now;
  } else if (now - waiting_since_ >= kPatience) {
    lose("it does not answer");
  }
  return kPatience;
}

void Store::begin_trial(Milliseconds now) {
  if (const auto known = known_address(settings_.address)) return connect(*known, now);
  waiting_since_ = now;
  waits_for_name_ = true;
  if (auto begun = resolver_.look_up(settings_.address.host, settings_.address.port,
                                     [this](const Addresses& found) { looked_up(found); });
      !begun) {
    lose(begun.error().message);
  }
}

void Store::looked_up(const Addresses& found) {
  // Each trial is for the next address. One that is found late is as good.
  if (found) return connect((*found)[trials_ % found->size()], monotonic_now());
  if (waits_for_name_) lose(found.error().message);
}

void Store::connect(const SocketAddress& to, Milliseconds now) {
  waits_for_name_ = false;
  next_trial_ = now + pause_after(trials_++);
  auto socket = begin_connecting(to);
  if (!socket) return lose(socket.error().message);
  socket_ = std::move(*socket);
  if (settings_.address.is_tls) {
    auto stream = tls_stream(socket_.get(), settings_.tls);
    if (!stream) return lose(stream.error().message);
    stream_ = std::move(*stream);
  } else {
    stream_ = plain_stream(socket_.get());
  }
  reader_.reset(redisReaderCreate());
  loop_.watch(socket_.get(), POLLIN | POLLOUT, [this](short events) { handle(events); });
  connected_at_ = waiting_since_ = now;
  log_in();
}

void Store::log_in() {
  std::vector<std::string_view> command{"PING"};
  if (!settings_.password.empty()) {
    command = {"AUTH"};
    if (!settings_.user.empty()) command.push_back(settings_.user);
    command.push_back(settings_.password);
  }
  append(out_, command);
  expect(1, [this](std::span<const Reply> replies) {
    if (replies.empty()) return;
    if (replies[0].is_error()) return lose("it answers: " + replies[0].text);
    // A replica lets us in, too: only what is asked next shows what it is.
    if (!was_replica_) settle();
    is_up_ = true;
    ++connections_;
    changed_(true);
  });
}

void Store::settle() {
  if (!problem_.empty()) {
    log(Level::notice, "store " + settings_.address.text() + ": connected");
  }
  problem_.clear();
  trials_ = 0;
  was_replica_ = false;
}

void Store::lose(const std::string& why) {
  ++failures_;
  // The time for which it waited for a name is no part of the pause.
  if (std::exchange(waits_for_name_, false)) next_trial_ = monotonic_now() + pause_after(trials_++);
  if (problem_ != why) {
    log(Level::warning, "store " + settings_.address.text() + ": " + why + "; trying again");
  }
  problem_ = why;
  if (socket_.is_open()) loop_.forget(socket_.get());
  stream_.reset();
  socket_ = Descriptor(-1);
  out_.clear();
  unparsed_ = 0;
  const auto questions = std::exchange(questions_, {});
  answers_.clear();
  write_wants_read_ = read_wants_write_ = false;
  if (std::exchange(is_up_, false)) changed_(false);
  for (const Question& question : questions) question.answered({});
}

void Store::ask(std::span<const Command> commands, Answered answered) {
  if (commands.empty() || !socket_.is_open()) return;
  for (const Command& command : commands) {
    append(out_, std::vector<std::string_view>(command.begin(), command.end()));
  }
  expect(commands.size(), std::move(answered));
}

void Store::expect(std::size_t answers, Answered answered) {
  questions_.push_back({answers, std::move(answered)});
  watch();
}

void Store::watch() {
  const bool writes = (!out_.empty() && !write_wants_read_) || read_wants_write_;
  loop_.change(socket_.get(), static_cast<short>(POLLIN | (writes ? POLLOUT : 0)));
}

void Store::handle(short events) {
  if ((events & POLLERR) != 0) {
    int code = 0;
    socklen_t size = sizeof(code);
    getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &code, &size);
    return lose(std::strerror(code));
  }
  // What is written may have to be read first, and the other way round.
  if (write() && read() && write()) watch();
}

bool Store::write() {
  while (!out_.empty()) {
    const auto written = stream_->write(as_bytes(out_));
    write_wants_read_ = written.outcome == Stream::Outcome::wants_read;
    if (written.outcome == Stream::Outcome::ended) {
      lose(stream_->error());
      return false;
    }
    if (written.outcome != Stream::Outcome::done) break;
    out_.erase(0, written.size);
  }
  return true;
}

bool Store::read() {
  std::array<std::uint8_t, 65'536> buffer;
  for (;;) {
    const auto got = stream_->read(buffer);
    read_wants_write_ = got.outcome == Stream::Outcome::wants_write;
    if (got.outcome == Stream::Outcome::ended) {
      lose(stream_->error());
      return false;
    }
    if (got.outcome != Stream::Outcome::done) return true;
    if (!take(std::span(buffer).first(got.size))) return false;
  }
}

bool Store::take(std::span<const std::uint8_t> bytes) {
  unparsed_ += bytes.size();
  if (unparsed_ > kMaxUnparsed ||
      redisReaderFeed(reader_.get(), reinterpret_cast<const char*>(bytes.data()), bytes.size()) !=
          REDIS_OK) {
    lose("its answer is too long");
    return false;
  }
  for (;;) {
    void* raw = nullptr;
    if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK ||
        (raw != nullptr && questions_.empty())) {
      if (raw != nullptr) freeReplyObject(raw);
      lose("it does not speak the Redis protocol");
      return false;
    }
    if (raw == nullptr) return true;
    answers_.push_back(converted(*static_cast<redisReply*>(raw)));
    freeReplyObject(raw);
    if (const auto refusal = refusal_of_replica(answers_.back()); !refusal.empty()) {
      was_replica_ = true;
      lose("it answers " + std::string(refusal) +
           ", so it is a replica; the address has to lead to the primary");
      return false;
    }
    unparsed_ = 0;
    if (answers_.size() < questions_.front().answers) continue;
    const Question question = std::move(questions_.front());
    questions_.pop_front();
    waiting_since_ = monotonic_now();
    const std::vector<Reply> answers = std::exchange(answers_, {});
    question.answered(answers);
    if (!socket_.is_open()) return false;  // who asked did not like the answer
  }
}

}  // namespace sealring::agent
