// SPDX-License-Identifier: Apache-2.0
#include "session/profile.h"

#include <algorithm>

#include "session/cookie_header.h"
#include "session/fields.h"
#include "token/sealer.h"

namespace sealring::session {
namespace {

// These leave most of a cookie for its value.
constexpr std::size_t kMaxNameSize = 128;
constexpr std::size_t kMaxAttributeSize = 256;
constexpr std::size_t kMaxPrefixSize = 128;
constexpr std::int64_t kMaxBindingTime = 86400;  // seconds

bool is_attribute_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 127 && c != ';'; });
}

std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

std::unexpected<Problem> invalid(std::string message) {
  return problem(Error::invalid_argument, std::move(message));
}

// Of a path that needs no escapes, neither in a URL nor in a header field, nor in JSON.
bool is_prefix(std::string_view path) {
  static constexpr std::string_view kSigns = "/-_.";
  const bool plain = std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSigns.contains(c);
  });
  return plain && path.size() >= 2 && path.size() <= kMaxPrefixSize && path.starts_with('/') &&
         path.ends_with('/') && !path.contains("//") && !path.contains("/./") &&
         !path.contains("/../");
}

// RFC 6265 section 5.1.4, for a path that ends with a slash.
bool is_below(std::string_view prefix, std::string_view path) {
  return prefix.starts_with(path) && (path.ends_with('/') || prefix[path.size()] == '/');
}

// RFC 6265bis section 4.1.3. Browsers ignore the case of these prefixes.
Explained<void> check_prefix(const ProfileOptions& options) {
  const auto has = [&](std::string_view prefix) {
    return options.cookie.size() >= prefix.size() &&
           same_name(options.cookie.substr(0, prefix.size()), prefix);
  };
  const bool host = has("__Host-");
  if (!host && !has("__Secure-")) return {};
  const std::string name = "browsers refuse a cookie named " + quoted(options.cookie);
  if (!options.secure) return invalid(name + " that is not Secure; choose another name");
  if (!host) return {};
  if (!options.domain.empty()) {
    return invalid(name + " with a Domain; leave the domain out or choose another name");
  }
  if (options.path != "/") {
    return invalid(name + " with another Path than /; leave the path out or choose another name");
  }
  return {};
}

Explained<std::string> attributes_of(const ProfileOptions& options) {
  std::string attributes = "; Path=" + std::string(options.path);
  if (!options.domain.empty()) attributes += "; Domain=" + std::string(options.domain);
  if (options.secure) attributes += "; Secure";
  attributes += "; HttpOnly; SameSite=";
  if (options.same_site == "lax") {
    attributes += "Lax";
  } else if (options.same_site == "strict") {
    attributes += "Strict";
  } else if (options.same_site == "none") {
    attributes += "None";
  } else {
    return invalid("SameSite is lax, strict or none, not " + quoted(options.same_site));
  }
  if (options.partitioned) attributes += "; Partitioned";
  return attributes;
}

}  // namespace

Explained<Profile> Profile::make(const ProfileOptions& options) {
  if (!is_cookie_name(options.cookie) || options.cookie.size() > kMaxNameSize) {
    return invalid("the cookie's name is not 1 to 128 letters, digits and signs like - and _");
  }
  if (options.path.size() > kMaxAttributeSize || options.path.empty() ||
      options.path.front() != '/' || !is_attribute_value(options.path)) {
    return invalid("the cookie's path does not begin with /, contains a ; or is too long");
  }
  if (options.domain.size() > kMaxAttributeSize || !is_attribute_value(options.domain)) {
    return invalid("the cookie's domain contains a ; or is too long");
  }
  if (options.partitioned && !options.secure) {
    return invalid("browsers refuse a Partitioned cookie that is not Secure");
  }
  if (options.parts < 1 || options.parts > kMaxParts) {
    return invalid("a session is carried in 1 to 9 cookies");
  }
  if (options.context.size() > kMaxContextSize) {
    return invalid("the context is longer than 1024 bytes");
  }
  if (options.subject.empty() || is_reserved(options.subject)) {
    return invalid("the subject is not the name of a field that an application can set");
  }
  if (options.ends.idle < 0 || options.ends.lifetime < 0 || options.ends.renew < 0) {
    return invalid("a time is negative");
  }
  if (auto checked = check_prefix(options); !checked) return std::unexpected(checked.error());
  auto attributes = attributes_of(options);
  if (!attributes) return std::unexpected(attributes.error());

  Profile profile;
  profile.name_ = options.cookie;
  profile.attributes_ = std::move(*attributes);
  profile.parts_ = options.parts;
  profile.context_ = options.context.empty() ? options.cookie : options.context;
  profile.subject_ = options.subject;
  profile.ends_ = options.ends;
  profile.path_ = options.path;
  profile.domain_ = options.domain;
  profile.bindable_ = options.secure && !options.partitioned;
  return profile;
}

Explained<void> Profile::bind(const binding::Settings& settings, std::string_view prefix) {
  if (!bindable_) {
    return invalid("browsers bind only sessions whose cookie is Secure and not Partitioned");
  }
  if (settings.refresh < 1 || settings.refresh > kMaxBindingTime || settings.grace < 1 ||
      settings.grace > kMaxBindingTime) {
    return invalid("refresh and grace are 1 second to 1 day each");
  }
  if (!is_prefix(prefix)) {
    return invalid(
        "the path " + quoted(prefix) +
        " is not at most 128 letters, digits, -, _, . and /, with / at its beginning and "
        "end, and no empty, . or .. part");
  }
  if (!is_below(prefix, path_)) {
    return invalid("the path " + quoted(prefix) + " is not below the cookie's path " +
                   quoted(path_) + ", so browsers would not send the cookie there");
  }
  binding_ = settings;
  prefix_ = prefix;
  return {};
}

}  // namespace sealring::session
