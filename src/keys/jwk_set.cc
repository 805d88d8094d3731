// SPDX-License-Identifier: Apache-2.0
#include "keys/jwk_set.h"

#include "base/json.h"
#include "keys/keyring.h"

namespace sealring {
namespace {

using json::Kind;
using json::Value;

std::unexpected<Problem> invalid(std::string message) {
  return problem(Error::invalid_keyring, std::move(message));
}

Explained<Value> scan(std::string_view text) {
  if (text.size() > kMaxKeyringFileSize) return invalid("it is larger than 1 MiB");
  if (text.starts_with("\xef\xbb\xbf")) {
    return invalid("it begins with a byte order mark; save it as UTF-8 without one");
  }
  json::Scanner in(text, json::Halves::accepted);
  const auto value = in.take_value(json::kMaxDepth);
  if (!value || !in.at_end()) {
    return invalid(
        "it is not JSON, or torn, or nests deeper than a key ring does; restore it from "
        "a backup");
  }
  return *value;
}

// Adds one element of "keys" to the keys or to the foreign ones.
Explained<void> read_element(Driver& driver, const Value& jwk, std::size_t place,
                             std::vector<Key>& keys, std::vector<ForeignJwk>& foreign) {
  if (jwk.kind != Kind::object) return invalid("it is not an object");
  auto why = why_foreign(jwk, nullptr);
  if (!why) return std::unexpected(why.error());
  if (!why->empty()) {
    foreign.push_back({place, std::move(*why), SecretString(jwk.text)});
    return {};
  }
  auto key = read_jwk(driver, jwk, nullptr);
  if (!key) return std::unexpected(key.error());
  keys.push_back(std::move(*key));
  return {};
}

}  // namespace

Explained<std::vector<Key>> parse_jwk_set(Driver& driver, std::string_view text,
                                          std::vector<ForeignJwk>* foreign) {
  const auto set = scan(text);
  if (!set) return std::unexpected(set.error());
  if (set->kind == Kind::object) {
    if (auto checked = check_members(*set); !checked) return std::unexpected(checked.error());
  }
  const auto jwks = set->kind == Kind::object ? find_member(*set, "keys") : std::nullopt;
  if (!jwks || jwks->kind != Kind::array) {
    return invalid("it is not a JWK Set: a JSON object with a list \"keys\"");
  }

  std::vector<Key> keys;
  std::vector<ForeignJwk> ignored;
  json::ArrayReader elements(*jwks);
  for (std::size_t place = 1; const auto jwk = elements.next(); ++place) {
    if (place > kMaxKeys) {
      return invalid("it holds more than " + std::to_string(kMaxKeys) +
                     " keys; remove old ones (sealring keyring prune)");
    }
    if (auto read = read_element(driver, *jwk, place, keys, ignored); !read) {
      return problem(read.error().error,
                     "key " + std::to_string(place) + ": " + read.error().message);
    }
  }
  if (keys.empty() && !ignored.empty()) {
    return invalid("it holds no key that sealring uses: of key 1, " + ignored.front().why +
                   "; add one: sealring keyring add");
  }
  if (foreign != nullptr) *foreign = std::move(ignored);
  return keys;
}

SecretString format_jwk_set(std::span<const Key> keys, std::span<const ForeignJwk> foreign) {
  SecretString text = "{\n  \"keys\": [";
  std::string_view separator = "\n";
  for (const Key& key : keys) {
    text += separator;
    write_jwk(key, text);
    separator = ",\n";
  }
  for (const ForeignJwk& jwk : foreign) {
    text.append(separator).append("    ").append(jwk.text);
    separator = ",\n";
  }
  return text += "\n  ]\n}\n";
}

Explained<Key> parse_jwk(Driver& driver, std::string_view text, const AlgorithmRow* algorithm) {
  const auto jwk = scan(text);
  if (!jwk) return std::unexpected(jwk.error());
  if (jwk->kind != Kind::object || find_member(*jwk, "keys")) {
    return invalid("it is not a JWK: a JSON object that is one key");
  }
  const auto why = why_foreign(*jwk, algorithm);
  if (!why) return std::unexpected(why.error());
  if (!why->empty()) return invalid(*why + ", and sealring has no use for such a key");
  return read_jwk(driver, *jwk, algorithm);
}

}  // namespace sealring
