// SPDX-License-Identifier: Apache-2.0
#include "keys/jwk.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/base64url.h"
#include "keys/thumbprint.h"

namespace sealring {
namespace {

using json::Kind;
using json::Value;

std::unexpected<Problem> invalid(std::string message) {
  return problem(Error::invalid_keyring, std::move(message));
}

// A string without its escapes.
SecretString content(const Value& string) {
  SecretString text(string.text.size(), '\0');
  text.resize(json::unescape(string, text.data()));
  return text;
}

template <class Container>
std::optional<Container> decoded(const std::optional<Value>& value) {
  if (!value || value->kind != Kind::string) return std::nullopt;
  const SecretString unescaped = value->escaped ? content(*value) : SecretString();
  const std::string_view text = value->escaped ? std::string_view(unescaped) : value->text;
  Container bytes(base64url::decoded_size(text.size()), 0);
  const MutableBytes out(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
  if (!base64url::decode(text, out)) return std::nullopt;
  return bytes;
}

Explained<void> read_time(const Value& jwk, const char* name, std::int64_t& time) {
  const auto value = find_member(jwk, name);
  if (!value) return {};
  const char* const begin = value->text.data();
  const char* const end = begin + value->text.size();
  const auto read = std::from_chars(begin, end, time);
  if (value->kind != Kind::number || value->text.front() == '-' || read.ptr != end ||
      read.ec != std::errc{} || time > kLatestTime) {
    return invalid(std::string("\"") + name + "\" must be a whole number of seconds since 1970");
  }
  return {};
}

Explained<void> read_uses(const Value& jwk, Key& key) {
  if (const auto use = find_member(jwk, "use"); use && !json::is_string(use, "enc")) {
    return invalid("\"use\" must be \"enc\"");
  }
  const auto operations = find_member(jwk, "key_ops");
  if (!operations) return {};
  if (operations->kind != Kind::array) return invalid("\"key_ops\" must be a list");
  bool encrypts = false, decrypts = false;
  json::ArrayReader elements(*operations);
  while (const auto operation = elements.next()) {
    if (operation->kind != Kind::string) return invalid("\"key_ops\" must be a list of text");
    encrypts = encrypts || json::is_string(operation, "encrypt");
    decrypts = decrypts || json::is_string(operation, "decrypt");
  }
  if (!decrypts) return invalid("\"key_ops\" must hold \"decrypt\"");
  key.may_seal = encrypts;
  return {};
}

// For a message: the member and its value, if that can be shown.
std::string quoted(std::string_view name, const Value& value) {
  constexpr std::size_t kMostShown = 20;
  const SecretString text = content(value);
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  const bool shown = text.size() <= kMostShown && std::ranges::all_of(text, printable);
  const std::string subject = '"' + std::string(name) + "\" is ";
  return shown ? subject + '"' + std::string(text) + '"' : subject + "another";
}

// Writes a JWK with each member on its own line.
class JwkWriter {
 public:
  explicit JwkWriter(SecretString& out) : out_(out) { out_ += "    {\n      \"kty\": \"oct\""; }

  void member(std::string_view name, std::string_view value) {
    out_.append(",\n      \"").append(name).append("\": ").append(value);
  }
  void text_member(std::string_view name, std::string_view text) {
    std::string escaped(2 * text.size(), '\0');
    escaped.resize(static_cast<std::size_t>(json::escape(text, escaped.data()) - escaped.data()));
    member(name, '"' + escaped + '"');
  }
  void base64url_member(std::string_view name, Bytes bytes) {
    member(name, "\"");
    const std::size_t at = out_.size();
    out_.resize(at + base64url::encoded_size(bytes.size()));
    base64url::encode(bytes, out_.data() + at);
    out_ += '"';
  }
  void time_member(std::string_view name, std::int64_t time) {
    if (time != 0) member(name, std::to_string(time));
  }
  void end() { out_ += "\n    }"; }

 private:
  SecretString& out_;
};

}  // namespace

std::optional<Value> find_member(const Value& object, std::string_view name) {
  json::MemberReader members(object);
  while (const auto member = members.next()) {
    if (json::says(member->name, name)) return member->value;
  }
  return std::nullopt;
}

// RFC 7517 section 4 allows a reader to refuse equal members.
Explained<void> check_members(const Value& object) {
  std::set<SecretString> names;
  json::MemberReader members(object);
  while (const auto member = members.next()) {
    const bool whole = json::is_whole(member->name) &&
                       (member->value.kind != Kind::string || json::is_whole(member->value));
    if (!whole) return invalid("it has an escape for half a character");
    if (!names.insert(content(member->name)).second) return invalid("it has a duplicate member");
  }
  return {};
}

Explained<std::string> why_foreign(const Value& jwk, const AlgorithmRow* algorithm) {
  std::string why;
  for (const std::string_view name : {"kty", "use", "alg"}) {
    std::optional<Value> value;
    json::MemberReader members(jwk);
    while (const auto member = members.next()) {
      if (!json::says(member->name, name)) continue;
      if (value) return invalid('"' + std::string(name) + "\" is there twice");
      value = member->value;
    }
    if (!value || value->kind != Kind::string || !why.empty()) continue;
    const bool ours = name == "kty"   ? json::says(*value, "oct")
                      : name == "use" ? json::says(*value, "enc")
                                      : algorithm != nullptr || find_algorithm(content(*value));
    if (!ours) why = quoted(name, *value);
  }
  return why;
}

Explained<Key> read_jwk(Driver& driver, const Value& jwk, const AlgorithmRow* algorithm) {
  if (auto checked = check_members(jwk); !checked) return std::unexpected(checked.error());
  if (!json::is_string(find_member(jwk, "kty"), "oct")) return invalid("\"kty\" must be \"oct\"");
  if (algorithm == nullptr) {
    const auto alg = find_member(jwk, "alg");
    if (!alg || alg->kind != Kind::string) return invalid("it has no \"alg\"");
    algorithm = find_algorithm(content(*alg));
    if (algorithm == nullptr) return invalid("this version does not know its \"alg\"");
  }

  Key key;
  key.algorithm = algorithm->algorithm;
  if (const auto kid = find_member(jwk, "kid")) {
    if (kid->kind != Kind::string || kid->text.empty()) return invalid("\"kid\" must be text");
    key.kid = std::string_view(content(*kid));
  }
  auto secret = decoded<SecretBytes>(find_member(jwk, "k"));
  if (!secret) return invalid("\"k\" must be the secret in base64url without padding");
  key.secret = std::move(*secret);

  if (algorithm->max_iv_size > 0) key.iv = kDefaultLegacyIv;
  if (const auto iv = find_member(jwk, "iv")) {
    auto bytes = decoded<std::string>(iv);
    if (!bytes) return invalid("\"iv\" must be in base64url without padding");
    if (algorithm->max_iv_size == 0) return invalid("its algorithm has no \"iv\"");
    key.iv = std::move(*bytes);
  }
  if (auto read = read_uses(jwk, key); !read) return std::unexpected(read.error());
  if (auto read = read_time(jwk, "seal_from", key.seal_from); !read) {
    return std::unexpected(read.error());
  }
  if (auto read = read_time(jwk, "open_until", key.open_until); !read) {
    return std::unexpected(read.error());
  }
  if (auto checked = check_key(driver, key); !checked) return std::unexpected(checked.error());
  return key;
}

void write_jwk(const Key& key, SecretString& out) {
  JwkWriter jwk(out);
  jwk.text_member("use", "enc");
  jwk.text_member("alg", row(key.algorithm).name);
  jwk.member("key_ops", key.may_seal ? "[\"encrypt\", \"decrypt\"]" : "[\"decrypt\"]");
  if (!key.kid.empty()) jwk.text_member("kid", key.kid);
  jwk.base64url_member("k", key.secret);
  if (row(key.algorithm).max_iv_size > 0) jwk.base64url_member("iv", as_bytes(key.iv));
  jwk.time_member("seal_from", key.seal_from);
  jwk.time_member("open_until", key.open_until);
  jwk.end();
}

Explained<void> check_key(Driver& driver, Key& key) {
  const AlgorithmRow& algorithm = row(key.algorithm);
  const auto [min, max] = std::pair(algorithm.min_secret_size, algorithm.max_secret_size);
  if (key.secret.size() < min || key.secret.size() > max) {
    return invalid("its secret must be " + (min == max ? "" : std::to_string(min) + " to ") +
                   std::to_string(max) + " bytes long, and is " +
                   std::to_string(key.secret.size()));
  }
  if (key.iv.size() > algorithm.max_iv_size) {
    return invalid("its IV may be " + std::to_string(algorithm.max_iv_size) +
                   " bytes long at most, and is " + std::to_string(key.iv.size()));
  }
  const auto in_bounds = [](std::int64_t time) { return time >= 0 && time <= kLatestTime; };
  if (!in_bounds(key.seal_from) || !in_bounds(key.open_until)) {
    return invalid("its times must be between 1970 and the year 36812");
  }
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  if (key.kid.size() > kMaxKidSize || !std::ranges::all_of(key.kid, printable)) {
    return invalid("its kid must be at most " + std::to_string(kMaxKidSize) +
                   " printable characters without spaces");
  }
  // The secret of an old format may be weak, and a derived kid would be a way to test guesses.
  if (!algorithm.modern) return {};
  auto derived = derive_kid(driver, key.secret);
  if (!derived) return std::unexpected(derived.error());
  if (key.kid.empty()) key.kid = *derived;
  if (algorithm.kid_is_derived && key.kid != *derived) {
    return invalid("its kid must be " + *derived +
                   ", which follows from its secret; one of the "
                   "two was altered");
  }
  return {};
}

}  // namespace sealring
