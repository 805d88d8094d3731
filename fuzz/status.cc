// SPDX-License-Identifier: Apache-2.0
// What chooses the format of a status, and what the tool prints of one that another program wrote.
#include <sealring/status.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/utf8.h"
#include "check.h"
#include "cli/agent_table.h"
#include "cli/server_table.h"
#include "cli/status_text.h"

namespace sealring::fuzz {
namespace {

std::int32_t format_of(const std::string& path, const std::string& accept) {
  const std::int32_t format =
      sealring_report_format(path.data(), path.size(), accept.data(), accept.size());
  check(format >= SEALRING_REPORT_PROMETHEUS && format <= SEALRING_REPORT_PAGE, "it is a format");
  check(*sealring_report_content_type(format) != '\0', "a format has a type");
  return format;
}

// The input as an Accept header.
void choose_format(const std::string& accept) {
  check(format_of("/status.json", accept) == SEALRING_REPORT_JSON, "a path for JSON decides");
  check(format_of("/status.prom", accept) == SEALRING_REPORT_PROMETHEUS, "one for metrics decides");
  check(format_of("/status", accept + ",text/html") == SEALRING_REPORT_PAGE,
        "a browser sees a page");
  const std::int32_t format = format_of("/status", accept);
  check(format == SEALRING_REPORT_PROMETHEUS || accept.find('/') != std::string::npos,
        "other formats than Prometheus's are asked for by a type");
  check(format_of("/status", accept + ", */*") == format, "what is not preferred changes nothing");
  format_of(accept, "");
}

bool is_control(std::string_view text, std::size_t i) {
  const auto byte = static_cast<unsigned char>(text[i]);
  const bool is_c1 = byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0;
  return (byte < ' ' && byte != '\n') || byte == 0x7f || is_c1;
}

// Not more lines than there are values, but for heads, and cells of limited width for each row.
void check_table(const std::string& text, std::string_view input) {
  check(utf8::is_valid(text), "what is printed is UTF-8");
  for (std::size_t i = 0; i < text.size(); ++i) {
    check(!is_control(text, i), "what is printed has no control characters");
  }
  check(text.ends_with('\n'), "what is printed are lines");
  const auto values = std::ranges::count_if(
      input, [](char c) { return c == '{' || c == '[' || c == ',' || c == ':'; });
  check(std::ranges::count(text, '\n') <= values + 20, "a value begins no line of its own");
  check(text.size() <= 2000 + 200 * input.size(), "what is printed has a bound");
}

void print_tables(std::string_view input) {
  const auto status = cli::read_answer(input);
  if (!status) return;
  check(status->is_object(), "a status is an object");
  check_table(cli::server_text(*status), input);
  check_table(cli::agent_text(*status), input);
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  sealring::fuzz::choose_format(input);
  sealring::fuzz::print_tables(input);
  return 0;
}
