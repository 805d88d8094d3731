// SPDX-License-Identifier: Apache-2.0
// base64url, and base64 with it: any text is refused or is the one text of its bytes, as a plain
// decoder says too; any bytes come back.
#include "base/base64url.h"

#include <algorithm>

#include "base/base64.h"
#include "check.h"
#include "support/plain_base64url.h"

namespace sealring::fuzz {
namespace {

void decode_url(std::string_view text) {
  std::vector<std::uint8_t> bytes(base64url::decoded_size(text.size()));
  const auto size = base64url::decode(text, bytes);
  const auto plain = plain::decode(text);
  check(size.has_value() == plain.has_value(), "base64url takes what a plain decoder takes");
  if (!size) return;
  check(*size == bytes.size(), "base64url fills its buffer");
  check(bytes == *plain, "base64url decodes as a plain decoder does");
  check(base64url::encode(bytes) == text, "base64url takes one text for each byte string");
}

void decode_padded(std::string_view text) {
  std::vector<std::uint8_t> bytes(base64::decoded_size(text.size()));
  const auto size = base64::decode(text, bytes);
  if (!size) return;
  std::string again(base64::encoded_size(*size), '\0');
  base64::encode(Bytes(bytes).first(*size), again.data());
  check(again == text, "base64 takes one text for each byte string");
}

void encode(Bytes bytes) {
  const std::string text = base64url::encode(bytes);
  check(text == plain::encode(bytes), "base64url encodes as a plain encoder does");
  std::vector<std::uint8_t> back(base64url::decoded_size(text.size()));
  check(base64url::decode(text, back) && std::ranges::equal(back, bytes), "bytes come back");

  // In place, from the tail of the text's own room.
  std::string room(text.size(), '\0');
  const MutableBytes tail(reinterpret_cast<std::uint8_t*>(room.data()), room.size());
  copy(bytes, tail.last(bytes.size()));
  base64url::encode(tail.last(bytes.size()), room.data());
  check(room == text, "base64url encodes in place");

  std::string padded(base64::encoded_size(bytes.size()), '\0');
  base64::encode(bytes, padded.data());
  std::vector<std::uint8_t> again(base64::decoded_size(padded.size()));
  const auto size = base64::decode(padded, again);
  check(size && std::ranges::equal(Bytes(again).first(*size), bytes), "bytes come back, padded");
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sealring::Bytes input(data, size);
  sealring::fuzz::decode_url(sealring::as_text(input));
  sealring::fuzz::decode_padded(sealring::as_text(input));
  sealring::fuzz::encode(input);
  return 0;
}
