// SPDX-License-Identifier: Apache-2.0
#include "keys/jwk_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/base64url.h"
#include "keys/thumbprint.h"

namespace sealring {
namespace {

// Its strings, among them the secrets, are wiped when they are freed.
using Json = nlohmann::basic_json<std::map, std::vector, SecretString, bool, std::int64_t,
                                  std::uint64_t, double, WipingAllocator>;

std::unexpected<Problem> invalid(std::string message) {
  return problem(Error::invalid_keyring, std::move(message));
}

// The library's destructor asks for memory where something is in an array or object, and cannot say
// that there is none. So they are emptied, from the inside out.
void empty(Json& value) noexcept {
  if (!value.is_structured()) return;
  for (Json& inner : value) empty(inner);
  value.clear();
}

class Document {
 public:
  explicit Document(Json parsed) : json_(std::move(parsed)) {}
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  ~Document() { empty(json_); }

  const Json& json() const { return json_; }

 private:
  Json json_;
};

// Watches the parser, which by itself keeps the last of two equal members (RFC 7517 section 4 lets
// us refuse them) and nests without a bound.
class Strictness {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    const auto level = static_cast<std::size_t>(depth);
    if (level > kMaxDepth) {
      fault_ = "it nests deeper than a key ring does";
    } else if (event == Json::parse_event_t::object_start) {
      names_.resize(level + 1);
      names_.back().clear();
    } else if (event == Json::parse_event_t::key) {
      const auto& name = parsed.get_ref<const SecretString&>();
      if (!names_[level - 1].insert(name).second) fault_ = "a member stands twice in one object";
    }
    return fault_ == nullptr;
  }
  const char* fault() const { return fault_; }

 private:
  static constexpr std::size_t kMaxDepth = 16;
  std::vector<std::set<SecretString>> names_;  // of the objects that are open, by depth
  const char* fault_ = nullptr;
};

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::optional<std::string_view> text_member(const Json& object, const char* name) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get_ref<const SecretString&>();
}

// The library's own comparison would make a value of the text, and cannot say that there is no
// memory for it.
bool is_text(const Json& value, std::string_view text) {
  return value.is_string() && std::string_view(value.get_ref<const SecretString&>()) == text;
}

template <class Container>
std::optional<Container> base64url_member(std::string_view text) {
  Container bytes(base64url::decoded_size(text.size()), 0);
  const MutableBytes out(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
  if (!base64url::decode(text, out)) return std::nullopt;
  return bytes;
}

Explained<void> read_time(const Json& jwk, const char* name, std::int64_t& time) {
  const Json* value = member(jwk, name);
  if (value == nullptr) return {};
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > kLatestTime) {
    return invalid(std::string("\"") + name + "\" must be a whole number of seconds since 1970");
  }
  time = static_cast<std::int64_t>(value->get<std::uint64_t>());
  return {};
}

Explained<void> read_uses(const Json& jwk, Key& key) {
  if (const Json* use = member(jwk, "use"); use != nullptr && !is_text(*use, "enc")) {
    return invalid("\"use\" must be \"enc\"");
  }
  const Json* operations = member(jwk, "key_ops");
  if (operations == nullptr) return {};
  if (!operations->is_array()) return invalid("\"key_ops\" must be a list");
  bool encrypts = false, decrypts = false;
  for (const Json& operation : *operations) {
    if (is_text(operation, "encrypt")) {
      encrypts = true;
    } else if (is_text(operation, "decrypt")) {
      decrypts = true;
    } else {
      return invalid("\"key_ops\" may hold \"encrypt\" and \"decrypt\" only");
    }
  }
  if (!decrypts) return invalid("\"key_ops\" must hold \"decrypt\"");
  key.may_seal = encrypts;
  return {};
}

