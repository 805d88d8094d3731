// SPDX-License-Identifier: Apache-2.0
// The C ABI: counters, and reports of them.
#include <sealring/status.h>

#include "capi/guard.h"
#include "capi/session_handles.h"
#include "status/report.h"

using namespace sealring;
using namespace sealring::capi;

static_assert(SEALRING_REPORT_PROMETHEUS == static_cast<int>(status::Format::prometheus));
static_assert(SEALRING_REPORT_OPENMETRICS == static_cast<int>(status::Format::openmetrics));
static_assert(SEALRING_REPORT_JSON == static_cast<int>(status::Format::json));
static_assert(SEALRING_REPORT_PAGE == static_cast<int>(status::Format::page));
static_assert(alignof(status::Counters) <= alignof(std::max_align_t));
static_assert(std::is_trivially_destructible_v<status::Counters>);

struct sealring_report {
  status::Report report;
  std::string text;
};

namespace {

status::Counters* counters_of(sealring_counters* counters) {
  return reinterpret_cast<status::Counters*>(counters);
}

}  // namespace

size_t sealring_counters_size(void) {
  return status::Counters::size();
}

sealring_counters* sealring_counters_init(void* memory, size_t size, int64_t now) {
  if (memory == nullptr || now < 0) return nullptr;
  return reinterpret_cast<sealring_counters*>(
      status::Counters::attach({static_cast<std::uint8_t*>(memory), size}, now));
}

void sealring_sealer_count(sealring_sealer* sealer, sealring_counters* counters) {
  if (sealer != nullptr) sealer->sealer->use_counters(counters_of(counters));
}

int32_t sealring_report_format(const char* path, size_t path_size, const char* accept,
                               size_t accept_size) {
  return static_cast<std::int32_t>(
      status::format_for(view(path, path_size), view(accept, accept_size)));
}

const char* sealring_report_content_type(int32_t format) {
  return status::content_type(static_cast<status::Format>(format)).data();
}

sealring_status sealring_report_new(sealring_counters* counters, int64_t now,
                                    sealring_report** report, sealring_error* error) {
  if (report != nullptr) *report = nullptr;
  return guarded(error, {{counters, "counters"}, {report, "report"}}, [&]() -> Explained<void> {
    if (now < 0) return invalid_argument("now is negative");
    *report = new sealring_report{status::Report::of(*counters_of(counters), now), {}};
    return {};
  });
}

void sealring_report_free(sealring_report* report) {
  delete report;
}

sealring_status sealring_report_add_keyring(sealring_report* report,
                                            const sealring_keyring* keyring) {
  return guarded(nullptr, {{report, "report"}, {keyring, "keyring"}}, [&]() -> Explained<void> {
    report->report.add(*keyring->live);
    return {};
  });
}

sealring_status sealring_report_add_revocations(sealring_report* report,
                                                const sealring_revocations* revocations) {
  return guarded(nullptr, {{report, "report"}, {revocations, "revocations"}},
                 [&]() -> Explained<void> {
                   report->report.add(*revocations->live);
                   return {};
                 });
}

sealring_status sealring_report_write(sealring_report* report, int32_t format,
                                      sealring_text* text) {
  if (text != nullptr) *text = {};
  return guarded(nullptr, {{report, "report"}, {text, "text"}}, [&]() -> Explained<void> {
    if (format < SEALRING_REPORT_PROMETHEUS || format > SEALRING_REPORT_PAGE) {
      return invalid_argument("there is no such format");
    }
    report->text = status::write(report->report, static_cast<status::Format>(format));
    *text = {report->text.c_str(), report->text.size()};
    return {};
  });
}
