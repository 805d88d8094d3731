// SPDX-License-Identifier: Apache-2.0
// The C ABI as a sequence of calls, each chosen by a byte of the input and within the header's
// contract. Whatever the order, it keeps its promises.
#include <sealring/sealring.h>

#include <memory>
#include <optional>

#include "check.h"
#include "input.h"
#include "support/temporary_folder.h"

namespace sealring::fuzz {
namespace {

struct FreeKeyring {
  void operator()(sealring_keyring* keyring) const { sealring_keyring_free(keyring); }
};
struct FreeSealer {
  void operator()(sealring_sealer* sealer) const { sealring_sealer_free(sealer); }
};
using Ring = std::unique_ptr<sealring_keyring, FreeKeyring>;
using SealerHandle = std::unique_ptr<sealring_sealer, FreeSealer>;

constexpr std::array<const char*, 9> kAlgorithms = {
    "XAES-256-GCM",  "XAES-256-GCM",   "nginx-legacy", "apache-aes256", "apache-aes192",
    "apache-aes128", "apache-3des192", "A256GCM",      "unheard-of"};
constexpr std::array<std::int64_t, 10> kTimes = {0,
                                                 1,
                                                 1'800'000'000,
                                                 1'800'000'001,
                                                 1'800'003'600,
                                                 INT32_MAX,
                                                 std::int64_t{1} << 32,
                                                 (std::int64_t{1} << 40) - 1,
                                                 INT64_MAX,
                                                 -1};

class Session {
 public:
  Session(Bytes bytes, const TemporaryFolder& folder) : input_(bytes), path_(folder / "ring") {}
  ~Session() { std::filesystem::remove(path_); }

  void run() {
    using Step = void (Session::*)();
    static constexpr std::array<Step, 20> kSteps = {
        &Session::make_ring,  &Session::load_ring,  &Session::free_ring,    &Session::describe_ring,
        &Session::init_file,  &Session::write_file, &Session::add_to_file,  &Session::rotate_file,
        &Session::prune_file, &Session::ask_rights, &Session::make_sealer,  &Session::free_sealer,
        &Session::refresh,    &Session::seal,       &Session::open,         &Session::inspect,
        &Session::parse_ring, &Session::generate,   &Session::refresh_ring, &Session::ask_days};
    for (int steps = 0; steps < 40 && !input_.is_over(); ++steps) (this->*input_.one_of(kSteps))();
  }

 private:
  // ---- Arguments

  std::int64_t time() {
    return input_.byte() % 4 != 0 ? input_.one_of(kTimes)
                                  : static_cast<std::int64_t>(input_.number());
  }

  // What a sealring_key points to.
  struct KeyArgument {
    sealring_key key{};
    std::vector<std::uint8_t> secret, iv;
  };
  void fill(KeyArgument& argument) {
    argument.secret = input_.byte() % 4 != 0 ? std::vector<std::uint8_t>(32, input_.byte())
                                             : input_.counted_bytes();
    argument.iv = input_.bytes(input_.below(20));
    argument.key = SEALRING_INIT(sealring_key);
    argument.key.algorithm = input_.one_of(kAlgorithms);
    argument.key.secret = argument.secret.data();
    argument.key.secret_size = argument.secret.size();
    argument.key.iv = argument.iv.empty() ? nullptr : argument.iv.data();
    argument.key.iv_size = argument.iv.size();
    argument.key.seal_from = time();
    argument.key.open_until = time();
    argument.key.open_only = input_.byte() % 2;
  }
  std::vector<sealring_key> keys(std::array<KeyArgument, 3>& arguments) {
    std::vector<sealring_key> keys;
    const std::size_t count = input_.below(arguments.size() + 1);
    for (std::size_t i = 0; i < count; ++i) {
      fill(arguments[i]);
      keys.push_back(arguments[i].key);
    }
    return keys;
  }

  // ---- Promises

