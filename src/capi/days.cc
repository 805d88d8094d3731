// SPDX-License-Identifier: Apache-2.0
// The C ABI: calendar days.
#include "base/day.h"
#include "capi/guard.h"

using namespace sealring;
using namespace sealring::capi;

sealring_status sealring_end_of_day(const char* day, int64_t* end) {
  if (end == nullptr) return SEALRING_INVALID_ARGUMENT;
  *end = 0;
  if (day == nullptr) return SEALRING_INVALID_ARGUMENT;
  const auto found = end_of_day(day);
  if (!found) return SEALRING_INVALID_ARGUMENT;
  *end = *found;
  return SEALRING_OK;
}

sealring_status sealring_day_of(int64_t time, char day[SEALRING_DAY_SIZE]) {
  if (day == nullptr) return SEALRING_INVALID_ARGUMENT;
  day[0] = '\0';
  const auto text = day_of(time);
  if (!text) return SEALRING_INVALID_ARGUMENT;
  copy_text(*text, std::span(day, SEALRING_DAY_SIZE));
  return SEALRING_OK;
}
