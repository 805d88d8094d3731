// SPDX-License-Identifier: Apache-2.0
// From an application to a client and back, and what a client alters on the way.
#include <gtest/gtest.h>

#include "cookies/sealed_cookie.h"
#include "support/random.h"
#include "support/sealers.h"

namespace sealring::cookies {
namespace {

Policy policy_of(Mode mode = Mode::enforce) {
  PolicyOptions options;
  options.context = "shop";
  options.names = {"sid", "cart"};
  options.mode = mode;
  return Policy::make(options).value();
}

// What a client stores of a Set-Cookie header: "name=value".
std::vector<std::string> sealed(const Policy& policy, Sealer& sealer, std::string_view line) {
  std::vector<std::uint8_t> buffer(replacement_size(sealer, line.size(), 1));
  const auto made = replace(policy, sealer, kNow, line, "/", nullptr, buffer);
  std::vector<std::string> stored;
  for (std::size_t i = 0; made && i < made->count; ++i) {
    stored.emplace_back(made->lines[i].substr(0, made->lines[i].find(';')));
  }
  return stored;
}

std::string opened(const Policy& policy, Sealer& sealer, std::string_view header) {
  Request request;
  request.read(sealer, header);
  std::vector<std::uint8_t> buffer(request.open_size(sealer));
  if (!request.begin(policy, sealer, kNow, buffer)) return "?";
  const auto passed = request.rewrite(header);
  return passed ? std::string(*passed) : "?";
}

std::string random_value(Randomness& random) {
  constexpr std::string_view kBytes =
      "abcXYZ019!#$%&'()*+-./:<=>?@[]^_`{|}~\"\\, \t\x80\xa0\xff\xc3\xa4";
  std::string value(random.below(random.below(8) == 0 ? 4000 : 60), ' ');
  for (char& c : value) c = kBytes[random.below(kBytes.size())];
  return std::string(session::trimmed(value));
}

TEST(CookieRoundTrip, ReturnsEveryValueByteForByte) {
  const auto sealer = sealer_of({xaes_key()});
  const Policy policy = policy_of();
  Randomness random;
  for (int round = 0; round < 2000; ++round) {
    std::string set, sent;
    for (const std::string name : {"sid", "other", "cart"}) {
      const std::string pair = name + "=" + (name == "other" ? "x" : random_value(random));
      set += (set.empty() ? "" : "; ") + pair;
      for (const std::string& cookie : sealed(policy, *sealer, pair + "; Path=/; HttpOnly")) {
        sent += (sent.empty() ? "" : "; ") + cookie;
      }
    }
    ASSERT_EQ(opened(policy, *sealer, sent), set) << sent;
  }
}

TEST(CookieSealing, LeavesNoValueInTheBuffer) {
  const std::string value(40, 'v'), path = "; Path=/" + std::string(4100, 'p');
  const std::string long_name(kMaxName + 1, 'n');
  PolicyOptions options;
  options.context = "shop";
  options.all = true;
  const Policy policy = Policy::make(options).value();
  const auto sealer = sealer_of({xaes_key()}), old = sealer_of({legacy_key()});
  for (const std::string& line : {"sid=" + value, "sid=" + value + path, long_name + "=" + value}) {
    for (const auto& by : {sealer.get(), old.get()}) {
      std::vector<std::uint8_t> buffer(replacement_size(*by, line.size(), 1));
      std::ignore = replace(policy, *by, kNow, line, "/", nullptr, buffer);
      EXPECT_FALSE(as_text(buffer).contains(value)) << line.substr(0, 20);
    }
  }
}

TEST(CookieSealing, LeavesNoRenewedValueInTheBuffer) {
  const auto sealer = sealer_of({xaes_key()});
  const std::string value(40, 'v'), payload = value + "; Path=/; Max-Age=60";
  const OpenedCookie cookie{"sid", payload, kNow + 10, true};
  std::vector<std::uint8_t> buffer(renewal_size(*sealer, cookie));
  ASSERT_TRUE(renew(policy_of(), *sealer, kNow, cookie, buffer));
  EXPECT_FALSE(as_text(buffer).contains(value));
}

TEST(CookieAlteration, ReachesNoApplication) {
  const auto sealer = sealer_of({xaes_key()});
  const Policy policy = policy_of();
  Randomness random;
  const std::string good = sealed(policy, *sealer, "sid=alice; Path=/").at(0);
  for (int round = 0; round < 20'000; ++round) {
    std::string altered = good;
    const std::size_t at = 4 + random.below(altered.size() - 4);
    switch (random.below(3)) {
      case 0:
        altered[at] = static_cast<char>('!' + random.below(94));
        break;
      case 1:
        altered.erase(at, 1 + random.below(3));
        break;
      default:
        altered.insert(at, 1, static_cast<char>('!' + random.below(94)));
    }
    if (altered == good || altered[4] == ';') continue;
    const std::string passed = opened(policy, *sealer, altered);
    if (altered.starts_with(good + ";") || altered.contains(';')) {
      ASSERT_FALSE(passed.starts_with("sid=") && passed != "sid=alice") << altered;
      ASSERT_TRUE(passed != "sid=alice" || altered.starts_with(good + ";")) << altered;
      continue;
    }
    ASSERT_EQ(passed, "") << altered;
  }
}

TEST(CookiePolicies, HaveBounds) {
  const auto refused = [](auto change) {
    PolicyOptions options;
    options.context = "shop";
    options.names = {"sid"};
    change(options);
    const auto made = Policy::make(options);
    return made ? "" : made.error().message;
  };
  const std::string long_text(513, 'a');
  EXPECT_EQ(refused([](PolicyOptions&) {}), "");
  EXPECT_EQ(refused([](PolicyOptions& o) { o.context = {}; }),
            "the context must have 1 to 512 bytes");
  EXPECT_EQ(refused([&](PolicyOptions& o) { o.context = long_text; }),
            "the context must have 1 to 512 bytes");
  EXPECT_EQ(refused([&](PolicyOptions& o) { o.context = {long_text.data(), 512}; }), "");
  for (const std::string_view name : {"", "a b", "a=b", "a;b", "\"a\"", "\xc3\xa4"}) {
    EXPECT_EQ(refused([&](PolicyOptions& o) { o.names = {name}; }),
              '"' + std::string(name) + "\" is not a cookie's name");
  }
  EXPECT_EQ(refused([](PolicyOptions& o) { o.names = {}; }), "no cookie is chosen");
  EXPECT_EQ(refused([](PolicyOptions& o) { o.accept_plain_until = 1; }),
            "plain values are accepted for a time only in the mode migrate");
}

TEST(SealedCookies, NeedAFormatThatBindsAContext) {
  const auto sealer = sealer_of({legacy_key()});
  const Policy policy = policy_of();
  std::vector<std::uint8_t> buffer(replacement_size(*sealer, 5, 1));
  const auto made = replace(policy, *sealer, kNow, "sid=a", "/", nullptr, buffer);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Error::unsupported);
}

TEST(SealedCookies, AreJwesUnderSuchAKey) {
  const auto sealer = sealer_of({a256gcm_key()});
  const Policy policy = policy_of();
  const std::string cookie = sealed(policy, *sealer, "sid=alice; Path=/").at(0);
  EXPECT_TRUE(cookie.starts_with("sid=1~ey")) << cookie;
  EXPECT_EQ(opened(policy, *sealer, cookie), "sid=alice");
}

TEST(SealedCookies, WithoutAKeyThatSealsAreAnError) {
  const auto sealer = sealer_of({open_only(xaes_key())});
  const Policy policy = policy_of();
  std::vector<std::uint8_t> buffer(replacement_size(*sealer, 5, 1));
  const auto made = replace(policy, *sealer, kNow, "sid=a", "/", nullptr, buffer);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Error::no_primary_key);
}

