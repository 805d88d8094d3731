// SPDX-License-Identifier: Apache-2.0
#include "session/fields.h"

#include <algorithm>
#include <optional>

namespace sealring::session {
namespace {

constexpr std::string_view kReserved[] = {"sid", "auth_time", "expiry", "bound", "prior"};

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '*' || c == '_' || c == '-';
}

constexpr int hex_value(std::uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_control(std::uint8_t c) {
  return c < ' ' || c == 0x7f;
}

// The bytes that are themselves in a text: almost all that ever come.
constexpr auto kItself = [] {
  std::array<bool, 256> itself{};
  for (std::size_t byte = 0; byte < itself.size(); ++byte) {
    itself[byte] = !is_control(static_cast<std::uint8_t>(byte)) && byte != '+' && byte != '%';
  }
  return itself;
}();

// In place, because decoding never makes a text longer. Nothing if the text is malformed.
std::optional<std::string_view> decode(MutableBytes text) noexcept {
  std::size_t size = 0;
  while (size < text.size() && kItself[text[size]]) ++size;
  for (std::size_t i = size; i < text.size(); ++i) {
    std::uint8_t byte = text[i];
    if (is_control(byte)) return std::nullopt;
    if (byte == '+') {
      byte = ' ';
    } else if (byte == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
      byte = static_cast<std::uint8_t>(high << 4 | low);
      i += 2;
    }
    text[size++] = byte;
  }
  return as_text(text.first(size));
}

std::size_t encoded_size(std::string_view text) noexcept {
  const auto escaped = std::ranges::count_if(text, [](char c) { return c != ' ' && !is_plain(c); });
  return text.size() + 2 * static_cast<std::size_t>(escaped);
}

char* encode(std::string_view text, char* out) noexcept {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : text) {
    if (is_plain(c)) {
      *out++ = c;
    } else if (c == ' ') {
      *out++ = '+';
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      *out++ = '%';
      *out++ = kDigits[byte >> 4];
      *out++ = kDigits[byte & 15];
    }
  }
  return out;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::span<const std::string_view> reserved_names() noexcept {
  return kReserved;
}

bool is_reserved(std::string_view name) noexcept {
  return std::ranges::any_of(kReserved, [name](auto known) { return same_name(name, known); });
}

Result<void> Fields::parse(MutableBytes text) noexcept {
  count_ = 0;
  if (text.size() > kMaxTextSize) return std::unexpected(Error::malformed);
  while (!text.empty()) {
    const std::size_t end = std::min(as_text(text).find('&'), text.size());
    if (end != 0) {
      if (auto parsed = parse_pair(text.first(end)); !parsed) {
        count_ = 0;
        return parsed;
      }
    }
    text = text.subspan(std::min(end + 1, text.size()));
  }
  return {};
}

Result<void> Fields::parse_pair(MutableBytes pair) noexcept {
  const std::size_t split = std::min(as_text(pair).find('='), pair.size());
  const auto name = decode(pair.first(split));
  const auto value = decode(pair.subspan(std::min(split + 1, pair.size())));
  if (!name || !value) return std::unexpected(Error::malformed);
  return set(*name, *value);
}

std::string_view Fields::value(std::string_view name) const noexcept {
  for (const Field& field : all()) {
    if (same_name(field.name, name)) return field.value;
  }
  return {};
}

Result<void> Fields::set(std::string_view name, std::string_view value) noexcept {
  if (name.empty()) return std::unexpected(Error::malformed);
  if (value.empty()) {
    remove(name);
  } else if (Field* const found = find(name); found != end()) {
    found->value = value;
  } else {
    if (count_ == kMaxFields) return std::unexpected(Error::malformed);
    fields_[count_++] = {name, value};
  }
  return {};
}

void Fields::remove(std::string_view name) noexcept {
  Field* const found = find(name);
  if (found == end()) return;
  std::move(found + 1, end(), found);
  --count_;
}

Field* Fields::find(std::string_view name) noexcept {
  return std::find_if(fields_.data(), end(), [name](auto& f) { return same_name(f.name, name); });
}

std::size_t Fields::text_size() const noexcept {
  std::size_t size = 0;
  for (const Field& field : all()) {
    size += (size != 0) + encoded_size(field.name) + 1 + encoded_size(field.value);
  }
  return size;
}

std::size_t Fields::write(char* out) const noexcept {
  char* end = out;
  for (const Field& field : all()) {
    if (end != out) *end++ = '&';
    end = encode(field.name, end);
    *end++ = '=';
    end = encode(field.value, end);
  }
  return static_cast<std::size_t>(end - out);
}

}  // namespace sealring::session
