// SPDX-License-Identifier: Apache-2.0
// What the directives of all modules do with their arguments, and what they answer.
#pragma once

#include <string.h>

#include <algorithm>

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

// Whether it is the name of a variable and nothing else.
inline bool is_variable(const ngx_str_t& text) {
  if (text.len < 2 || text.data[0] != '$') return false;
  // $1 is a part of what a pattern matched.
  if (text.data[1] >= '0' && text.data[1] <= '9') return false;
  return std::all_of(text.data + 1, text.data + text.len, [](u_char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

// That a directive is here, and its argument or name, for messages.
inline void note_place(ngx_conf_t* cf, Setting* place, const ngx_str_t& value) {
  place->value = value;
  place->named = true;
  place->file = cf->conf_file->file.name;
  place->line = cf->conf_file->line;
}

}  // namespace sealring::nginx
