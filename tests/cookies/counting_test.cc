// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cookies/sealed_cookie.h"
#include "support/counted.h"
#include "support/sealers.h"

namespace sealring::cookies {
namespace {

using status::Counter;

class CookieCounting : public ::testing::Test {
 protected:
  Policy policy_of(Mode mode) {
    PolicyOptions options;
    options.context = "shop";
    options.names = {"sid", "cart"};
    options.mode = mode;
    return Policy::make(options).value();
  }
  // "name=value" of the first line, or "".
  std::string set(Mode mode, std::string_view line) {
    std::vector<std::uint8_t> buffer(replacement_size(*sealer, line.size(), 1));
    const auto made = replace(policy_of(mode), *sealer, kNow, line, "/", nullptr, buffer);
    if (!made || made->count == 0) return "";
    return std::string(made->lines[0].substr(0, made->lines[0].find(';')));
  }
  void send(Mode mode, std::string_view header) {
    const Policy policy = policy_of(mode);
    Request request;
    request.read(*sealer, header);
    std::vector<std::uint8_t> buffer(request.open_size(*sealer));
    ASSERT_TRUE(request.begin(policy, *sealer, kNow, buffer));
    ASSERT_TRUE(request.rewrite(header));
  }
  std::uint64_t received(std::string_view result = "", std::string_view mode = "") {
    return counted.value(Counter::sealed_cookies_received, result, mode);
  }
  std::uint64_t was_set(std::string_view result = "", std::string_view mode = "") {
    return counted.value(Counter::sealed_cookies_set, result, mode);
  }

  std::unique_ptr<Sealer> sealer = sealer_of({xaes_key()});
  status::Counted counted{*sealer};
};

TEST_F(CookieCounting, CountsThoseThatCome) {
  const std::string sid = set(Mode::enforce, "sid=1; Path=/");
  const std::string other = sid.substr(sid.find('='));
  send(Mode::enforce, sid + "; theme=dark");
  EXPECT_EQ(received("ok", "enforce"), 1U);
  send(Mode::enforce, "cart" + other);  // of another name
  EXPECT_EQ(received("authentication_failed", "enforce"), 1U);
  send(Mode::enforce, "sid=plain; =sid=1");
  EXPECT_EQ(received("malformed", "enforce"), 2U);
  send(Mode::migrate, "sid=plain; sid=1~s1.no");
  EXPECT_EQ(received("plain", "migrate"), 1U);
  EXPECT_EQ(received("malformed", "migrate"), 1U);
  send(Mode::report, "sid=plain; cart" + other);
  EXPECT_EQ(received("plain", "report"), 1U);
  EXPECT_EQ(received("authentication_failed", "report"), 1U);
  EXPECT_EQ(received(), 8U);
}

TEST_F(CookieCounting, CountsThoseThatAreSet) {
  set(Mode::enforce, "theme=dark");
  EXPECT_EQ(was_set(), 0U);
  const std::string sid = set(Mode::enforce, "sid=1; Path=/");
  EXPECT_EQ(was_set("sealed", "enforce"), 1U);
  set(Mode::report, "sid=1");
  EXPECT_EQ(was_set("sealed", "report"), 1U);
  set(Mode::migrate, "sid=; Max-Age=0");
  EXPECT_EQ(was_set("deletion", "migrate"), 1U);
  set(Mode::enforce, "sid=" + std::string(9000, 'x'));
  EXPECT_EQ(was_set("too_large", "enforce"), 1U);
  EXPECT_EQ(was_set(), 4U);
}

TEST_F(CookieCounting, CountsThoseThatAreRenewed) {
  const std::string sid = set(Mode::enforce, "sid=1; Path=/");
  const auto rotated = sealer_of({sealing_from(xaes_key(7), 0), xaes_key()});
  status::Counted counts(*rotated);
  const Policy policy = policy_of(Mode::enforce);
  Request request;
  request.read(*rotated, sid);
  std::vector<std::uint8_t> buffer(request.open_size(*rotated));
  ASSERT_TRUE(request.begin(policy, *rotated, kNow, buffer));
  ASSERT_TRUE(request.rewrite(sid));
  ASSERT_EQ(request.opened().size(), 1U);
  std::vector<std::uint8_t> more(renewal_size(*rotated, request.opened()[0]));
  EXPECT_TRUE(renew(policy, *rotated, kNow, request.opened()[0], more));
  EXPECT_EQ(counts.value(Counter::sealed_cookies_set, "renewed", "enforce"), 1U);
}

}  // namespace
}  // namespace sealring::cookies