// The second pieces are in another header, so what takes the place of the first header is longer.
TEST(SealedCookies, MayHaveTheirPiecesInTwoHeaders) {
  const auto sealer = sealer_of({xaes_key()});
  const Policy policy = policy_of();
  const std::string long_value(4000, 'a'), other_value(4000, 'b');
  const auto sid = sealed(policy, *sealer, "sid=" + long_value + "; Path=/");
  const auto cart = sealed(policy, *sealer, "cart=" + other_value + "; Path=/");
  ASSERT_TRUE(sid.size() == 2 && cart.size() == 2);
  const auto cut = [](const std::vector<std::string>& pieces, std::string_view name) {
    const std::size_t mark = name.size() + 3;  // behind "=2~"
    const std::string token =
        pieces[0].substr(mark) + pieces[1].substr(name.size() + 3);  // behind "~1="
    return std::pair(pieces[0].substr(0, mark) + token.substr(0, 3),
                     std::string(name) + "~1=" + token.substr(3));
  };
  const auto [sid_first, sid_second] = cut(sid, "sid");
  const auto [cart_first, cart_second] = cut(cart, "cart");
  const std::string headers[] = {cart_first + "; " + sid_first, sid_second + "; " + cart_second};
  Request request;
  for (const std::string& header : headers) request.read(*sealer, header);
  std::vector<std::uint8_t> buffer(request.open_size(*sealer));
  ASSERT_TRUE(request.begin(policy, *sealer, kNow, buffer));
  EXPECT_EQ(request.rewrite(headers[0]).value(), "cart=" + other_value + "; sid=" + long_value);
  EXPECT_EQ(request.rewrite(headers[1]).value(), "");
  ASSERT_EQ(request.opened().size(), 2U);
  EXPECT_EQ(request.opened()[0].payload, other_value + "; Path=/");
  EXPECT_EQ(request.opened()[1].payload, long_value + "; Path=/");
}

// The attributes are in both lines, in the payload, and once more while it is sealed.
TEST(SealedCookies, AreRenewedInTheirRoomHoweverLongTheirAttributesAre) {
  const auto sealer = sealer_of({xaes_key()});
  const Policy policy = policy_of();
  for (std::size_t size = 0; size < 2600; size += 50) {
    const std::string payload = "a; Path=/" + std::string(size, 'p') + "; Max-Age=1";
    const OpenedCookie cookie{"sid", payload, static_cast<std::uint64_t>(kNow) + 1'000'000'000,
                              true};
    std::vector<std::uint8_t> buffer(renewal_size(*sealer, cookie));
    const auto made = renew(policy, *sealer, kNow, cookie, buffer);
    ASSERT_TRUE(made);
    for (std::size_t i = 0; i < made->count; ++i) {
      const auto* const end =
          reinterpret_cast<const std::uint8_t*>(made->lines[i].data()) + made->lines[i].size();
      ASSERT_LE(end, buffer.data() + buffer.size()) << size;
    }
  }
}

TEST(SealedCookies, NeedTheirBuffer) {
  const auto sealer = sealer_of({xaes_key()});
  const Policy policy = policy_of();
  std::vector<std::uint8_t> buffer(replacement_size(*sealer, 5, 1) - 1);
  const auto made = replace(policy, *sealer, kNow, "sid=a", "/", nullptr, buffer);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Error::buffer_too_small);
  Request request;
  const std::string header = sealed(policy, *sealer, "sid=a").at(0);
  request.read(*sealer, header);
  buffer.resize(request.open_size(*sealer) - 1);
  EXPECT_EQ(request.begin(policy, *sealer, kNow, buffer).error(), Error::buffer_too_small);
}

}  // namespace
}  // namespace sealring::cookies
