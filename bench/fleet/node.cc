// SPDX-License-Identifier: Apache-2.0
#include "node.h"

namespace sealring::bench {
namespace {

constexpr std::int64_t kLasts = 31 * 60;  // as with an idle timeout of 30 minutes

revocation::Salt salt_of(std::uint64_t number) {
  revocation::Salt salt{};
  for (std::size_t i = 0; i < 8; ++i) salt[i] = static_cast<std::uint8_t>(number >> 8 * i);
  return salt;
}

}  // namespace

std::size_t Entries::add(std::int64_t now) {
  Entry entry{{}, now, now + kLasts};
  const std::size_t index = all_.size();
  for (std::size_t i = 0; i < 4; ++i)
    entry.hash[i] = static_cast<std::uint8_t>(index >> 8 * (3 - i));
  all_.push_back(entry);
  return index;
}

std::optional<std::size_t> Entries::find(const revocation::Hash& hash) const {
  std::size_t index = 0;
  for (std::size_t i = 0; i < 4; ++i) index = index << 8 | hash[i];
  return index < all_.size() ? std::optional(index) : std::nullopt;
}

Node::Node(const Entries& entries, std::uint64_t random)
    : sync({"sealring", "session.revoked", {}, salt_of(random)}, *this), entries_(entries) {}

std::optional<Entry> Node::find(const revocation::Hash& hash) const {
  const auto index = entries_.find(hash);
  return index && has(*index) ? std::optional(entries_.at(*index)) : std::nullopt;
}

void Node::for_each(const std::function<void(const Entry&)>& visit) const {
  for (std::size_t i = 0; i < has_.size(); ++i) {
    if (has_[i]) visit(entries_.at(i));
  }
}

void Node::put(std::size_t index) {
  if (has_.size() <= index) has_.resize(index + 1);
  has_[index] = true;
}

}  // namespace sealring::bench
