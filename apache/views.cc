// SPDX-License-Identifier: Apache-2.0
#include "views.h"

#include <apr_strings.h>

namespace sealring::apache {
namespace {

constexpr int kFields = 10;  // that a table has room for at first, as mod_session's

struct Views {
  const char* came;  // the text that the client sent, or that the database has; null: none
  View* first;       // the view that the request began with; the others follow
  View* current;
};

const char* name_of(const session_rec* session) {
  return apr_psprintf(session->pool, "sealring session %pp", static_cast<const void*>(session));
}

Views* find(session_rec* session) {
  void* found = nullptr;
  apr_pool_userdata_get(&found, name_of(session), session->pool);
  return static_cast<Views*>(found);
}

Views* found_or_new(session_rec* session) {
  Views* views = find(session);
  if (views != nullptr) return views;
  views = static_cast<Views*>(apr_pcalloc(session->pool, sizeof(Views)));
  // The text may be in the pool of a subrequest.
  views->came = apr_pstrdup(session->pool, session->encoded);
  apr_pool_userdata_setn(views, name_of(session), apr_pool_cleanup_null, session->pool);
  return views;
}

Terms terms_of(const DirConf& conf) {
  return {conf.keys(),   conf.context,      conf.subject,          conf.revocations,
          conf.lifetime, conf.refuse_stale, is_left_in_clear(conf)};
}

bool same_terms(const Terms& a, const Terms& b) {
  return a.in_clear == b.in_clear && a.refuse_stale == b.refuse_stale && a.lifetime == b.lifetime &&
         same_text(a.context, b.context) && same_text(a.subject, b.subject) &&
         same_text(a.revocations, b.revocations) && same_keys(a.keys, b.keys);
}

View* find_view(const Views& views, const Terms& terms) {
  View* view = views.first;
  while (view != nullptr && !same_terms(view->terms, terms)) view = view->next;
  return view;
}

// Only the keys may be of a .htaccess file, whose texts end with a request.
View* add_view(Views* views, const Terms& terms, apr_pool_t* pool) {
  auto* view = static_cast<View*>(apr_pcalloc(pool, sizeof(View)));
  view->terms = terms;
  view->terms.keys = lasting_keys(terms.keys, pool);
  view->entries = apr_table_make(pool, kFields);
  if (views->first == nullptr) {
    views->first = view;
  } else {
    view->next = views->first->next;
    views->first->next = view;
  }
  return view;
}

void put_aside(View* view, const session_rec* session) {
  view->entries = session->entries;
  view->expiry = session->expiry;
  view->maxage = session->maxage;
  view->dirty = session->dirty;
}

void put_in_place(const View* view, session_rec* session) {
  session->entries = view->entries;
  session->expiry = view->expiry;
  session->maxage = view->maxage;
  session->dirty = view->dirty;
}

}  // namespace

View* turn_to_view(request_rec* r, session_rec* session, const DirConf& conf) {
  Views* views = found_or_new(session);
  const Terms terms = terms_of(conf);
  View* former = views->current;
  if (former != nullptr && same_terms(former->terms, terms)) return former;
  View* view = find_view(*views, terms);
  const bool is_new = view == nullptr;
  if (is_new) view = add_view(views, terms, session->pool);
  views->current = view;
  // What has no keys here is mod_session's own.
  if (former == nullptr && terms.in_clear) return view;
  if (former != nullptr) put_aside(former, session);
  put_in_place(view, session);
  session->encoded = is_new ? views->came : nullptr;
  if (former != nullptr && former->dirty != 0) {
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  "session: what the application changed before the request went on to %s is not "
                  "seen there, where other keys, another context or another list are in effect",
                  r->uri);
  }
  return view;
}

View* view_for(session_rec* session, const DirConf& conf) {
  Views* views = found_or_new(session);
  const Terms terms = terms_of(conf);
  if (views->current == nullptr) views->current = add_view(views, terms, session->pool);
  return same_terms(views->current->terms, terms) ? views->current : nullptr;
}

bool is_first(session_rec* session, const View* view) {
  const Views* views = find(session);
  return views != nullptr && views->first == view;
}

bool is_left_in_clear(const DirConf& conf) {
  return !conf.keys().any() && !conf.wants_encryption();
}

}  // namespace sealring::apache
