// SPDX-License-Identifier: Apache-2.0
// sealring explain
#include <memory>
#include <nlohmann/json.hpp>

#include "base/base64url.h"
#include "clock.h"
#include "crypto/drivers.h"
#include "explanation.h"
#include "io.h"
#include "json_line.h"
#include "options.h"
#include "secret_text.h"
#include "session/cookie_header.h"
#include "session/profile.h"
#include "text.h"

namespace sealring::cli {
namespace {

constexpr std::size_t kMaxHeader = std::size_t{1} << 20;

struct Options {
  std::optional<std::string> keyring, key_file, revocations;
  std::string context;
  std::string cookie = "__Host-session";
  bool cookie_header = false;
  std::size_t parts = session::CookieSettings{}.parts;
  std::int64_t idle = 1800, lifetime = 43200;
  std::optional<std::int64_t> now;
  bool json = false;
  std::optional<std::string> token;
};

// The token of one cookie, or of several that are its parts.
struct Found {
  std::string what;
  Explanation explanation;
};

Outcome<std::shared_ptr<LiveKeyring>> keyring_of(const Options& options, Driver& driver) {
  std::vector<Key> more;
  if (options.key_file) {
    auto secret = read_file(*options.key_file, 1024);
    if (!secret) return std::unexpected(secret.error());
    remove_line_end(*secret);
    if (secret->size() != 32) {
      return wrong_use("--key-file: \"" + *options.key_file + "\" has " +
                       std::to_string(secret->size()) +
                       " bytes; the value of encrypted_session_key has 32");
    }
    Key& key = more.emplace_back();
    key.algorithm = Algorithm::nginx_legacy;
    key.secret = std::move(*secret);
    key.iv = kDefaultLegacyIv;
    key.may_seal = false;
  }
  if (!options.keyring && more.empty()) {
    return wrong_use("with what is it to be opened? Give --keyring, --key-file, or both");
  }
  Explained<std::shared_ptr<LiveKeyring>> live =
      options.keyring ? LiveKeyring::load(driver, *options.keyring) : LiveKeyring::make(more);
  if (live && options.keyring && !more.empty()) {
    live = LiveKeyring::extend(*live, std::move(more));
  }
  if (!live) return failed(live.error());
  return *live;
}

// As nginx's set_encode_base32 writes it.
std::optional<SecretBytes> from_base32(std::string_view text) {
  SecretBytes bytes;
  unsigned bits = 0, value = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'v';
    if (!digit && !letter) return std::nullopt;
    value = value << 5 | static_cast<unsigned>(digit ? c - '0' : c - 'a' + 10);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(value >> bits));
    value &= (1U << bits) - 1;
  }
  return bytes;
}

// A token of the old nginx format is binary; configurations put it into text.
Result<Explanation> explain_decoded(const Opener& opener, Bytes token, bool may_be_encoded) {
  auto first = explain_token(opener, token);
  if (!first || !first->reason || !may_be_encoded) return first;
  const std::optional<SecretBytes> decoded[] = {from_base32(as_text(token)),
                                                decode_secret(as_text(token), Encoding::base64),
                                                decode_secret(as_text(token), Encoding::hex)};
  const char* const names[] = {"base32", "base64", "hex"};
  for (std::size_t i = 0; i < std::size(decoded); ++i) {
    if (!decoded[i] || decoded[i]->empty()) continue;
    auto other = explain_token(opener, *decoded[i]);
    if (!other || (other->reason && other->checks.size() <= 3)) continue;
    other->checks.insert(other->checks.begin(), {"decoded", true, names[i]});
    return other;
  }
  return first;
}

// Of a candidate that is not one token.
void explain_parts(std::size_t sent, std::size_t most, Error reason, Explanation& explanation) {
  if (sent > most && sent <= session::kMaxParts) {
    const std::string count = std::to_string(sent);
    explanation.fail("parts", reason,
                     "it is in " + count + " cookies, and sessions may use " + std::to_string(most),
                     "If the server's session_cookie has more parts, say how many: --parts " +
                         count +
                         ". If not, another server made this session, or this one before "
                         "it got fewer.");
    return;
  }
  explanation.fail("parts", reason, "a part of it is missing",
                   "The browser dropped a cookie, or a proxy did: look at the sizes of the site's "
                   "cookies. Fewer fields need fewer parts.");
}

