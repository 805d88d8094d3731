// SPDX-License-Identifier: Apache-2.0
#include "cookies/request.h"

#include <algorithm>

namespace sealring::cookies {

using session::Cookie;
using session::CookieReader;

namespace {

constexpr std::size_t kPlain = std::size(status::kCookiesReceived) - 1;
static_assert(status::kCookiesReceived[kPlain] == "plain" &&
              std::ranges::equal(std::span(status::kCookiesReceived).first(kPlain),
                                 status::kResults));
static_assert(std::size(status::kCookieModes) == static_cast<std::size_t>(Mode::enforce) + 1);

bool is_first_piece(const Cookie& cookie) {
  return cookie.value.starts_with(kInTwo) && looks_sealed(cookie.value);
}

std::string_view without_suffix(std::string_view name) {
  return name.ends_with(kSecondSuffix) ? name.substr(0, name.size() - kSecondSuffix.size())
                                       : std::string_view();
}

bool is_forged(Error reason) {
  return reason == Error::malformed || reason == Error::authentication_failed;
}

}  // namespace

bool looks_sealed(std::string_view value) noexcept {
  if (!value.starts_with(kInOne) && !value.starts_with(kInTwo)) return false;
  const std::string_view token = value.substr(kInOne.size());
  return token.starts_with("s1.") || token.starts_with("ey");
}

bool Request::has_piece(const Pieces& pieces, std::string_view name) noexcept {
  return std::ranges::find(pieces.elements(), name, &Piece::name) != pieces.elements().end();
}

bool Request::has_second_piece(std::string_view name) const noexcept {
  return has_piece(first_, name) && has_piece(second_, name);
}

void Request::read(const Sealer& sealer, std::string_view header) noexcept {
  size_ += header.size() + 1;  // and a NUL
  CookieReader cookies(header);
  while (const auto cookie = cookies.next()) {
    if (is_first_piece(*cookie)) {
      first_.add({cookie->name, cookie->value});
    } else if (looks_sealed(cookie->value)) {
      size_ += sealer.opened_size(cookie->value.size());
    } else if (const auto name = without_suffix(cookie->name); !name.empty()) {
      second_.add({name, cookie->value});
    }
  }
}

// What is joined and opened, and the texts that take the place of the headers.
std::size_t Request::open_size(const Sealer& sealer) const noexcept {
  std::size_t size = size_;
  for (std::size_t first = 0; first < first_.size(); ++first) {
    const Piece* second = second_of(first);
    if (second == nullptr) continue;
    const std::size_t joined = first_[first].value.size() + second->value.size();
    size += second->value.size() + joined + sealer.opened_size(joined);
  }
  return size;
}

// What takes its place is no longer, unless a second piece of its cookies is in another header.
std::size_t Request::rewritten_size(std::string_view header) const noexcept {
  std::size_t size = header.size();
  std::size_t first = next_first_;
  if (first >= first_.size()) return size;
  CookieReader cookies(header);
  for (auto cookie = cookies.next_part(); cookie && first < first_.size();
       cookie = cookies.next_part()) {
    if (!is_first_piece(*cookie)) continue;
    if (const Piece* second = second_of(first++)) size += second->value.size();
  }
  return size;
}

Result<void> Request::begin(const Policy& policy, Sealer& sealer, std::int64_t now,
                            MutableBytes buffer) noexcept {
  if (buffer.size() < open_size(sealer)) return std::unexpected(Error::buffer_too_small);
  policy_ = &policy;
  sealer_ = &sealer;
  now_ = now;
  mode_ = policy.mode(now);
  buffer_ = buffer;
  return {};
}

bool Request::is_second_piece(const Cookie& cookie) const noexcept {
  const std::string_view name = without_suffix(cookie.name);
  return !name.empty() && !looks_sealed(cookie.value) && has_piece(first_, name) &&
         !policy_->is_of_own_session(name) && (policy_->http_only() || policy_->chooses_name(name));
}

Result<std::string_view> Request::rewrite(std::string_view header) noexcept {
  if (policy_ == nullptr) return std::unexpected(Error::invalid_argument);
  const std::size_t size = rewritten_size(header);
  if (size >= buffer_.size()) return std::unexpected(Error::buffer_too_small);
  auto* const begin = reinterpret_cast<char*>(take(size + 1).data());
  char* end = begin;
  const auto append = [&end](std::string_view text) { end = std::ranges::copy(text, end).out; };
  bool changed = false, any = false;
  CookieReader cookies(header);
  while (const auto cookie = cookies.next_part()) {
    std::string_view pair = header.substr(cookie->begin, cookie->end - cookie->begin);
    const Action action = judge(pair, *cookie);
    if (failure_) return std::unexpected(*failure_);
    if (action != Action::keep) changed = true;
    if (action == Action::cut) continue;
    if (any) {
      append(";");
    } else if (cookie->begin != 0) {  // it is now the first
      pair.remove_prefix(std::min(pair.find_first_not_of(" \t"), pair.size()));
    }
    any = true;
    if (action == Action::keep) {
      append(pair);
      continue;
    }
    const auto before = static_cast<std::size_t>(cookie->value.data() - pair.data());
    append(pair.substr(0, before));
    append(value_);
    append(pair.substr(before + cookie->value.size()));
  }
  if (!changed) return header;
  *end = '\0';
  return std::string_view(begin, end);
}

Request::Action Request::judge(std::string_view pair, const Cookie& cookie) noexcept {
  const std::size_t first = is_first_piece(cookie) ? next_first_++ : 0;
  if (cookie.name.empty()) {
    const bool blank = session::trimmed(pair).empty();
    if (!blank && mode_ != Mode::migrate && (policy_->all() || contains_chosen_name(pair))) {
      return cut({}, Error::malformed, "it has no name");
    }
    return Action::keep;
  }
  if (is_second_piece(cookie)) return Action::cut;
  const bool chosen = policy_->chooses_name(cookie.name);
  const bool by_looks = policy_->http_only() && !policy_->is_of_own_session(cookie.name);
  if (looks_sealed(cookie.value) && (chosen || by_looks)) {
    return judge_sealed(cookie, first);
  }
  if (chosen && mode_ != Mode::enforce) {
    ++plain_count_;
    count(kPlain);
    return Action::keep;
  }
  if (chosen) return cut(cookie.name, Error::malformed, "it is not sealed");
  if (mode_ != Mode::migrate && contains_chosen_name(pair)) {
    return cut(cookie.name, Error::malformed, "it contains the name of a sealed cookie");
  }
  return Action::keep;
}

Request::Action Request::judge_sealed(const Cookie& cookie, std::size_t first) noexcept {
  if (++tried_ > kMaxOpened) {
    return cut(cookie.name, Error::malformed, "the request has more than 32 sealed cookies");
  }
  if (cookie.name.size() > kMaxName) {
    return cut(cookie.name, Error::malformed, "its name has more than 256 bytes");
  }
  std::string_view token = cookie.value.substr(kInOne.size());
  if (is_first_piece(cookie)) {
    const auto joined = join(first);
    if (!joined) return cut(cookie.name, Error::malformed, "its second piece is missing");
    token = *joined;
  }
  const TokenContext context(*policy_, cookie.name);
  const MutableBytes room = take(sealer_->opened_size(token.size()));
  const auto opened = sealer_->open(now_, context, as_bytes(token), room);
  if (!opened) {
    const Sealer::Refusal& why = opened.error();
    if (!is_refusal(why.reason)) {
      failure_ = why.reason;
      count(status::result_index(why.reason));
      return Action::cut;
    }
    return cut(cookie.name, why.reason, why.detail, why.kid);
  }
  if (!binds_context(opened->format)) {
    return cut(cookie.name, Error::unsupported, "its token is of an old format");
  }
  const std::string_view payload = as_text(opened->payload);
  value_ = payload.substr(0, payload.find(';'));
  const bool is_due = mode_ != Mode::report && opened->kid != sealer_->primary_kid(now_);
  count(0);
  opened_.add({cookie.name, payload, opened->times.expires_at, is_due});
  return Action::replace;
}

// For the k-th of the first pieces with one name, the k-th of the second ones. Null: it is missing.
const Request::Piece* Request::second_of(std::size_t first) const noexcept {
  const std::string_view name = first_[first].name;
  const auto before = first_.elements().first(first);
  auto nth = std::ranges::count(before, name, &Piece::name);
  for (const Piece& second : second_.elements()) {
    if (second.name == name && nth-- == 0) return &second;
  }
  return nullptr;
}

std::optional<std::string_view> Request::join(std::size_t first) noexcept {
  const Piece* second = first < first_.size() ? second_of(first) : nullptr;
  if (second == nullptr) return std::nullopt;
  if (first_[first].value.size() + second->value.size() > buffer_.size()) return std::nullopt;
  const std::string_view start = first_[first].value.substr(kInTwo.size());
  const MutableBytes joined = take(start.size() + second->value.size());
  copy(as_bytes(start), joined);
  copy(as_bytes(second->value), joined.subspan(start.size()));
  return as_text(joined);
}

bool Request::contains_chosen_name(std::string_view pair) noexcept {
  if (!policy_->lists_names() && !policy_->all()) return false;
  PossibleNames names(pair);
  for (std::string_view name = names.next(); !name.empty(); name = names.next()) {
    if (++possible_names_ > kMaxPossibleNames || policy_->chooses_name(name)) return true;
  }
  return false;
}

Request::Action Request::cut(std::string_view name, Error reason, const char* detail,
                             std::string_view kid) noexcept {
  ++cut_count_;
  count(status::result_index(reason));
  if (!first_cut_ || (is_forged(reason) && !has_forged_)) {
    first_cut_ = CutCookie{name, reason, NamedKid(kid), detail};
  }
  has_forged_ = has_forged_ || is_forged(reason);
  return mode_ == Mode::report ? Action::keep : Action::cut;
}

void Request::count(std::size_t result) const noexcept {
  if (sealer_->counters() == nullptr) return;
  using status::Counter;
  sealer_->counters()->add<Counter::sealed_cookies_received>(result,
                                                             static_cast<std::size_t>(mode_));
}

// Less than `size` only if a header was not read before.
MutableBytes Request::take(std::size_t size) noexcept {
  size = std::min(size, buffer_.size());
  const MutableBytes taken = buffer_.first(size);
  buffer_ = buffer_.subspan(size);
  return taken;
}

}  // namespace sealring::cookies
