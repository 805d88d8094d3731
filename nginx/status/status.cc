// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <string.h>

#include "../revocations.h"
#include "../session/session.h"

namespace sealring::nginx {
namespace {

// What nginx itself keeps in a zone.
constexpr size_t kZoneExtra = size_t{64} << 10;

// Called in the master, before it starts workers. `before`: what was counted stays over a reload.
ngx_int_t share(ngx_shm_zone_t* zone, void* before) {
  auto* pool = reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr);
  if (before == nullptr) pool->data = ngx_slab_calloc(pool, sealring_counters_size());
  if (pool->data == nullptr) return NGX_ERROR;
  return sealring_counters_init(pool->data, sealring_counters_size(), ngx_time()) != nullptr
             ? NGX_OK
             : NGX_ERROR;
}

// Key rings and lists are those of this worker, after they were looked at.
bool fill(sealring_report* report, const MainConf* main, ngx_log_t* log) {
  for (Sealer* sealer = main->sealers; sealer != nullptr; sealer = sealer->next) {
    ready_sealer(sealer, ngx_time(), log);
  }
  for (const Ring* ring = main->rings; ring != nullptr; ring = ring->next) {
    if (sealring_report_add_keyring(report, ring->keyring) != SEALRING_OK) return false;
  }
  for (const RevocationList* list = main->lists; list != nullptr; list = list->next) {
    if (sealring_report_add_revocations(report, list->revocations) != SEALRING_OK) return false;
  }
  return true;
}

// In the request's memory.
ngx_str_t write(ngx_http_request_t* r, int32_t format) {
  const auto* main = static_cast<const MainConf*>(
      ngx_http_get_module_main_conf(r, ngx_http_encrypted_session_module));
  ngx_str_t copy = {0, nullptr};
  sealring_report* report = nullptr;
  sealring_text text = {nullptr, 0};
  if (sealring_report_new(counters_of(main), ngx_time(), &report, nullptr) == SEALRING_OK &&
      fill(report, main, r->connection->log) &&
      sealring_report_write(report, format, &text) == SEALRING_OK) {
    copy = {text.size, static_cast<u_char*>(ngx_pnalloc(r->pool, text.size))};
    if (copy.data != nullptr) ngx_memcpy(copy.data, text.data, text.size);
  }
  sealring_report_free(report);
  return copy;
}

ngx_int_t send(ngx_http_request_t* r, const ngx_str_t& text, const char* type) {
  const size_t type_size = strlen(type);
  r->headers_out.status = NGX_HTTP_OK;
  r->headers_out.content_length_n = static_cast<off_t>(text.len);
  r->headers_out.content_type = {type_size, reinterpret_cast<u_char*>(const_cast<char*>(type))};
  r->headers_out.content_type_len = type_size;
  auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
  if (buffer == nullptr || !forbid_storing(r)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  const ngx_int_t sent = ngx_http_send_header(r);
  if (sent == NGX_ERROR || sent > NGX_OK || r->header_only != 0) return sent;
  buffer->pos = text.data;
  buffer->last = text.data + text.len;
  buffer->memory = 1;
  buffer->last_buf = r == r->main ? 1 : 0;
  buffer->last_in_chain = 1;
  ngx_chain_t out = {buffer, nullptr};
  return ngx_http_output_filter(r, &out);
}

ngx_int_t answer(ngx_http_request_t* r) {
  if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) return NGX_HTTP_NOT_ALLOWED;
  const ngx_int_t discarded = ngx_http_discard_request_body(r);
  if (discarded != NGX_OK) return discarded;
  const ngx_table_elt_t* found = find_header(r, literal("Accept"));
  const ngx_str_t accept = found != nullptr ? found->value : ngx_str_t{0, nullptr};
  const int32_t format =
      sealring_report_format(text_of(r->uri), r->uri.len, text_of(accept), accept.len);
  const ngx_str_t text = write(r, format);
  if (text.data == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  return send(r, text, sealring_report_content_type(format));
}

}  // namespace

sealring_counters* counters_of(const MainConf* main) {
  if (main->counters == nullptr) return nullptr;
  auto* pool = reinterpret_cast<ngx_slab_pool_t*>(main->counters->shm.addr);
  return static_cast<sealring_counters*>(pool->data);
}

char* set_status(ngx_conf_t* cf, ngx_command_t*, void*) {
  auto* location = static_cast<ngx_http_core_loc_conf_t*>(
      ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
  location->handler = answer;
  MainConf* main = main_conf(cf);
  if (main->counters != nullptr) return NGX_CONF_OK;
  ngx_str_t name = literal("sealring:status");
  // The tag is a module of nginx's own, so that a reload with another version of this file keeps
  // the memory.
  main->counters =
      ngx_shared_memory_add(cf, &name, sealring_counters_size() + kZoneExtra, &ngx_http_module);
  if (main->counters == nullptr) return static_cast<char*>(NGX_CONF_ERROR);
  main->counters->init = share;
  main->counters->data = main;
  return NGX_CONF_OK;
}

}  // namespace sealring::nginx