  void check_status(sealring_status status) {
    check(sealring_status_name(status) != std::string("unknown_status"), "a status has a name");
  }
  void check_outcome(sealring_status status, const sealring_error& error) {
    check_status(status);
    check(error.status == status, "the error says what was returned");
    const std::string_view message(error.message, SEALRING_MESSAGE_SIZE);
    check(message.find('\0') != std::string_view::npos, "a message ends");
    check((status == SEALRING_OK) == (message.front() == '\0'), "a failure has a message");
  }
  void check_kid(const char (&kid)[SEALRING_KID_SIZE]) {
    check(std::string_view(kid, sizeof kid).find('\0') != std::string_view::npos, "a kid ends");
  }

  // ---- Rings

  void make_ring() {
    std::array<KeyArgument, 3> arguments;
    const auto given = keys(arguments);
    sealring_keyring* made = nullptr;
    sealring_error error = SEALRING_INIT(sealring_error);
    const auto status = sealring_keyring_from_keys(given.data(), given.size(), &made, &error);
    ring_.reset(made);
    check_outcome(status, error);
    check((status == SEALRING_OK) == (made != nullptr), "a ring is made or refused");
    if (made != nullptr) check(size_of(made) == given.size(), "a ring has its keys");
  }

  void load_ring() {
    std::array<KeyArgument, 3> arguments;
    const auto more = keys(arguments);
    sealring_keyring *loaded = nullptr, *extended = nullptr;
    sealring_error error = SEALRING_INIT(sealring_error);
    const auto status = sealring_keyring_load(path_.c_str(), &loaded, &error);
    ring_.reset(loaded);
    check_outcome(status, error);
    check((status == SEALRING_OK) == (loaded != nullptr), "a ring is loaded or refused");
    if (loaded == nullptr || more.empty()) return;
    const auto joined =
        sealring_keyring_extend(loaded, more.data(), more.size(), &extended, &error);
    ring_.reset(extended);
    check_outcome(joined, error);
    check((joined == SEALRING_OK) == (extended != nullptr), "a ring is extended or refused");
  }

  void free_ring() { ring_.reset(); }

  sealring_status parse(std::string_view text) {
    sealring_keyring* parsed = nullptr;
    sealring_error error = SEALRING_INIT(sealring_error);
    const auto status = sealring_keyring_parse(text.data(), text.size(), &parsed, &error);
    ring_.reset(parsed);
    check_outcome(status, error);
    check((status == SEALRING_OK) == (parsed != nullptr), "a text is parsed or refused");
    return status;
  }
  void parse_ring() { std::ignore = parse(as_text(input_.counted_bytes())); }

  void generate() {
    char text[SEALRING_GENERATED_SIZE], kid[SEALRING_KID_SIZE];
    sealring_error error = SEALRING_INIT(sealring_error);
    const auto status =
        sealring_keyring_generate(input_.one_of(kAlgorithms), time(), text, kid, &error);
    check_outcome(status, error);
    check_kid(kid);
    const std::string_view whole(text, sizeof text);
    check(whole.find('\0') != std::string_view::npos, "a generated text ends");
    check((status == SEALRING_OK) == (kid[0] != '\0' && text[0] != '\0'), "a key is generated");
    if (status != SEALRING_OK) return;
    check(parse(whole.substr(0, whole.find('\0'))) == SEALRING_OK, "what was generated is read");
    check(size_of(ring_.get()) == 1, "it is one key");
  }

  void refresh_ring() {
    if (!ring_) return;
    sealring_error error = SEALRING_INIT(sealring_error);
    check_outcome(sealring_keyring_refresh(ring_.get(), time(), &error), error);
    check(size_of(ring_.get()) > 0, "a ring keeps its keys");
  }

  std::size_t size_of(const sealring_keyring* ring) {
    std::size_t size = 0;
    check(sealring_keyring_list(ring, 0, nullptr, 0, &size, nullptr) == SEALRING_OK, "it counts");
    return size;
  }

