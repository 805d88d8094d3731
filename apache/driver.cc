// SPDX-License-Identifier: Apache-2.0
// SessionCryptoDriver, as the original has it: NAME [PARAMETER[=VALUE]]... The original passes over
// parameters that its drivers do not know, and of several lines the last one counts.
#include <apr_lib.h>
#include <apr_strings.h>
#include <dlfcn.h>
#include <http_core.h>
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

struct Parameter {
  const char* driver;
  const char* name;
  bool has_value;
  bool needs_folder;  // names a file in the folder that "dir" names
};

constexpr Parameter kParameters[] = {
    {"openssl", "engine", true, false}, {"openssl", "provider", true, false},
    {"nss", "dir", true, false},        {"nss", "key3", true, true},
    {"nss", "cert7", true, true},       {"nss", "secmod", true, true},
    {"nss", "noinit", false, false},
};
constexpr size_t kCount = sizeof(kParameters) / sizeof(kParameters[0]);

bool is_driver(const char* name) {
  for (const Parameter& parameter : kParameters) {
    if (strcmp(parameter.driver, name) == 0) return true;
  }
  return false;
}

// kCount if the driver has no such parameter.
size_t index_of(const char* driver, const char* name) {
  size_t index = 0;
  while (index < kCount && (strcmp(kParameters[index].driver, driver) != 0 ||
                            strcasecmp(kParameters[index].name, name) != 0)) {
    ++index;
  }
  return index;
}

void warn_of_ignored(cmd_parms* cmd, const char* what, const char* why) {
  add_warning(apr_psprintf(cmd->pool,
                           "SessionCryptoDriver: \"%s\" is ignored: %s; remove it in %s:%d", what,
                           why, cmd->directive->filename, cmd->directive->line_num));
}

// The values of parameters, by their place in the table.
struct Values {
  const char* of[kCount] = {};
};

void read_parameter(cmd_parms* cmd, const char* driver, char* word, Values* values) {
  char* equals = strchr(word, '=');
  const char* name =
      apr_pstrndup(cmd->temp_pool, word,
                   equals != nullptr ? static_cast<apr_size_t>(equals - word) : strlen(word));
  const char* value = equals != nullptr ? equals + 1 : "";
  const size_t index = index_of(driver, name);
  if (index == kCount) {
    warn_of_ignored(cmd, name,
                    apr_psprintf(cmd->temp_pool, "the driver %s has no such parameter", driver));
  } else if (kParameters[index].has_value && *value == '\0') {
    warn_of_ignored(cmd, name, "it has no value");
  } else {
    values->of[index] = value;
  }
}

// A folder of NSS may say what kind of database is in it: KIND:FOLDER.
const char* resolved(const char* folder, apr_pool_t* pool) {
  constexpr const char* kKinds[] = {"sql:", "dbm:", "extern:"};
  for (const char* kind : kKinds) {
    const size_t size = strlen(kind);
    if (strncmp(folder, kind, size) != 0) continue;
    return apr_pstrcat(pool, kind, ap_server_root_relative(pool, folder + size), nullptr);
  }
  return ap_server_root_relative(pool, folder);
}

// The C ABI's way to write a driver: NAME:PARAMETER,...
const char* text_of(cmd_parms* cmd, const char* driver, const Values& values) {
  const char* separator = ":";
  const bool has_folder = values.of[index_of("nss", "dir")] != nullptr;
  const char* text = driver;
  for (size_t i = 0; i < kCount; ++i) {
    const char* value = values.of[i];
    if (value == nullptr) continue;
    if (kParameters[i].needs_folder && !has_folder) {
      warn_of_ignored(cmd, kParameters[i].name,
                      "it names a file in the folder of \"dir\", and "
                      "there is none");
      continue;
    }
    text = apr_pstrcat(cmd->pool, text, separator, kParameters[i].name,
                       kParameters[i].has_value ? "=" : "", kParameters[i].has_value ? value : "",
                       nullptr);
    separator = ",";
  }
  return text;
}

}  // namespace

const char* set_driver(cmd_parms* cmd, void*, const char* arguments) {
  const char* error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
  if (error != nullptr) return error;
  MainConf& main = main_conf();
  if (main.driver_place.is_set()) {
    add_warning(apr_psprintf(cmd->pool,
                             "SessionCryptoDriver: a later line (%s:%d) replaces this one; remove "
                             "one of the two in %s:%d",
                             cmd->directive->filename, cmd->directive->line_num,
                             main.driver_place.file, main.driver_place.line));
  }
  main.driver_place = {apr_pstrdup(cmd->pool, cmd->directive->filename), cmd->directive->line_num};
  const char* driver = ap_getword_conf(cmd->pool, &arguments);
  main.driver = driver;
  if (!is_driver(driver)) return nullptr;  // the check says which there are
  Values values;
  while (*arguments != '\0') {
    char* word = ap_getword_conf(cmd->pool, &arguments);
    if (strchr(word, ',') != nullptr) {
      return apr_psprintf(cmd->pool,
                          "SessionCryptoDriver: \"%s\" has a comma, which no value can "
                          "have; rename the file or folder",
                          word);
    }
    read_parameter(cmd, driver, word, &values);
  }
  const char*& folder = values.of[index_of("nss", "dir")];
  if (folder != nullptr) folder = resolved(folder, cmd->pool);
  main.driver = text_of(cmd, driver, values);
  return nullptr;
}

// With another module's NSS, its settings count and not these. As with the original, it is said.
void warn_of_nss_that_is_there(apr_pool_t* pool) {
  const char* driver = main_conf().driver;
  if (driver == nullptr || strcmp(driver_name(pool), "nss") != 0) return;
  if (strstr(driver, "noinit") != nullptr) return;
  const auto is_initialised = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "NSS_IsInitialized"));
  if (is_initialised == nullptr || is_initialised() == 0) return;
  add_warning(APLOGNO(
      01844) "SessionCryptoDriver: crypto for 'nss' was already initialised, using "
             "existing configuration; if that is meant, add noinit");
}

const char* driver_name(apr_pool_t* pool) {
  const char* driver = main_conf().driver;
  return driver == nullptr ? "openssl" : apr_pstrndup(pool, driver, strcspn(driver, ":"));
}

bool driver_starts(sealring_error* error) {
  const char* driver = main_conf().driver;
  return driver == nullptr || sealring_driver_check(driver, error) == SEALRING_OK;
}

}  // namespace sealring::apache