Result<std::vector<Found>> explain_cookies(Opener opener, const Options& options,
                                           std::string_view header, bool may_be_encoded) {
  constexpr std::string_view kField = "Cookie:";
  if (header.starts_with(kField)) header.remove_prefix(kField.size());
  const std::string& name = options.cookie;
  session::Candidates candidates(name, options.parts);
  std::string rest(header.size(), '\0');
  candidates.read(header, rest.data());
  opener.bound_cookies = candidates.bound_cookies();
  std::vector<Found> found;
  for (std::size_t i = 0; i < candidates.count(); ++i) {
    SecretBytes joined(candidates.token_size(i));
    const auto token = candidates.token(i, joined);
    Found& one = found.emplace_back();
    one.what = "cookie " + name + ", " + std::to_string(i + 1) + " of " +
               std::to_string(candidates.count()) + " with this name";
    if (!token) {
      explain_parts(candidates.parts_of(i), options.parts, token.error(), one.explanation);
      continue;
    }
    auto explained = explain_decoded(opener, as_bytes(*token), may_be_encoded);
    if (!explained) return std::unexpected(explained.error());
    one.explanation = std::move(*explained);
    const std::size_t parts = candidates.parts_of(i);
    one.explanation.checks.insert(one.explanation.checks.begin(),
                                  {"parts", true,
                                   std::to_string(parts) + (parts == 1 ? " cookie" : " cookies") +
                                       ", " + std::to_string(token->size()) + " bytes"});
  }
  return found;
}

// The newest counts, of the first four. Only of this one a server asks whether it is bound.
std::optional<std::size_t> newest(const std::vector<Found>& found) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Explanation& one = found[i].explanation;
    const bool counts = !one.reason || *one.reason == Error::unbound;
    if (counts && (!best || one.issued_at > found[*best].explanation.issued_at)) best = i;
  }
  return best;
}

std::string which_is_taken(const std::vector<Found>& found, std::optional<std::size_t> best) {
  if (!best) return "None of them is taken.\n";
  const std::string number = "number " + std::to_string(*best + 1);
  return found[*best].explanation.reason
             ? "None of them is taken: " + number + " is the newest, and is refused.\n"
             : "Taken: " + number + ", the newest that opens.\n";
}

std::string text_of(const Found& found) {
  std::string text = printable(found.what) + "\n";
  for (const auto& [name, passed, says, advice] : found.explanation.checks) {
    text += std::string(passed ? "  ok      " : "  FAILED  ") + name +
            std::string(name.size() < 14 ? 14 - name.size() : 1, ' ') + printable(says) + "\n";
    if (!advice.empty()) text += "          do            " + printable(advice) + "\n";
  }
  const auto& reason = found.explanation.reason;
  return text + (reason ? "  refused: " + std::string(error_name(*reason)) + "\n" : "  it opens\n");
}

nlohmann::ordered_json json_of(const Found& found) {
  nlohmann::ordered_json json{{"what", found.what}, {"opens", !found.explanation.reason}};
  if (found.explanation.reason) json["reason"] = error_name(*found.explanation.reason);
  for (const auto& [name, passed, says, advice] : found.explanation.checks) {
    nlohmann::ordered_json check{{"check", name}, {"ok", passed}, {"says", says}};
    if (!advice.empty()) check["do"] = advice;
    json["checks"].push_back(check);
  }
  return json;
}

Outcome<void> show(const Options& options, const std::vector<Found>& found) {
  const auto best = newest(found);
  if (options.json) {
    nlohmann::ordered_json json{{"found", nlohmann::ordered_json::array()}};
    for (const Found& one : found) json["found"].push_back(json_of(one));
    if (options.cookie_header && best && !found[*best].explanation.reason) {
      json["taken"] = *best + 1;
    }
    return print(json_line(json));
  }
  std::string text;
  for (const Found& one : found) text += text_of(one);
  if (found.empty()) {
    text = "The header has no cookie " + printable(options.cookie) +
           ". Is the name right (--cookie), and do the cookie's Path, Domain and Secure fit the "
           "request?\n";
  }
  if (found.size() > 1) {
    text += which_is_taken(found, best);
    text +=
        "There are several because cookies of one name were set with another Path or Domain: "
        "delete all but one.\n";
  }
  return print(text);
}

