// SPDX-License-Identifier: Apache-2.0
// The C ABI: sealers, and what needs no key.
#include "capi/guard.h"
#include "crypto/drivers.h"
#include "token/inspect.h"
#include "token/validity.h"

using namespace sealring;
using namespace sealring::capi;

static_assert(SEALRING_MAX_PAYLOAD == kMaxPayloadSize);
static_assert(SEALRING_MAX_CONTEXT == kMaxContextSize);
static_assert(SEALRING_CLOCK_SKEW == kClockSkew);
static_assert(SEALRING_MALFORMED == static_cast<int>(Error::malformed));
static_assert(SEALRING_UNSUPPORTED == static_cast<int>(Error::unsupported));
static_assert(SEALRING_UNKNOWN_KEY == static_cast<int>(Error::unknown_key));
static_assert(SEALRING_AUTHENTICATION_FAILED == static_cast<int>(Error::authentication_failed));
static_assert(SEALRING_EXPIRED == static_cast<int>(Error::expired));
static_assert(SEALRING_NOT_YET_VALID == static_cast<int>(Error::not_yet_valid));
static_assert(SEALRING_BUFFER_TOO_SMALL == static_cast<int>(Error::buffer_too_small));
static_assert(SEALRING_CRYPTO_FAILURE == static_cast<int>(Error::crypto_failure));
static_assert(SEALRING_OUT_OF_MEMORY == static_cast<int>(Error::out_of_memory));
static_assert(SEALRING_INVALID_ARGUMENT == static_cast<int>(Error::invalid_argument));

namespace {

MutableBytes writable(void* data, std::size_t size) {
  return {static_cast<std::uint8_t*>(data), size};
}

}  // namespace

const char* sealring_status_name(sealring_status status) {
  return status == SEALRING_OK ? "ok" : error_name(static_cast<Error>(status)).data();
}

const char* sealring_version(void) {
  return SEALRING_VERSION;
}

sealring_status sealring_driver_check(const char* driver, sealring_error* error) {
  return guarded(error, [&] { return check_driver(driver != nullptr ? driver : kDefaultDriver); });
}

sealring_status sealring_sealer_new(const sealring_keyring* keyring, const char* driver,
                                    sealring_sealer** sealer, sealring_error* error) {
  *sealer = nullptr;
  return guarded(error, [&]() -> Explained<void> {
    const auto found = find_driver(driver != nullptr ? driver : kDefaultDriver);
    if (!found) return std::unexpected(found.error());
    auto made = Sealer::make(keyring->live, **found);
    if (!made) return std::unexpected(made.error());
    *sealer = new sealring_sealer{std::move(*made)};
    return {};
  });
}

void sealring_sealer_free(sealring_sealer* sealer) {
  delete sealer;
}

sealring_status sealring_sealer_refresh(sealring_sealer* sealer, int64_t now,
                                        sealring_error* error) {
  return guarded(error, [&] { return sealer->sealer->refresh(now); });
}

size_t sealring_sealed_size(const sealring_sealer* sealer, size_t payload_size) {
  return sealer->sealer->sealed_size(payload_size);
}

size_t sealring_opened_size(const sealring_sealer* sealer, size_t token_size) {
  return sealer->sealer->opened_size(token_size);
}

sealring_status sealring_seal(sealring_sealer* sealer, int64_t now, uint64_t lifetime,
                              const void* context, size_t context_size, const void* payload,
                              size_t payload_size, void* token, size_t token_capacity,
                              size_t* token_size) {
  *token_size = 0;
  const auto sealed =
      sealer->sealer->seal(now, lifetime, bytes(context, context_size),
                           bytes(payload, payload_size), writable(token, token_capacity));
  if (!sealed) return status_of(sealed.error());
  *token_size = *sealed;
  return SEALRING_OK;
}

sealring_status sealring_open(sealring_sealer* sealer, int64_t now, const void* context,
                              size_t context_size, const void* token, size_t token_size,
                              void* buffer, size_t buffer_capacity, sealring_opened* opened) {
  *opened = {};
  const auto result =
      sealer->sealer->open(now, bytes(context, context_size), bytes(token, token_size),
                           writable(buffer, buffer_capacity));
  const Times times = result ? result->times : result.error().times;
  opened->issued_at = times.issued_at;
  opened->expires_at = times.expires_at;
  copy_text(result ? result->kid : result.error().kid, opened->kid);
  if (!result) return status_of(result.error().reason);
  opened->payload = result->payload.data();
  opened->payload_size = result->payload.size();
  return SEALRING_OK;
}

sealring_status sealring_inspect(const void* token, size_t token_size, sealring_token_info* info) {
  *info = {};
  return guarded(nullptr, [&]() -> Explained<void> {
    const auto driver = find_driver(kDefaultDriver);
    if (!driver) return std::unexpected(driver.error());
    const auto inspected = inspect(**driver, bytes(token, token_size));
    if (!inspected) return problem(inspected.error(), {});
    copy_text(inspected->format, info->format);
    copy_text(inspected->kid, info->kid);
    info->payload_size = inspected->payload_size;
    return {};
  });
}
