// SPDX-License-Identifier: Apache-2.0
#include "store_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sealring::bench {
namespace {

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "bench_fleet: the store: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

StoreClient::StoreClient(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    give_up("connect");
  }
}

void StoreClient::add(const Command& command) {
  const std::size_t before = out_.size();
  out_ += "*" + std::to_string(command.size()) + "\r\n";
  for (const std::string& word : command) {
    out_ += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  questions_.push_back(out_.size() - before);
}

std::vector<Reply> StoreClient::ask() {
  // The store reads all of a batch before it waits for its answers to be read: batches are small.
  for (std::size_t sent = 0; sent < out_.size();) {
    const ssize_t size = send(socket_.get(), out_.data() + sent, out_.size() - sent, 0);
    if (size < 0 && errno != EINTR) give_up("send");
    if (size > 0) sent += static_cast<std::size_t>(size);
  }
  out_.clear();
  sizes_.clear();
  std::vector<Reply> replies;
  for (const std::size_t question : questions_) {
    const std::size_t before = consumed_;
    replies.push_back(read());
    sizes_.push_back({question, consumed_ - before});
  }
  questions_.clear();
  in_.erase(0, at_);
  at_ = 0;
  return replies;
}

Reply StoreClient::ask(const Command& command) {
  add(command);
  return ask().front();
}

void StoreClient::fill() {
  std::array<char, 1 << 18> buffer;
  const ssize_t size = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (size == 0) give_up("it closed the connection");
  if (size < 0 && errno != EINTR) give_up("recv");
  if (size > 0) in_.append(buffer.data(), static_cast<std::size_t>(size));
}

std::string_view StoreClient::line() {
  std::size_t end = 0;
  while ((end = in_.find("\r\n", at_)) == std::string::npos) fill();
  const std::string_view found(in_.data() + at_, end - at_);
  consumed_ += end + 2 - at_;
  at_ = end + 2;
  return found;
}

Reply StoreClient::read() {
  const std::string first(line());
  const std::int64_t value = number(std::string_view(first).substr(1));
  Reply reply;
  switch (first.front()) {
    case '-':
      reply.kind = Reply::Kind::error;
      reply.text = first.substr(1);
      break;
    case '+':
      reply.kind = Reply::Kind::text;
      reply.text = first.substr(1);
      break;
    case ':':
      reply.kind = Reply::Kind::integer;
      reply.integer = value;
      break;
    case '$':
      if (value < 0) break;
      reply.kind = Reply::Kind::text;
      while (in_.size() < at_ + static_cast<std::size_t>(value) + 2) fill();
      reply.text = in_.substr(at_, static_cast<std::size_t>(value));
      at_ += static_cast<std::size_t>(value) + 2;
      consumed_ += static_cast<std::size_t>(value) + 2;
      break;
    default:
      if (value < 0) break;
      reply.kind = Reply::Kind::array;
      for (std::int64_t i = 0; i < value; ++i) reply.items.push_back(read());
  }
  return reply;
}

}  // namespace sealring::bench
