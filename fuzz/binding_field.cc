// SPDX-License-Identifier: Apache-2.0
// The header fields of device binding: a String in an Item, as a browser sends it. Reads the whole
// input.
#include <algorithm>
#include <string>
#include <vector>

#include "binding/structured_field.h"
#include "check.h"

namespace sealring::fuzz {
namespace {

using namespace binding;

void read(std::string_view value) {
  std::vector<std::uint8_t> room(value.size()), item_room(value.size());
  const auto text = read_sent_string(value, room);
  const auto item = read_string_item(value, item_room);
  if (item) check(text && *text == *item, "an Item is read alike");
  if (!text) return;
  check(text->size() <= value.size(), "a text is no longer than its field");
  check(item || text->size() == value.size(), "without quotation marks, all of it is the text");

  std::string written;
  check(append_string(*text, written).has_value(), "a text that was read can be written");
  std::vector<std::uint8_t> again_room(written.size());
  const auto again = read_string_item(written, again_room);
  check(again && *again == *text, "what is written is read");
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sealring::fuzz::read(sealring::as_text({data, size}));
  return 0;
}
