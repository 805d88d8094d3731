// SPDX-License-Identifier: Apache-2.0
#include "secret_text.h"

#include <algorithm>

#include "base/base64url.h"

namespace sealring::cli {
namespace {

constexpr std::size_t kLeastThatLooksEncoded = 16;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<SecretBytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  SecretBytes bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return bytes;
}

std::optional<SecretBytes> from_base64(SecretString text) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.pop_back();
  }
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  SecretBytes bytes(base64url::decoded_size(text.size()));
  if (!base64url::decode(text, bytes)) return std::nullopt;
  return bytes;
}

}  // namespace

std::string_view encoding_name(Encoding encoding) {
  return encoding == Encoding::hex ? "hex" : "base64";
}

std::optional<SecretBytes> decode_secret(std::string_view text, Encoding encoding) {
  SecretString compact(text);
  std::erase_if(compact, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  return encoding == Encoding::hex ? from_hex(compact) : from_base64(std::move(compact));
}

std::optional<Encoding> looks_encoded(std::string_view text, std::size_t size) {
  const auto has = [text](char first, char last) {
    return std::ranges::any_of(text, [=](char c) { return c >= first && c <= last; });
  };
  for (const Encoding encoding : {Encoding::hex, Encoding::base64}) {
    const auto bytes = decode_secret(text, encoding);
    if (!bytes) continue;
    if (size != 0 && bytes->size() == size) return encoding;
    const bool mixed =
        has('0', '9') && (encoding == Encoding::hex || (has('a', 'z') && has('A', 'Z')));
    if (size == 0 && bytes->size() >= kLeastThatLooksEncoded && mixed) return encoding;
  }
  return std::nullopt;
}

}  // namespace sealring::cli
