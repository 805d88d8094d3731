// SPDX-License-Identifier: Apache-2.0
// What the places that a request comes through make of its session. mod_session keeps one session
// for each cookie, and takes it along over internal redirects (FallbackResource, ErrorDocument) and
// subrequests. But what was opened with some keys, or was in plain text, is no session of other
// keys: each place has a view of its own, of what the client sent.
#pragma once

#include "module.h"

namespace sealring::apache {

// What has to be the same for places to have one view.
struct Terms {
  Keys keys;
  const char* context;
  const char* subject;
  const char* revocations;
  int64_t lifetime;
  bool refuse_stale;
  bool in_clear;
};

struct View {
  Terms terms;
  sealring_session* kept;  // of a key ring; null: none
  bool is_refused;  // what the client sent is no session here, but may be one elsewhere or later
  bool is_left;     // so it is left as it is: nothing is saved
  // mod_session's, while another view is in its place.
  apr_table_t* entries;
  apr_time_t expiry;
  long maxage;
  int dirty;
  View* next;
};

// Gives mod_session the view of the place that `conf` is of. A new one has the client's text.
View* turn_to_view(request_rec* r, session_rec* session, const DirConf& conf);

// The view that mod_session has now; null if it is not of that place.
View* view_for(session_rec* session, const DirConf& conf);

// Whether it is the one that the request began with.
bool is_first(session_rec* session, const View* view);

// Neither a directive of ours nor a passphrase: mod_session's own text is the session.
bool is_left_in_clear(const DirConf& conf);

}  // namespace sealring::apache
