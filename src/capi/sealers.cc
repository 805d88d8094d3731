// SPDX-License-Identifier: Apache-2.0
// The C ABI: sealers, and inspecting a token.
#include "capi/guard.h"
#include "crypto/drivers.h"
#include "token/inspect.h"
#include "token/validity.h"

using namespace sealring;
using namespace sealring::capi;

#define TEXT_OF(number) #number
#define TEXT(macro) TEXT_OF(macro)

constexpr const char* kHeaderVersion =
    TEXT(SEALRING_VERSION_MAJOR) "." TEXT(SEALRING_VERSION_MINOR) "." TEXT(SEALRING_VERSION_PATCH);
static_assert(std::string_view(kHeaderVersion) == SEALRING_VERSION);
static_assert(SEALRING_MAX_PAYLOAD == kMaxPayloadSize);
static_assert(SEALRING_MAX_CONTEXT == kMaxContextSize);
static_assert(SEALRING_TOKEN_ID_SIZE == kMaxIdSize + 1);
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

constexpr const char* kNullArgument = "a pointer is NULL";

bool is_there(const void* data, std::size_t size) {
  return data != nullptr || size == 0;
}

}  // namespace

const char* sealring_status_name(sealring_status status) {
  return status == SEALRING_OK ? "ok" : error_name(static_cast<Error>(status)).data();
}

const char* sealring_version(void) {
  return SEALRING_VERSION;
}

sealring_status sealring_driver_check(const char* driver, sealring_error* error) {
  return guarded(error, {},
                 [&] { return check_driver(driver != nullptr ? driver : kDefaultDriver); });
}

sealring_status sealring_sealer_new(const sealring_keyring* keyring, const char* driver,
                                    sealring_sealer** sealer, sealring_error* error) {
  if (sealer != nullptr) *sealer = nullptr;
  return guarded(error, {{keyring, "keyring"}, {sealer, "sealer"}}, [&]() -> Explained<void> {
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
  return guarded(error, {{sealer, "sealer"}}, [&] { return sealer->sealer->refresh(now); });
}

size_t sealring_sealed_size(const sealring_sealer* sealer, size_t payload_size) {
  return sealer != nullptr ? sealer->sealer->sealed_size(payload_size) : 0;
}

size_t sealring_opened_size(const sealring_sealer* sealer, size_t token_size) {
  return sealer != nullptr ? sealer->sealer->opened_size(token_size) : 0;
}

sealring_status sealring_seal(sealring_sealer* sealer, int64_t now, uint64_t lifetime,
                              const void* context, size_t context_size, const void* payload,
                              size_t payload_size, void* token, size_t token_capacity,
                              sealring_sealed* sealed) {
  if (!has_size(sealed)) return SEALRING_INVALID_ARGUMENT;
  sealring_sealed made{};
  sealring_status status = SEALRING_INVALID_ARGUMENT;
  if (sealer == nullptr || !is_there(context, context_size) || !is_there(payload, payload_size) ||
      !is_there(token, token_capacity)) {
    made.detail = kNullArgument;
  } else if (const auto result = sealer->sealer->seal(now, lifetime, bytes(context, context_size),
                                                      bytes(payload, payload_size),
                                                      writable(token, token_capacity))) {
    made.token_size = result->size;
    made.expires_at = result->expires_at;
    copy_text(result->id, made.id);
    copy_text(result->kid, made.kid);
    status = SEALRING_OK;
  } else {
    made.detail = result.error().detail;
    status = status_of(result.error().reason);
  }
  write_structure(made, sealed);
  return status;
}

sealring_status sealring_open(sealring_sealer* sealer, int64_t now, const void* context,
                              size_t context_size, const void* token, size_t token_size,
                              void* buffer, size_t buffer_capacity, sealring_opened* opened) {
  if (!has_size(opened)) return SEALRING_INVALID_ARGUMENT;
  sealring_opened made{};
  sealring_status status = SEALRING_INVALID_ARGUMENT;
  if (sealer == nullptr || !is_there(context, context_size) || !is_there(token, token_size) ||
      !is_there(buffer, buffer_capacity)) {
    made.detail = kNullArgument;
  } else {
    const auto result =
        sealer->sealer->open(now, bytes(context, context_size), bytes(token, token_size),
                             writable(buffer, buffer_capacity));
    const Times times = result ? result->times : result.error().times;
    made.issued_at = times.issued_at;
    made.expires_at = times.expires_at;
    copy_text(result ? result->kid : std::string_view(result.error().kid), made.kid);
    if (result) {
      copy_text(result->id, made.id);
      made.payload = result->payload.data();
      made.payload_size = result->payload.size();
      status = SEALRING_OK;
    } else {
      made.detail = result.error().detail;
      status = status_of(result.error().reason);
    }
  }
  write_structure(made, opened);
  return status;
}

sealring_status sealring_inspect(const void* token, size_t token_size, sealring_token_info* info) {
  if (!has_size(info)) return SEALRING_INVALID_ARGUMENT;
  sealring_token_info made{};
  const sealring_status status =
      guarded(nullptr, {{token_size == 0 ? "" : token, "token"}}, [&]() -> Explained<void> {
        const auto inspected = inspect(bytes(token, token_size));
        if (!inspected) {
          made.detail = inspected.error().detail;
          return problem(inspected.error().reason, {});
        }
        copy_text(inspected->id, made.id);
        copy_text(inspected->format, made.format);
        copy_text(inspected->kid, made.kid);
        made.payload_size = inspected->payload_size;
        return {};
      });
  write_structure(made, info);
  return status;
}
