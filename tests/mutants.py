# SPDX-License-Identifier: Apache-2.0
"""The checks that script/mutants removes: where each is, what it becomes, which programs must notice."""

from mutant import Mutant
from mutants_of_agent import MUTANTS_OF_AGENT
from mutants_of_apache_sessions import MUTANTS_OF_APACHE_SESSIONS
from mutants_of_binding import MUTANTS_OF_BINDING
from mutants_of_bound_sessions import MUTANTS_OF_BOUND_SESSIONS
from mutants_of_cookies import MUTANTS_OF_COOKIES
from mutants_of_logout import MUTANTS_OF_LOGOUT
from mutants_of_nginx_sessions import MUTANTS_OF_NGINX_SESSIONS
from mutants_of_revocations import MUTANTS_OF_REVOCATIONS
from mutants_of_server_revocations import MUTANTS_OF_SERVER_REVOCATIONS
from mutants_of_sessions import MUTANTS_OF_SESSIONS
from mutants_of_set_directives import MUTANTS_OF_SET_DIRECTIVES
from mutants_of_status import MUTANTS_OF_STATUS

BASE64 = "src/base/base64_plain.h"
PKCS7 = "src/base/pkcs7.h"
SECRET = "src/base/secret.h"
OPENSSL = "src/crypto/openssl.cc"
IPSEC_MB = "src/crypto/ipsec_mb.cc"
OPENSSL_SIGNATURES = "src/crypto/openssl_signatures.cc"
FORMATS = "src/formats/formats.cc"
S1 = "src/formats/s1.cc"
NGINX = "src/formats/nginx_legacy.cc"
APACHE = "src/formats/apache_legacy.cc"
JWE = "src/formats/jwe_text.cc"
JOSE = "src/formats/jose_header.cc"
CLAIMS = "src/formats/jwt_claims.cc"
JWK = "src/keys/jwk.cc"
JWK_SET = "src/keys/jwk_set.cc"
KEY = "src/keys/key.h"
RING = "src/keys/keyring.cc"
FILE = "src/keys/keyring_file.cc"
ROTATION = "src/keys/rotation.cc"
WRITER = "src/base/replaced_file.cc"
PERMISSIONS = "src/base/permissions.cc"
FOLLOWED = "src/base/followed_file.h"
FORK = "src/base/fork_lock"
LIVE = "src/keys/live_keyring.cc"
FIELDS = "src/session/fields.cc"
COOKIE = "src/session/cookie.cc"
POLICY = "src/session/policy.cc"
SESSION = "src/session/session.cc"
PROFILE = "src/session/profile.cc"
SEALER = "src/token/sealer.cc"
STRUCTURES = "src/capi/structures.h"
CAPI_KEYS = "src/capi/keys.cc"
VALIDITY = "src/token/validity.h"

BASE_TESTS, KEYS_TESTS, TOKEN_TESTS = ("base_test",), ("keys_test",), ("token_test",)
CAPI_TESTS, CRYPTO_TESTS = ("capi_test",), ("crypto_test",)
READING_TESTS = ("keys_test", "keys_faults_test")
SESSION_TESTS = ("session_test",)