Outcome<void> explain(const Options& options) {
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return failed(driver.error());
  const auto live = keyring_of(options, **driver);
  if (!live) return std::unexpected(live.error());
  const auto sealer = Sealer::make(*live, **driver);
  if (!sealer) return failed(sealer.error());
  if (options.revocations) {
    auto revocations = revocation::Revocations::load(**driver, *options.revocations);
    if (!revocations) return failed(revocations.error());
    (*sealer)->use_revocations(std::move(*revocations), Stale::opens);
  }

  auto input = options.token && *options.token != "-"
                   ? Outcome<SecretBytes>(SecretBytes(options.token->begin(), options.token->end()))
               : options.cookie_header ? read_stdin("the Cookie header", kMaxHeader)
                                       : read_token(std::nullopt);
  if (!input) return std::unexpected(input.error());
  if (options.cookie_header) remove_line_end(*input);
  const std::string& context =
      options.context.empty() && options.cookie_header ? options.cookie : options.context;
  const Opener opener{**sealer,
                      *(*live)->current(),
                      options.now.value_or(current_time()),
                      {as_bytes(context),
                       session::kDefaultSubject,
                       {.idle = options.idle, .lifetime = options.lifetime}},
                      options.cookie_header,
                      options.keyring.value_or(""),
                      options.revocations.value_or("")};
  const bool may_be_encoded = options.key_file.has_value();
  if (options.cookie_header) {
    const auto found = explain_cookies(opener, options, as_text(*input), may_be_encoded);
    if (!found) return failed("opening failed: " + std::string(error_name(found.error())));
    return show(options, *found);
  }
  const auto explained = explain_decoded(opener, *input, may_be_encoded);
  if (!explained) return failed("opening failed: " + std::string(error_name(explained.error())));
  return show(options, {{"token of " + std::to_string(input->size()) + " bytes", *explained}});
}

}  // namespace

void add_explain_command(CLI::App& app, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(
      app, "explain",
      "Say why a token opens or does not: each check in its order, what failed, what it means and "
      "what to do. Values of fields and payloads are not shown.",
      "Exit status: 0 also for a token that does not open: that is the answer.\n\n"
      "Examples:\n"
      "  sealring explain --keyring session.keys \"$TOKEN\"\n"
      "  sealring explain --keyring session.keys --cookie-header \"$COOKIE\"\n"
      "  sealring explain --key-file old.key \"$TOKEN\"");
  const auto text = [&](const char* name, std::optional<std::string>& to, const char* type,
                        const char* description) {
    add_text_option(
        command, name, [&to, options](const std::string& value) { to = value; }, description)
        ->type_name(type);
  };
  text("--keyring", options->keyring, "RING", "the key ring file");
  text(
      "--key-file", options->key_file, "FILE",
      "a file with the value of encrypted_session_key, for tokens of nginx's old format. The token "
      "may be in base32, base64 or hex.");
  add_context_option(command, options->context);
  command.add_flag("--cookie-header", options->cookie_header,
                   "the argument is a whole Cookie header with a session. The default context is "
                   "then the cookie's name.");
  add_text_option(
      command, "--cookie", [options](const std::string& name) { options->cookie = name; },
      "the name of the session's cookie; __Host-session if there is none here")
      ->type_name("NAME");
  command
      .add_option("--parts", options->parts,
                  "parts of the server's session_cookie: how many cookies a session may use; 2 by "
                  "default")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, session::kMaxParts).description(""));
  add_duration_option(command, "--idle", options->idle,
                      "session_idle of the server; 30m by default");
  add_duration_option(command, "--lifetime", options->lifetime,
                      "session_lifetime of the server; 12h by default");
  text("--revocations", options->revocations, "LIST", "the revocation list's file");
  add_now_option(command, options->now);
  add_json_flag(command, options->json);
  add_token_argument(command, options->token);
  command.callback([options, &chosen] { chosen = [options] { return explain(*options); }; });
}

}  // namespace sealring::cli
