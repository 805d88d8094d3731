// SPDX-License-Identifier: Apache-2.0
// A browser that binds its session to a device, and a thief, as a sequence of requests to the C
// ABI, each chosen by a byte of the input. Whatever the order: only the key of the session gets new
// bound cookies, and a session that is bound is good only with one.
#include <sealring/binding.h>

#include <optional>

#include "check.h"
#include "input.h"
#include "support/device.h"

namespace sealring::fuzz {
namespace {

constexpr std::int64_t kBegin = 1'800'000'000, kRefresh = 200, kGrace = 60, kChallenge = 120;
constexpr std::string_view kName = "__Host-s", kBound = "__Host-s-bound";

std::string text_of(const sealring_text& text) {
  return text.size == 0 ? std::string() : std::string(text.data, text.size);
}

sealring_sealer* new_sealer() {
  const std::vector<std::uint8_t> secret(32, 7);
  sealring_key key = SEALRING_INIT(sealring_key);
  key.algorithm = "XAES-256-GCM";
  key.secret = secret.data();
  key.secret_size = secret.size();
  sealring_keyring* ring = nullptr;
  sealring_sealer* sealer = nullptr;
  check(sealring_keyring_from_keys(&key, 1, &ring, nullptr) == SEALRING_OK, "a ring is made");
  check(sealring_sealer_new(ring, nullptr, &sealer, nullptr) == SEALRING_OK, "a sealer is made");
  sealring_keyring_free(ring);
  return sealer;
}

sealring_session_profile* new_profile() {
  sealring_session_options options = SEALRING_INIT(sealring_session_options);
  options.cookie = kName.data();
  options.idle = 5000;
  sealring_session_profile* profile = nullptr;
  check(sealring_session_profile_new(&options, &profile, nullptr) == SEALRING_OK, "a profile");
  sealring_binding_options binding = SEALRING_INIT(sealring_binding_options);
  binding.refresh = kRefresh;
  binding.grace = kGrace;
  check(sealring_session_profile_bind(profile, &binding, nullptr) == SEALRING_OK, "it binds");
  return profile;
}

// The session of one request, opened from its cookies.
class Request {
 public:
  Request(const sealring_session_profile* profile, const std::string& cookies)
      : memory_(sealring_session_size()),
        header_(cookies.begin(), cookies.end()),
        rest_(cookies.size()),
        session_(sealring_session_init(memory_.data(), profile)) {
    sealring_session_read_cookies(session_, header_.data(), header_.size(), rest_.data());
  }

  sealring_session* session() { return session_; }
  void open(sealring_sealer* sealer, std::int64_t now, bool to_bind) {
    buffer_.resize(sealring_session_open_size(session_, sealer));
    const auto status =
        to_bind
            ? sealring_session_open_to_bind(session_, sealer, now, buffer_.data(), buffer_.size())
            : sealring_session_open(session_, sealer, now, 1, buffer_.data(), buffer_.size());
    check(status == SEALRING_OK, "whatever a client sends is no fault of ours");
  }
  sealring_session_info info() const {
    sealring_session_info info = SEALRING_INIT(sealring_session_info);
    check(sealring_session_describe(session_, &info) == SEALRING_OK, "a session is described");
    return info;
  }
  bool is_good() const {
    const auto state = info().state;
    return state == SEALRING_SESSION_GOOD || state == SEALRING_SESSION_DUE;
  }
  std::string field(std::string_view name) const {
    sealring_session_field field = SEALRING_INIT(sealring_session_field);
    for (std::size_t i = 0; sealring_session_field_at(session_, i, &field) != 0; ++i) {
      if (text_of(field.name) == name) return text_of(field.value);
    }
    return {};
  }
  void seal(sealring_sealer* sealer, std::int64_t now) {
    sealed_.resize(sealring_session_seal_size(session_, sealer));
    check(
        sealring_session_seal(session_, sealer, now, sealed_.data(), sealed_.size()) == SEALRING_OK,
        "a small session is sealed");
  }

 private:
  std::vector<std::uint8_t> memory_;
  std::vector<char> header_, rest_;
  std::vector<std::uint8_t> buffer_, sealed_;
  sealring_session* session_;
};

class Browsing {
 public:
  explicit Browsing(Bytes bytes) : input_(bytes) {}

  void run() {
    using Step = void (Browsing::*)();
    static constexpr std::array<Step, 8> kSteps = {
        &Browsing::wait,       &Browsing::visit,           &Browsing::sign_in,
        &Browsing::sign_out,   &Browsing::register_device, &Browsing::refresh,
        &Browsing::drop_bound, &Browsing::replace_bound};
    for (int steps = 0; steps < 30 && !input_.is_over(); ++steps) (this->*input_.one_of(kSteps))();
  }

 private:
  static sealring_sealer* sealer() {
    static sealring_sealer* const sealer = new_sealer();
    return sealer;
  }
  static const sealring_session_profile* profile() {
    static const sealring_session_profile* const profile = new_profile();
    return profile;
  }
  // The first is the user's device, the others belong to thieves.
  static const binding::Device& device(std::size_t index) {
    static const std::array<binding::Device, 2> devices;
    return devices[index];
  }

