# SPDX-License-Identifier: Apache-2.0
"""The checks of sessions that are bound to a device, in the core and in nginx, for script/mutants."""

from mutant import Mutant

POLICY = "src/binding/policy.cc"
SESSION = "src/session/session_binding.cc"
REVOCATION = "src/session/session_revocation.cc"
OPEN = "src/session/session.cc"
COOKIES = "src/session/cookie_header.cc"
REQUESTS = "src/session/device_requests.cc"
PROFILE = "src/session/profile.cc"
CAPI = "src/capi/revocations.cc"
NGINX = "nginx/session/binding.cc"
SETTINGS = "nginx/session/binding_configuration.cc"
PRIOR = "nginx/session/prior.cc"
WRITING = "nginx/session/writing.cc"


def core(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant("bound session: " + name, file, old, new, ("session_test",))


def nginx(name: str, file: str, old: str, new: str, test="session_binding") -> Mutant:
    return Mutant("nginx binding: " + name, file, old, new, (f"tests/nginx/test_{test}.py",))


MUTANTS_OF_BOUND_SESSIONS = (
    core("no bound cookie is needed", OPEN,
         "return check_bound(profile.terms(), sealer, now, active, candidates.bound_cookies(), room);", "return {};"),
    core("mod_session keeps one", OPEN, "return check_bound(terms, sealer, now, active, bound_cookies, room);", "return {};"),
    core("one in grace is renewed", SESSION, "      state_ = State::good;\n", ""),
    core("one that is refused revokes", SESSION, "  opened_prior_ = {};\n", ""),
    core("one that is refused keeps its fields", REVOCATION, "  may_return_ = true;\n  fields_.clear();",
         "  may_return_ = true;"),
    core("one that is refused is deleted", REVOCATION, "  may_return_ = true;",
         "  may_return_ = over_ = true;"),
    core("the sid from before is revoked in the grace", SESSION, "(change != Change::changed || end <= now)",
         "end != 0"),
    core("the sid from before is kept", SESSION, "if (is_last) fields_.remove(kPrior);", ""),
    core("the sid from before is looked for until a renewal", SESSION, "        state_ = State::due;\n", ""),
    core("one that is not kept alive is renewed", SESSION, "if (active && opened_prior_.size()", "if (opened_prior_.size()"),
    core("none is ever required", POLICY, "settings.required && now", "false && now"),
    core("those without a subject are required", SESSION, "!subject_.empty() && ", ""),
    core("its cookie is the application's", COOKIES, "rest == binding::kBoundSuffix ||", ""),
    core("its cookie outlives it", OPEN, "has_bound_cookie_ && end_of_parts_ != 0", "false"),
    core("those without a subject are offered", REQUESTS,
         "session.fields().value(profile.terms().subject).empty()", "false"),
    core("a forgery ends nothing", REQUESTS, "    session.end();\n", ""),
    core("the cookie may be insecure", PROFILE, "if (!bindable_) {", "if (false) {"),
    core("any path", PROFILE, "if (!is_prefix(prefix)) {", "if (false) {"),
    core("a path outside the cookie's", PROFILE, "if (!is_below(prefix, path_)) {", "if (false) {"),
    core("a path beside the cookie's", PROFILE, "(path.ends_with('/') || prefix[path.size()] == '/')", "true"),
    core("a grace of any length", PROFILE, "settings.grace < 1 ||\n      settings.grace > kMaxBindingTime", "false"),
    nginx("nothing is revoked", SETTINGS, "if (!conf.revocations.is_set()) {", "if (false) {",
          "session_binding_configuration"),
    nginx("two kinds with one path", SETTINGS, "if (known[i]->kind == conf.kind) return true;", "return true;",
          "session_binding_configuration"),
    nginx("no offer", WRITING, "change == SEALRING_CHANGE_STARTED && !offer_registration", "false && !offer_registration"),
    nginx("the sid from before lives on", WRITING, "  revoke_prior(*found, r->connection->log);\n", ""),
    nginx("it is revoked at once", PRIOR, "if (!later || !wait(list, revocation))", "if (later || !wait(list, revocation))"),
    nginx("a worker that ends forgets it", PRIOR, "    while (bucket.next != nullptr && ", "    while (false && "),
    core("a bound cookie without a session", SESSION, "if (candidates.count() == 0) return size;", ""),
    nginx("a header that came twice", NGINX, "if (found != nullptr) text->size = 0;", "",
          "session_binding_faults"),
    nginx("any method", NGINX, "if (r->method == NGX_HTTP_POST) return", "return", "session_binding_faults"),
    nginx("a forgery revokes nothing", NGINX, "    revoke_former(*found, log);\n", ""),
    nginx("a forgery leaves the sid from before", NGINX, "    revoke_prior(*found, log);\n", ""),
    nginx("answers are stored", NGINX, "if (!forbid_storing(r)) return NGX_ERROR;", ""),
)  # fmt: skip
