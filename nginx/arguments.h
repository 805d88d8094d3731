// SPDX-License-Identifier: Apache-2.0
// What the directives of all modules do with their arguments, and what they answer.
#pragma once

#include <string.h>

#include "module.h"

namespace sealring::nginx {

inline char duplicate[] = "is duplicate";
inline char invalid[] = "invalid value";

inline char* failed() {
  return static_cast<char*>(NGX_CONF_ERROR);
}

// The directive's name, and what follows it.
inline ngx_str_t* arguments(ngx_conf_t* cf) {
  return static_cast<ngx_str_t*>(cf->args->elts);
}

inline bool is(const ngx_str_t& text, const char* word) {
  return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

// That a directive is here, and its argument or name, for messages.
inline void note_place(ngx_conf_t* cf, Setting* place, const ngx_str_t& value) {
  place->value = value;
  place->named = true;
  place->file = cf->conf_file->file.name;
  place->line = cf->conf_file->line;
}

}  // namespace sealring::nginx
