// SPDX-License-Identifier: Apache-2.0
#include "crypto/nss_process.h"

#include <nss.h>
#include <prerror.h>
#include <secmod.h>

#include <atomic>
#include <mutex>

namespace sealring::nss {
namespace {

std::atomic<std::uint64_t> g_entered{0};  // the process that did so last
constinit std::mutex g_mutex;             // held while starting and entering
[[maybe_unused]] const bool g_registered = lock_during_fork<g_mutex>();
bool g_ours = false;

std::string reason() {
  const PRErrorCode code = PR_GetError();
  const char* const text = PR_ErrorToString(code, PR_LANGUAGE_I_DEFAULT);
  return std::string(text != nullptr ? text : "") + " (" + std::to_string(code) + ")";
}

// NSS expects the prefix of the file's name. The whole name is accepted too.
std::string prefix(const std::string& name) {
  for (const std::string_view file : {"key3.db", "key4.db", "cert7.db", "cert8.db", "cert9.db"}) {
    if (name.ends_with(file)) return name.substr(0, name.size() - file.size());
  }
  return name;
}

bool initialise(const DriverParameters& parameters) {
  // Nothing is written, and root certificates are not searched for.
  PRUint32 flags = NSS_INIT_READONLY | NSS_INIT_NOROOTINIT;
  if (!parameters.has("dir")) {
    flags |= NSS_INIT_NOCERTDB | NSS_INIT_NOMODDB | NSS_INIT_FORCEOPEN;
  }
  const std::string secmod = parameters.has("secmod") ? parameters.value("secmod") : SECMOD_DB;
  // A context of our own, because another part of the server may use NSS too. It lives as long as
  // the process.
  return NSS_InitContext(parameters.value("dir").c_str(), prefix(parameters.value("cert7")).c_str(),
                         prefix(parameters.value("key3")).c_str(), secmod.c_str(), nullptr,
                         flags) != nullptr;
}

}  // namespace

Explained<void> start(const DriverParameters& parameters) {
  const std::lock_guard lock(g_mutex);
  const bool was_there = NSS_IsInitialized() == PR_TRUE;
  if (parameters.has("noinit")) {
    if (!was_there) {
      return problem(Error::crypto_failure,
                     "\"noinit\" says that another part of the server initialises NSS, and none "
                     "has; load that part first, or remove \"noinit\"");
    }
  } else if (!parameters.has("dir") &&
             (parameters.has("key3") || parameters.has("cert7") || parameters.has("secmod"))) {
    return problem(Error::invalid_argument,
                   "the parameters key3, cert7 and secmod of the crypto driver nss are files of a "
                   "database; give its folder too: dir=FOLDER");
  } else if (!initialise(parameters)) {
    return problem(Error::crypto_failure,
                   parameters.has("dir")
                       ? "NSS cannot open the database in \"" + parameters.value("dir") +
                             "\": " + reason() +
                             "; does it exist (certutil -L -d FOLDER), and may this user read it?"
                       : "NSS cannot start: " + reason());
  }
  g_ours = g_ours || !was_there;
  g_entered = process_generation();
  return {};
}

Result<void> enter() noexcept {
  if (g_entered == process_generation()) return {};
  const std::lock_guard lock(g_mutex);
  if (g_entered == process_generation()) return {};
  // By force, as PKCS #11 requires, if all keys and contexts that this breaks are ours.
  if (SECMOD_RestartModules(g_ours ? PR_TRUE : PR_FALSE) != SECSuccess) {
    return std::unexpected(Error::crypto_failure);
  }
  g_entered = process_generation();
  return {};
}

}  // namespace sealring::nss
