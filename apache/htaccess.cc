// SPDX-License-Identifier: Apache-2.0
// Rings that authors of .htaccess files can use. AllowOverride AuthConfig lets them set SessionEnv
// and SessionHeader of mod_session, which show the session's content and replace it, and a
// passphrase, whose sessions open beside the ring, which then seals them.
#include <apr_strings.h>
#include <http_core.h>
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

const core_dir_config& core_of(const ap_conf_vector_t* section) {
  return *static_cast<const core_dir_config*>(
      ap_get_core_module_config(const_cast<ap_conf_vector_t*>(section)));
}

const core_server_config& core_of(const server_rec* server) {
  return *static_cast<const core_server_config*>(ap_get_core_module_config(server->module_config));
}

const ap_conf_vector_t* section_at(const apr_array_header_t* sections, int index) {
  return element<ap_conf_vector_t*>(sections, index);
}

bool says_who_overrides(const core_dir_config& core) {
  return (core.override & OR_UNSET) == 0 || core.override_list != nullptr;
}

bool lets_sessions_be_set(const core_dir_config& core) {
  if ((core.override & OR_UNSET) == 0 && (core.override & OR_AUTHCFG) != 0) return true;
  if (core.override_list == nullptr) return false;
  constexpr const char* kDirectives[] = {"SessionEnv", "SessionHeader", "SessionCryptoPassphrase"};
  for (const char* directive : kDirectives) {
    if (apr_table_get(core.override_list, directive) != nullptr) return true;
  }
  return false;
}

bool is_below(const char* path, const char* folder) {
  return path != nullptr && folder != nullptr && strncmp(path, folder, strlen(folder)) == 0;
}

// The folder of a <Location>, if it lies in DocumentRoot. A pattern may match anything.
const char* folder_of(const ap_conf_vector_t* location, const server_rec* server,
                      apr_pool_t* pool) {
  const core_dir_config& core = core_of(location);
  if (core.r != nullptr || core.d == nullptr || core.d_is_fnmatch) return "/";
  const char* path = core.d + strspn(core.d, "/");
  const size_t size = strlen(path);
  const bool has_slash = size == 0 || path[size - 1] == '/';
  return apr_pstrcat(pool, core_of(server).ap_document_root, "/", path, has_slash ? "" : "/",
                     nullptr);
}

// What is in effect in a folder, as far as sections say.
DirConf conf_in(const char* folder, const server_rec* server, apr_pool_t* pool) {
  DirConf conf = dir_conf(server->lookup_defaults);
  const core_server_config& core = core_of(server);
  for (int i = 0; i < core.sec_dir->nelts; ++i) {
    const ap_conf_vector_t* section = section_at(core.sec_dir, i);
    if (is_below(folder, core_of(section).d)) conf = merged(conf, dir_conf(section));
  }
  for (int i = 0; i < core.sec_url->nelts; ++i) {
    const ap_conf_vector_t* section = section_at(core.sec_url, i);
    if (is_below(folder, folder_of(section, server, pool))) conf = merged(conf, dir_conf(section));
  }
  return conf;
}

void warn_if_there_is_a_ring(const char* folder, const char* open_folder, const server_rec* server,
                             apr_pool_t* pool) {
  const DirConf conf = conf_in(folder, server, pool);
  if (conf.ring_file == nullptr) return;
  add_warning(apr_psprintf(
      pool,
      "SessionCryptoKeyring: .htaccess files in %s may set SessionEnv, SessionHeader or "
      "SessionCryptoPassphrase (AllowOverride AuthConfig, or AllowOverrideList), with which their "
      "authors can read or make sessions of this ring. Name the ring only where no such files are "
      "read, or add \"SessionCryptoKeyring none\" "
      "to <Directory \"%s\">; the ring is named in %s:%d",
      open_folder, open_folder, conf.ring_place.file, conf.ring_place.line));
}

// A .htaccess file counts for its folder and for all below, whatever is allowed there.
void warn_of_folder(const char* open_folder, const server_rec* server, apr_pool_t* pool) {
  warn_if_there_is_a_ring(open_folder, open_folder, server, pool);
  const core_server_config& core = core_of(server);
  for (int i = 0; i < core.sec_dir->nelts; ++i) {
    const ap_conf_vector_t* section = section_at(core.sec_dir, i);
    const char* folder = core_of(section).d;
    if (dir_conf(section).ring_file != nullptr && is_below(folder, open_folder)) {
      warn_if_there_is_a_ring(folder, open_folder, server, pool);
    }
  }
  for (int i = 0; i < core.sec_url->nelts; ++i) {
    const ap_conf_vector_t* section = section_at(core.sec_url, i);
    const char* folder = folder_of(section, server, pool);
    if (dir_conf(section).ring_file != nullptr && is_below(folder, open_folder)) {
      warn_if_there_is_a_ring(folder, open_folder, server, pool);
    }
  }
}

bool is_said_again(const apr_array_header_t* sections, int index) {
  for (int i = index + 1; i < sections->nelts; ++i) {
    const core_dir_config& later = core_of(section_at(sections, i));
    if (says_who_overrides(later) && strcmp(later.d, core_of(section_at(sections, index)).d) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

void warn_of_htaccess(const server_rec* main, apr_pool_t* pool) {
  for (const server_rec* server = main; server != nullptr; server = server->next) {
    const apr_array_header_t* folders = core_of(server).sec_dir;
    if (!is_reachable(server)) continue;
    for (int i = 0; i < folders->nelts; ++i) {
      const core_dir_config& core = core_of(section_at(folders, i));
      if (core.d == nullptr || !lets_sessions_be_set(core) || is_said_again(folders, i)) continue;
      warn_of_folder(core.d, server, pool);
    }
  }
}

}  // namespace sealring::apache
