# SPDX-License-Identifier: Apache-2.0
"""The checks of back-channel logout, for script/mutants."""

from mutant import Mutant

REQUEST = "src/logout/logout_request.cc"
TOKEN = "src/logout/logout_token.cc"
KEYS = "src/logout/provider_keys.cc"
JWT = "src/base/jwt.cc"


def mutant(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant("logout: " + name, file, old, new, ("logout_test",))


MUTANTS_OF_LOGOUT = (
    # ---- The request
    mutant("a request of any size", REQUEST, "body.size() > kMaxRequestSize", "false"),
    mutant("two tokens", REQUEST, "if (token) return", "if (false) return"),
    # ---- The key set
    mutant("a private key", KEYS, "if (purpose->is_private) {", "if (false) {"),
    mutant("a key for encryption", KEYS, 'if (purpose.use && !says(purpose.use, "sig")) return false;', ""),
    mutant("a key for anything", KEYS, "if (!purpose.key_ops) return true;", "return true;"),
    mutant("a key for any alg", KEYS, " || (purpose.alg && !says(purpose.alg, jws::name_of(*algorithm)))", ""),
    mutant("any curve", KEYS, ' && says(purpose.crv, "P-256")', ""),
    mutant("a key of any kid", KEYS, "if (kid && !(named.kid && json::says(*kid, *named.kid))) continue;", ""),
    mutant("the first of two keys", KEYS, "if (found != nullptr) return nullptr;", ""),
    mutant("any number of keys", KEYS, "place > kMaxProviderKeys", "false"),
    mutant("a set of any size", KEYS, "if (jwk_set.size() > kMaxKeySetSize) return", "if (false) return"),
    mutant("a set without keys", KEYS, "if (keys.keys_.empty()) {", "if (false) {"),
    mutant("a file that others can write", KEYS,
           "if ((loaded.stat.st_mode & (S_IWGRP | S_IWOTH)) != 0) {", "if (false) {"),
    # ---- The token
    mutant("any typ", TOKEN, 'if (!json::says(*parts.typ, "logout+jwt") && !json::says(*parts.typ, "JWT")) {',
           "if (false) {"),
    mutant("the signature is not verified", TOKEN, "if (verified) return {};", "return {};"),
    mutant("a nonce", TOKEN, "if (claims.has_nonce) {", "if (false) {"),
    mutant("any event", TOKEN, "if (!events.complete() || !found) {", "if (!events.complete()) {"),
    mutant("two events of one name", TOKEN, "if (!events.complete() || !found) {", "if (!found) {"),
    mutant("an event that is no object", TOKEN, " && event->value.kind == Kind::object", ""),
    mutant("any issuer", TOKEN, "if (!json::says(*claims.iss, parties.issuer)) {", "if (false) {"),
    mutant("any audience", TOKEN, "if (!*is_for_client) {", "if (false) {"),
    mutant("never expired", TOKEN, "if (now >= end + kTolerance) {", "if (false) {"),
    mutant("expired a second late", TOKEN, "now >= end + kTolerance", "now > end + kTolerance"),
    mutant("from the future", TOKEN, "if (starts_at > now + kTolerance) {", "if (false) {"),
    mutant("from the future, a second early", TOKEN, "starts_at > now + kTolerance",
           "starts_at >= now + kTolerance"),
    mutant("as old as it says", TOKEN, "static_cast<std::int64_t>(*issued_at) + kMaxAge",
           "static_cast<std::int64_t>(kLatestTime)"),
    mutant("forgotten before it has ended", TOKEN, "return end + kTolerance;", "return end;"),
    mutant("without a jti", TOKEN, "if (jti->empty()) return", "if (false) return"),
    mutant("texts of any size", TOKEN, " || text.size() > max_size", ""),
    mutant("empty texts", TOKEN, "text.empty() || text.size()", "text.size()"),
    mutant("neither sid nor sub", TOKEN, "if (sid->empty() && sub->empty()) {", "if (false) {"),
    mutant("claims without a bound", TOKEN, "Claims found;\n  json::ObjectReader members(json, kMaxMembers);",
           "Claims found;\n  json::ObjectReader members(json);"),
    mutant("all of the user instead of a session", TOKEN,
           "if (!token.sid.empty() && !fields.sid.empty()) return Revoked{fields.sid, token.sid};", ""),
    mutant("an audience with numbers", JWT, "if (element->kind != json::Kind::string) return std::nullopt;",
           "if (element->kind != json::Kind::string) continue;"),
    mutant("the first of several audiences", JWT, "found = found || json::says(*element, text);",
           "found = json::says(*element, text);"),
)  # fmt: skip
