// SPDX-License-Identifier: Apache-2.0
// The settings for sessions of one kind: checked once, when a configuration is read, and used for
// every request.
#pragma once

#include <string>

#include "base/bytes.h"
#include "binding/policy.h"
#include "session/cookie.h"
#include "session/policy.h"

namespace sealring::session {

inline constexpr std::string_view kDefaultSubject = "user";

// The settings as the operator gives them.
struct ProfileOptions {
  std::string_view cookie = "__Host-session";
  std::string_view path = "/";
  std::string_view domain{};           // empty: none
  std::string_view same_site = "lax";  // "lax", "strict" or "none"
  bool secure = true;
  bool partitioned = false;
  std::size_t parts = 2;
  std::string_view context{};  // empty: the cookie's name
  std::string_view subject = kDefaultSubject;
  Settings ends{};
};

// What sessions of one kind are, whoever keeps their cookies. The views have to outlive it.
struct Terms {
  Bytes context;
  std::string_view subject;
  Settings ends;
  // Apache's mod_session keeps the fields, and the idle end in the field `expiry`. Its tokens may
  // be of old formats.
  bool of_mod_session = false;
  binding::Settings binding{};
};

class Profile {
 public:
  // invalid_argument, with a message for the operator, if browsers would not keep the cookie or an
  // option is out of bounds.
  static Explained<Profile> make(const ProfileOptions& options);

  // From now on, sessions are offered to be bound to a device. `prefix`: of the paths of the two
  // requests, as "/session-binding/". invalid_argument, with a message for the operator: as make().
  Explained<void> bind(const binding::Settings& settings, std::string_view prefix);

  bool binds() const noexcept { return !prefix_.empty(); }
  std::string_view prefix() const noexcept { return prefix_; }  // empty: sessions are not bound
  std::string_view domain() const noexcept { return domain_; }  // empty: none

  CookieSettings cookie() const noexcept { return {name_, attributes_, parts_}; }
  std::string_view name() const noexcept { return name_; }
  std::size_t parts() const noexcept { return parts_; }
  Terms terms() const noexcept { return {as_bytes(context_), subject_, ends_, false, binding_}; }

 private:
  Profile() = default;

  std::string name_;
  std::string attributes_;
  std::size_t parts_ = 0;
  std::string context_;
  std::string subject_;
  Settings ends_;
  std::string path_;
  std::string domain_;
  bool bindable_ = false;  // its cookie is one that browsers bind
  binding::Settings binding_{};
  std::string prefix_;
};

}  // namespace sealring::session
