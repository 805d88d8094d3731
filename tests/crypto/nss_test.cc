// SPDX-License-Identifier: Apache-2.0
// What is special about NSS: its database, and that a child must not use what its parent made.
#include <gtest/gtest.h>
#include <nss.h>

#include <array>
#include <set>

#include "support/forked.h"
#include "support/hex.h"
#include "support/sealers.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

Driver& nss() {
  return *find_driver("nss").value();
}

// An empty database, as certutil -N makes it.
void make_database(const std::string& folder, const char* prefix) {
  Child([&] {
    EXPECT_EQ(NSS_Initialize(folder.c_str(), prefix, prefix, SECMOD_DB, 0), SECSuccess);
    EXPECT_EQ(NSS_Shutdown(), SECSuccess);
  });
}

TEST(Nss, OpensADatabase) {
  const TemporaryFolder folder;
  make_database(folder.path(), "");
  make_database(folder.path(), "site-");
  // Prefixes as NSS expects them, and whole names as in httpd's manual.
  for (const std::string parameters :
       {"", ",cert7=site-,key3=site-,secmod=secmod.db", ",cert7=site-cert9.db,key3=site-key4.db",
        ",cert7=cert7.db,key3=key3.db,secmod=secmod"}) {
    const std::string name = "nss:dir=" + folder.path() + parameters;
    const auto checked = check_driver(name);
    EXPECT_TRUE(checked) << checked.error().message;
    Child([&] {
      const auto sealer = sealer_of({xaes_key()}, *find_driver(name).value());
      EXPECT_TRUE(open(*sealer, seal(*sealer, "payload")).opened);
    });
  }
}

TEST(Nss, SaysWhatIsWrongWithItsDatabase) {
  const TemporaryFolder folder;
  for (const std::string& path : {folder / "missing", folder.path()}) {
    const auto failed = check_driver("nss:dir=" + path);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().error, Error::crypto_failure);
    EXPECT_NE(failed.error().message.find("cannot open the database in \"" + path),
              std::string::npos)
        << failed.error().message;
  }
  const auto failed = check_driver("nss:key3=site-,secmod=secmod.db");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().error, Error::invalid_argument);
  EXPECT_NE(failed.error().message.find("dir=FOLDER"), std::string::npos);
}

TEST(Nss, WithoutInitialisingItTakesTheServers) {
  if (find_driver("nss:noinit")) GTEST_SKIP() << "another test of this process initialised NSS";
  Child([] {
    const auto failed = find_driver("nss:noinit");
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("noinit"), std::string::npos);
    nss();  // as another part of the server would
    ASSERT_TRUE(find_driver("nss:noinit"));
    EXPECT_TRUE(seal(*sealer_of({xaes_key()}, *find_driver("nss:noinit").value()), "p").size());
  });
}

TEST(Nss, TheCheckLeavesItAsItWas) {
  if (find_driver("nss:noinit")) GTEST_SKIP() << "another test of this process initialised NSS";
  Child([] {
    EXPECT_TRUE(check_driver("nss"));
    EXPECT_FALSE(find_driver("nss:noinit")) << "the check initialised NSS in the caller";
  });
}

// An object that got its key in the parent fails in the child, and works again with a new key.
TEST(Nss, AChildKeysAnew) {
  constexpr std::array<std::uint8_t, 32> kKey{1, 2, 3};
  constexpr std::array<std::uint8_t, 12> kNonce{};
  constexpr std::array<std::uint8_t, 16> kIv{};
  const auto gcm = nss().aes_256_gcm().value();
  const auto block = nss().aes_256().value();
  const auto cbc = nss().cbc(CbcCipher::aes_256).value();
  std::array<std::uint8_t, 16> text{}, tag{};
  const auto set_keys = [&] {
    return gcm->set_key(kKey) && block->set_key(kKey) && cbc->set_key(kKey);
  };
  const auto outputs = [&] {
    std::string all;
    for (const auto& done : {gcm->encrypt_in_place(kNonce, {}, text, tag),
                             block->encrypt_in_place(text), cbc->encrypt_in_place(kIv, text)}) {
      all += done ? to_hex(text) + to_hex(tag) : std::string(error_name(done.error()));
      all += " ";
    }
    return all;
  };
  ASSERT_TRUE(set_keys());
  const std::string expected = outputs();
  text = tag = {};
  Child([&] {
    EXPECT_EQ(outputs(), "crypto_failure crypto_failure crypto_failure ");
    EXPECT_TRUE(set_keys());
    EXPECT_EQ(outputs(), expected);
    text = tag = {};
    Child([&] {
      EXPECT_EQ(outputs(), "crypto_failure crypto_failure crypto_failure ");
      EXPECT_TRUE(set_keys());
      EXPECT_EQ(outputs(), expected);
    });
  });
  EXPECT_EQ(outputs(), expected) << "children do not disturb their parent";
}

TEST(Nss, ChildrenDrawOtherRandomBytes) {
  using Bytes32 = std::array<std::uint8_t, 32>;
  Bytes32 own{};
  const SharedArray<Bytes32> drawn(8);
  ASSERT_TRUE(nss().random(own));
  for (Bytes32& place : drawn.span()) {
    Child([&] { EXPECT_TRUE(nss().random(place)); });
  }
  std::set<Bytes32> all(drawn.span().begin(), drawn.span().end());
  ASSERT_TRUE(nss().random(own));
  all.insert(own);
  EXPECT_EQ(all.size(), 9U);
}

}  // namespace
}  // namespace sealring
