# SPDX-License-Identifier: Apache-2.0
"""The checks of back-channel logout, for script/mutants."""

from mutant import Mutant

REQUEST = "src/logout/logout_request.cc"
TOKEN = "src/logout/logout_token.cc"
KEYS = "src/logout/provider_keys.cc"
JWT = "src/base/jwt.cc"
SERVICE = "agent/oidc/logout_service.cc"
SETTINGS = "agent/oidc/logout_settings.cc"
HTTP = "agent/http_server.cc"


def mutant(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant("logout: " + name, file, old, new, ("logout_test",))


def in_agent(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant("logout: agent: " + name, file, old, new, ("tests/agent/test_agent_logout.py",))


MUTANTS_OF_LOGOUT = (
    # ---- The request
    mutant("a request of any size", REQUEST, "body.size() > kMaxRequestSize", "false"),
    mutant("two tokens", REQUEST, "if (token) return", "if (false) return"),
    # ---- The key set
    mutant("a private key", KEYS, "if (purpose->is_private) {", "if (false) {"),
    mutant("a key for encryption", KEYS, 'if (purpose.use && !json::is_string(purpose.use, "sig")) return false;', ""),
    mutant("a key for anything", KEYS, "if (!purpose.key_ops) return true;", "return true;"),
    mutant("a key for any alg", KEYS, " || (purpose.alg && !json::is_string(purpose.alg, jws::name_of(*algorithm)))", ""),
    mutant("a key of any kid", KEYS, " && json::says(*kid, *named.kid)", ""),
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
    # ---- The agent
    in_agent("acknowledged before it is written", SERVICE,
             "  // A token counts as used when what it revokes is in the file: until then it is good once more.\n",
             '  answer({kHttpOk, ""});\n'),
    in_agent("acknowledged although it cannot be written", SERVICE, "if (!written) {", "if (false) {"),
    in_agent("used although it cannot be written", SERVICE,
             "if (!written) return finish(written, name, answer);",
             "if (!written && used.empty()) return finish(written, name, answer);"),
    in_agent("a token is good twice", SERVICE, "if (list_.has(logout::kUsedName, used)) {", "if (false) {"),
    in_agent("a token is not remembered", SERVICE,
             "list_.revoke(logout::kUsedName, used, now, until,",
             "return finish({}, name, answer);\n                 list_.revoke(logout::kUsedName, used, now, until,"),
    in_agent("kept for ever", SERVICE, "settings_.keep ? now + *settings_.keep : ", ""),
    in_agent("keys are not followed", SERVICE, "keys_->refresh(now); !looked", "Explained<void>(); !looked"),
    in_agent("a wrong key set is good", SERVICE, 'status["good"] = false;', ""),
    in_agent("a line for each refusal", SERVICE, "now >= log_again_", "now >= 0"),
    in_agent("a field with another meaning", SETTINGS, "if (is_taken(field)) {", "if (false) {"),
    in_agent("any path", HTTP, "if (path != server.endpoint_.path) return", "if (false) return"),
    in_agent("any method", HTTP, "if (method != method_of(server)) return", "if (method.empty()) return"),
    in_agent("any content type", HTTP,
             "if (type == nullptr || strncasecmp(type, kForm.data(), kForm.size()) != 0) return false;", ""),
    in_agent("a body of any size that it says", HTTP, "return !size || *size > most;", "return !size;"),
    in_agent("a body of any size", HTTP, "if (request->content.body.size() + part.size() > server.endpoint_.max_body) return MHD_NO;", ""),
    in_agent("any number of connections", HTTP, "kMaxConnections = 64", "kMaxConnections = 1000"),
    in_agent("answers are lost at the end", HTTP, "for (int i = 0; i < kLastTurns; ++i) MHD_run(daemon_);", ""),
)  # fmt: skip
