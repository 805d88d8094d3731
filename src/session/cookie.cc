// SPDX-License-Identifier: Apache-2.0
#include "session/cookie.h"

#include <algorithm>
#include <charconv>

#include "binding/policy.h"
#include "session/cookie_header.h"

namespace sealring::session {
namespace {

constexpr std::string_view kMaxAge = "; Max-Age=";
constexpr std::size_t kCountSize = 2;   // as in "3~"
constexpr std::size_t kSuffixSize = 2;  // as in "-1"

std::size_t digits(std::int64_t number) {
  std::size_t count = 1;
  while (number /= 10) ++count;
  return count;
}

class Line {
 public:
  explicit Line(std::span<char, kMaxCookieSize> out) : begin_(out.data()), end_(out.data()) {}

  Line& text(std::string_view text) {
    end_ = std::ranges::copy(text, end_).out;
    return *this;
  }
  Line& digit(std::size_t number) {
    *end_++ = static_cast<char>('0' + number);
    return *this;
  }
  Line& number(std::int64_t number) {
    end_ = std::to_chars(end_, begin_ + kMaxCookieSize, number).ptr;
    return *this;
  }
  Line& name(const CookieSettings& settings, std::size_t index) {
    text(settings.name);
    if (index != 0) text("-").digit(index);
    return text("=");
  }
  std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }

 private:
  char* begin_;
  char* end_;
};

}  // namespace

Result<CookieWriter> CookieWriter::make(const CookieSettings& settings, std::string_view token,
                                        std::int64_t max_age) noexcept {
  CookieWriter writer(settings, token, max_age);
  if (writer.overhead_of(1) + kCountSize >= kMaxCookieSize) {
    return std::unexpected(Error::invalid_argument);
  }
  if (token.size() <= writer.room_in(0)) return writer;

  std::size_t rest = token.size();
  for (std::size_t count = 1; count <= settings.parts; ++count) {
    const std::size_t room = writer.room_in(count - 1) - (count == 1 ? kCountSize : 0);
    if (rest <= room && count > 1) {
      writer.count_ = count;
      return writer;
    }
    rest -= std::min(rest, room);
  }
  return std::unexpected(Error::invalid_argument);
}

std::size_t CookieWriter::overhead_of(std::size_t index) const noexcept {
  const std::size_t age = max_age_ == 0 ? 0 : kMaxAge.size() + digits(max_age_);
  return settings_.name.size() + (index == 0 ? 0 : kSuffixSize) + 1 + settings_.attributes.size() +
         age;
}

// Including the count in front of the first piece.
std::size_t CookieWriter::room_in(std::size_t index) const noexcept {
  return kMaxCookieSize - overhead_of(index);
}

std::size_t CookieWriter::write(std::size_t index,
                                std::span<char, kMaxCookieSize> out) const noexcept {
  Line line(out);
  line.name(settings_, index);
  if (count_ == 1) {
    line.text(token_);
  } else {
    const std::size_t first = room_in(0) - kCountSize;
    const std::size_t begin = index == 0 ? 0 : first + (index - 1) * room_in(1);
    if (index == 0) line.digit(count_).text("~");
    line.text(token_.substr(begin, index == 0 ? first : room_in(1)));
  }
  line.text(settings_.attributes);
  if (max_age_ != 0) line.text(kMaxAge).number(max_age_);
  return line.size();
}

std::size_t CookieWriter::write_deletion(const CookieSettings& settings, std::size_t index,
                                         std::span<char, kMaxCookieSize> out) noexcept {
  return Line(out).name(settings, index).text(settings.attributes).text(kMaxAge).number(0).size();
}

std::size_t CookieWriter::write_bound_deletion(const CookieSettings& settings,
                                               std::span<char, kMaxCookieSize> out) noexcept {
  return Line(out)
      .text(settings.name)
      .text(binding::kBoundSuffix)
      .text("=")
      .text(settings.attributes)
      .text(kMaxAge)
      .number(0)
      .size();
}

std::size_t Candidates::read(std::string_view header, char* rest) noexcept {
  CookieCutter cutter(name_, header, rest);
  while (const auto cookie = cutter.next()) {
    if (cookie->name.size() == name_.size() + binding::kBoundSuffix.size()) {
      if (bound_count_ < kMaxCandidates) bound_[bound_count_++] = cookie->value;
      continue;
    }
    const std::size_t part = cookie->name.size() == name_.size()
                                 ? 0
                                 : static_cast<std::size_t>(cookie->name.back() - '0');
    if (counts_[part] < kMaxCandidates) values_[part][counts_[part]++] = cookie->value;
  }
  return cutter.size();
}

std::size_t Candidates::parts_sent() const noexcept {
  std::size_t parts = kMaxParts;
  while (parts > 0 && counts_[parts - 1] == 0) --parts;
  return parts;
}

bool Candidates::is_divided(std::size_t index) const noexcept {
  const std::string_view value = values_[0][index];
  return value.size() >= kCountSize && value[1] == '~';
}

std::size_t Candidates::parts_of(std::size_t index) const noexcept {
  return is_divided(index) ? static_cast<std::size_t>(values_[0][index][0] - '0') : 1;
}

std::size_t Candidates::token_size(std::size_t index) const noexcept {
  std::size_t size = values_[0][index].size();
  if (!is_divided(index)) return size;
  for (std::size_t part = 1; part < parts_; ++part) {
    for (const std::string_view piece : values_[part]) size += piece.size();
  }
  return size;
}

Result<std::string_view> Candidates::token(std::size_t index, MutableBytes buffer) const noexcept {
  const std::string_view value = values_[0][index];
  if (!is_divided(index)) return value;
  if (value[0] < '2' || value[0] > '9') return std::unexpected(Error::malformed);
  const auto count = static_cast<std::size_t>(value[0] - '0');
  if (count > parts_) return std::unexpected(Error::malformed);

  std::size_t nth = 0;
  for (std::size_t before = 0; before < index; ++before) nth += is_divided(before);
  std::size_t size = 0;
  const auto append = [&](std::string_view piece) {
    copy(as_bytes(piece), buffer.subspan(size));
    size += piece.size();
  };
  append(value.substr(kCountSize));
  for (std::size_t part = 1; part < count; ++part) {
    if (nth >= counts_[part]) return std::unexpected(Error::malformed);
    append(values_[part][nth]);
  }
  return as_text(buffer.first(size));
}

}  // namespace sealring::session
