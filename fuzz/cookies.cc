// SPDX-License-Identifier: Apache-2.0
// Cookies of applications: no header lets a plain value of a chosen cookie through, whatever is in
// it; everything else stays; and a Set-Cookie header comes back as it was.
#include <cstdlib>
#include <string>
#include <vector>

#include "check.h"
#include "cookies/cookie_date.h"
#include "cookies/sealed_cookie.h"
#include "support/sealers.h"

namespace sealring::fuzz {
namespace {

using namespace cookies;

const Policy& policy() {
  static const Policy made = [] {
    PolicyOptions options;
    options.context = "shop";
    options.names = {"sid"};
    return Policy::make(options).value();
  }();
  return made;
}

Sealer& sealer() {
  static const auto made = sealer_of({xaes_key(0x77)});  // that of no vector
  return *made;
}

std::string passed(std::string_view header) {
  Request request;
  request.read(sealer(), header);
  std::vector<std::uint8_t> buffer(request.open_size(sealer()));
  check(request.begin(policy(), sealer(), kNow, buffer).has_value(), "the buffer is large enough");
  const auto rewritten = request.rewrite(header);
  check(rewritten.has_value(), "a header is no reason to fail");
  check(rewritten->size() <= header.size(), "what is passed is no longer than the header");
  check(request.cut() != 0 || !request.opened().empty() || *rewritten == header ||
            request.has_second_piece("sid"),
        "nothing changes without a reason");
  return std::string(*rewritten);
}

// The input cannot contain a token of this ring, whose keys it does not know.
void read_request(std::string_view header) {
  const std::string rest = passed(header);
  session::CookieReader cookies(rest);
  while (const auto cookie = cookies.next_part()) {
    PossibleNames names(std::string_view(rest).substr(cookie->begin, cookie->end - cookie->begin));
    for (auto name = names.next(); !name.empty(); name = names.next()) {
      check(!policy().is_listed(name), "no application can find a chosen name");
    }
    check(!policy().is_listed(cookie->name), "no chosen cookie passes");
  }
  check(passed(rest) == rest, "there is nothing to cut twice");
}

void seal_response(std::string_view line) {
  std::vector<std::uint8_t> buffer(replacement_size(sealer(), line.size(), 1));
  const auto made = replace(policy(), sealer(), kNow, line, "/", nullptr, buffer);
  check(made.has_value(), "a line is no reason to fail");
  if (made->fate != Fate::sealed) {
    check(made->count == 0 || made->lines[0] == line, "what is not sealed stays");
    return;
  }
  std::string header;
  for (std::size_t i = 0; i < made->count; ++i) {
    const std::string_view sealed = made->lines[i];
    header += std::string(i == 0 ? "" : "; ") + std::string(sealed.substr(0, sealed.find(';')));
  }
  const SetCookie cookie = parse_set_cookie(line);
  std::string expected(cookie.name);
  expected += "=";
  expected += cookie.value;
  check(passed(header) == expected, "the application gets what it set");
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealring;
  const std::string_view text = as_text(Bytes(data, size));
  fuzz::read_request(text);
  fuzz::seal_response(text);
  fuzz::seal_response("sid=" + std::string(text));
  std::ignore = cookies::parse_cookie_date(text);
  return 0;
}