  std::string cookies() const {
    std::string text;
    if (!session_.empty()) text += std::string(kName) + "=" + session_ + "; ";
    return bound_.empty() ? text : text + std::string(kBound) + "=" + bound_;
  }

  // As a browser does with what follows `Set-Cookie: `.
  void keep(std::string_view cookie) {
    const std::size_t equals = cookie.find('='), end = cookie.find(';');
    check(equals < end && end < cookie.size(), "a cookie has a name, a value and attributes");
    const std::string value(cookie.substr(equals + 1, end - equals - 1));
    (cookie.substr(0, equals) == kBound ? bound_ : session_) = value;
  }
  void keep_cookies(const sealring_session* session) {
    for (std::size_t i = 0; i < sealring_session_cookie_count(session); ++i) {
      std::array<char, SEALRING_COOKIE_SIZE> cookie;
      keep({cookie.data(), sealring_session_cookie(session, i, cookie.data())});
    }
  }

  void keep_bound(const sealring_binding_answer& answer) {
    keep(text_of(answer.cookie));
    good_ = bound_;
    bound_end_ = now_ + kRefresh;
  }

  void wait() { now_ += 10 * std::int64_t{input_.byte()}; }
  void drop_bound() { bound_.clear(); }
  // By a token of another purpose, one that was altered, or noise.
  void replace_bound() {
    const std::size_t choice = input_.below(4);
    if (choice == 0) bound_ = challenge_;
    if (choice == 1) bound_ = session_;
    if (choice == 2 && !bound_.empty()) bound_.back() = bound_.back() == 'A' ? 'B' : 'A';
    if (choice == 3) bound_ = std::string(as_text(input_.counted_bytes()));
  }

  void visit() {
    Request request(profile(), cookies());
    request.open(sealer(), now_, false);
    check_binding(request);
    answer(request);
  }

  // What a request is worth depends on the bound cookie alone, if it is a bound session's.
  void check_binding(const Request& request) {
    const auto info = request.info();
    if (info.reason == SEALRING_UNBOUND) {
      check(key_.has_value(), "only bound sessions need a bound cookie");
      check(request.field("sid").empty(), "what is refused has no fields");
    }
    if (!request.is_good()) return;
    const bool bound = !request.field("bound").empty();
    check(bound == key_.has_value(), "a session keeps its key");
    if (!bound) return;
    check(bound_ == good_ && now_ < bound_end_ + kGrace,
          "a bound session comes with its bound cookie");
    check(now_ < bound_end_ || info.state == SEALRING_SESSION_GOOD, "none in grace is renewed");
  }

  void answer(Request& request) {
    int32_t change = 0;
    check(sealring_session_prepare(request.session(), sealer(), now_, &change) == SEALRING_OK,
          "a small session is prepared");
    sealring_revocation prior = SEALRING_INIT(sealring_revocation);
    check(sealring_session_prior(request.session(), sealer(), &prior) == SEALRING_OK, "a prior");
    check(prior.until == 0 || key_.has_value() || change == SEALRING_CHANGE_ENDED ||
              change == SEALRING_CHANGE_STARTED,
          "only bound sessions have one from before");
    if (change == SEALRING_CHANGE_NONE) return;
    if (change != SEALRING_CHANGE_ENDED) request.seal(sealer(), now_);
    if (change == SEALRING_CHANGE_STARTED) start(request);
    if (change == SEALRING_CHANGE_ENDED) key_.reset();
    keep_cookies(request.session());
    check(change != SEALRING_CHANGE_ENDED || session_.empty(), "what has ended is deleted");
  }

  void start(Request& request) {
    key_.reset();
    sid_ = request.field("sid");
    std::array<char, SEALRING_BINDING_SIZE> buffer;
    sealring_text offer;
    check(sealring_session_offer(request.session(), sealer(), now_, buffer.data(), &offer) ==
              SEALRING_OK,
          "a session is offered to be bound");
    const std::string text = text_of(offer);
    check(text.starts_with("(ES256 RS256);path=\""), "an offer is one");
    read_challenge(text.substr(text.find("challenge=") + 10));
  }
  void read_challenge(const std::string& quoted) {
    challenge_ = quoted.substr(1, quoted.find('"', 1) - 1);
    challenge_end_ = now_ + kChallenge;
    challenge_sid_ = sid_;
  }

  void sign_in() {
    static constexpr std::array<const char*, 3> kTexts = {"user=alice", "user=bob",
                                                          "user=alice&a=1"};
    Request request(profile(), cookies());
    request.open(sealer(), now_, false);
    check_binding(request);
    std::string text = input_.one_of(kTexts);
    int ignored = 0;
    check(sealring_session_replace(request.session(), text.data(), text.size(), &ignored) ==
              SEALRING_OK,
          "a text is a session");
    answer(request);
  }

