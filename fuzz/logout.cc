// SPDX-License-Identifier: Apache-2.0
// Logout tokens, the forms that they come in, and the key sets of providers. To reach what is
// behind the signature, the first line is the JSON of a token's header, what follows that of its
// payload, and any signature is good.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/base64url.h"
#include "check.h"
#include "crypto/drivers.h"
#include "crypto/partial_driver.h"
#include "logout/logout_request.h"
#include "logout/logout_token.h"
#include "revocation/hash.h"

namespace sealring::fuzz {
namespace {

using namespace logout;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::string_view kKeySet = R"({"keys":[{"kty":"EC","crv":"P-256","kid":"ec",)"
                                     R"("x":"6_GB2voQ0qroMh6OlDFCFS_SJriQi1PTvvBOhGZ3bHI",)"
                                     R"("y":"IegOJULyE7SxH_Cd1KCER7lWBvGFHQ-h0xyjzUjEIWE"}]})";

class AnySignature final : public PartialDriver {
 public:
  using PartialDriver::PartialDriver;
  std::string_view name() const noexcept override { return "any signature"; }
  Result<void> verify_es256(Es256Key, Bytes, Es256Signature) noexcept override { return {}; }
};

const Parties& parties() {
  static const Parties configured{"https://op.example", "shop"};
  return configured;
}

// Another parser's word for what the payload says.
void check_claims(const LogoutToken& token, std::string_view payload) {
  const auto claims = nlohmann::json::parse(payload, nullptr, false);
  if (!claims.is_object()) return;  // a number that is too large for it
  check(!claims.contains("nonce"), "no ID token is accepted");
  check(claims.value("iss", "") == parties().issuer, "the issuer is the configured one");
  check(claims.value("jti", "") == token.jti, "the jti is the token's");
  check(claims.value("sid", "") == token.sid, "the sid is the token's");
  check(claims.value("sub", "") == token.sub, "the sub is the token's");
  const auto& event = claims["events"]["http://schemas.openid.net/event/backchannel-logout"];
  check(event.is_object(), "it is for a logout");
}

void open(Driver& driver, std::string_view text, std::string_view payload) {
  static const ProviderKeys keys = ProviderKeys::parse(kKeySet).value();
  std::vector<std::uint8_t> buffer(text.size());
  const auto token = open_logout_token(driver, keys, parties(), kNow, text, buffer);
  if (!token) {
    check(is_refusal(token.error().reason), "a token is to blame for its refusal");
    check(token.error().detail != nullptr, "what is wrong with a token is said");
    return;
  }
  check(text.size() <= kMaxTokenSize, "a token has a bound");
  check(
      !token->jti.empty() && used_value(parties(), token->jti).size() <= revocation::kMaxValueSize,
      "a jti fits into a list");
  check(!token->sid.empty() || !token->sub.empty(), "a token says what it revokes");
  check(std::max(token->sid.size(), token->sub.size()) <= revocation::kMaxValueSize,
        "which can be revoked");
  check(token->accepted_before > kNow && token->accepted_before <= kNow + kMaxAge + 2 * kTolerance,
        "it is remembered for a bounded time");
  check(revoked_by(*token, {"a", "b"}).has_value(), "a site that keeps both finds it");
  check_claims(*token, payload);
}

void open_parts(Driver& driver, std::string_view input) {
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return;
  const std::vector<std::uint8_t> signature(64);
  const std::string_view payload = input.substr(end + 1);
  open(driver,
       base64url::encode(as_bytes(input.substr(0, end))) + "." +
           base64url::encode(as_bytes(payload)) + "." + base64url::encode(signature),
       payload);
}

void read_keys(std::string_view input) {
  const auto keys = ProviderKeys::parse(input);
  if (!keys) {
    check(!keys.error().message.empty(), "what is wrong with a key set is said");
    return;
  }
  check(keys->size() >= 1 && keys->size() <= kMaxProviderKeys, "a key set has bounds");
  for (const auto algorithm : {jws::Algorithm::es256, jws::Algorithm::rs256}) {
    const auto* const key = keys->find(algorithm, std::nullopt);
    check(key == nullptr || key->algorithm() == algorithm,
          "a key is of the kind that is asked for");
  }
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealring;
  const std::string_view input = as_text({data, size});
  static Driver& real = *find_driver(kDefaultDriver).value();
  static fuzz::AnySignature any(real);
  fuzz::open(real, input, "");
  fuzz::open_parts(any, input);
  fuzz::read_keys(input);
  if (const auto token = logout::token_in_form(input)) {
    fuzz::check(input.find("logout_token=" + std::string(*token)) != std::string_view::npos,
                "the token is in the form");
  }
  return 0;
}
