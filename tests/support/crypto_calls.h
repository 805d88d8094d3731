// SPDX-License-Identifier: Apache-2.0
// Calls of OpenSSL and NSS that fail. The program has to be linked with support/crypto_calls.cc.
#pragma once

#include <cstddef>

namespace sealring {

// While it lives, the call of a crypto library after `passes` others fails, as the library would
// report that it failed, without having done anything. Not thread-safe, and one at a time.
class FailingCryptoCall {
 public:
  explicit FailingCryptoCall(std::size_t passes);
  FailingCryptoCall(const FailingCryptoCall&) = delete;
  FailingCryptoCall& operator=(const FailingCryptoCall&) = delete;
  ~FailingCryptoCall();

  // The function that failed; null: not so many were called.
  const char* failed() const;
};

// How often a provider was asked for its algorithms and not told that they are no longer read.
int queries_not_given_back();

}  // namespace sealring
