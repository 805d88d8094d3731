# SPDX-License-Identifier: Apache-2.0
"""What all of the core uses, for script/mutants."""

from mutant import Mutant

BASE64 = "src/base/base64_plain.h"
BASE64_BLOCKS = "src/base/base64_avx2.h"
BASE64_CODEC = "src/base/base64_codec.h"
PKCS7 = "src/base/pkcs7.h"
PLAIN_TEXT = "src/base/plain_text.cc"
SECRET = "src/base/secret.h"
FOLLOWED = "src/base/followed_file.h"
FORK = "src/base/fork_lock"
LIVE = "src/keys/live_keyring.cc"

BASE_TESTS = ("base_test",)
KEYS_TESTS = ("keys_test",)
TOKEN_TESTS = ("token_test",)

# Not here, because the answer is the same without it: the check that a padding has a byte. With no
# padding nothing is cut off, as with a wrong one.
MUTANTS_OF_BASE = (
    # ---- Comparing, text and padding
    Mutant("compare: the last byte ignored", SECRET,
           "while (!a.empty()) compare", "while (a.size() > 1) compare", BASE_TESTS),
    Mutant("compare: whole words ignored", SECRET,
           "while (a.size() >= sizeof difference) compare(std::uint64_t{});",
           "a = a.last(a.size() % 8), b = b.last(b.size() % 8);", BASE_TESTS),
    Mutant("compare: sizes ignored", SECRET,
           "if (a.size() != b.size()) return false;", "if (a.size() > b.size()) return false;",
           BASE_TESTS),
    Mutant("compare: leaves at the first difference", SECRET,
           '    __asm__("" : "+r"(difference));  // keeps the compiler from leaving the loop early',
           "    if (difference != 0) a = b = a.last(sizeof word);", ("constant_time",)),
    Mutant("wiping: freed secrets", SECRET,
           "explicit_bzero(static_cast<void*>(memory), count * sizeof(T));", "", BASE_TESTS),
    Mutant("canonical base64: bits left over", BASE64,
           "faults |= group & (left == 3 ? 0xffU : 0xffffU);", "", BASE_TESTS),
    Mutant("canonical base64: alphabet of whole groups", BASE64, "faults &= kInvalid;",
           "faults = 0;", BASE_TESTS),
    Mutant("canonical base64: alphabet of the last group", BASE64,
           "faults |= (a | b | c) & kInvalid;", "", BASE_TESTS),
    Mutant("canonical base64: bits left over, in blocks", BASE64_BLOCKS, "unused == 0;",
           "(unused == 0 || true);", BASE_TESTS),
    Mutant("canonical base64: alphabet in blocks", BASE64_BLOCKS,
           "_mm256_testz_si256(faults, faults) != 0 && ", "", BASE_TESTS),
    Mutant("canonical base64: impossible size", BASE64_CODEC, "text.size() % 4 == 1 || ", "",
           BASE_TESTS),
    Mutant("base64: room that is too small", BASE64_CODEC, " || bytes.size() < size", "",
           BASE_TESTS),
    Mutant("canonical base64: padding that is missing", "src/base/base64.cc",
           "if (text.size() % 4 != 0) return std::unexpected(Error::malformed);", "", TOKEN_TESTS),
    Mutant("padding: of more than a block", PKCS7,
           "faults |= (static_cast<std::uint32_t>(block) - count) & 0x100;", "", BASE_TESTS),
    Mutant("padding: of unequal bytes", PKCS7,
           "faults |= (byte ^ count) & (outside - 1);", "std::ignore = byte, std::ignore = outside;",
           BASE_TESTS),
    Mutant("day: any of 31", "src/base/day.cc",
           "if (!date.ok()) return std::nullopt;", "", BASE_TESTS),
    Mutant("json: eight bytes with control characters", PLAIN_TEXT,
           "(bytes | control | special)", "(bytes | special)", BASE_TESTS),
    Mutant("json: blocks with control characters", PLAIN_TEXT,
           "_mm256_or_si256(control, special)", "_mm256_or_si256(special, special)", BASE_TESTS),
    # ---- Files that are followed, and forks
    Mutant("following: two loads at once", FOLLOWED, "!turn.taken() || looked_at_",
           "looked_at_", BASE_TESTS),
    Mutant("following: two extensions at once", LIVE, "!turn.taken() || generation",
           "generation", KEYS_TESTS),
    Mutant("following: a relative path", FOLLOWED, "std::string absolute = absolute_path(path);",
           "std::string absolute = path;", BASE_TESTS),
    Mutant("following: a refused file is not tried again", FOLLOWED,
           "identity == seen_ && refusal_.empty()", "identity == seen_", BASE_TESTS),
    Mutant("fork: not prepared for", FORK + ".cc",
           "return lock_during_fork<g_mutex>();", "return true;", BASE_TESTS),
    Mutant("fork: a child is not counted", FORK + ".cc",
           "if (pthread_atfork(nullptr, nullptr, count_child) != 0) std::abort();",
           "if (false) count_child();", BASE_TESTS),
    Mutant("fork: another thread's turn goes on in the child", FORK + ".h", "held != process && ",
           "held == 0 && ", BASE_TESTS),
)  # fmt: skip
