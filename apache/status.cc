// SPDX-License-Identifier: Apache-2.0
// What operators see: counters in memory that httpd's processes share, and the handler
// sealring-status, which shows them.
#include <apr_strings.h>
#include <apr_time.h>
#include <http_protocol.h>
#include <string.h>
#include <sys/mman.h>

#include "revocations.h"

namespace sealring::apache {
namespace {

sealring_counters* shared_counters = nullptr;

const char* header(const request_rec* r, const char* name) {
  const char* value = apr_table_get(r->headers_in, name);
  return value != nullptr ? value : "";
}

// Rings are those of this process, after they were looked at.
bool fill(sealring_report* report, int64_t now, request_rec* r) {
  const apr_array_header_t* rings = main_conf().rings;
  for (int i = 0; i < rings->nelts; ++i) {
    sealring_keyring* keyring = element<Ring>(rings, i).keyring;
    sealring_error error = SEALRING_INIT(sealring_error);
    if (sealring_keyring_refresh(keyring, now, &error) != SEALRING_OK) {
      ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "SessionCryptoKeyring: %s", error.message);
    }
    if (sealring_report_add_keyring(report, keyring) != SEALRING_OK) return false;
  }
  const apr_array_header_t* lists = main_conf().lists;
  for (int i = 0; i < lists->nelts; ++i) {
    sealring_revocations* revocations = element<List*>(lists, i)->revocations;
    sealring_error error = SEALRING_INIT(sealring_error);
    if (sealring_revocations_refresh(revocations, now, &error) != SEALRING_OK) {
      ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "SessionCryptoRevocations: %s", error.message);
    }
    if (sealring_report_add_revocations(report, revocations) != SEALRING_OK) return false;
  }
  return true;
}

int send(request_rec* r, sealring_report* report) {
  const char* accept = header(r, "Accept");
  const int32_t format = sealring_report_format(r->uri, strlen(r->uri), accept, strlen(accept));
  sealring_text text;
  if (sealring_report_write(report, format, &text) != SEALRING_OK) {
    return HTTP_INTERNAL_SERVER_ERROR;
  }
  ap_set_content_type(r, sealring_report_content_type(format));
  apr_table_setn(r->headers_out, "Cache-Control", "no-store");
  ap_set_content_length(r, static_cast<apr_off_t>(text.size));
  if (r->header_only == 0) ap_rwrite(text.data, static_cast<int>(text.size), r);
  return OK;
}

int answer(request_rec* r) {
  if (r->handler == nullptr || strcmp(r->handler, "sealring-status") != 0) return DECLINED;
  if (r->method_number != M_GET) {
    r->allowed = AP_METHOD_BIT << M_GET;
    return HTTP_METHOD_NOT_ALLOWED;
  }
  const int64_t now = apr_time_sec(apr_time_now());
  sealring_report* report = nullptr;
  if (sealring_report_new(shared_counters, now, &report, nullptr) != SEALRING_OK) {
    return HTTP_INTERNAL_SERVER_ERROR;
  }
  const int status = fill(report, now, r) ? send(r, report) : HTTP_INTERNAL_SERVER_ERROR;
  sealring_report_free(report);
  return status;
}

}  // namespace

sealring_counters* counters() {
  return shared_counters;
}

// Made once, in the parent, as the memory for logouts is, so that what was counted stays over
// reloads.
bool share_counters(const server_rec* main) {
  const size_t size = sealring_counters_size();
  apr_pool_t* pool = main->process->pool;
  // After a reload the module may be another one.
  const char* name = apr_psprintf(pool, "sealring counters %" APR_SIZE_T_FMT, size);
  void* memory = nullptr;
  apr_pool_userdata_get(&memory, name, pool);
  if (memory == nullptr) {
    memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      ap_log_error(APLOG_MARK, APLOG_EMERG, 0, main, "there is no shared memory for counters");
      return false;
    }
    apr_pool_userdata_setn(memory, name, nullptr, pool);
  }
  shared_counters = sealring_counters_init(memory, size, apr_time_sec(apr_time_now()));
  return shared_counters != nullptr;
}

void register_status_handler() {
  ap_hook_handler(answer, nullptr, nullptr, APR_HOOK_MIDDLE);
}

}  // namespace sealring::apache
