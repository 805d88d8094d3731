// SPDX-License-Identifier: Apache-2.0
// The directives that add passphrases: words, files of words, programs that print one.
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <http_core.h>
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

constexpr size_t kMaxPassphrase = SEALRING_MAX_PASSPHRASE;

const char* keep(cmd_parms* cmd, DirConf* conf, const char* passphrase) {
  if (strlen(passphrase) > kMaxPassphrase) {
    return apr_psprintf(cmd->pool, "%s: a passphrase is longer than %" APR_SIZE_T_FMT " bytes",
                        cmd->cmd->name, kMaxPassphrase);
  }
  push(conf->passphrases, apr_pstrdup(cmd->pool, passphrase));
  if (in_htaccess(cmd)) return nullptr;
  if (is_unexpanded(passphrase)) {
    warn_of_unexpanded(cmd);
  } else if (is_guessable(passphrase)) {
    warn_of_guessable(cmd);
  }
  return nullptr;
}

const char* keep_output(cmd_parms* cmd, DirConf* conf, const char* command) {
  char** arguments = nullptr;
  if (apr_tokenize_to_argv(command, &arguments, cmd->temp_pool) != APR_SUCCESS ||
      arguments[0] == nullptr) {
    return apr_psprintf(cmd->pool, "%s: exec: is not followed by a program", cmd->cmd->name);
  }
  const char* name = arguments[0];
  const char* program = ap_server_root_relative(cmd->temp_pool, name);
  if (program == nullptr) {
    return apr_psprintf(cmd->pool, "%s: exec:%s is not a file name", cmd->cmd->name, name);
  }
  arguments[0] = apr_pstrdup(cmd->temp_pool, program);

  char line[MAX_STRING_LEN];
  const char* problem = run(cmd->temp_pool, arguments, line, sizeof(line));
  // Its arguments may be secret, its name is not.
  const char* error =
      problem == nullptr
          ? keep(cmd, conf, line)
          : apr_psprintf(cmd->pool,
                         "%s: exec:%s: %s %s; run it by hand, in its folder, as the same user and "
                         "with no environment (env -i), to see why",
                         cmd->cmd->name, name, program, problem);
  explicit_bzero(line, sizeof(line));
  return error;
}

const char* keep_word(cmd_parms* cmd, DirConf* conf, const char* word) {
  constexpr char kExec[] = "exec:";
  constexpr size_t kExecSize = sizeof(kExec) - 1;
  const bool is_command = strncmp(word, kExec, kExecSize) == 0 && word[kExecSize] != '\0';
  return is_command ? keep_output(cmd, conf, word + kExecSize) : keep(cmd, conf, word);
}

// An empty word ends its line, as with the original.
void warn_of_empty_word(cmd_parms* cmd, const char* path, unsigned line) {
  add_warning(apr_psprintf(cmd->pool,
                           "%s: line %u of %s has an empty word, and what follows it there is "
                           "ignored; remove one of the two (for %s:%d)",
                           cmd->cmd->name, line, path, cmd->directive->filename,
                           cmd->directive->line_num));
}

// Words up to the first that begins with #.
const char* keep_line(cmd_parms* cmd, DirConf* conf, const char* line, const char* path,
                      unsigned number) {
  while (*line != '\0') {
    const char* word = ap_getword_conf(cmd->temp_pool, &line);
    if (*word == '#') break;
    if (*word == '\0') {
      warn_of_empty_word(cmd, path, number);
      break;
    }
    const char* error = keep_word(cmd, conf, word);
    if (error != nullptr) return error;
  }
  return nullptr;
}

// A line that is longer than httpd reads ends the file, as with the original.
void warn_of_long_line(cmd_parms* cmd, const char* path, unsigned line) {
  add_warning(apr_psprintf(cmd->pool,
                           "%s: line %u of %s is longer than %d bytes: it and all that follows are "
                           "ignored; shorten it (for %s:%d)",
                           cmd->cmd->name, line, path, MAX_STRING_LEN - 2, cmd->directive->filename,
                           cmd->directive->line_num));
}

const char* keep_file(cmd_parms* cmd, DirConf* conf, ap_configfile_t* file, const char* path) {
  char line[MAX_STRING_LEN] = {};
  const char* error = nullptr;
  apr_status_t read = APR_SUCCESS;
  while (error == nullptr && (read = ap_cfg_getline(line, sizeof(line), file)) == APR_SUCCESS) {
    error = keep_line(cmd, conf, line, path, file->line_number);
  }
  explicit_bzero(line, sizeof(line));
  if (error != nullptr) return apr_psprintf(cmd->pool, "%s (in %s)", error, path);
  if (APR_STATUS_IS_ENOSPC(read)) {
    warn_of_long_line(cmd, path, file->line_number);
  } else if (read != APR_EOF) {
    return apr_psprintf(cmd->pool, "%s: cannot read %s: %s", cmd->cmd->name, path,
                        text_of(read, cmd->pool));
  }
  return nullptr;
}

DirConf* begin(cmd_parms* cmd, void* conf) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->passphrases_place = note_directive(cmd, dir);
  if (dir->passphrases == nullptr) {
    dir->passphrases = apr_array_make(cmd->pool, 4, sizeof(const char*));
  }
  return dir;
}

const char* none_with_others(cmd_parms* cmd) {
  return apr_psprintf(cmd->pool,
                      "%s: \"none\" beside passphrases; remove it, or them. A passphrase that is "
                      "the word \"none\" goes into a SessionCryptoPassphraseFile",
                      cmd->cmd->name);
}

// Passphrases were set in this section, and to none.
bool is_set_to_none(const DirConf& conf) {
  return conf.passphrases_place.is_set() && conf.passphrases == nullptr;
}

}  // namespace

const char* add_passphrase(cmd_parms* cmd, void* conf, const char* word) {
  auto* dir = static_cast<DirConf*>(conf);
  if (is_none(word)) {
    if (dir->passphrases != nullptr) return none_with_others(cmd);
    dir->passphrases_place = note_directive(cmd, dir);
    return nullptr;
  }
  if (is_set_to_none(*dir)) return none_with_others(cmd);
  return keep_word(cmd, begin(cmd, dir), word);
}

const char* add_passphrase_file(cmd_parms* cmd, void* conf, const char* name) {
  if (is_set_to_none(*static_cast<DirConf*>(conf))) return none_with_others(cmd);
  DirConf* dir = begin(cmd, conf);
  const int before = dir->passphrases->nelts;
  const char* path = ap_server_root_relative(cmd->temp_pool, name);
  ap_configfile_t* file = nullptr;
  const apr_status_t opened =
      path != nullptr ? ap_pcfg_openfile(&file, cmd->temp_pool, path) : APR_EBADPATH;
  if (opened != APR_SUCCESS) {
    return apr_psprintf(cmd->pool, "%s: cannot read \"%s\" (%s): %s", cmd->cmd->name, name,
                        path != nullptr ? path : "not a file name", text_of(opened, cmd->pool));
  }
  const char* error = keep_file(cmd, dir, file, path);
  ap_cfg_closefile(file);
  if (error != nullptr || dir->passphrases->nelts > before) return error;
  return apr_psprintf(cmd->pool,
                      "%s: there is no passphrase in %s; write one on a line of its own, or remove "
                      "this line",
                      cmd->cmd->name, path);
}

}  // namespace sealring::apache
