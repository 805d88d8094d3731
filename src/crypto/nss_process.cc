// SPDX-License-Identifier: Apache-2.0
#include "crypto/nss_process.h"

#include <nss.h>
#include <prerror.h>
#include <pthread.h>
#include <secmod.h>

#include <atomic>
#include <mutex>

namespace sealring::nss {
namespace {

std::atomic<std::uint64_t> g_process{1};
std::atomic<std::uint64_t> g_entered{0};
std::mutex g_mutex;  // held while starting and entering
bool g_ours = false;

// Called before a fork, so that the child does not inherit the mutex locked by a thread that does
// not exist there.
void before_fork() {
  g_mutex.lock();
}

void in_parent() {
  g_mutex.unlock();
}

void in_child() {
  ++g_process;
  g_mutex.unlock();
}

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
  static const bool registered = pthread_atfork(before_fork, in_parent, in_child) == 0;
  if (!registered) return problem(Error::out_of_memory, "no memory to watch for forks");
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
  g_entered = g_process.load();
  return {};
}

Result<void> enter() noexcept {
  if (g_entered == g_process) return {};
  const std::lock_guard lock(g_mutex);
  if (g_entered == g_process) return {};
  // By force, as PKCS #11 requires, if all keys and contexts that this breaks are ours.
  if (SECMOD_RestartModules(g_ours ? PR_TRUE : PR_FALSE) != SECSuccess) {
    return std::unexpected(Error::crypto_failure);
  }
  g_entered = g_process.load();
  return {};
}

std::uint64_t process() noexcept {
  return g_process;
}

}  // namespace sealring::nss
