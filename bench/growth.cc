// SPDX-License-Identifier: Apache-2.0
// How cost grows: with the keys of a ring, the tokens that live, the fields of a session, and the
// entries of a revocation list. Names end in the number that grows.
#include <sealring/session.h>

#include <filesystem>
#include <random>

#include "tokens.h"

namespace sealring::bench {
namespace {

// A sealer uses a prefix for so many tokens.
constexpr std::size_t kTokensOfPrefix = 4096;

// So many of the live tokens, one after another as visitors come: in no order.
auto opening_live(std::size_t live) {
  const std::size_t prefixes = (live + kTokensOfPrefix - 1) / kTokensOfPrefix;
  std::mt19937_64 random(live);
  std::vector<std::size_t> order(8192);
  for (std::size_t& prefix : order) prefix = random() % live / kTokensOfPrefix;
  return opening_prefixes(64, prefixes, order);
}

using Profile = Owned<sealring_session_profile, sealring_session_profile_free>;
using Revocations = Owned<sealring_revocations, sealring_revocations_free>;

Profile profile() {
  sealring_session_options options = SEALRING_INIT(sealring_session_options);
  options.idle = 36'000;
  options.renew = 30'000;
  sealring_session_profile* made = nullptr;
  require(sealring_session_profile_new(&options, &made, nullptr) == SEALRING_OK);
  return Profile(made);
}

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields fields_of(std::size_t user, std::size_t count) {
  const std::string value = "a-value-of-20-" + std::to_string(100'000 + user);
  Fields fields{{"user", value}};
  while (fields.size() < count) {
    fields.emplace_back("field" + std::to_string(fields.size()), value);
  }
  return fields;
}

// Opens and starts sessions of one profile, as a server does for a request.
class Sessions {
 public:
  explicit Sessions(const sealring_revocations* revocations = nullptr)
      : sealer_(sealer_of(ring_of("XAES-256-GCM"))), memory_(sealring_session_size()) {
    require(revocations == nullptr ||
            sealring_sealer_use_revocations(sealer_.get(), revocations, 0) == SEALRING_OK);
    require(sealring_sealer_refresh(sealer_.get(), kNow, nullptr) == SEALRING_OK);
  }

  // Starts one, and returns the Cookie header of its client.
  std::string start(const Fields& fields) {
    sealring_session* const session = begin();
    for (const auto& [name, value] : fields) {
      require(sealring_session_set(session, name.data(), name.size(), value.data(), value.size()) ==
              SEALRING_OK);
    }
    int32_t change = 0;
    require(sealring_session_prepare(session, sealer_.get(), kNow, &change) == SEALRING_OK &&
            change == SEALRING_CHANGE_STARTED);
    buffer_.resize(sealring_session_seal_size(session, sealer_.get()));
    require(sealring_session_seal(session, sealer_.get(), kNow, buffer_.data(), buffer_.size()) ==
            SEALRING_OK);
    std::string header;
    for (std::size_t i = 0; i < sealring_session_cookie_count(session); ++i) {
      char cookie[SEALRING_COOKIE_SIZE];
      const std::string_view text(cookie, sealring_session_cookie(session, i, cookie));
      if (text.find("Max-Age=0") != text.npos) continue;
      header += (header.empty() ? "" : "; ") + std::string(text.substr(0, text.find(';')));
    }
    return header;
  }

  void open(const std::string& header) {
    sealring_session* const session = begin();
    rest_.resize(header.size());
    sealring_session_read_cookies(session, header.data(), header.size(), rest_.data());
    buffer_.resize(sealring_session_open_size(session, sealer_.get()));
    require(sealring_session_open(session, sealer_.get(), kNow, 1, buffer_.data(),
                                  buffer_.size()) == SEALRING_OK);
    sealring_session_info info = SEALRING_INIT(sealring_session_info);
    require(sealring_session_describe(session, &info) == SEALRING_OK &&
            info.state == SEALRING_SESSION_GOOD);
  }

 private:
  sealring_session* begin() { return sealring_session_init(memory_.data(), profile_.get()); }

  Profile profile_ = profile();
  Sealer sealer_;
  Data memory_, buffer_;
  std::string rest_;
};

auto opening_session(std::size_t fields) {
  auto sessions = std::make_unique<Sessions>();
  std::string header = sessions->start(fields_of(0, fields));
  return [sessions = std::move(sessions), header] { sessions->open(header); };
}

auto starting_session(std::size_t fields) {
  return [sessions = std::make_unique<Sessions>(), fields = fields_of(0, fields)] {
    sessions->start(fields);
  };
}

Revocations loaded(const std::string& path) {
  sealring_revocations* list = nullptr;
  require(sealring_revocations_load(path.c_str(), &list, nullptr) == SEALRING_OK);
  return Revocations(list);
}

// Sessions of many users one after another, so that hardly any of the list is in a cache.
auto opening_listed(const std::string& path) {
  const Revocations list = loaded(path);
  auto sessions = std::make_unique<Sessions>(list.get());
  std::vector<std::string> headers;
  for (std::size_t user = 0; user < 4096; ++user) {
    headers.push_back(sessions->start(fields_of(user, 1)));
  }
  return [sessions = std::move(sessions), headers, next = std::size_t{0}]() mutable {
    sessions->open(headers[next]);
    if (++next == headers.size()) next = 0;
  };
}

}  // namespace

void list_growth(const std::string& lists) {
  for (const std::size_t keys : {1U, 10U, 100U, 1000U}) {
    measure("open_s1_keys/" + std::to_string(keys),
            [=] { return opening("XAES-256-GCM", 64, keys); });
  }
  for (const std::size_t live : {1'000U, 10'000U, 100'000U, 300'000U, 1'000'000U}) {
    measure("open_s1_live/" + std::to_string(live), [=] { return opening_live(live); },
            {.counted = 20});
  }
  for (const std::size_t fields : {1U, 4U, 16U, 60U}) {
    const std::string n = "/" + std::to_string(fields);
    measure("open_session_fields" + n, [=] { return opening_session(fields); });
    measure("start_session_fields" + n, [=] { return starting_session(fields); });
  }
  if (lists.empty()) return;
  for (const auto& entry : std::filesystem::directory_iterator(lists)) {
    const std::string n = "/" + entry.path().filename().string();
    measure("open_session_listed" + n, [=] { return opening_listed(entry.path()); },
            {.counted = 5});
    measure("load_list" + n, [=] { return [=] { loaded(entry.path()); }; },
            {.timed = 1, .counted = 0});
  }
}

}  // namespace sealring::bench
