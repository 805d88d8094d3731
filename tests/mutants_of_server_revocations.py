# SPDX-License-Identifier: Apache-2.0
"""What makes a logout hold in the servers, for script/mutants: the tests run real servers."""

from mutant import Mutant

NGINX = ("tests/nginx/test_session_revocations.py", "tests/nginx/test_session_agent.py",
         "tests/nginx/test_module_revocations.py")
APACHE = ("tests/apache/test_apache_revocations.py",)
WRITING = "nginx/session/writing.cc"
LISTS = "nginx/revocations.cc"
REVOKING = "nginx/revoking.cc"
SEALERS = "nginx/sealers.cc"

MUTANTS_OF_SERVER_REVOCATIONS = (
    Mutant("revocations in nginx: a logout revokes nothing", WRITING,
           "  revoke_former(*found, r->connection->log);",
           "  if (false) revoke_former(*found, r->connection->log);", NGINX),
    Mutant("revocations in nginx: the list is not used", SEALERS,
           "made->list != nullptr", "false", NGINX),
    Mutant("revocations in nginx: each cycle has memory of its own", LISTS,
           "if (before == nullptr) pool->data", "if (before == nullptr || true) pool->data", NGINX),
    Mutant("revocations in nginx: the agent is not told", REVOKING,
           "if (list->agent != nullptr) send(*list, revocation, log);", "", NGINX),
    Mutant("revocations in nginx: the agent is told once", REVOKING,
           "!make_agents(cycle, first) || ngx_worker != 0", "!make_agents(cycle, first) || true", NGINX),
    Mutant("revocations in nginx: sending begins anew each time", REVOKING,
           "list->next_to_send = next;", "list->next_to_send = 0;", NGINX),
    Mutant("revocations in nginx: what the list has goes", "src/revocation/pending.cc",
           "    if (keep(index, now) && !is_listed(slot(index), list)) return",
           "    if (!keep(index, now)) continue;\n    if (is_listed(slot(index), list)) remove(index);\n"
           "    else return", NGINX),
    Mutant("revocations in nginx: no alert when the memory is full", REVOKING,
           "lost != 0 && list->alerted_at", "false && list->alerted_at", NGINX),
    Mutant("revocations in nginx: a stale list is not logged", LISTS,
           "info.stale != 0 && !list->warned_of_stale", "false", NGINX),
    Mutant("revocations in nginx: a stale list is logged again and again", LISTS,
           "info.stale != 0 && !list->warned_of_stale", "info.stale != 0", NGINX),
    Mutant("revocations in nginx: stale=refuse is ignored", SEALERS,
           "sealring_sealer_use_revocations(sealer, made->list->revocations, made->refuse_stale)",
           "sealring_sealer_use_revocations(sealer, made->list->revocations, false)", NGINX),
    Mutant("revocations in nginx: stale=refuse of another location counts", SEALERS,
           " && sealer->refuse_stale == refuse_stale", "", NGINX),
    Mutant("revocations in nginx: two agents for one list", LISTS,
           "if (equal(list->agent_path, path)) return true;", "return true;", NGINX),
    Mutant("revocations in nginx: a list that workers cannot read is not warned of", LISTS,
           "core.group, &error) ==\n        SEALRING_OK", "core.group, &error) !=\n        SEALRING_OK", NGINX),
    Mutant("revocations in nginx: the ID of a sealed token is not known", "nginx/set_var.cc",
           "ngx_memcpy(outcome->id, sealed.id, sizeof(outcome->id));", "", NGINX),
    Mutant("revocations in nginx: the ID of an opened token is not known", "nginx/set_var.cc",
           "ngx_memcpy(outcome->id, opened.id, sizeof(outcome->id));", "", NGINX),

    Mutant("revocations in Apache: a logout revokes nothing", "apache/ring_sessions.cc",
           "    revoke_former(r, conf, kept, sealer, now);\n    const", "    const", APACHE),
    Mutant("revocations in Apache: another subject revokes nothing", "apache/ring_sessions.cc",
           "  revoke_former(r, conf, kept, sealer, now);\n  session->encoded = token;",
           "  session->encoded = token;", APACHE),
    Mutant("revocations in Apache: the list is not used", "apache/sealers.cc",
           "status == SEALRING_OK && revoking.list != nullptr", "false", APACHE),
    Mutant("revocations in Apache: each start has memory of its own", "apache/revocations.cc",
           "if (found != nullptr) return static_cast<const Shared*>(found);", "", APACHE),
    Mutant("revocations in Apache: each child has memory of its own", "apache/revocations.cc",
           "MAP_SHARED | MAP_ANONYMOUS", "MAP_PRIVATE | MAP_ANONYMOUS", APACHE),
    Mutant("revocations in Apache: the agent is not told at once", "apache/revoking.cc",
           "if (list->agent != nullptr) send(*list, revocation, now, &error);", "", APACHE),
    Mutant("revocations in Apache: the agent is told once", "apache/revoking.cc",
           "  const apr_array_header_t* lists = main_conf().lists;\n  for (int i = 0; i < lists->nelts; ++i) {\n"
           "    List* list = element<List*>(lists, i);\n    if (list->agent == nullptr ||",
           "  const apr_array_header_t* lists = main_conf().lists;\n  for (int i = 0; i < lists->nelts; ++i) {\n"
           "    List* list = element<List*>(lists, i);\n    if (list->agent != nullptr ||", APACHE),
    Mutant("revocations in Apache: a stale list is not logged", "apache/revocations.cc",
           "if (info.stale == 0 || warned) return;", "if (info.stale == 0 || warned || true) return;", APACHE),
    Mutant("revocations in Apache: stale=refuse of another section counts", "apache/sealers.cc",
           "entry->revoking.refuse_stale != revoking.refuse_stale ||", "", APACHE),
    Mutant("revocations in Apache: two agents for one list", "apache/revocations.cc",
           "if (same(list->agent_path, conf.agent)) return",
           "if (same(list->agent_path, conf.agent) || true) return", APACHE),
    Mutant("revocations in Apache: what the list has goes", "src/revocation/pending.cc",
           "    if (keep(index, now) && !is_listed(slot(index), list)) return",
           "    if (!keep(index, now)) continue;\n    if (is_listed(slot(index), list)) remove(index);\n"
           "    else return", APACHE),
    Mutant("revocations in Apache: the directive needs no ring", "apache/checks.cc",
           "if (conf.revocations != nullptr) {\n    return refuse(conf.revocations_place, \"SessionCryptoRevocations\",\n"
           "                  \"there is no", "if (false) {\n    return refuse(conf.revocations_place, "
           "\"SessionCryptoRevocations\",\n                  \"there is no", APACHE),
    Mutant("revocations in Apache: none is ignored", "apache/directives.cc",
           "if (is_none(file) && option == nullptr) return nullptr;",
           "if (is_none(file) && option == nullptr) { dir->revocations_place = {}; return nullptr; }", APACHE),
)  # fmt: skip
