// SPDX-License-Identifier: Apache-2.0
// Programs that print a passphrase.
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <http_core.h>
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

constexpr apr_interval_time_t kPatience = apr_time_from_msec(20);

// The first line of what is read, without its end: httpd ends it at a carriage return, too.
struct Line {
  char* text;
  apr_size_t capacity;
  apr_size_t size;
  bool is_complete;

  void append(const char* data, apr_size_t count) {
    for (apr_size_t i = 0; i < count && !is_complete; ++i) {
      is_complete = data[i] == '\n' || data[i] == '\r' || size + 1 == capacity;
      if (!is_complete) text[size++] = data[i];
    }
    text[size] = '\0';
  }
};

struct Ending {
  apr_status_t waited = APR_CHILD_NOTDONE;
  int status = 0;
  apr_exit_why_e why = APR_PROC_EXIT;

  bool await(apr_proc_t* process, apr_wait_how_e how) {
    if (waited == APR_CHILD_NOTDONE) waited = apr_proc_wait(process, &status, &why, how);
    return waited != APR_CHILD_NOTDONE;
  }
};

// Reads until the program has ended, so that it can print more than one line. It reads no longer,
// because a child of the program may keep the pipe open.
Ending read_to_the_end(apr_proc_t* process, Line* line) {
  Ending ending;
  apr_file_pipe_timeout_set(process->out, kPatience);
  for (;;) {
    char data[512];
    apr_size_t count = sizeof(data);
    const apr_status_t read = apr_file_read(process->out, data, &count);
    if (read == APR_SUCCESS) {
      line->append(data, count);
      explicit_bzero(data, count);
      if (line->is_complete && ending.await(process, APR_NOWAIT)) break;
    } else if (!APR_STATUS_IS_TIMEUP(read) || ending.waited != APR_CHILD_NOTDONE) {
      break;
    } else {
      // Should it have ended just now, there may be something left to read.
      ending.await(process, APR_NOWAIT);
    }
  }
  apr_file_close(process->out);
  ending.await(process, APR_WAIT);
  return ending;
}

}  // namespace

const char* text_of(apr_status_t status, apr_pool_t* pool) {
  char text[256];
  return apr_pstrdup(pool, apr_strerror(status, text, sizeof(text)));
}

const char* run(apr_pool_t* pool, const char* const* arguments, char* line, apr_size_t capacity) {
  apr_procattr_t* attributes = nullptr;
  apr_proc_t process;
  apr_procattr_create(&attributes, pool);
  apr_procattr_io_set(attributes, APR_NO_PIPE, APR_FULL_BLOCK, APR_NO_PIPE);
  apr_procattr_cmdtype_set(attributes, APR_PROGRAM);
  apr_procattr_error_check_set(attributes, 1);
  // Its own folder, as with the original, so that it finds a file beside it.
  apr_procattr_dir_set(attributes, ap_make_dirstr_parent(pool, arguments[0]));
  const apr_status_t started =
      apr_proc_create(&process, arguments[0], arguments, nullptr, attributes, pool);
  if (started != APR_SUCCESS) {
    return apr_psprintf(pool, "cannot be run: %s", text_of(started, pool));
  }
  Line first = {line, capacity, 0, false};
  first.append("", 0);
  const Ending ending = read_to_the_end(&process, &first);
  if (ending.waited != APR_CHILD_DONE) {
    return apr_psprintf(pool, "ended, but how is not known: %s", text_of(ending.waited, pool));
  }
  if (ending.why != APR_PROC_EXIT) {
    return apr_psprintf(pool, "was ended by signal %d", ending.status);
  }
  if (ending.status != 0) return apr_psprintf(pool, "ended with status %d", ending.status);
  return *line == '\0' ? "printed no passphrase on its first line" : nullptr;
}

}  // namespace sealring::apache