# Not here, because the answer is the same without it: the check that a padding has a byte. With no
# padding nothing is cut off, as with a wrong one. Nor that a text of fields that is sealed has a size:
# what is too long for a text is too long for nine cookies.
MUTANTS = (
    # ---- Signatures
    Mutant("signature: OpenSSL's verdict ignored", OPENSSL_SIGNATURES,
           "if (verified == 1) return {};", "return {};", CRYPTO_TESTS),
    Mutant("signature: a failure of OpenSSL is a verdict", OPENSSL_SIGNATURES,
           "verified == 0", "verified <= 0", ("crypto_faults_test",)),
    # ---- The token's authenticity
    Mutant("tag: GCM's verdict ignored", OPENSSL,
           "if (!EVP_CipherFinal_ex(context, expected, &size)) "
           "return failed(Error::authentication_failed);",
           "EVP_CipherFinal_ex(context, expected, &size);", TOKEN_TESTS),
    Mutant("kid: an unknown one tries all keys", RING,
           "return {};\n  return std::span(&found->second, 1);",
           "return by_format_[static_cast<std::size_t>(format)];\n"
           "  return std::span(&found->second, 1);", TOKEN_TESTS),
    Mutant("kid: a key of another format serves", RING,
           " || row(found->second->algorithm).format != format", "", ("keys_test", "token_test")),
    Mutant("kid: not authenticated", S1,
           "copy(kid, MutableBytes(bytes_).subspan(kLabel.size()));", "std::ignore = kid;",
           TOKEN_TESTS),
    Mutant("context: not authenticated", S1,
           "copy(context, MutableBytes(bytes_).subspan(kLabel.size() + kKidSize));",
           "size_ -= context.size();", TOKEN_TESTS),
    Mutant("MAC: apache-legacy's verdict ignored", APACHE,
           "if (!equal_in_constant_time(*mac, binary.first(kMacSize))) {",
           "if (false) {", TOKEN_TESTS),
    Mutant("digest: nginx-legacy's verdict ignored", NGINX,
           "!padding_is_right || !digest_is_right ||",
           "!padding_is_right || (false && !digest_is_right) ||", TOKEN_TESTS),
    Mutant("compare: the last byte ignored", SECRET,
           "for (std::size_t i = 0; i < a.size(); ++i) {",
           "for (std::size_t i = 0; i + 1 < a.size(); ++i) {", BASE_TESTS),
    Mutant("compare: sizes ignored", SECRET,
           "if (a.size() != b.size()) return false;", "if (a.size() > b.size()) return false;",
           BASE_TESTS),
    Mutant("compare: leaves at the first difference", SECRET,
           '    __asm__("" : "+r"(difference));  // keeps the compiler from leaving the loop early',
           "    if (difference != 0) return false;", ("constant_time",)),
    # ---- Times
    Mutant("expiry: ignored", VALIDITY,
           "if (times.expires_at != 0 && now >= times.expires_at) "
           "return std::unexpected(Error::expired);", "", TOKEN_TESTS),
    Mutant("expiry: a second late", VALIDITY, "now >= times.expires_at", "now > times.expires_at",
           TOKEN_TESTS),
    Mutant("expiry: 0 is no longer never", VALIDITY, "times.expires_at != 0 && ", "", TOKEN_TESTS),
    Mutant("issued in the future: let pass", VALIDITY,
           "if (std::max(times.issued_at, times.not_before) > saturating_add(now, kClockSkew)) {",
           "if (false) {", TOKEN_TESTS),
    Mutant("issued in the future: a second early", VALIDITY, "times.not_before) > saturating_add",
           "times.not_before) >= saturating_add", TOKEN_TESTS),
    Mutant("validity: not asked", SEALER, "auto good = check_validity(opened->times, now);",
           "Result<void> good;", TOKEN_TESTS),
    # ---- Syntax
    Mutant("length: s1 of any size", S1, "if (token.size() < text_size(kOverhead)) {", "if (false) {",
           TOKEN_TESTS),
    Mutant("prefix: s1 of any prefix", S1,
           "if (!recognises(token)) return refused(Error::malformed);", "",
           ("formats_test", "token_test")),
    Mutant("length: nginx-legacy of any size", NGINX,
           "token.size() < Md5::kSize + kBlockSize || ", "", TOKEN_TESTS),
    Mutant("length: nginx-legacy of part of a block", NGINX,
           " || token.size() % kBlockSize != 0", "", TOKEN_TESTS),
    Mutant("length: nginx-legacy without an expiry", NGINX, " || size < kTimeSize) {", ") {",
           TOKEN_TESTS),
    Mutant("length: apache-legacy of any size", APACHE,
           "*size < overhead + kMinBlockSize || ", "", ("formats_test", "token_test")),
    Mutant("length: apache-legacy of part of a block", APACHE,
           "if (blocks.size() < 2 * block || blocks.size() % block != 0) {",
           "if (blocks.size() < 2 * block) {", ("formats_test", "token_test")),
    Mutant("length: apache-legacy of an IV alone", APACHE,
           "if (blocks.size() < 2 * block || blocks.size() % block != 0) {",
           "if (blocks.size() % block != 0) {", ("formats_test", "token_test")),
    Mutant("space behind a token: not removed", FORMATS, "if (!is_text) return input;", "return input;",
           TOKEN_TESTS),
    Mutant("space behind a token: removed from a binary one", FORMATS, "if (!is_text) return input;", "",
           TOKEN_TESTS),
    Mutant("length: tokens without a bound", SEALER,
           "if (token.size() > kMaxTokenSize) return refusal(Error::malformed);", "", TOKEN_TESTS),
    Mutant("canonical base64: bits left over", BASE64,
           "faults |= group & (left == 3 ? 0xffU : 0xffffU);", "", BASE_TESTS),
    Mutant("canonical base64: alphabet of whole groups", BASE64, "faults &= kInvalid;",
           "faults = 0;", BASE_TESTS),
    Mutant("canonical base64: alphabet of the last group", BASE64,
           "faults |= (a | b | c) & kInvalid;", "", BASE_TESTS),
    Mutant("canonical base64: impossible size", BASE64, "text.size() % 4 == 1 || ", "",
           BASE_TESTS),
    Mutant("canonical base64: padding that is missing", "src/base/base64.cc",
           "if (text.size() % 4 != 0) return std::unexpected(Error::malformed);", "", TOKEN_TESTS),
    Mutant("padding: of more than a block", PKCS7,
           "faults |= (static_cast<std::uint32_t>(block) - count) & 0x100;", "", BASE_TESTS),
    Mutant("padding: of unequal bytes", PKCS7,
           "faults |= (byte ^ count) & (outside - 1);", "std::ignore = byte, std::ignore = outside;",
           BASE_TESTS),
    Mutant("padding: nginx-legacy does not ask", NGINX, "!padding_is_right || ",
           "(false && !padding_is_right) || ", TOKEN_TESTS),
    Mutant("padding: apache-legacy does not ask", APACHE,
           "if (size == padded.size()) return refused(Error::authentication_failed);", "",
           ("formats_test", "token_test")),
    Mutant("padding: its length shows in the time", NGINX, "saved * kTwoMd5Blocks", "saved * 0",
           ("formats_test",)),
    # ---- JWE
    Mutant("JWE: zip let pass", JOSE, "if (header.zip) {", "if (false) {",
           ("formats_test", "token_test")),
    Mutant("JWE: crit let pass", JOSE, "if (header.crit) return", "if (false) return",
           ("formats_test", "token_test")),
    Mutant("JWE: any alg", JOSE, 'if (!json::says(*alg, "dir")) return',
           "if (false) return", ("formats_test", "token_test")),
    Mutant("JWE: any enc", JOSE, 'if (!json::says(*enc, "A256GCM")) {', "if (false) {",
           ("formats_test", "token_test")),
    Mutant("JWE: a header with members without a bound", JOSE,
           "json::ObjectReader members(json, kMaxMembers);", "json::ObjectReader members(json);",
           ("formats_test", "token_test")),
    Mutant("JWE: any kid", JOSE,
           " || !std::ranges::all_of(name, printable)",
           " || (false && !std::ranges::all_of(name, printable))", ("formats_test", "token_test")),
    Mutant("JWE: header that is not JSON", JOSE,
           "if (!members.complete()) return not_read(members.fault());",
           "if (!members.complete() && false) return not_read(members.fault());",
           ("formats_test", "token_test")),
    Mutant("JWE: a header of any size", JWE, "if (parts.header.size() > kMaxHeaderText) {",
           "if (false) {", ("formats_test", "token_test")),
    Mutant("JWE: an encrypted key", JWE, "if (!parts.encrypted_key.empty()) {", "if (false) {",
           ("formats_test", "token_test")),
    Mutant("JWE: an IV of any size", JWE, "if (parts.iv.size() != kIvText) {", "if (false) {",
           ("formats_test", "token_test")),
    Mutant("JWE: a tag of any size", JWE, "if (parts.tag.size() != kTagText) {", "if (false) {",
           ("formats_test", "token_test")),
    Mutant("JWE: more than five parts", JWE, "if (text.find('.') != text.npos) return std::nullopt;",
           "", ("formats_test", "token_test")),
    Mutant("JWE: recognised by its full stops alone", JWE,
           "base64url::decode(text.substr(0, kLooksSize), decoded) &&\n",
           "(base64url::decode(text.substr(0, kLooksSize), decoded) || true) &&\n",
           ("formats_test", "token_test")),
    Mutant("JWE: without kid, the first key that opens", SEALER,
           "if (std::find_if(first + 1, keys.end(), opens) != keys.end()) {", "if (false) {",
           TOKEN_TESTS),
    Mutant("JWE: for any audience", CLAIMS, "if (!*found) {", "if (false) {",
           ("formats_test", "token_test")),
    Mutant("JWE: without an audience, for any context", CLAIMS,
           "if (context.empty()) return {};\n", "return {};\n", ("formats_test", "token_test")),
    Mutant("JWE: two payloads", CLAIMS, "if (found.payload && found.payload_b64) {", "if (false) {",
           ("formats_test", "token_test")),
    Mutant("JWE: claims that are not JSON", CLAIMS,
           "if (!members.complete()) return not_read(members.fault());",
           "if (!members.complete() && false) return not_read(members.fault());",
           ("formats_test", "token_test")),
    # ---- Keys and their windows
    Mutant("windows: a closed key opens", SEALER, "if (!key->opens_at(now)) continue;", "",
           TOKEN_TESTS),
    Mutant("windows: opens a second long", KEY, "now < open_until", "now <= open_until",
           ("keys_test", "token_test")),
    Mutant("windows: seals before its time", KEY, "may_seal && seal_from <= now && ", "may_seal && ",
           KEYS_TESTS),
    Mutant("windows: seals after its end", KEY, "seal_from <= now && opens_at(now)",
           "seal_from <= now", KEYS_TESTS),
    Mutant("key_ops: a key that only opens seals", JWK, "key.may_seal = encrypts;",
           "key.may_seal = encrypts || decrypts;", KEYS_TESTS),
    Mutant("key_ops: need not open", JWK, "if (!decrypts) return",
           "if (false && !decrypts) return", KEYS_TESTS),
    Mutant("key_ops: anything goes", JWK, "if (operation->kind != Kind::string) return",
           "if (false) return", KEYS_TESTS),
    Mutant("use: anything goes", JWK, 'use && !json::is_string(use, "enc")', "false && use", KEYS_TESTS),
    Mutant("kty: anything goes", JWK, 'if (!json::is_string(find_member(jwk, "kty"), "oct"))', "if (false)",
           KEYS_TESTS),
    Mutant("foreign: a member that decides is there twice", JWK, "if (value) return invalid",
           "if (false && value) return invalid", KEYS_TESTS),
    Mutant("foreign: not ignored", JWK, "if (!ours) why = quoted(name, *value);",
           "if (!ours && false) why = quoted(name, *value);", KEYS_TESTS),
    Mutant("foreign: a secret in the message", JWK, "text.size() <= kMostShown && ",
           "(text.size() <= kMostShown || true) && ", KEYS_TESTS),
    Mutant("foreign: without a bound", JWK_SET, "if (place > kMaxKeys) {", "if (false) {", KEYS_TESTS),
    Mutant("foreign: lost by a change", "src/keys/keyring_writer.cc",
           "format_jwk_set(keys, old->foreign)", "format_jwk_set(keys)", KEYS_TESTS),
    Mutant("JWK: of another program", JWK_SET, 'if (!why->empty()) return invalid(*why + ", and',
           'if (false) return invalid(*why + ", and', KEYS_TESTS),
    Mutant("JWK: a set is one", JWK_SET, ' || find_member(*jwk, "keys")', "", KEYS_TESTS),
    Mutant("kid: need not follow from the secret", JWK, "if (algorithm.kid_is_derived && key.kid != *derived) {",
           "if (false) {", KEYS_TESTS),
    Mutant("secret: of any size", JWK, "if (key.secret.size() < min || key.secret.size() > max) {",
           "if (false) {", KEYS_TESTS),
    Mutant("IV: of any size", JWK, "if (key.iv.size() > algorithm.max_iv_size) {", "if (false) {",
           KEYS_TESTS),
    Mutant("times of keys: without a bound", JWK,
           "if (!in_bounds(key.seal_from) || !in_bounds(key.open_until)) {",
           "if (false && !in_bounds(key.seal_from)) {",
           KEYS_TESTS),
    Mutant("ring: a member twice", JWK, "if (!names.insert(content(member->name)).second) return",
           "if (false) return", KEYS_TESTS),
    Mutant("ring: half a character", JWK, "if (!whole) return", "if (false && !whole) return",
           KEYS_TESTS),
    Mutant("ring: text behind it", JWK_SET, "if (!value || !in.at_end()) {", "if (!value) {",
           ("keys_test", "token_test")),
    Mutant("json: nested without a bound", "src/base/json.cc", "if (levels == 0) return false;", "",
           ("base_test", "keys_test")),
    Mutant("ring: one kid twice", RING,
           "if (!key.kid.empty() && !ring->by_kid_.emplace(key.kid, &key).second) {",
           "ring->by_kid_.emplace(key.kid, &key);\n    if (false) {", KEYS_TESTS),
    Mutant("ring: one secret for two algorithms", RING,
           "(is_modern(*a) || is_modern(*b))", "false && is_modern(*a)", KEYS_TESTS),
    Mutant("ring: no key", RING,
           'if (keys.empty()) return problem(Error::invalid_keyring, "it holds no key");', "",
           KEYS_TESTS),
    # ---- Rotation
    Mutant("rotation: an older key takes over", ROTATION,
           "if (old.seal_from > seal_from) old.may_seal = false;", "", KEYS_TESTS),
    Mutant("rotation: a key whose turn comes first loses it", ROTATION,
           "if (old.seal_from > seal_from)", "if (old.seal_from > rotation.now)", KEYS_TESTS),
    Mutant("rotation: what was withdrawn opens after an emergency", ROTATION,
           "!old.may_seal && old.seal_from != 0", "false && old.seal_from != 0", KEYS_TESTS),
    # ---- The ring's file
    Mutant("file mode: anyone may read it", FILE, "S_IRWXO | S_IWGRP", "S_IWOTH | S_IWGRP",
           KEYS_TESTS),
    Mutant("file mode: the group may write it", FILE, "S_IRWXO | S_IWGRP", "S_IRWXO", KEYS_TESTS),
    Mutant("file: no regular one", FILE, "if (!S_ISREG(stat.st_mode))", "if (false)", KEYS_TESTS),
    Mutant("file: of any size", FILE,
           "if (file.stat.st_size > static_cast<off_t>(kMaxKeyringFileSize)) {", "if (false) {",
           READING_TESTS),
    Mutant("file: grows while it is read", FILE, "if (*filled != size) {", "if (*filled < size) {",
           READING_TESTS),
    Mutant("file: anyone may own it", FILE, "stat.st_uid == 0 || stat.st_uid == reader", "true",
           KEYS_TESTS),
    Mutant("file: its ACL is lost", WRITER, "!copy_acl(file_.get(), file.descriptor())", "false",
           KEYS_TESTS),
    Mutant("file: its ACL is lost where it cannot be copied", PERMISSIONS,
           "static_cast<std::size_t>(size), 0) == 0;", "static_cast<std::size_t>(size), 0) != 1;",
           ("keys_faults_test",)),
    Mutant("readable by: the ACL's mask", PERMISSIONS, "bound = entry.rights", "bound = 7",
           KEYS_TESTS),
    Mutant("readable by: ACLs", PERMISSIONS, "!acl.empty() && ", "false && ", KEYS_TESTS),
    # ---- The file in use
    Mutant("following: two loads at once", FOLLOWED, "!turn.taken() || looked_at_",
           "looked_at_", BASE_TESTS),
    Mutant("following: two extensions at once", LIVE, "!turn.taken() || generation",
           "generation", KEYS_TESTS),
    Mutant("following: a relative path", FOLLOWED, "std::string absolute = absolute_path(path);",
           "std::string absolute = path;", BASE_TESTS),
    Mutant("following: a refused file is not tried again", FOLLOWED,
           "identity == seen_ && refusal_.empty()", "identity == seen_", BASE_TESTS),
    Mutant("fork: not prepared for", FORK + ".cc",
           "return lock_during_fork<g_mutex>();", "return true;", BASE_TESTS),
    Mutant("fork: a child is not counted", FORK + ".cc",
           "if (pthread_atfork(nullptr, nullptr, count_child) != 0) std::abort();",
           "if (false) count_child();", BASE_TESTS),
    Mutant("fork: another thread's turn goes on in the child", FORK + ".h", "held != process && ",
           "held == 0 && ", BASE_TESTS),
    # ---- Sessions
    Mutant("fields: a text of any size", FIELDS,
           "if (text.size() > kMaxTextSize) return std::unexpected(Error::malformed);", "",
           SESSION_TESTS),
    Mutant("fields: control characters", FIELDS, "if (is_control(byte)) return std::nullopt;", "",
           SESSION_TESTS),
    Mutant("fields: an encoded byte 0", FIELDS, " || (high == 0 && low == 0)", "", SESSION_TESTS),
    Mutant("fields: as many as there is room for", FIELDS,
           "if (count_ == kMaxFields) return std::unexpected(Error::malformed);", "",
           SESSION_TESTS),
    Mutant("cookie: more parts than configured", COOKIE,
           "if (count > parts_) return std::unexpected(Error::malformed);", "", SESSION_TESTS),
    Mutant("cookie: a missing part", COOKIE,
           "if (nth >= counts_[part]) return std::unexpected(Error::malformed);", "",
           SESSION_TESTS),
    Mutant("cookie: any number of candidates", COOKIE,
           "if (counts_[part] < kMaxCandidates) values_", "values_", SESSION_TESTS),
    Mutant("session: no absolute end", POLICY,
           "if (now >= end_of(session.auth_time, settings.lifetime)) return "
           "Decision::absolute_end;", "", SESSION_TESTS),
    Mutant("session: no idle end", POLICY, "if (now >= end) return Decision::idle_end;", "",
           SESSION_TESTS),
    Mutant("mod_session: the end of the last session", SESSION,
           "if (!is_kept_by(terms, name)) fields_.remove(name);",
           "if (name != kExpiry) fields_.remove(name);", SESSION_TESTS),
    Mutant("session: a token without an end for one that has passed", SESSION,
           "end == 0 ? 0 : std::max(end, now + 1)", "end", SESSION_TESTS),
    # ---- Bounds and wiping
    Mutant("bounds: times before 1970 open", SEALER,
           "if (now < 0) return invalid_argument(kNegativeNow);\n"
           "  if (context.size() > kMaxContextSize) return invalid_argument(kLongContext);\n"
           "  if (token",
           "if (context.size() > kMaxContextSize) return invalid_argument(kLongContext);\n"
           "  if (token", TOKEN_TESTS),
    Mutant("bounds: a context of any size", SEALER,
           "if (context.size() > kMaxContextSize) return invalid_argument(kLongContext);\n"
           "  if (payload", "if (payload", TOKEN_TESTS),
    Mutant("bounds: opens into a buffer that is too small", SEALER,
           "if (buffer.size() < size) return",
           "if (false) return", TOKEN_TESTS),
    Mutant("bounds: seals into a buffer that is too small", SEALER,
           "if (token.size() < format_row->sealed_size(payload.size())) {", "if (token.empty()) {",
           TOKEN_TESTS),
    Mutant("wiping: a refused token's buffer", SEALER, "if (!opened) wipe(used);", "", TOKEN_TESTS),
    Mutant("wiping: freed secrets", SECRET,
           "explicit_bzero(static_cast<void*>(memory), count * sizeof(T));", "", BASE_TESTS),
    # ---- The C interface
    Mutant("structures: members that an old program does not have are read", STRUCTURES,
           "std::memcpy(&known, raw, std::min(given->size, sizeof(Struct)));",
           "std::memcpy(&known, raw, sizeof(Struct));", CAPI_TESTS),
    Mutant("structures: members that an old program does not have are written", STRUCTURES,
           "&made, std::min(size, sizeof(Struct)));", "&made, sizeof(Struct));", CAPI_TESTS),
    Mutant("structures: members of a newer program are ignored", STRUCTURES,
           "if (raw[i] != 0) return std::nullopt;", "", CAPI_TESTS),
    Mutant("structures: any size is one", STRUCTURES,
           " && given->size >= kFirstSize<Struct> && given->size <= kMaxSize", "", CAPI_TESTS),
    Mutant("NULL: a key's secret", CAPI_KEYS,
           "if (given->secret == nullptr) return", "if (false) return", CAPI_TESTS),
    Mutant("NULL: a required argument", "src/capi/guard.h",
           "if (pointer == nullptr) {", "if (false) {", CAPI_TESTS),
    Mutant("day: any of 31", "src/base/day.cc",
           "if (!date.ok()) return std::nullopt;", "", BASE_TESTS),
    Mutant("json: blocks with control characters", "src/base/json.cc",
           "(bytes | control | special)", "(bytes | special)", ("base_test",)),
    Mutant("apache-legacy: the MAC's key of another passphrase", "src/formats/apache_legacy.cc",
           "if (mac_key_of_ != &key) {", "if (mac_key_of_ == nullptr) {", ("token_test",)),
    Mutant("ipsec-mb: a tag that is not compared", IPSEC_MB,
           "if (equal_in_constant_time(expected, tag)) return {};",
           "if (!tag.empty()) return {};", ("crypto_test",)),
    Mutant("ipsec-mb: forged text is kept", IPSEC_MB,
           "    wipe(text);\n", "", ("crypto_test",)),
    Mutant("ipsec-mb: keys are not wiped", IPSEC_MB,
           "    wipe(key_);\n", "", ("keys_memory_test",)),
    Mutant("ipsec-mb: under OpenSSL's FIPS provider", "src/crypto/default_aead.cc",
           "is_openssls_own\n", "true || is_openssls_own\n", ("crypto_test",)),
    Mutant("ipsec-mb: with a provider", OPENSSL,
           "if (!parameters.empty()) return driver;", "", ("crypto_test",)),
    Mutant("digest: not the provider's", "src/crypto/openssl.cc",
           'if (provider == std::string_view("default")) return', "return",
           ("crypto_default_properties_test",)),
    Mutant("fork: not noticed", SEALER, "if (!pool_.forked()) return;", "return;", TOKEN_TESTS),
    *MUTANTS_OF_AGENT,
    *MUTANTS_OF_BINDING,
    *MUTANTS_OF_BOUND_SESSIONS,
    *MUTANTS_OF_COOKIES,
    *MUTANTS_OF_LOGOUT,
    *MUTANTS_OF_REVOCATIONS,
    *MUTANTS_OF_SESSIONS,
    *MUTANTS_OF_SET_DIRECTIVES,
    *MUTANTS_OF_STATUS,
    *MUTANTS_OF_NGINX_SESSIONS,
    *MUTANTS_OF_APACHE_SESSIONS,
    *MUTANTS_OF_SERVER_REVOCATIONS,
)  # fmt: skip
