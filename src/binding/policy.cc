// SPDX-License-Identifier: Apache-2.0
#include "binding/policy.h"

#include <algorithm>

namespace sealring::binding {
namespace {

std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  return a > INT64_MAX - b ? INT64_MAX : a + b;
}

}  // namespace

Standing standing(bool is_bound, std::optional<std::int64_t> cookie_end, std::int64_t now,
                  const Settings& settings) noexcept {
  if (!is_bound) return Standing::unbound;
  if (!cookie_end) return Standing::refused;
  if (now < *cookie_end) return Standing::bound;
  return now < saturating_add(*cookie_end, settings.grace) ? Standing::grace : Standing::refused;
}

bool is_missing(std::int64_t now, std::int64_t auth_time, const Settings& settings) noexcept {
  return settings.required && now >= saturating_add(auth_time, settings.grace);
}

std::int64_t end_of_prior(std::int64_t now, std::int64_t issued_at, bool is_last,
                          const Settings& settings) noexcept {
  if (is_last) return now;
  return std::max(now, saturating_add(issued_at, settings.grace));
}

}  // namespace sealring::binding
