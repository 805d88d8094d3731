// SPDX-License-Identifier: Apache-2.0
// The whole way of a session: a Cookie header comes, an application answers a text, cookies go out
// and come back. The input's first line is the header, in which `@0` to `@9` stand for tokens of
// the lines that follow, each older than the one before, and `#0` to `#9` for bound cookies with
// these lines as sids. The last line is the application's text.
#include "check.h"
#include "session/session.h"
#include "support/sealers.h"

namespace sealring::fuzz {
namespace {

using namespace session;

constexpr std::string_view kName = "session";
constexpr std::int64_t kStep = 150;  // seconds from one token to the next
constexpr std::size_t kMaxTokens = 10;

std::vector<std::string> lines_of(std::string_view input) {
  std::vector<std::string> lines;
  while (true) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    lines.emplace_back(input.substr(0, end));
    if (end == input.size()) return lines;
    input.remove_prefix(end + 1);
  }
}

Profile profile() {
  ProfileOptions options;
  options.cookie = kName;
  options.ends = {1000, 3000, 100};
  return Profile::make(options).value();
}

// One session and the buffers that it lives in.
class Visit {
 public:
  Visit(const Profile& profile, Sealer& sealer) : profile_(profile), sealer_(sealer) {}

  Session session;

  void open(std::string_view header) {
    Candidates candidates(kName, profile_.parts());
    rest_.resize(header.size());
    candidates.read(header, rest_.data());
    opened_.resize(Session::open_size(sealer_, candidates));
    check(session.open(profile_, sealer_, kNow, true, candidates, opened_).has_value(),
          "whatever a client sends is no fault of ours");
    check(session.is_live() || session.fields().all().empty(), "what is refused has no fields");
    check(session.state() != State::refused || is_refusal(session.reason()), "a client is refused");
  }

  std::string text() const {
    std::string text(session.fields().text_size(), '\0');
    session.fields().write(text.data());
    return text;
  }
  std::string field(std::string_view name) const {
    return std::string(session.fields().value(name));
  }

  void replace(std::string_view text) {
    replaced_.assign(text.begin(), text.end());
    const std::string before = this->text(), sid = field("sid"), bound = field("bound");
    bool ignored = false;
    if (session.replace(profile_.terms(), replaced_, &ignored)) {
      const bool is_same = field("sid") == sid && field("bound") == bound;
      check(is_same || session.fields().all().empty(), "a text sets no reserved field, or ends it");
    } else {
      check(this->text() == before, "a malformed text changes nothing");
    }
  }

  // The Cookie header that a browser sends from now on; nothing if the session cannot be sealed.
  std::optional<std::string> answer() {
    const auto change = session.prepare(profile_.terms(), sealer_, kNow);
    if (!change) {
      check(change.error() == Error::malformed, "too many fields are all that can be wrong");
      return std::nullopt;
    }
    sealed_.resize(session.seal_size(sealer_));
    if (*change == Change::renewed || *change == Change::changed || *change == Change::started) {
      const auto sealed = session.seal(profile_, sealer_, kNow, sealed_);
      check(sealed || sealed.error() == Error::invalid_argument,
            "a session is sealed or too large");
      if (!sealed) return std::nullopt;
    }
    check((*change == Change::none) == (session.cookie_count() == 0), "a change is sent");
    return header();
  }

 private:
  std::string header() const {
    std::string header;
    for (std::size_t i = 0; i < session.cookie_count(); ++i) {
      std::array<char, kMaxCookieSize> cookie;
      const std::size_t size = session.write_cookie(profile_, i, cookie);
      check(size <= cookie.size(), "a cookie is not larger than a browser keeps");
      const std::string_view written(cookie.data(), size);
      if (!written.contains("; Max-Age=0")) header += written.substr(0, written.find(';') + 1);
    }
    return header;
  }

  const Profile& profile_;
  Sealer& sealer_;
  std::string rest_;
  std::vector<std::uint8_t> opened_, replaced_, sealed_;
};

std::string bound_cookie(Sealer& sealer, std::string_view sid, std::int64_t now) {
  return seal(sealer, sid, "dbsc-cookie", now, 600);
}

std::string with_tokens(std::string_view header, const std::vector<std::string>& tokens,
                        const std::vector<std::string>& bound_cookies) {
  std::string whole;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::size_t token =
        i + 1 < header.size() ? static_cast<std::size_t>(header[i + 1] - '0') : tokens.size();
    if ((header[i] == '@' || header[i] == '#') && token < tokens.size()) {
      whole += (header[i] == '@' ? tokens : bound_cookies)[token];
      ++i;
    } else {
      whole += header[i];
    }
  }
  return whole;
}

void run(Sealer& sealer, std::string_view input) {
  static const Profile profile = fuzz::profile();
  const std::vector<std::string> lines = lines_of(input);
  std::vector<std::string> tokens, bound_cookies;
  for (std::size_t i = 1; i + 1 < lines.size() && i <= kMaxTokens; ++i) {
    const std::int64_t age = kStep * static_cast<std::int64_t>(i - 1);
    tokens.push_back(seal(sealer, lines[i], kName, kNow - age, 1000));
    bound_cookies.push_back(bound_cookie(sealer, lines[i], kNow - age));
  }
  const std::string header = with_tokens(lines[0], tokens, bound_cookies);

  Visit visit(profile, sealer);
  visit.open(header);
  check(!visit.session.is_live() || !tokens.empty(), "what nobody sealed does not open");
  const std::string sid = visit.field("sid"), user = visit.field("user");
  bool has_bound_cookie = false;
  for (std::size_t i = 0; i < bound_cookies.size(); ++i) {
    has_bound_cookie |= lines[i + 1] == sid && header.contains(bound_cookies[i]);
  }
  check(has_bound_cookie || visit.field("bound").empty(),
        "a bound session comes with its bound cookie");
  if (lines.size() > 1) visit.replace(lines.back());
  auto cookies = visit.answer();
  if (!cookies || cookies->empty()) return;
  if (!visit.field("bound").empty()) {
    *cookies += " session-bound=" + bound_cookie(sealer, visit.field("sid"), kNow);
  }

  Visit next(profile, sealer);
  next.open(*cookies);
  check(next.session.state() == State::good, "what was sealed opens");
  check(next.text() == visit.text(), "with the same fields");
  check(!next.field("sid").empty() && !next.field("auth_time").empty(), "it has what is ours");
  check(next.field("user") == user || next.field("sid") != sid, "another user has another session");
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto sealer = sealring::sealer_of({sealring::xaes_key()});
  sealring::fuzz::run(*sealer, sealring::as_text({data, size}));
  return 0;
}
