// SPDX-License-Identifier: Apache-2.0
// What a session reads of clients and applications: the text of fields and the Cookie header. Both
// read the whole input.
#include "session/session.h"

#include <algorithm>
#include <string>
#include <vector>

#include "check.h"
#include "session/cookie.h"
#include "session/cookie_header.h"
#include "session/fields.h"

namespace sealring::fuzz {
namespace {

using namespace session;

constexpr std::string_view kName = "session";

std::string written(const Fields& fields) {
  std::string text(fields.text_size(), '\0');
  check(fields.write(text.data()) == text.size(), "a text has the size that was said");
  return text;
}

bool equal(const Fields& a, const Fields& b) {
  return std::ranges::equal(a.all(), b.all(), [](const Field& one, const Field& other) {
    return one.name == other.name && one.value == other.value;
  });
}

void read_fields(Bytes input) {
  std::vector<std::uint8_t> text(input.begin(), input.end());
  Fields fields;
  if (!fields.parse(text)) {
    check(fields.all().empty(), "a refused text leaves no field");
    return;
  }
  for (const Field& field : fields.all()) {
    check(!field.name.empty() && !field.value.empty(), "a field has a name and a value");
    check(fields.value(field.name) == field.value, "a field is found by its name");
  }
  const std::string canonical = written(fields);
  check(canonical.size() <= 3 * input.size(), "no byte becomes more than three");
  std::vector<std::uint8_t> copied(canonical.begin(), canonical.end());
  Fields again;
  if (canonical.size() > kMaxTextSize) return;
  check(again.parse(copied).has_value() && equal(fields, again), "what is written is read");
  check(written(again) == canonical, "and is written alike");
}

// An application answers this text: it sets no reserved field, but mod_session sets its own.
void replace_fields(Bytes input) {
  for (const bool of_mod_session : {false, true}) {
    std::vector<std::uint8_t> text(input.begin(), input.end());
    const Terms terms{{}, "user", {}, of_mod_session};
    Session session;
    bool ignored = false;
    if (!session.replace(terms, text, &ignored)) {
      check(session.fields().all().empty(), "a refused text changes nothing");
      continue;
    }
    for (const Field& field : session.fields().all()) {
      const bool own = of_mod_session && same_name(field.name, "expiry");
      check(own || !is_reserved(field.name), "an application sets no reserved field");
    }
  }
}

void read_candidates(std::string_view header) {
  Candidates candidates(kName, kMaxParts);
  std::string rest(header.size(), '\0');
  candidates.read(header, rest.data());
  check(candidates.count() <= kMaxCandidates, "candidates have a bound");
  for (std::size_t i = 0; i < candidates.count(); ++i) {
    std::vector<std::uint8_t> buffer(candidates.token_size(i));
    const auto token = candidates.token(i, buffer);
    if (!token) continue;
    check(token->size() <= header.size(), "a token is no longer than its header");
    check(token->find(';') == std::string_view::npos, "a token ends before the next cookie");
  }
}

std::vector<std::pair<std::string_view, std::string_view>> others(std::string_view header) {
  std::vector<std::pair<std::string_view, std::string_view>> found;
  CookieReader cookies(header);
  while (const auto cookie = cookies.next()) {
    if (!is_cookie_of(kName, cookie->name)) found.emplace_back(cookie->name, cookie->value);
  }
  return found;
}

void cut(std::string_view header) {
  const auto left = [](std::string_view from, Candidates& candidates) {
    std::string rest(from.size(), '\0');
    rest.resize(candidates.read(from, rest.data()));
    return rest;
  };
  Candidates first(kName, kMaxParts), second(kName, kMaxParts);
  const std::string rest = left(header, first);
  check(others(rest) == others(header), "all other cookies stay");
  check((first.parts_sent() == 0) == (rest == header), "nothing else is cut");
  check(left(rest, second) == rest, "there is nothing to cut twice");
  check(second.parts_sent() == 0, "those of the session go");
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealring;
  const Bytes input(data, size);
  fuzz::read_fields(input);
  fuzz::replace_fields(input);
  fuzz::read_candidates(as_text(input));
  fuzz::cut(as_text(input));
  return 0;
}