Explained<Key> read_key(Driver& driver, const Json& jwk) {
  if (!jwk.is_object()) return invalid("it is not an object");
  if (text_member(jwk, "kty") != "oct") return invalid("\"kty\" must be \"oct\"");
  const auto alg = text_member(jwk, "alg");
  if (!alg) return invalid("it has no \"alg\"");
  const AlgorithmRow* algorithm = find_algorithm(*alg);
  if (algorithm == nullptr) return invalid("this version does not know its \"alg\"");

  Key key;
  key.algorithm = algorithm->algorithm;
  if (const Json* kid = member(jwk, "kid"); kid != nullptr) {
    if (!kid->is_string() || kid->get_ref<const SecretString&>().empty()) {
      return invalid("\"kid\" must be text");
    }
    key.kid = std::string_view(kid->get_ref<const SecretString&>());
  }
  const auto k = text_member(jwk, "k");
  auto secret = k ? base64url_member<SecretBytes>(*k) : std::nullopt;
  if (!secret) return invalid("\"k\" must be the secret in base64url without padding");
  key.secret = std::move(*secret);

  if (algorithm->max_iv_size > 0) key.iv = kDefaultLegacyIv;
  if (const Json* iv = member(jwk, "iv"); iv != nullptr) {
    auto bytes = iv->is_string() ? base64url_member<std::string>(iv->get_ref<const SecretString&>())
                                 : std::nullopt;
    if (!bytes) return invalid("\"iv\" must be in base64url without padding");
    if (algorithm->max_iv_size == 0) return invalid("its algorithm takes no \"iv\"");
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

Json to_json(const Key& key) {
  const auto text = [](std::string_view value) { return SecretString(value); };
  const auto base64 = [](Bytes bytes) {
    SecretString encoded(base64url::encoded_size(bytes.size()), '\0');
    base64url::encode(bytes, encoded.data());
    return encoded;
  };
  Json jwk = {{"kty", "oct"}, {"use", "enc"}, {"alg", text(row(key.algorithm).name)}};
  jwk["key_ops"] = key.may_seal ? Json{"encrypt", "decrypt"} : Json::array({"decrypt"});
  jwk["k"] = base64(key.secret);
  if (!key.kid.empty()) jwk["kid"] = text(key.kid);
  if (row(key.algorithm).max_iv_size > 0) jwk["iv"] = base64(as_bytes(key.iv));
  if (key.seal_from != 0) jwk["seal_from"] = key.seal_from;
  if (key.open_until != 0) jwk["open_until"] = key.open_until;
  return jwk;
}

}  // namespace

Explained<std::vector<Key>> parse_jwk_set(Driver& driver, std::string_view text) {
  if (text.size() > kMaxKeyringFileSize) return invalid("it is larger than 1 MiB");
  // The JSON library would pass over it.
  if (text.starts_with("\xef\xbb\xbf")) {
    return invalid("it begins with a byte order mark; save it as UTF-8 without one");
  }
  Strictness strictness;
  const Document document(Json::parse(text.begin(), text.end(), std::ref(strictness), false));
  const Json& set = document.json();
  if (strictness.fault() != nullptr) return invalid(strictness.fault());
  if (set.is_discarded()) return invalid("it is not JSON, or torn; restore it from a backup");
  const Json* jwks = set.is_object() ? member(set, "keys") : nullptr;
  if (jwks == nullptr || !jwks->is_array()) {
    return invalid("it is not a JWK Set: a JSON object with a list \"keys\"");
  }

  std::vector<Key> keys;
  keys.reserve(jwks->size());
  for (const Json& jwk : *jwks) {
    auto key = read_key(driver, jwk);
    if (!key) {
      return problem(key.error().error,
                     "key " + std::to_string(keys.size() + 1) + ": " + key.error().message);
    }
    keys.push_back(std::move(*key));
  }
  return keys;
}

SecretString format_jwk_set(std::span<const Key> keys) {
  Json jwks = Json::array();
  for (const Key& key : keys) jwks.push_back(to_json(key));
  SecretString text = Json{{"keys", std::move(jwks)}}.dump(2);
  text.push_back('\n');
  return text;
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
    return invalid("its times must lie between 1970 and the year 36812");
  }
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  if (key.kid.size() > kMaxKidSize || !std::ranges::all_of(key.kid, printable)) {
    return invalid("its kid must be at most 63 printable characters without spaces");
  }
  // An old format's secret may be a weak one, of which a derived kid would be a way to test
  // guesses.
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
