// SPDX-License-Identifier: Apache-2.0
#include "binding/instructions.h"

#include <utility>

#include "base/json.h"
#include "binding/policy.h"
#include "binding/structured_field.h"

namespace sealring::binding {
namespace {

// Writes a text piece by piece. A piece that cannot be written spoils the whole.
class Writer {
 public:
  Writer& raw(std::string_view text) {
    text_ += text;
    return *this;
  }

  // A String of a structured field.
  Writer& string(std::string_view text) {
    if (!append_string(text, text_)) is_good_ = false;
    return *this;
  }

  // A string of JSON.
  Writer& json(std::string_view text) {
    const auto size = json::escaped_size(text);
    if (!size) {
      is_good_ = false;
      return *this;
    }
    const std::size_t begin = text_.size() + 1;
    text_.append(*size + 2, '"');
    json::escape(text, text_.data() + begin);
    return *this;
  }

  Result<std::string> take() && {
    if (!is_good_) return std::unexpected(Error::invalid_argument);
    return std::move(text_);
  }

 private:
  std::string text_;
  bool is_good_ = true;
};

std::string joined(std::string_view a, std::string_view b) {
  return std::string(a).append(b);
}

}  // namespace

Result<std::string> registration_field(const Scope& scope, std::string_view challenge) {
  Writer out;
  out.raw("(ES256 RS256);path=").string(joined(scope.prefix, kRegisterPath));
  out.raw(";challenge=").string(challenge);
  return std::move(out).take();
}

Result<std::string> challenge_field(std::string_view challenge, std::string_view sid) {
  Writer out;
  out.string(challenge).raw(";id=").string(sid);
  return std::move(out).take();
}

Result<std::string> instructions(const Scope& scope, std::string_view sid) {
  Writer out;
  out.raw(R"({"session_identifier":)").json(sid);
  out.raw(R"(,"refresh_url":)").json(joined(scope.prefix, kRefreshPath));
  out.raw(R"(,"scope":{)");
  if (scope.domain.empty()) {
    out.raw(R"("include_site":false)");
  } else {
    out.raw(R"("origin":)").json(joined("https://", scope.domain)).raw(R"(,"include_site":true)");
  }
  out.raw(R"(,"scope_specification":[{"type":"exclude","domain":"*","path":)").json(scope.prefix);
  out.raw(R"(}]},"credentials":[{"type":"cookie","name":)")
      .json(joined(scope.cookie, kBoundSuffix));
  out.raw(R"(,"attributes":)").json(scope.attributes).raw("}]}");
  return std::move(out).take();
}

}  // namespace sealring::binding
