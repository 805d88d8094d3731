# SPDX-License-Identifier: Apache-2.0
"""The checks and decisions of the Apache module for sessions of a key ring, for script/mutants."""

from mutant import Mutant

RING_SESSIONS = "apache/ring_sessions.cc"
LARGE_COOKIES = "apache/large_cookies.cc"
VIEWS = "apache/views.cc"
SESSION = "apache/session.cc"
TESTS = ("tests/apache/test_apache_lifetime.py",)
DATABASE_TESTS = ("tests/apache/test_apache_databases.py",)
BINARY_TESTS = ("tests/apache/test_apache_binary_ring.py",)
RING_TESTS = ("tests/apache/test_apache_rings.py",)
NGINX_TESTS = ("tests/apache/test_apache_with_nginx.py",)
REDIRECT_TESTS = ("tests/apache/test_apache_redirects.py",)
KEPT_TESTS = ("tests/apache/test_apache_kept_cookies.py",)
SURPRISES = ("tests/apache/test_apache_surprises.py",)

MUTANTS_OF_APACHE_SESSIONS = (
    Mutant("apache sessions: the context is not used", RING_SESSIONS,
           "terms.context = conf.context;", "", NGINX_TESTS),
    Mutant("apache sessions: the subject is not used", RING_SESSIONS,
           "terms.subject = conf.subject;", "", TESTS),
    Mutant("apache sessions: the lifetime is not used", RING_SESSIONS,
           "terms.lifetime = conf.lifetime;", "", TESTS),
    Mutant("apache sessions: each answer has a new one", RING_SESSIONS,
           "return view->kept != nullptr ?", "return view->kept != nullptr && false ?", TESTS),
    Mutant("apache sessions: a binary token is sent", RING_SESSIONS,
           "if (!is_text(token, sealed.size)) {", "if (!is_text(token, sealed.size) && false) {",
           BINARY_TESTS),
    Mutant("apache sessions: no key that seals is not told", RING_SESSIONS,
           "if (status == SEALRING_NO_PRIMARY_KEY) {", "if (false) {", RING_TESTS),
    Mutant("apache sessions: which end it met is not logged", RING_SESSIONS,
           "if (*end != '\\0') {", "if (false) {", TESTS),
    Mutant("apache sessions: forged fields are not told", RING_SESSIONS,
           "if (ignored != 0) {", "if (false) {", TESTS),
    Mutant("apache sessions: one without fields is sealed", RING_SESSIONS,
           "if (change == SEALRING_CHANGE_NONE) {", "if (false) {", TESTS),
    Mutant("apache sessions: one that cannot be sealed is sent", RING_SESSIONS,
           "log_no_token(r, conf, status, info.detail);\n    return APR_EGENERAL;",
           "log_no_token(r, conf, status, info.detail);", RING_TESTS),
    Mutant("apache sessions: the end that was sealed is not mod_session's", RING_SESSIONS,
           "session->encoded = token;\n  session->expiry = time_of(info.expires_at);",
           "session->encoded = token;", DATABASE_TESTS),
    Mutant("apache sessions: the end that was opened is not mod_session's", RING_SESSIONS,
           "// holds when the session is written again.\n  session->expiry = time_of(info.expires_at);",
           "", NGINX_TESTS),
    Mutant("apache sessions: a start is not logged", RING_SESSIONS,
           "if (change == SEALRING_CHANGE_STARTED) log_started(", "if (false) log_started(", TESTS),
    Mutant("apache sessions: every answer is logged as a start", RING_SESSIONS,
           "if (change == SEALRING_CHANGE_STARTED) log_started(", "log_started(", TESTS),
    Mutant("apache sessions: a refusal is not logged", RING_SESSIONS,
           "log_refusal(r, info, id_hash_of(kept, sealer), now);\n    return OK;", "return OK;", TESTS),
    Mutant("apache cookies: a large one is not told", LARGE_COOKIES,
           "if (size > kMaxCookie) warn_of(r, size);", "if (size > 2 * kMaxCookie) warn_of(r, size);",
           TESTS),
    Mutant("apache cookies: one that browsers keep is told", LARGE_COOKIES,
           "if (size > kMaxCookie) warn_of(r, size);", "if (size != 0) warn_of(r, size);", TESTS),
    Mutant("apache cookies: told with each answer", LARGE_COOKIES,
           " || apr_atomic_xchg32(ring->warned_of_size, 1) != 0", "", TESTS),
    Mutant("apache .htaccess: a mistake leaves what else is there", "apache/problems.cc",
           "static_cast<DirConf*>(conf)->has_mistake = true;", "static_cast<void>(conf);", SURPRISES),
    Mutant("apache .htaccess: a mistake does not count below", "apache/configuration.cc",
           "outer.has_mistake || inner.has_mistake", "inner.has_mistake", SURPRISES),
    Mutant("apache .htaccess: an author's passphrase is not warned of", "apache/htaccess.cc",
           ', "SessionCryptoPassphrase"}', "}", ("tests/apache/test_apache_htaccess_rings.py",)),
    Mutant("apache driver: the kind of a database is part of its folder", "apache/driver.cc",
           "if (strncmp(folder, kind, size) != 0) continue;", "if (size != 0) continue;",
           ("tests/apache/test_apache_drivers.py",)),
    Mutant("apache redirects: another context is the same", VIEWS,
           "same_text(a.context, b.context) &&", "", REDIRECT_TESTS),
    Mutant("apache redirects: another lifetime is the same", VIEWS,
           "a.lifetime == b.lifetime &&", "", REDIRECT_TESTS),
    Mutant("apache redirects: another list is the same", VIEWS,
           "same_text(a.revocations, b.revocations) &&", "", REDIRECT_TESTS),
    Mutant("apache redirects: a list that refuses when it is stale is the same", VIEWS,
           "&& a.refuse_stale == b.refuse_stale &&", "&&", REDIRECT_TESTS),
    Mutant("apache redirects: other keys are the same", VIEWS,
           "same_keys(a.keys, b.keys);", "true;", REDIRECT_TESTS),
    Mutant("apache redirects: what a place changed is forgotten", VIEWS,
           "if (former != nullptr) put_aside(former, session);",
           "if (former != nullptr && false) put_aside(former, session);", REDIRECT_TESTS),
    Mutant("apache redirects: what the client sent is not opened again", VIEWS,
           "is_new ? views->came : nullptr", "nullptr", REDIRECT_TESTS),
    Mutant("apache redirects: a place in plain text replaces the cookie", SESSION,
           "view->is_refused || (view->terms.in_clear && !is_first(session, view))",
           "view->is_refused", REDIRECT_TESTS),
    Mutant("apache redirects: a CGI program gets the session of before", SESSION,
           "if (shown != nullptr) apr_table_setn(", "if (false) apr_table_setn(", REDIRECT_TESTS),
    Mutant("apache redirects: the environment has the session of before", SESSION,
           "apr_table_unset(r->subprocess_env, name);", "", REDIRECT_TESTS),
    Mutant("apache redirects: the environment has the session of two redirects before", SESSION,
           "for (const request_rec* hop = r; hop != nullptr; hop = hop->prev) {",
           "for (const request_rec* hop = r; hop == r; hop = hop->prev) {", REDIRECT_TESTS),
    Mutant("apache sessions: a refused cookie is deleted", SESSION,
           "view != nullptr && view->is_left ? OK", "view != nullptr && false ? OK", KEPT_TESTS),
    Mutant("apache sessions: a refused cookie stays also when the application signs out", SESSION,
           "return is_unknown && session->dirty == 0 &&", "return is_unknown &&", KEPT_TESTS),
    Mutant("apache sessions: the cookie of one that is over stays", RING_SESSIONS,
           "info.reason != SEALRING_OK && info.over == 0;", "info.reason != SEALRING_OK;", KEPT_TESTS),
)  # fmt: skip
