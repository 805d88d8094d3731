// SPDX-License-Identifier: Apache-2.0
// A browser with cookies, for tests of sessions.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "session/cookie_header.h"
#include "session/session.h"
#include "support/sealers.h"

namespace sealring::session {

inline const ProfileOptions kOptions{.cookie = "s", .secure = false, .ends = {1800, 43200, 0}};

// A browser that keeps what it is sent, and one request of it at a time.
class Browser {
 public:
  explicit Browser(Sealer& sealer, ProfileOptions options = kOptions)
      : sealer_(sealer), profile_(Profile::make(options).value()) {}

  std::string header;  // of cookies

  // Begins a request.
  Session& ask(std::int64_t now, bool active = true) {
    const Candidates candidates = read_header();
    EXPECT_TRUE(session_.open(profile_, sealer_, now, active, candidates, opened_));
    now_ = now;
    return session_;
  }

  // Begins one that binds the session, or proves that it is bound.
  Session& ask_to_bind(std::int64_t now) {
    const Candidates candidates = read_header();
    EXPECT_TRUE(session_.open_to_bind(profile_, sealer_, now, candidates, opened_));
    now_ = now;
    return session_;
  }

  Explained<void> bind_profile(const binding::Settings& settings) {
    return profile_.bind(settings, "/session-binding/");
  }

  // Ends it: the change, and the browser has the new cookies.
  Change answer() {
    const auto change = session_.prepare(profile_.terms(), sealer_, now_);
    EXPECT_TRUE(change);
    if (*change != Change::none && *change != Change::ended) {
      seal();
    } else {
      take_cookies();
    }
    return *change;
  }

  // Of a session that is prepared; the browser has the new cookies.
  void seal() {
    sealed_.assign(session_.seal_size(sealer_), 0);
    EXPECT_TRUE(session_.seal(profile_, sealer_, now_, sealed_));
    take_cookies();
  }

  Change sign_in(std::int64_t now, std::string_view user) {
    EXPECT_TRUE(ask(now).set("user", user));
    return answer();
  }

  // A Set-Cookie header.
  void keep(const std::string& line) {
    const std::string pair = line.substr(0, line.find(';'));
    const std::string name = pair.substr(0, pair.find('=') + 1);
    std::string rest;
    CookieReader cookies(header);
    while (const auto cookie = cookies.next()) {
      const std::string other = std::string(cookie->name) + "=";
      if (other != name) rest += other + std::string(cookie->value) + "; ";
    }
    header = rest + (line.ends_with("; Max-Age=0") ? "" : pair + "; ");
  }

  std::string field(std::string_view name) const {
    return std::string(session_.fields().value(name));
  }

  const Profile& profile() const { return profile_; }
  const Session& session() const { return session_; }

  std::vector<std::string> lines;

 private:
  Candidates read_header() {
    header_ = header;
    session_ = Session();
    Candidates candidates(profile_.name(), profile_.parts());
    std::string rest(header_.size(), '\0');
    candidates.read(header_, rest.data());
    opened_.assign(Session::open_size(sealer_, candidates), 0);
    return candidates;
  }

  void take_cookies() {
    lines.clear();
    for (std::size_t i = 0; i < session_.cookie_count(); ++i) {
      std::array<char, kMaxCookieSize> line;
      lines.emplace_back(line.data(), session_.write_cookie(profile_, i, line));
    }
    for (const std::string& line : lines) keep(line);
  }

  Sealer& sealer_;
  Profile profile_;
  std::string header_;
  std::vector<std::uint8_t> opened_, sealed_;
  Session session_;
  std::int64_t now_ = 0;
};

}  // namespace sealring::session
