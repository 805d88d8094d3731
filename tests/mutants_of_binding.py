# SPDX-License-Identifier: Apache-2.0
"""The checks of device binding, for script/mutants."""

from mutant import Mutant

FIELD = "src/binding/structured_field.cc"
KEY = "src/jws/public_key.cc"
JWS = "src/jws/compact.cc"
PROOF = "src/binding/proof.cc"
TOKEN = "src/binding/sid_token.cc"
POLICY = "src/binding/policy.cc"
EXCHANGE = "src/binding/exchange.cc"
INSTRUCTIONS = "src/binding/instructions.cc"
SESSION = "src/session/session_binding.cc"
BINDING_TESTS = ("binding_test",)


def mutant(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant("binding: " + name, file, old, new, BINDING_TESTS)


# Not here, because the answer is the same without it: the check that a jwk is an object. What is none
# is no key either.
MUTANTS_OF_BINDING = (
    # ---- Header fields
    mutant("text behind a String", FIELD, "if (!in.is_over()) return", "if (false) return"),
    mutant("any character may be escaped", FIELD, """if (c != '"' && c != '\\\\') return false;""", ""),
    mutant("a String of any characters", FIELD, "if (!is_printable(c)) return false;", ""),
    mutant("a written String of any characters", FIELD,
           "if (!std::ranges::all_of(text, is_printable)) return", "if (false) return"),
    mutant("a written String has no escapes", FIELD,
           """if (c == '"' || c == '\\\\') value += '\\\\';""", ""),
    mutant("any value without quotation marks", FIELD, """is_in(c, "-_.")""", """is_in(c, "-_. =/")"""),
    mutant("an empty value", FIELD, "!value.empty() && std::ranges", "std::ranges"),
    mutant("an integer of any size", FIELD, "return whole <= 15;", "return true;"),
    mutant("a decimal of any size", FIELD, "whole <= 12 && fraction >= 1", "fraction >= 1"),
    mutant("a fraction of any size", FIELD, " && fraction <= 3", ""),
    mutant("a parameter without a key", FIELD,
           "if (rest_.empty() || !(is_lower(rest_.front()) || rest_.front() == '*')) return false;", ""),
    # ---- Proofs
    mutant("a proof of any size", JWS, "text.size() > max_size", "false"),
    mutant("a proof of four parts", JWS, "std::ranges::count(text, '.') != 2",
           "std::ranges::count(text, '.') < 2"),
    mutant("a header of many members", JWS,
           "json::ObjectReader members(as_text(parts.header), kMaxMembers);",
           "json::ObjectReader members(as_text(parts.header));"),
    mutant("a payload of many members", PROOF,
           "json::ObjectReader members(as_text(json), kMaxMembers);",
           "json::ObjectReader members(as_text(json));"),
    mutant("any typ", PROOF, 'if (!json::says(*parts.typ, "dbsc+jwt")) {', "if (false) {"),
    mutant("a typ that is no text", PROOF, "!jws::is_string(parts.typ) || !jws::is_string(parts.alg)",
           "!jws::is_string(parts.alg)"),
    mutant("crit", JWS, "if (parts.has_crit) return", "if (false) return"),
    mutant("a refresh with a key", PROOF, ": parts->jwk.has_value()) {", ": false) {"),
    mutant("an empty challenge", PROOF, "!jws::is_string(jti) || jti->text.empty()",
           "!jws::is_string(jti)"),
    mutant("a signature of any size", JWS, "if (!right) {", "if (!right && !signature) {"),
    # ---- Keys
    mutant("a private key", KEY, "if (found.is_private) return", "if (false) return"),
    mutant("a jwk of many members", KEY, "json::ObjectReader members(json, kMaxMembers);",
           "json::ObjectReader members(json);"),
    mutant("any kty for EC", KEY, 'json::is_string(members->kty, "EC") && ', ""),
    mutant("any curve", KEY, ' && json::is_string(members->crv, "P-256")', ""),
    mutant("any exponent", KEY, " && json::is_string(members->e, kExponent)", ""),
    mutant("any modulus", KEY, ": is_rs256_key(bytes());", ": true;"),
    mutant("a key of another size", KEY, "? size_ == 2 * kCoordinateSize", "? true"),
    # ---- Challenges and bound cookies
    mutant("one context for both tokens", TOKEN, "kind == SidToken::challenge", "true"),
    mutant("a token of any session", TOKEN,
           "sid.empty() || !equal_in_constant_time(opened->payload, as_bytes(sid))", "sid.empty()"),
    mutant("a token for no session", TOKEN, "sid.empty() || !equal", "!equal"),
    mutant("a token of an old format", TOKEN, "if (!binds_context(opened->format)) {", "if (false) {"),
    mutant("a token is sealed in an old format", TOKEN, "if (!binds_context(sealed->format)) {",
           "if (false) {"),
    mutant("a token from the future is ours", TOKEN,
           "if (!valid && valid.error() != Error::expired) {", "if (false) {"),
    mutant("an expired token is valid", TOKEN, ".is_valid = valid.has_value()", ".is_valid = true"),
    mutant("the last of several bound cookies counts", TOKEN,
           "end = std::max(end.value_or(0), opened->expires_at)", "end = opened->expires_at"),
    mutant("any number of bound cookies", TOKEN,
           "tokens.first(std::min(tokens.size(), kMaxBoundCookies))", "tokens"),
    # ---- Decisions
    mutant("a bound session without a cookie", POLICY,
           "if (!cookie_end) return Standing::refused;", "if (!cookie_end) return Standing::bound;"),
    mutant("no end of a bound cookie", POLICY, "if (now < *cookie_end) return", "if (true) return"),
    mutant("no end of grace", POLICY,
           "now < saturating_add(*cookie_end, settings.grace) ?", "true ?"),
    mutant("a session that is renewed keeps the old sid", POLICY, "if (is_last) return now;", ""),
    mutant("a bound session can be registered", EXCHANGE,
           "if (!session.bound.empty()) {", "if (false) {"),
    mutant("a registration is not verified", EXCHANGE, "      !verified) {", "      false) {"),
    mutant("a registration with any challenge", EXCHANGE,
           "if (!challenge->is_valid) return of_challenge(Outcome::refused, *challenge);", ""),
    mutant("a challenge for a session that is not bound", EXCHANGE,
           "if (session.bound.empty()) {", "if (false) {"),
    mutant("a refresh for another session", EXCHANGE,
           " ||\n      !equal_in_constant_time(as_bytes(*id.text()), as_bytes(session.sid))", ""),
    mutant("a proof of another kind than the key", EXCHANGE,
           "!key || key->algorithm() != proof->algorithm", "!key"),
    mutant("a refresh is not verified", EXCHANGE, "if (!verified) {\n    return challenge->is_ours",
           "if (false) {\n    return challenge->is_ours"),
    mutant("any wrong signature ends a session", EXCHANGE,
           "return challenge->is_ours ? Decision{Outcome::forged", "return true ? Decision{Outcome::forged"),
    mutant("no forgery ends a session", EXCHANGE,
           "return challenge->is_ours ? Decision{Outcome::forged", "return false ? Decision{Outcome::forged"),
    mutant("a refresh with any challenge", EXCHANGE,
           "if (!challenge->is_valid) return of_challenge(Outcome::challenged, *challenge);", ""),
    mutant("a failure is a forgery", EXCHANGE,
           "if (!verified && verified.error() != Error::authentication_failed) {", "if (false) {"),
    mutant("a field of any size", EXCHANGE,
           "    if (value.size() <= kMaxFieldSize) text_ =", "    text_ ="),
    mutant("a session that is over is tried again", EXCHANGE, "if (session.is_over) return", "if (false) return"),
    mutant("instructions do not escape", INSTRUCTIONS,
           "json::escape(text, text_.data() + begin);", "text.copy(text_.data() + begin, text.size());"),
    # ---- Sessions
    Mutant("binding: a session is bound twice", SESSION, " || !bound().empty()", "",
           ("session_test",)),
    Mutant("binding: a session that has ended is bound", SESSION, "!is_live() || over_ || ",
           "!is_live() || ", ("session_test",)),
    Mutant("binding: a session keeps its sid", SESSION, "sid_ = {};  // prepare() makes another", "",
           ("session_test",)),
    Mutant("binding: a session is bound by half", SESSION, "  Fields fields = fields_;\n",
           "  Fields& fields = fields_;\n", ("session_test",)),
)
