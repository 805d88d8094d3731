// SPDX-License-Identifier: Apache-2.0
// Errors as values: a reason on the hot path, a reason and a sentence at load time.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace sealring {

// The numbers are those of sealring_status in include/sealring/sealring.h, which explains each.
enum class Error {
  malformed = 10,
  unsupported = 11,
  unknown_key = 12,
  authentication_failed = 13,
  expired = 14,
  not_yet_valid = 15,
  revoked = 16,
  unbound = 17,

  buffer_too_small = 30,
  crypto_failure = 31,
  out_of_memory = 32,
  no_primary_key = 33,
  invalid_argument = 34,
  invalid_keyring = 35,
  write_failed = 36,
  invalid_revocations = 37,
};

// As it is spelled in specifications, vectors, logs and on the command line.
constexpr std::string_view error_name(Error error) {
  switch (error) {
    case Error::malformed:
      return "malformed";
    case Error::unsupported:
      return "unsupported";
    case Error::unknown_key:
      return "unknown_key";
    case Error::authentication_failed:
      return "authentication_failed";
    case Error::expired:
      return "expired";
    case Error::not_yet_valid:
      return "not_yet_valid";
    case Error::revoked:
      return "revoked";
    case Error::unbound:
      return "unbound";
    case Error::buffer_too_small:
      return "buffer_too_small";
    case Error::crypto_failure:
      return "crypto_failure";
    case Error::out_of_memory:
      return "out_of_memory";
    case Error::no_primary_key:
      return "no_primary_key";
    case Error::invalid_argument:
      return "invalid_argument";
    case Error::invalid_keyring:
      return "invalid_keyring";
    case Error::write_failed:
      return "write_failed";
    case Error::invalid_revocations:
      return "invalid_revocations";
  }
  return "unknown_status";
}

// Whether the fault is in the token, not on this side.
constexpr bool is_refusal(Error error) {
  return static_cast<int>(error) < 30;
}

template <class T>
using Result = std::expected<T, Error>;

// A message for an operator: which file, what is wrong with it, what to do.
struct Problem {
  Error error;
  std::string message;
};

template <class T>
using Explained = std::expected<T, Problem>;

inline std::unexpected<Problem> problem(Error error, std::string message) {
  return std::unexpected(Problem{error, std::move(message)});
}

}  // namespace sealring
