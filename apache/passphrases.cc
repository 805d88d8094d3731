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

const char* text_of(apr_status_t status, apr_pool_t* pool) {
  char text[256];
  return apr_pstrdup(pool, apr_strerror(status, text, sizeof(text)));
}

const char* keep(cmd_parms* cmd, DirConf* conf, const char* passphrase) {
  if (*passphrase == '\0') {
    return apr_psprintf(cmd->pool, "%s: a passphrase is empty", cmd->cmd->name);
  }
  if (strlen(passphrase) > kMaxPassphrase) {
    return apr_psprintf(cmd->pool, "%s: a passphrase is longer than %" APR_SIZE_T_FMT " bytes",
                        cmd->cmd->name, kMaxPassphrase);
  }
  if (conf->passphrases == nullptr) {
    conf->passphrases = apr_array_make(cmd->pool, 4, sizeof(const char*));
    conf->keys.passphrases = conf->passphrases;
  }
  push(conf->passphrases, apr_pstrdup(cmd->pool, passphrase));
  if (!in_htaccess(cmd) && is_guessable(passphrase)) warn_of_guessable(cmd);
  return nullptr;
}

// Runs the program to its end, for its exit status counts. `line` receives the first line that it
// printed, cut at `size`. Returns what went wrong.
const char* run(apr_pool_t* pool, const char* const* arguments, char* line, int size) {
  apr_procattr_t* attributes = nullptr;
  apr_proc_t process;
  apr_procattr_create(&attributes, pool);
  apr_procattr_io_set(attributes, APR_NO_PIPE, APR_FULL_BLOCK, APR_NO_PIPE);
  apr_procattr_cmdtype_set(attributes, APR_PROGRAM);
  apr_procattr_error_check_set(attributes, 1);
  const apr_status_t started =
      apr_proc_create(&process, arguments[0], arguments, nullptr, attributes, pool);
  if (started != APR_SUCCESS)
    return apr_psprintf(pool, "cannot be run: %s", text_of(started, pool));

  *line = '\0';
  apr_file_gets(line, size, process.out);
  char rest[256];
  apr_size_t count = sizeof(rest);
  while (apr_file_read(process.out, rest, &count) == APR_SUCCESS) count = sizeof(rest);
  explicit_bzero(rest, sizeof(rest));

  int status = 0;
  apr_exit_why_e why = APR_PROC_EXIT;
  const apr_status_t waited = apr_proc_wait(&process, &status, &why, APR_WAIT);
  apr_file_close(process.out);
  if (waited != APR_CHILD_DONE) {
    return apr_psprintf(pool, "ended, but how is not to be had: %s", text_of(waited, pool));
  }
  if (why != APR_PROC_EXIT) return apr_psprintf(pool, "was ended by signal %d", status);
  if (status != 0) return apr_psprintf(pool, "ended with status %d", status);
  char* end = strchr(line, '\n');
  if (end != nullptr) *end = '\0';
  return *line == '\0' ? "printed no passphrase on its first line" : nullptr;
}

const char* keep_output(cmd_parms* cmd, DirConf* conf, const char* command) {
  char** arguments = nullptr;
  if (apr_tokenize_to_argv(command, &arguments, cmd->temp_pool) != APR_SUCCESS ||
      arguments[0] == nullptr) {
    return apr_psprintf(cmd->pool, "%s: exec: is not followed by a program", cmd->cmd->name);
  }
  const char* program = ap_server_root_relative(cmd->temp_pool, arguments[0]);
  if (program == nullptr) {
    return apr_psprintf(cmd->pool, "%s: exec:%s is not a file name", cmd->cmd->name, arguments[0]);
  }
  arguments[0] = apr_pstrdup(cmd->temp_pool, program);

  char line[kMaxPassphrase + 2];
  const char* problem = run(cmd->temp_pool, arguments, line, sizeof(line));
  // Its arguments may be secret, its name is not.
  const char* error =
      problem == nullptr
          ? keep(cmd, conf, line)
          : apr_psprintf(cmd->pool,
                         "%s: %s %s; run it by hand, as the same user and with no environment "
                         "(env -i), to see why",
                         cmd->cmd->name, program, problem);
  explicit_bzero(line, sizeof(line));
  return error;
}

const char* keep_word(cmd_parms* cmd, DirConf* conf, const char* word) {
  constexpr char kExec[] = "exec:";
  constexpr size_t kExecSize = sizeof(kExec) - 1;
  const bool is_command = strncmp(word, kExec, kExecSize) == 0 && word[kExecSize] != '\0';
  return is_command ? keep_output(cmd, conf, word + kExecSize) : keep(cmd, conf, word);
}

// Words up to the first that begins with #.
const char* keep_line(cmd_parms* cmd, DirConf* conf, const char* line, int* kept) {
  while (*line != '\0') {
    const char* word = ap_getword_conf(cmd->temp_pool, &line);
    if (*word == '#') break;
    const char* error = keep_word(cmd, conf, word);
    if (error != nullptr) return error;
    ++*kept;
  }
  return nullptr;
}

}  // namespace

const char* add_passphrase(cmd_parms* cmd, void* conf, const char* word) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->passphrases_place = note_directive(cmd, dir);
  return keep_word(cmd, dir, word);
}

const char* add_passphrase_file(cmd_parms* cmd, void* conf, const char* name) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->passphrases_place = note_directive(cmd, dir);
  const char* path = ap_server_root_relative(cmd->temp_pool, name);
  ap_configfile_t* file = nullptr;
  const apr_status_t opened =
      path != nullptr ? ap_pcfg_openfile(&file, cmd->temp_pool, path) : APR_EBADPATH;
  if (opened != APR_SUCCESS) {
    return apr_psprintf(cmd->pool, "%s: cannot read %s: %s", cmd->cmd->name, name,
                        text_of(opened, cmd->pool));
  }

  char line[MAX_STRING_LEN] = {};
  int kept = 0;
  const char* error = nullptr;
  apr_status_t read = APR_SUCCESS;
  while (error == nullptr && (read = ap_cfg_getline(line, sizeof(line), file)) == APR_SUCCESS) {
    error = keep_line(cmd, dir, line, &kept);
  }
  explicit_bzero(line, sizeof(line));
  ap_cfg_closefile(file);
  if (error != nullptr) return apr_psprintf(cmd->pool, "%s (in %s)", error, path);
  if (read != APR_EOF) {
    return apr_psprintf(cmd->pool, "%s: cannot read %s: %s", cmd->cmd->name, path,
                        text_of(read, cmd->pool));
  }
  if (kept > 0) return nullptr;
  return apr_psprintf(cmd->pool,
                      "%s: there is no passphrase in %s; write one on a line of its own, or remove "
                      "this line",
                      cmd->cmd->name, path);
}

}  // namespace sealring::apache
