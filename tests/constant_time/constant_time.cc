// SPDX-License-Identifier: Apache-2.0
// Runs under valgrind what works on secrets, with the secrets marked. Each case is a test; those
// whose names begin with `leaky_` must be reported.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/pkcs7.h"
#include "base/secret.h"
#include "constant_time/secrets.h"
#include "cookies/sealed_cookie.h"
#include "crypto/siphash.h"
#include "formats/format.h"
#include "support/sealers.h"

namespace sealring {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer secret(std::size_t size, std::uint8_t fill = 7) {
  Buffer bytes(size, fill);
  make_secret(bytes);
  return bytes;
}

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "constant_time: %s\n", what);
  std::exit(1);
}

void compare() {
  expect(made_public(equal_in_constant_time(secret(16), secret(16))), "equal bytes are equal");
  for (std::size_t i = 0; i < 16; ++i) {
    Buffer other(16, 7);
    other[i] ^= 1;
    make_secret(other);
    expect(!made_public(equal_in_constant_time(secret(16), other)), "others are not");
  }
}

void padding() {
  for (const std::size_t block : {8U, 16U}) {
    for (std::size_t count = 0; count <= block + 1; ++count) {
      Buffer padded(32, static_cast<std::uint8_t>(count));
      make_secret(padded);
      const std::size_t size = made_public(pkcs7::unpadded_size(padded, block));
      const bool right = count >= 1 && count <= block;
      expect(size == (right ? 32 - count : 32), "padding is seen through");
    }
  }
}

void siphash() {
  const Buffer key = secret(SipHash24::kKeySize), message = secret(41);
  auto mac = SipHash24::compute(std::span<const std::uint8_t, 16>(key), message);
  make_public(mac);
}

// Seals and opens with a secret key; then a token that was altered at its end, which the old
// formats see in the padding, and one altered in front.
void token(const FormatRow& row, Key key) {
  RandomPool pool = RandomPool::make(tested_driver()).value();
  const auto format = row.make(tested_driver(), pool).value();
  make_secret(key.secret);
  for (const std::size_t size : {0U, 5U, 40U, 47U, 48U, 300U}) {
    const Buffer payload = secret(size);
    Buffer token(row.sealed_size(size));
    token.resize(format->seal(key, {1, 2}, {}, payload, token).value().size);
    make_public(token);

    Buffer buffer(row.opened_size(token.size()));
    const auto open = [&]() -> Checked<Opened> {
      const auto parsed = row.parse(token, buffer);
      if (!parsed) return std::unexpected(parsed.error());
      return format->open(key, *parsed, {}, buffer);
    };
    const auto opened = open();
    expect(opened.has_value(), "a token opens");
    const MutableBytes opened_payload = made_public(opened->payload);  // where it is, and how long
    make_public(opened_payload);
    expect(std::ranges::equal(opened_payload, Buffer(size, 7)), "the payload comes back");
    for (const std::size_t place : {token.size() - 6, token.size() - 20, std::size_t{16}}) {
      token[place] ^= 1;
      expect(!open(), "an altered token does not open");
      token[place] ^= 1;
    }
  }
  make_public(key.secret);  // its destructor's allocator need not be watched
}

std::string passed(const cookies::Policy& policy, Sealer& sealer, std::string_view header) {
  cookies::Request request;
  request.read(sealer, header);
  Buffer buffer(request.open_size(sealer));
  expect(request.begin(policy, sealer, kNow, buffer).has_value(), "the buffer is large enough");
  return std::string(request.rewrite(header).value());
}

// A cookie of an application is sealed with a secret key, in one piece and in two, and does not
// open when it was altered. The key with which it opens is not secret, because then the value would
// be.
void sealed_cookie() {
  Key key = xaes_key();
  const auto opener = sealer_of({key});
  make_secret(key.secret);
  const auto sealer = sealer_of({key});
  cookies::PolicyOptions options;
  options.context = "shop";
  options.names = {"sid"};
  const cookies::Policy policy = cookies::Policy::make(options).value();
  for (const std::size_t size : {0U, 40U, 4000U}) {
    const std::string pair = "sid=" + std::string(size, 'v'), line = pair + "; Path=/";
    Buffer buffer(cookies::replacement_size(*sealer, line.size(), 1));
    const auto made = replace(policy, *sealer, kNow, line, "/", nullptr, buffer);
    expect(made && made->fate == cookies::Fate::sealed, "a cookie is sealed");
    make_public(buffer);
    std::string header;
    for (std::size_t i = 0; i < made->count; ++i) {
      const std::string_view sealed = made->lines[i];
      header += std::string(i == 0 ? "" : ";") + std::string(sealed.substr(0, sealed.find(';')));
    }
    expect(passed(policy, *opener, header) == pair, "its value comes back");
    for (const std::size_t place : {std::size_t{10}, std::size_t{60}, header.size() - 6}) {
      std::string altered = header;
      altered[place] = altered[place] == 'A' ? 'B' : 'A';
      expect(passed(policy, *sealer, altered).empty(), "an altered one does not");
    }
  }
  make_public(key.secret);
}

// ---- What must be reported

void leaky_compare() {
  const Buffer a = secret(16), b = secret(16);
  bool equal = true;
  for (std::size_t i = 0; i < a.size() && equal; ++i) equal = a[i] == b[i];
  std::printf("%d\n", made_public(equal));
}

void leaky_padding() {
  const Buffer padded = secret(16);
  std::size_t size = padded.size() - padded.back();
  for (std::size_t i = size; i < padded.size(); ++i) {
    if (padded[i] != padded.back()) size = padded.size();
  }
  std::printf("%zu\n", made_public(size));
}

void leaky_table() {
  static const Buffer table(256, 1);
  const Buffer index = secret(1);
  std::printf("%d\n", made_public(table[index[0]]));
}

struct Case {
  std::string_view name;
  void (*run)();
};

constexpr Case kCases[] = {
    {"compare", compare},
    {"padding", padding},
    {"siphash", siphash},
    {"s1", [] { token(kS1, xaes_key()); }},
    {"jwe", [] { token(kJwe, a256gcm_key()); }},
    {"nginx_legacy", [] { token(kNginxLegacy, legacy_key()); }},
    {"apache_aes256", [] { token(kApacheLegacy, apache_key(Algorithm::apache_aes256)); }},
    {"apache_aes192", [] { token(kApacheLegacy, apache_key(Algorithm::apache_aes192)); }},
    {"apache_aes128", [] { token(kApacheLegacy, apache_key(Algorithm::apache_aes128)); }},
    {"apache_3des192", [] { token(kApacheLegacy, apache_key(Algorithm::apache_3des192)); }},
    {"sealed_cookie", sealed_cookie},
    {"leaky_compare", leaky_compare},
    {"leaky_padding", leaky_padding},
    {"leaky_table", leaky_table},
};

}  // namespace
}  // namespace sealring

int main(int argc, char** argv) {
  for (const auto& [name, run] : sealring::kCases) {
    if (argc == 2 && name == argv[1]) {
      run();
      return 0;
    }
  }
  std::fprintf(stderr, "usage: constant_time CASE\n");
  return 2;
}
