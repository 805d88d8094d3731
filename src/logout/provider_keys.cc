// SPDX-License-Identifier: Apache-2.0
#include "logout/provider_keys.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/jwt.h"
#include "base/read_start.h"

namespace sealring::logout {
namespace {

using json::Kind;
using json::Value;

constexpr std::size_t kMaxMembers = 16;

std::unexpected<Problem> invalid(std::string message) {
  return problem(Error::invalid_keyring, std::move(message));
}

// The members of a JWK that say what it is for.
struct Purpose {
  std::optional<Value> kty, alg, use, key_ops, kid;
  bool is_private = false;
};

std::optional<Purpose> read_purpose(const Value& jwk) {
  if (jwk.kind != Kind::object) return std::nullopt;
  Purpose found;
  json::ObjectReader members(jwk.text, kMaxMembers);
  while (const auto member = members.next()) {
    const auto is = [&member](std::string_view name) { return json::says(member->name, name); };
    if (is("kty")) found.kty = member->value;
    if (is("alg")) found.alg = member->value;
    if (is("use")) found.use = member->value;
    if (is("key_ops")) found.key_ops = member->value;
    if (is("kid")) found.kid = member->value;
    if (is("d") || is("k")) found.is_private = true;
  }
  if (!members.complete()) return std::nullopt;
  return found;
}

bool may_verify(const Purpose& purpose) {
  if (purpose.use && !json::is_string(purpose.use, "sig")) return false;
  if (!purpose.key_ops) return true;
  return purpose.key_ops->kind == Kind::array &&
         jwt::names(*purpose.key_ops, "verify").value_or(false);
}

// The algorithm that the key is for; nothing if it is for none of those that are used here.
std::optional<jws::Algorithm> algorithm_of(const Purpose& purpose) {
  if (!may_verify(purpose)) return std::nullopt;
  std::optional<jws::Algorithm> algorithm;
  if (json::is_string(purpose.kty, "EC")) algorithm = jws::Algorithm::es256;
  if (json::is_string(purpose.kty, "RSA")) algorithm = jws::Algorithm::rs256;
  if (!algorithm || (purpose.alg && !json::is_string(purpose.alg, jws::name_of(*algorithm)))) {
    return std::nullopt;
  }
  return algorithm;
}

std::string content(const Value& string) {
  std::string text(string.text);
  text.resize(json::unescape(string, text.data()));
  return text;
}

Explained<Value> find_list(std::string_view jwk_set) {
  if (jwk_set.size() > kMaxKeySetSize) return invalid("it is larger than 256 KiB");
  std::optional<Value> list;
  json::ObjectReader members(jwk_set, kMaxMembers);
  while (const auto member = members.next()) {
    if (json::says(member->name, "keys")) list = member->value;
  }
  if (!members.complete() || !list || list->kind != Kind::array) {
    return invalid(
        "it is not a JWK Set: a JSON object with a list \"keys\"; download it from the provider's "
        "jwks_uri");
  }
  return *list;
}

}  // namespace

Explained<ProviderKeys> ProviderKeys::parse(std::string_view jwk_set) {
  const auto list = find_list(jwk_set);
  if (!list) return std::unexpected(list.error());
  ProviderKeys keys;
  json::ArrayReader elements(*list);
  for (std::size_t place = 1; const auto jwk = elements.next(); ++place) {
    const std::string name = "key " + std::to_string(place) + ": ";
    if (place > kMaxProviderKeys) return invalid("it has more than 64 keys");
    const auto purpose = read_purpose(*jwk);
    if (!purpose) {
      return invalid(name + "it is not a JSON object of at most 16 members with different names");
    }
    if (purpose->is_private) {
      return invalid(name +
                     "it is a secret, and public keys belong here; if the provider publishes it, "
                     "everybody has it");
    }
    const auto algorithm = algorithm_of(*purpose);
    if (!algorithm) continue;
    const auto key = jws::PublicKey::from_jwk(*algorithm, jwk->text);
    if (!key) continue;  // of a curve, of a size or with an exponent that is not used here
    Named named{std::nullopt, *key};
    if (purpose->kid && purpose->kid->kind == Kind::string) named.kid = content(*purpose->kid);
    keys.keys_.push_back(std::move(named));
  }
  if (keys.keys_.empty()) {
    return invalid(
        "it has no key for ES256 (P-256) or RS256 (2048 to 4096 bits, exponent 65537); the "
        "provider has to sign with one of these");
  }
  return keys;
}

const jws::PublicKey* ProviderKeys::find(jws::Algorithm algorithm,
                                         const std::optional<Value>& kid) const noexcept {
  const jws::PublicKey* found = nullptr;
  for (const Named& named : keys_) {
    if (named.key.algorithm() != algorithm) continue;
    if (kid && !(named.kid && json::says(*kid, *named.kid))) continue;
    if (found != nullptr) return nullptr;
    found = &named.key;
  }
  return found;
}

namespace {

Explained<ProviderKeysFile::Loaded> load(const std::string& path) {
  const auto refused = [&path](const std::string& what) {
    return invalid("key set \"" + path + "\": " + what);
  };
  // O_NONBLOCK so that a FIFO does not hang the agent; it has no effect on a regular file.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  ProviderKeysFile::Loaded loaded{};
  if (!file.is_open() || fstat(file.get(), &loaded.stat) != 0) {
    return refused(std::strerror(errno));
  }
  if (!S_ISREG(loaded.stat.st_mode)) return refused("it is not a regular file");
  if ((loaded.stat.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refused("others than its owner can change it; run: chmod go-w " + path);
  }
  // One byte more shows that it is too large.
  std::string text(kMaxKeySetSize + 1, '\0');
  const auto size =
      read_start(file.get(), {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  if (!size) return refused(std::strerror(errno));
  text.resize(*size);
  auto keys = ProviderKeys::parse(text);
  if (!keys) return refused(keys.error().message);
  loaded.value = std::make_shared<const ProviderKeys>(std::move(*keys));
  return loaded;
}

}  // namespace

Explained<std::unique_ptr<ProviderKeysFile>> follow_provider_keys(const std::string& path) {
  return ProviderKeysFile::load(
      path, [](const std::string& absolute, const ProviderKeys*) { return load(absolute); });
}

}  // namespace sealring::logout