  void describe_ring() {
    if (!ring_) return;
    std::size_t size = size_of(ring_.get()), count = 0;
    std::vector<sealring_key_info> infos(size, SEALRING_INIT(sealring_key_info));
    sealring_error error = SEALRING_INIT(sealring_error);
    const std::int64_t now = time();
    check_outcome(
        sealring_keyring_list(ring_.get(), now, infos.data(), infos.size(), &count, &error), error);
    check(count == size, "all keys are described");
    int primaries = 0;
    for (const sealring_key_info& info : infos) {
      check_kid(info.kid);
      primaries += info.primary;
    }
    check(primaries <= 1, "one key seals");
    check(sealring_keyring_list(ring_.get(), now, infos.data(), size - 1, &count, nullptr) ==
              SEALRING_BUFFER_TOO_SMALL,
          "no room is no list");
  }

  // ---- Files

  template <class Call>
  void change_file(Call call) {
    char kid[SEALRING_KID_SIZE];
    sealring_error error = SEALRING_INIT(sealring_error);
    const sealring_status status = call(kid, &error);
    check_outcome(status, error);
    check_kid(kid);
    if (status != SEALRING_OK) return;
    check(kid[0] != '\0', "a new key has a kid");
    sealring_keyring* loaded = nullptr;
    check(sealring_keyring_load(path_.c_str(), &loaded, nullptr) == SEALRING_OK,
          "what was written is read");
    sealring_keyring_free(loaded);
  }

  void init_file() {
    const char* algorithm = input_.one_of(kAlgorithms);
    const std::int64_t seal_from = time();
    change_file([&](char* kid, sealring_error* error) {
      return sealring_keyring_file_init(path_.c_str(), algorithm, seal_from, kid, error);
    });
  }
  void write_file() { write_text(path_, as_text(input_.counted_bytes()), mode()); }
  void add_to_file() {
    KeyArgument argument;
    fill(argument);
    change_file([&](char* kid, sealring_error* error) {
      return sealring_keyring_file_add(path_.c_str(), &argument.key, kid, error);
    });
  }
  void rotate_file() {
    const std::int64_t now = time(), activate_in = time(), max_lifetime = time();
    change_file([&](char* kid, sealring_error* error) {
      return sealring_keyring_file_rotate(path_.c_str(), now, activate_in, max_lifetime, kid,
                                          error);
    });
  }
  void prune_file() {
    std::size_t removed = 0;
    sealring_error error = SEALRING_INIT(sealring_error);
    const auto status = sealring_keyring_file_prune(path_.c_str(), time(), &removed, &error);
    check_outcome(status, error);
    check(status == SEALRING_OK || removed == 0, "a failure removes nothing");
  }
  void ask_rights() {
    sealring_error error = SEALRING_INIT(sealring_error);
    check_outcome(sealring_keyring_readable_by(path_.c_str(), input_.byte(), input_.byte(), &error),
                  error);
  }
  mode_t mode() { return input_.byte() % 8 != 0 ? 0640 : 0644; }

  // ---- Sealers

  void make_sealer() {
    if (!ring_) return;
    static constexpr std::array<const char*, 4> kDrivers = {nullptr, "openssl", "nss", "none"};
    sealring_sealer* made = nullptr;
    sealring_error error = SEALRING_INIT(sealring_error);
    const auto status = sealring_sealer_new(ring_.get(), input_.one_of(kDrivers), &made, &error);
    sealer_.reset(made);
    check_outcome(status, error);
    check((status == SEALRING_OK) == (made != nullptr), "a sealer is made or refused");
  }
  void free_sealer() { sealer_.reset(); }
  void refresh() {
    sealring_error error = SEALRING_INIT(sealring_error);
    if (sealer_) check_outcome(sealring_sealer_refresh(sealer_.get(), time(), &error), error);
  }

  void seal() {
    if (!sealer_) return;
    const auto context = input_.counted_bytes(), payload = input_.counted_bytes();
    const std::int64_t now = time();
    const std::size_t room = sealring_sealed_size(sealer_.get(), payload.size());
    std::vector<std::uint8_t> token(room - std::min(room, input_.below(16) / 8), 0xa5);
    sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
    const auto status =
        sealring_seal(sealer_.get(), now, input_.number(), context.data(), context.size(),
                      payload.data(), payload.size(), token.data(), token.size(), &sealed);
    check_status(status);
    check_kid(sealed.kid);
    check((status == SEALRING_OK) == (sealed.token_size != 0), "a failure has no size");
    check((status == SEALRING_INVALID_ARGUMENT) == (sealed.detail != nullptr),
          "a wrong argument is named");
    if (status != SEALRING_OK) return;
    token.resize(sealed.token_size);
    token_ = token;
    try_to_open(now, context, payload);
  }