  void sign_out() {
    Request request(profile(), cookies());
    request.open(sealer(), now_, false);
    sealring_session_end(request.session());
    answer(request);
  }

  // A header of a request, or none, and whose signature it has.
  struct Sent {
    std::optional<std::string> value;
    std::optional<std::size_t> signer;
  };
  Sent proof(bool registers) {
    const std::size_t choice = input_.below(5);
    if (choice == 0) return {};
    if (choice == 1) return {std::string(as_text(input_.counted_bytes())), {}};
    const std::size_t signer = choice == 2 ? 1 : 0;
    std::string made = device(signer).proof(challenge_, registers != (choice == 4));
    return {std::move(made), choice == 4 ? std::optional<std::size_t>() : signer};
  }

  sealring_binding_answer ask(Request& request, bool registers, const std::string* id,
                              const Sent& sent, char* buffer) {
    request.open(sealer(), now_, true);
    const auto text = [](const std::string& value) {
      return sealring_text{value.data(), value.size()};
    };
    const sealring_text id_text = id != nullptr ? text(*id) : sealring_text{};
    const sealring_text proof_text = sent.value ? text(*sent.value) : sealring_text{};
    const sealring_text* const given = sent.value ? &proof_text : nullptr;
    sealring_binding_answer answer = SEALRING_INIT(sealring_binding_answer);
    const auto status =
        registers
            ? sealring_session_register(request.session(), sealer(), now_, given, buffer, &answer)
            : sealring_session_refresh(request.session(), sealer(), now_,
                                       id != nullptr ? &id_text : nullptr, given, buffer, &answer);
    check(status == SEALRING_OK, "whatever a browser sends is no fault of ours");
    check((answer.status == 200) == (answer.outcome <= SEALRING_BINDING_REFRESHED), "good is 200");
    check((answer.status == 200) == (answer.cookie.size != 0), "what is good has a bound cookie");
    check((answer.outcome == SEALRING_BINDING_CHALLENGED) == (answer.challenge.size != 0),
          "a challenge is one");
    check((answer.outcome == SEALRING_BINDING_REGISTERED) == (answer.body.size != 0),
          "instructions come with a registration");
    return answer;
  }

  bool has_challenge() const { return now_ < challenge_end_ && challenge_sid_ == sid_; }

  void register_device() {
    const Sent sent = proof(true);
    std::array<char, SEALRING_BINDING_SIZE> buffer;
    Request request(profile(), cookies());
    const auto answer = ask(request, true, nullptr, sent, buffer.data());
    if (answer.outcome != SEALRING_BINDING_REGISTERED) {
      check(answer.outcome != SEALRING_BINDING_FORGED, "a registration ends nothing");
      check(sealring_session_cookie_count(request.session()) == 0, "nothing has changed");
      return;
    }
    check(sent.signer && has_challenge() && !key_, "a key is registered in time, and once");
    request.seal(sealer(), now_);
    keep_cookies(request.session());
    check(request.field("sid") != sid_ && request.field("prior") == sid_, "it has another sid");
    key_ = sent.signer;
    sid_ = request.field("sid");
    keep_bound(answer);
  }

  void refresh() {
    const std::size_t choice = input_.below(4);
    const std::string id = choice == 0   ? std::string(as_text(input_.counted_bytes()))
                           : choice == 1 ? '"' + sid_ + '"'
                                         : sid_;
    const Sent sent = proof(false);
    std::array<char, SEALRING_BINDING_SIZE> buffer;
    Request request(profile(), cookies());
    const auto answer = ask(request, false, choice == 3 ? nullptr : &id, sent, buffer.data());
    if (answer.outcome == SEALRING_BINDING_REFRESHED) {
      check(sent.signer && key_ && sent.signer == key_, "only its key refreshes a session");
      check(has_challenge(), "only with a challenge of its own");
      keep_bound(answer);
    } else if (answer.outcome == SEALRING_BINDING_CHALLENGED) {
      check(key_.has_value(), "only a bound session gets a challenge");
      const std::string text = text_of(answer.challenge);
      check(text.ends_with(";id=\"" + sid_ + '"'), "it is for this session");
      read_challenge(text);
    } else if (answer.outcome == SEALRING_BINDING_FORGED) {
      check(sent.signer && key_ && sent.signer != key_, "its own key forges nothing");
      keep_cookies(request.session());
      check(session_.empty(), "what was forged ends");
      key_.reset();
    } else {
      check(sealring_session_cookie_count(request.session()) == 0, "nothing has changed");
    }
  }

  Input input_;
  std::int64_t now_ = kBegin;
  std::string session_, bound_;     // the browser's cookies
  std::string sid_;                 // of its session
  std::optional<std::size_t> key_;  // the device that the session is bound to
  std::string good_;                // the last bound cookie that it was sent
  std::int64_t bound_end_ = 0;
  std::string challenge_, challenge_sid_;  // the last one
  std::int64_t challenge_end_ = 0;
};

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sealring::fuzz::Browsing({data, size}).run();
  return 0;
}
