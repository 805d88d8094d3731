# SPDX-License-Identifier: Apache-2.0
"""Keys, rings and their files, for script/mutants."""

from mutant import Mutant

JWK = "src/keys/jwk.cc"
JWK_SET = "src/keys/jwk_set.cc"
KEY = "src/keys/key.h"
RING = "src/keys/keyring.cc"
FILE = "src/keys/keyring_file.cc"
ROTATION = "src/keys/rotation.cc"
WRITER = "src/base/replaced_file.cc"
PERMISSIONS = "src/base/permissions.cc"
SEALER = "src/token/sealer.cc"

KEYS_TESTS = ("keys_test",)
TOKEN_TESTS = ("token_test",)
READING_TESTS = ("keys_test", "keys_faults_test")

MUTANTS_OF_KEYS = (
    # ---- Keys and their windows
    Mutant("windows: a closed key opens", SEALER, "if (!key->opens_at(now)) continue;", "",
           TOKEN_TESTS),
    Mutant("windows: opens a second long", KEY, "now < open_until", "now <= open_until",
           ("keys_test", "token_test")),
    Mutant("windows: seals before its time", KEY, "may_seal && seal_from <= now && ", "may_seal && ",
           KEYS_TESTS),
    Mutant("windows: seals after its end", KEY, "seal_from <= now && opens_at(now)",
           "seal_from <= now", KEYS_TESTS),
    Mutant("key_ops: a key that only opens seals", JWK, "key.may_seal = encrypts;",
           "key.may_seal = encrypts || decrypts;", KEYS_TESTS),
    Mutant("key_ops: need not open", JWK, "if (!decrypts) return",
           "if (false && !decrypts) return", KEYS_TESTS),
    Mutant("key_ops: anything goes", JWK, "if (operation->kind != Kind::string) return",
           "if (false) return", KEYS_TESTS),
    Mutant("use: anything goes", JWK, 'use && !json::is_string(use, "enc")', "false && use", KEYS_TESTS),
    Mutant("kty: anything goes", JWK, 'if (!json::is_string(find_member(jwk, "kty"), "oct"))', "if (false)",
           KEYS_TESTS),
    Mutant("foreign: a member that decides is there twice", JWK, "if (value) return invalid",
           "if (false && value) return invalid", KEYS_TESTS),
    Mutant("foreign: not ignored", JWK, "if (!ours) why = quoted(name, *value);",
           "if (!ours && false) why = quoted(name, *value);", KEYS_TESTS),
    Mutant("foreign: a secret in the message", JWK, "text.size() <= kMostShown && ",
           "(text.size() <= kMostShown || true) && ", KEYS_TESTS),
    Mutant("foreign: without a bound", JWK_SET, "if (place > kMaxKeys) {", "if (false) {", KEYS_TESTS),
    Mutant("foreign: lost by a change", "src/keys/keyring_writer.cc",
           "format_jwk_set(keys, old->foreign)", "format_jwk_set(keys)", KEYS_TESTS),
    Mutant("JWK: of another program", JWK_SET, 'if (!why->empty()) return invalid(*why + ", and',
           'if (false) return invalid(*why + ", and', KEYS_TESTS),
    Mutant("JWK: a set is one", JWK_SET, ' || find_member(*jwk, "keys")', "", KEYS_TESTS),
    Mutant("kid: need not follow from the secret", JWK, "if (algorithm.kid_is_derived && key.kid != *derived) {",
           "if (false) {", KEYS_TESTS),
    Mutant("secret: of any size", JWK, "if (key.secret.size() < min || key.secret.size() > max) {",
           "if (false) {", KEYS_TESTS),
    Mutant("IV: of any size", JWK, "if (key.iv.size() > algorithm.max_iv_size) {", "if (false) {",
           KEYS_TESTS),
    Mutant("times of keys: without a bound", JWK,
           "if (!in_bounds(key.seal_from) || !in_bounds(key.open_until)) {",
           "if (false && !in_bounds(key.seal_from)) {",
           KEYS_TESTS),
    Mutant("times of keys: minus zero", JWK, " || value->text.front() == '-'", "", KEYS_TESTS),
    Mutant("ring: a member twice", JWK, "if (!names.insert(content(member->name)).second) return",
           "if (false) return", KEYS_TESTS),
    Mutant("ring: half a character", JWK, "if (!whole) return", "if (false && !whole) return",
           KEYS_TESTS),
    Mutant("ring: text behind it", JWK_SET, "if (!value || !in.at_end()) {", "if (!value) {",
           ("keys_test", "token_test")),
    Mutant("json: nested without a bound", "src/base/json.cc", "if (levels == 0) return false;", "",
           ("base_test", "keys_test")),
    Mutant("ring: one kid twice", RING,
           "if (!key.kid.empty() && !ring->by_kid_.emplace(key.kid, &key).second) {",
           "ring->by_kid_.emplace(key.kid, &key);\n    if (false) {", KEYS_TESTS),
    Mutant("ring: one secret for two algorithms", RING,
           "(is_modern(*a) || is_modern(*b))", "false && is_modern(*a)", KEYS_TESTS),
    Mutant("ring: no key", RING,
           'if (keys.empty()) return problem(Error::invalid_keyring, "it holds no key");', "",
           KEYS_TESTS),
    # ---- Rotation
    Mutant("rotation: an older key takes over", ROTATION,
           "if (old.seal_from > seal_from) old.may_seal = false;", "", KEYS_TESTS),
    Mutant("rotation: a key whose turn comes first loses it", ROTATION,
           "if (old.seal_from > seal_from)", "if (old.seal_from > rotation.now)", KEYS_TESTS),
    Mutant("rotation: what was withdrawn opens after an emergency", ROTATION,
           "!old.may_seal && old.seal_from != 0", "false && old.seal_from != 0", KEYS_TESTS),
    Mutant("adding: an added key wins a tie", "src/keys/keyring_admin.cc",
           "const auto equal = std::ranges::find(keys, key.seal_from, &Key::seal_from);",
           "const auto equal = keys.end();", KEYS_TESTS),
    # ---- The ring's file
    Mutant("file mode: anyone may read it", FILE, "S_IRWXO | S_IWGRP", "S_IWOTH | S_IWGRP",
           KEYS_TESTS),
    Mutant("file mode: the group may write it", FILE, "S_IRWXO | S_IWGRP", "S_IRWXO", KEYS_TESTS),
    Mutant("file: no regular one", FILE, "if (!S_ISREG(stat.st_mode))", "if (false)", KEYS_TESTS),
    Mutant("file: of any size", FILE,
           "if (file.stat.st_size > static_cast<off_t>(kMaxKeyringFileSize)) {", "if (false) {",
           READING_TESTS),
    Mutant("file: grows while it is read", FILE, "if (*filled != size) {", "if (*filled < size) {",
           READING_TESTS),
    Mutant("file: anyone may own it", FILE, "stat.st_uid == 0 || stat.st_uid == reader", "true",
           KEYS_TESTS),
    Mutant("file: its ACL is lost", WRITER, "!copy_acl(file_.get(), file.descriptor())", "false",
           KEYS_TESTS),
    Mutant("file: its ACL is lost where it cannot be copied", PERMISSIONS,
           "static_cast<std::size_t>(size), 0) == 0;", "static_cast<std::size_t>(size), 0) != 1;",
           ("keys_faults_test",)),
    Mutant("readable by: the ACL's mask", PERMISSIONS, "bound = entry.rights", "bound = 7",
           KEYS_TESTS),
    Mutant("readable by: ACLs", PERMISSIONS, "!acl.empty() && ", "false && ", KEYS_TESTS),
)  # fmt: skip