  // With the sealer that sealed it, at once, a token opens, unless the time is beyond what it
  // holds.
  void try_to_open(std::int64_t now, const std::vector<std::uint8_t>& context,
                   const std::vector<std::uint8_t>& payload) {
    std::vector<std::uint8_t> buffer(sealring_opened_size(sealer_.get(), token_.size()));
    sealring_opened opened = SEALRING_INIT(sealring_opened);
    const auto status =
        sealring_open(sealer_.get(), now, context.data(), context.size(), token_.data(),
                      token_.size(), buffer.data(), buffer.size(), &opened);
    if (status != SEALRING_OK) {
      check(status == SEALRING_EXPIRED && now >= kTimes[7], "what was sealed opens");
      return;
    }
    const Bytes found(opened.payload, opened.payload_size);
    check(std::ranges::equal(found, payload), "the payload comes back");
  }

  void open() {
    if (!sealer_) return;
    std::vector<std::uint8_t> token = token_;
    const std::size_t at = input_.byte();
    if (at < token.size()) token[at] ^= input_.byte();
    if (input_.byte() % 4 == 0) token = input_.counted_bytes();
    const auto context = input_.counted_bytes();
    const std::size_t room = sealring_opened_size(sealer_.get(), token.size());
    std::vector<std::uint8_t> buffer(room - std::min(room, input_.below(16) / 8), 0xa5);
    sealring_opened opened = SEALRING_INIT(sealring_opened);
    const auto status =
        sealring_open(sealer_.get(), time(), context.data(), context.size(), token.data(),
                      token.size(), buffer.data(), buffer.size(), &opened);
    check_status(status);
    check_kid(opened.kid);
    if (status == SEALRING_OK) return;
    check(opened.payload == nullptr && opened.payload_size == 0, "a refusal has no payload");
    if (status < SEALRING_BUFFER_TOO_SMALL) {
      check(std::ranges::count(buffer, 0) == std::ssize(buffer), "a refusal leaves nothing");
    }
  }

  void inspect() {
    const auto token = input_.byte() % 2 == 0 ? token_ : input_.counted_bytes();
    sealring_token_info info = SEALRING_INIT(sealring_token_info);
    const auto status = sealring_inspect(token.data(), token.size(), &info);
    check(status == SEALRING_OK || status == SEALRING_MALFORMED || status == SEALRING_UNSUPPORTED,
          "a token is described, or refused as one");
    check_kid(info.kid);
  }

  // ---- Days

  void ask_days() {
    const std::string day(as_text(input_.counted_bytes()));
    std::int64_t end = -1;
    const auto status = sealring_end_of_day(day.c_str(), &end);
    check_status(status);
    check((status == SEALRING_OK) == (end > 0) && (end >= 0), "a day ends after 1970");
    char again[SEALRING_DAY_SIZE];
    if (status == SEALRING_OK) {
      check(sealring_day_of(end - 1, again) == SEALRING_OK, "a day's last second is in a day");
      check(day.c_str() == std::string_view(again), "it is that day");
    }
    const std::int64_t moment = time();
    if (sealring_day_of(moment, again) != SEALRING_OK) {
      check(again[0] == '\0', "no day has no name");
      return;
    }
    check(sealring_end_of_day(again, &end) == SEALRING_OK, "a day has an end");
    check(moment < end && end - moment <= 86'400, "a moment lies in its day");
  }

  Input input_;
  const std::string path_;
  Ring ring_;
  SealerHandle sealer_;
  std::vector<std::uint8_t> token_;
};

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const sealring::TemporaryFolder folder;
  sealring::fuzz::Session({data, size}, folder).run();
  sealring::fuzz::check(folder.file_count() == 0, "nothing but the ring is left");
  return 0;
}
