// SPDX-License-Identifier: Apache-2.0
// What every token format promises, asked of any bytes: once as a token, once as a payload.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "check.h"
#include "support/sealers.h"

namespace sealring::fuzz {

// The random bytes that sealing drew for a token that opens, in the order of drawing. Nothing: it
// is not one that sealing makes.
using Drawn = std::optional<std::vector<std::uint8_t>> (*)(Bytes token);

class TokenTarget {
 public:
  TokenTarget(const FormatRow& row, Key key, Drawn drawn)
      : row_(row), key_(std::move(key)), drawn_(drawn), sealer_(sealer_of({key_})) {}

  int run(Bytes input) {
    take_as_token(input);
    take_as_payload(input);
    return 0;
  }

 private:
  void take_as_token(Bytes token) {
    const Bytes own = row_.token_in(token);
    std::vector<std::uint8_t> room(row_.opened_size(own.size()));
    check(!row_.parse(own, room) || row_.recognises(own), "what can be parsed is recognised");
    std::vector<std::uint8_t> buffer(sealer_->opened_size(token.size()), 0xa5);
    const auto opened = sealer_->open(kNow, {}, token, buffer);
    if (opened) {
      check_that_it_seals_to(row_.token_in(token), opened->payload, opened->times);
    } else {
      check(is_refusal(opened.error().reason), "a token is to blame for its refusal");
      check(std::ranges::count(buffer, 0) == std::ssize(buffer), "a refused token leaves nothing");
    }
  }

  // Nobody but a sealer makes tokens, and of each there is one spelling.
  void check_that_it_seals_to(Bytes token, Bytes payload, Times times) {
    const auto drawn = drawn_(token);
    if (!drawn) return;
    ObservedDriver driver;
    driver.give_random(*drawn);
    RandomPool pool = RandomPool::make(driver).value();
    const auto format = row_.make(driver, pool).value();
    std::vector<std::uint8_t> sealed(row_.sealed_size(payload.size()));
    const std::size_t size = format->seal(key_, times, {}, payload, sealed).value().size;
    check(std::ranges::equal(Bytes(sealed).first(size), token), "what opens is what was sealed");
  }

  void take_as_payload(Bytes payload) {
    std::vector<std::uint8_t> room(sealer_->sealed_size(payload.size()));
    const auto sealed = sealer_->seal(kNow, 60, {}, payload, room);
    check(sealed && sealed->size <= room.size(),
          "any payload is sealed, in the room that was asked for");
    std::vector<std::uint8_t> token(room.begin(), room.begin() + std::ssize(room));
    token.resize(sealed->size);

    std::vector<std::uint8_t> buffer(sealer_->opened_size(token.size()));
    const auto opened = sealer_->open(kNow, {}, token, buffer);
    check(opened && std::ranges::equal(opened->payload, payload), "what was sealed opens");

    // Where, and what becomes of it, is the fuzzer's choice: the payload's last bytes.
    std::uint32_t choice = 0;
    for (const std::uint8_t byte : payload.last(std::min<std::size_t>(payload.size(), 4))) {
      choice = choice << 8 | byte;
    }
    const std::size_t place = choice % token.size();
    check_that_it_is_refused(Bytes(token).first(place));
    token[place] ^= static_cast<std::uint8_t>(1 + (choice >> 8) % 255);
    check_that_it_is_refused(token);
    token[place] ^= static_cast<std::uint8_t>(1 + (choice >> 8) % 255);
    token.push_back(static_cast<std::uint8_t>(choice));
    if (row_.token_in(token).size() == token.size()) check_that_it_is_refused(token);
  }

  void check_that_it_is_refused(Bytes altered) {
    std::vector<std::uint8_t> buffer(sealer_->opened_size(altered.size()), 0xa5);
    const auto opened = sealer_->open(kNow, {}, altered, buffer);
    check(!opened, "nothing altered opens");
    check(std::ranges::count(buffer, 0) == std::ssize(buffer), "a refused token leaves nothing");
  }

  const FormatRow& row_;
  const Key key_;
  const Drawn drawn_;
  const std::unique_ptr<Sealer> sealer_;
};

}  // namespace sealring::fuzz
