// SPDX-License-Identifier: Apache-2.0
#include "binding/device_key.h"

#include "base/base64url.h"

namespace sealring::binding {

std::optional<jws::PublicKey> key_in_field(std::string_view value) noexcept {
  for (const jws::Algorithm algorithm : {jws::Algorithm::es256, jws::Algorithm::rs256}) {
    const std::string_view name = jws::name_of(algorithm);
    if (!value.starts_with(name) || !value.substr(name.size()).starts_with('.')) continue;
    const std::string_view text = value.substr(name.size() + 1);
    std::array<std::uint8_t, kMaxRs256Size> bytes;
    if (base64url::decoded_size(text.size()) > bytes.size()) return std::nullopt;
    const std::size_t size = base64url::decode(text, bytes).value_or(0);
    return jws::PublicKey::from_bytes(algorithm, Bytes(bytes).first(size));
  }
  return std::nullopt;
}

std::string field_of(const jws::PublicKey& key) {
  return std::string(jws::name_of(key.algorithm())) + "." + base64url::encode(key.bytes());
}

}  // namespace sealring::binding
