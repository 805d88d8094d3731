// SPDX-License-Identifier: Apache-2.0
// What the C ABI's files share: the handles, and the only guard against exceptions and against
// pointers that are NULL by mistake.
#pragma once

#include <sealring/session.h>

#include <new>

#include "capi/structures.h"
#include "token/sealer.h"

struct sealring_keyring {
  std::shared_ptr<sealring::LiveKeyring> live;
};

struct sealring_sealer {
  std::unique_ptr<sealring::Sealer> sealer;
};

namespace sealring::capi {

inline sealring_status status_of(Error error) {
  return static_cast<sealring_status>(error);
}

inline Bytes bytes(const void* data, std::size_t size) {
  return {static_cast<const std::uint8_t*>(data), size};
}

inline MutableBytes writable(void* data, std::size_t size) {
  return {static_cast<std::uint8_t*>(data), size};
}

inline std::string_view view(const char* data, std::size_t size) {
  return data == nullptr ? std::string_view() : std::string_view(data, size);
}

inline sealring_text text_of(std::string_view text) {
  return {text.data(), text.size()};
}

// Truncates what does not fit, and always adds a NUL.
inline void copy_text(std::string_view text, std::span<char> to) {
  const std::size_t size = std::min(text.size(), to.size() - 1);
  if (size != 0) std::memcpy(to.data(), text.data(), size);
  to[size] = '\0';
}

inline sealring_status report(Error reason, std::string_view message, sealring_error* error) {
  if (error != nullptr) {
    error->status = status_of(reason);
    copy_text(message, error->message);
  }
  return status_of(reason);
}

inline std::unexpected<Problem> invalid_argument(std::string message) {
  return problem(Error::invalid_argument, std::move(message));
}

// An argument that must not be NULL, and its name in messages.
struct Required {
  template <class T>
  Required(T* argument, const char* argument_name)
      : pointer(static_cast<const void*>(argument)), name(argument_name) {}

  const void* pointer;
  const char* name;
};

// Runs a load-time function, which returns Explained<void>, if no required argument is NULL.
// Sealing and opening never throw and need no guard.
template <class Entry>
sealring_status guarded(sealring_error* error, std::initializer_list<Required> required,
                        Entry entry) noexcept {
  if (error != nullptr) {
    if (!has_size(error)) return SEALRING_INVALID_ARGUMENT;
    error->status = SEALRING_OK;
    error->message[0] = '\0';
    zero_unknown(error);
  }
  try {
    for (const auto& [pointer, name] : required) {
      if (pointer == nullptr) {
        return report(Error::invalid_argument, "the argument \"" + std::string(name) + "\" is NULL",
                      error);
      }
    }
    const Explained<void> done = entry();
    if (!done) return report(done.error().error, done.error().message, error);
    return SEALRING_OK;
  } catch (const std::bad_alloc&) {
    return report(Error::out_of_memory, "out of memory", error);
  } catch (const std::exception& exception) {
    return report(Error::crypto_failure, exception.what(), error);
  }
}

}  // namespace sealring::capi
