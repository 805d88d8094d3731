// SPDX-License-Identifier: Apache-2.0
// What is wrong with a directive reaches the operator.
//
// httpd reads its configuration twice. In the first pass, and in configtest, a directive's error is
// on the terminal. In the second one httpd has left the terminal and its logs are not open yet, so
// an error would be seen by nobody. There it is kept until they are.
#include <apr_strings.h>
#include <http_core.h>

#include "module.h"

namespace sealring::apache {

bool is_first_pass() {
  return ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG;
}

const char* report(cmd_parms* cmd, void* conf, const char* problem) {
  if (problem == nullptr) return nullptr;
  const ap_directive_t* directive = cmd->directive;
  if (in_htaccess(cmd)) {
    // The folder is served all the same, as with the original, but nothing is sealed or opened.
    static_cast<DirConf*>(conf)->has_mistake = true;
    ap_log_error(APLOG_MARK, APLOG_ERR, 0, cmd->server, "%s in %s:%d", problem, directive->filename,
                 directive->line_num);
    return nullptr;
  }
  if (is_first_pass()) return problem;
  MainConf& main = main_conf();
  if (main.problem == nullptr) {
    main.problem =
        apr_psprintf(cmd->pool, "%s in %s:%d", problem, directive->filename, directive->line_num);
  }
  return nullptr;
}

}  // namespace sealring::apache
