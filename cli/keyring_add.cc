// SPDX-License-Identifier: Apache-2.0
#include "keyring_add.h"

#include <charconv>
#include <memory>

#include "clock.h"
#include "crypto/drivers.h"
#include "io.h"
#include "keys/jwk_set.h"
#include "keys/keyring_admin.h"
#include "options.h"
#include "secret_text.h"
#include "text.h"

namespace sealring::cli {
namespace {

constexpr std::size_t kMaxSecretSize = 16384;  // more than any algorithm allows

struct Options {
  std::string ring;
  std::string algorithm;
  std::string kid;
  std::string jwk;
  std::string secret_file;
  std::string decode;
  std::optional<std::string> iv;
  bool open_only = false;
  std::int64_t open_for = 0;
};

std::string algorithm_names() {
  std::string names;
  for (const AlgorithmRow& row : kAlgorithms) {
    if (!names.empty()) names += ", ";
    names += row.name;
  }
  return names;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (; !hex.empty(); hex.remove_prefix(2)) {
    const std::string_view digits = hex.substr(0, 2);
    std::uint8_t byte = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : as_bytes(bytes)) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

Outcome<std::string> read_iv(const Options& options, const AlgorithmRow& algorithm) {
  if (!options.iv) return std::string(algorithm.max_iv_size > 0 ? kDefaultLegacyIv : "");
  if (algorithm.max_iv_size == 0) {
    return wrong_use("--iv: keys for " + std::string(algorithm.name) + " have no IV");
  }
  const auto iv = from_hex(*options.iv);
  if (!iv) return wrong_use("--iv: this is not hex with two digits per byte");
  if (!is_text(*iv)) {
    note("--iv was read as hex, as " + std::to_string(iv->size()) +
         " bytes that are not text. If you meant the text itself: --iv " + to_hex(*options.iv));
  }
  return *iv;
}

Outcome<SecretBytes> read_secret(const Options& options, const AlgorithmRow& algorithm) {
  auto secret = options.secret_file.empty() ? read_stdin("the secret", kMaxSecretSize)
                                            : read_file(options.secret_file, kMaxSecretSize);
  if (!secret) return secret;
  remove_line_end(*secret);
  if (!options.decode.empty()) {
    const Encoding encoding = options.decode == "hex" ? Encoding::hex : Encoding::base64;
    auto decoded = decode_secret(as_text(*secret), encoding);
    if (!decoded) return wrong_use("--decode: the secret is not " + options.decode);
    return std::move(*decoded);
  }
  const bool sized = algorithm.min_secret_size == algorithm.max_secret_size;
  const auto looks = looks_encoded(as_text(*secret), sized ? algorithm.min_secret_size : 0);
  if (looks && sized) {
    return wrong_use("the secret must be " + std::to_string(algorithm.min_secret_size) +
                     " bytes long; it looks like " + std::string(encoding_name(*looks)) +
                     " of that many bytes: add --decode " + std::string(encoding_name(*looks)));
  }
  if (looks) {
    note("this passphrase looks like " + std::string(encoding_name(*looks)) +
         ". It was added as it is, because Apache uses it like that. If you meant the bytes: "
         "--decode " +
         std::string(encoding_name(*looks)));
  }
  if (algorithm.modern && is_text(as_text(*secret)) &&
      secret->size() == algorithm.max_secret_size) {
    note("this secret is text. Only random bytes are safe with " + std::string(algorithm.name) +
         "; to make such a key: sealring keyring rotate " + options.ring);
  }
  return secret;
}

Outcome<Key> read_jwk_file(const Options& options, Driver& driver, const AlgorithmRow* algorithm) {
  const auto text = read_file(options.jwk, kMaxKeyringFileSize);
  if (!text) return std::unexpected(text.error());
  auto key = parse_jwk(driver, as_text(*text), algorithm);
  if (!key) return wrong_use("--jwk: \"" + options.jwk + "\": " + key.error().message);
  return std::move(*key);
}

Outcome<Key> read_key(const Options& options, Driver& driver) {
  const AlgorithmRow* algorithm = find_algorithm(options.algorithm);
  if (options.algorithm.empty() && options.jwk.empty()) {
    return wrong_use("--alg is required without --jwk");
  }
  if (algorithm == nullptr && !options.algorithm.empty()) {
    return wrong_use("--alg: there is no algorithm \"" + options.algorithm +
                     "\"; the algorithms are " + algorithm_names());
  }
  if (!options.jwk.empty()) return read_jwk_file(options, driver, algorithm);
  auto iv = read_iv(options, *algorithm);
  if (!iv) return std::unexpected(iv.error());
  auto secret = read_secret(options, *algorithm);
  if (!secret) return std::unexpected(secret.error());
  Key key;
  key.algorithm = algorithm->algorithm;
  key.secret = std::move(*secret);
  key.iv = std::move(*iv);
  return key;
}

std::string when_it_seals(const Key& key) {
  if (!key.may_seal) return " and never seals.";
  if (key.seal_from == 0) return ", and seals while no other key of the ring does.";
  return ", and seals from " + utc_time(static_cast<std::uint64_t>(key.seal_from)) +
         " on, instead of keys with an earlier seal_from.";
}

Outcome<void> add(const Options& options) {
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return failed(driver.error());
  auto read = read_key(options, **driver);
  if (!read) return std::unexpected(read.error());
  Key& key = *read;
  if (!options.kid.empty()) key.kid = options.kid;
  const AlgorithmRow* algorithm = &row(key.algorithm);
  key.may_seal = key.may_seal && !options.open_only;
  const std::string sealing = when_it_seals(key);
  const std::int64_t now = current_time();
  if (options.open_for > kLatestTime - now) return wrong_use("--open-for: this is too long");
  const std::int64_t open_until = options.open_for == 0 ? key.open_until : now + options.open_for;
  key.open_until = open_until;
  const auto kid = add_to_keyring_file(**driver, options.ring, std::move(key));
  if (!kid) return failed(kid.error());
  const bool can_be_forged_for_ever = !algorithm->modern && open_until == 0;
  return print(
      "Added key " + *kid + " (" + std::string(algorithm->name) + "). It opens tokens" +
      (open_until == 0 ? "" : " until " + utc_time(static_cast<std::uint64_t>(open_until))) +
      sealing + "\n" +
      (can_be_forged_for_ever
           ? "Tokens of this format can be forged, so set an end: with --open-for,\n"
             "or with \"open_until\" in the file.\n"
           : "") +
      "See: sealring keyring list " + options.ring + "\n");
}

}  // namespace

void add_keyring_add_command(CLI::App& group, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(
      group, "add",
      "Add an existing key, for example an encrypted_session_key. For a new key "
      "use rotate. The secret is the raw bytes of the file or of standard input, unless "
      "--decode is given: 32 bytes, or the passphrase for the Apache formats. If it is text, "
      "one line end after it, as echo and editors add, is not part of it.",
      "Example, to move from the old nginx module with the key and IV of nginx.conf:\n"
      "  printf '%s' 'abcdefghijklmnopqrstuvwxyz123456' |\n"
      "    sealring keyring add session.keys --alg nginx-legacy \\\n"
      "      --open-only --open-for 30d \\\n"
      "      --iv $(printf '%s' '1234567812345678' | od -An -v -tx1 | tr -d ' \\n')");
  add_ring_argument(command, options->ring);
  command
      .add_option("--alg", options->algorithm,
                  "what the key is for: " + algorithm_names() +
                      ". Required, unless the --jwk has one of them.")
      ->type_name("ALG");
  command
      .add_option("--kid", options->kid,
                  "the key's ID. The default is the one in the --jwk, or a generated one.")
      ->type_name("KID");
  CLI::Option* const jwk =
      command
          .add_option("--jwk", options->jwk, "a file with the key as a JWK, instead of a secret")
          ->type_name("FILE");
  command
      .add_option("--decode", options->decode, "the secret is text in this encoding: base64 or hex")
      ->check(CLI::IsMember({"base64", "hex"}).description(""))
      ->type_name("ENCODING")
      ->excludes(jwk);
  command
      .add_option("--secret-file", options->secret_file,
                  "the file with the secret. The default is standard input.")
      ->type_name("FILE");
  add_text_option(
      command, "--iv", [options = options.get()](const std::string& hex) { options->iv = hex; },
      "for nginx-legacy, the IV in hex: at most 16 bytes. The default is the old module's, the "
      "text deadbeefdeadbeef.")
      ->type_name("HEX");
  command.add_flag("--open-only", options->open_only,
                   "the key never seals, even if no other key can");
  add_duration_option(
      command, "--open-for", options->open_for,
      "how long it opens, for example 30d: until the last of its tokens expires. The default is 0, "
      "for ever.");
  command.callback([options, &chosen] { chosen = [options] { return add(*options); }; });
}

}  // namespace sealring::cli
