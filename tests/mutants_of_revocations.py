# SPDX-License-Identifier: Apache-2.0
"""The checks of revocation lists and of what they refuse, for script/mutants."""

from mutant import Mutant

LIST = "src/revocation/list.cc"
LIST_FILE = "src/revocation/list_file"
PENDING = "src/revocation/pending.cc"
REVOCATIONS = "src/revocation/revocations.cc"
DRAFT = "src/revocation/draft.cc"
HASH = "src/revocation/hash.cc"
SEALER = "src/token/sealer.cc"
SESSION = "src/session/session.cc"
REVOKED = "src/session/session_revocation.cc"
POLICY = "src/session/policy.cc"
CAPI = "src/capi/revocations.cc"
LIST_TESTS, TOKEN_TESTS, SESSION_TESTS = ("revocation_test",), ("token_test",), ("session_test",)
CAPI_TESTS = ("capi_test",)

# Not here, because the answer is the same without them: the bound of all names together, which is that
# of 16 names, and the bound of one name, which would not be equal to its first 64 bytes.
MUTANTS_OF_REVOCATIONS = (
    # ---- The list
    Mutant("list: its checksum is not compared", LIST,
           "if (!std::ranges::equal(checksum, file.span().subspan(kChecksumAt, checksum.size()))) {",
           "if (false) {", LIST_TESTS),
    Mutant("list: any order", LIST, "if (i != 0 && !is_before(place - kEntrySize, place)) {",
           "if (false) {", LIST_TESTS),
    Mutant("list: two entries with one hash", LIST,
           "!is_before(place - kEntrySize, place)", "is_before(place, place - kEntrySize)", LIST_TESTS),
    Mutant("list: half of a hash decides", LIST,
           "return head_a != head_b ? head_a < head_b : tail_of(a) < tail_of(b);",
           "return head_a < head_b;", LIST_TESTS),
    Mutant("list: of any version", LIST, "if (bytes[7] != 1) return", "if (false) return", LIST_TESTS),
    Mutant("list: of any beginning", LIST,
           "size < kHeaderSize || !as_text(bytes).starts_with(kMagic.substr(0, 7))",
           "size < kHeaderSize", LIST_TESTS),
    Mutant("list: written at any time", LIST, "written_at > std::uint64_t{kEndOfTime} || ", "",
           LIST_TESTS),
    Mutant("list: with anything where zeros are", LIST,
           "[](std::uint8_t byte) { return byte != 0; }", "[](std::uint8_t) { return false; }",
           LIST_TESTS),
    Mutant("list: of any size", LIST, "if (header.file_size() != size) {",
           "if (header.file_size() > size) {", LIST_TESTS),
    Mutant("list: more than 16 names", LIST, "names_.size() == kMaxNames || ", "", LIST_TESTS),
    Mutant("list: a name that is cut off", LIST, "name.size() != size ||", "", LIST_TESTS),
    Mutant("list: names in upper case", LIST, "in_lower_case(name, lower) != name || ", "",
           LIST_TESTS),
    Mutant("list: a name twice", LIST,
           "std::ranges::find(names_, name) != names_.end()", "false", LIST_TESTS),
    # ---- Its file
    Mutant("list file: others may change it", f"{LIST_FILE}.cc",
           "(stat.st_mode & (S_IWGRP | S_IWOTH)) != 0", "false", LIST_TESTS),
    Mutant("list file: another list replaces it", f"{LIST_FILE}.cc",
           "if (header.salt != in_use.header().salt) {", "if (false) {", LIST_TESTS),
    Mutant("list file: an older list replaces it", f"{LIST_FILE}.cc",
           "header.generation > in_use.header().generation", "true", LIST_TESTS),
    Mutant("list file: another one of the same generation replaces it", f"{LIST_FILE}.cc",
           "header.generation > in_use.header().generation",
           "header.generation >= in_use.header().generation", LIST_TESTS),
    Mutant("list file: the same list is read again", f"{LIST_FILE}.cc",
           "if (std::ranges::equal(start, in_use->list->header_bytes())) {", "if (false) {",
           LIST_TESTS),
    Mutant("list file: never stale", f"{LIST_FILE}.h", "confirmed_at < now - bound", "false",
           SESSION_TESTS),
    Mutant("list file: stale a second too early", f"{LIST_FILE}.h", "confirmed_at < now - bound",
           "confirmed_at <= now - bound", SESSION_TESTS),
    # ---- Writing
    Mutant("draft: the earlier time counts", DRAFT, "std::max(a.revoked_at, b.revoked_at)",
           "std::min(a.revoked_at, b.revoked_at)", LIST_TESTS),
    Mutant("draft: the earlier end counts", DRAFT, "std::max(a.until, b.until)",
           "std::min(a.until, b.until)", LIST_TESTS),
    Mutant("draft: what ends now stays", DRAFT, "entry.until <= now", "entry.until < now",
           LIST_TESTS),
    Mutant("draft: the names stay without entries", DRAFT, "if (entries.empty()) names_.clear();", "",
           LIST_TESTS),
    Mutant("draft: the generation stays", DRAFT, "++header_.generation;", "", LIST_TESTS),
    Mutant("draft: more than 16 names", DRAFT, "if (names_.size() == kMaxNames) {", "if (false) {",
           LIST_TESTS),
    Mutant("draft: any time", DRAFT, "!is_time(entry.revoked_at) || !is_time(entry.until)",
           "false", LIST_TESTS),
    # ---- The shared memory
    Mutant("pending: half an entry is found", PENDING,
           "if (slot.version.load(kRelaxed) == version) return", "return", LIST_TESTS),
    Mutant("pending: only in the first bucket", PENDING,
           "if (bucket.passed.load(std::memory_order_acquire) == 0) break;", "break;", LIST_TESTS),
    Mutant("pending: what is there for another list stays", PENDING,
           "head->salt[1] == second_of(salt)", "true", LIST_TESTS),
    Mutant("pending: what is there with another size stays", PENDING,
           "head->buckets == count && ", "", LIST_TESTS),
    Mutant("pending: what the list has goes at once", PENDING,
           "kListedSeconds = 5;", "kListedSeconds = 0;", LIST_TESTS),
    Mutant("pending: what the list has with an earlier time is not sent", PENDING,
           "static_cast<std::uint64_t>(listed->revoked_at) >= kept.revoked_at", "true", LIST_TESTS),
    Mutant("pending: what the list has with an earlier end is not sent", PENDING,
           "static_cast<std::uint64_t>(listed->until) >= kept.until", "true", LIST_TESTS),
    Mutant("pending: what is later only in its end is not sent again", PENDING,
           "||\n                          known->until < static_cast<std::uint64_t>(entry.until)", "",
           LIST_TESTS),
    Mutant("pending: what nobody looks up in the list goes", PENDING,
           "std::ranges::find(list.names(), kSid) != list.names().end()", "true", LIST_TESTS),
    Mutant("pending: what has ended stays", PENDING, "if (kept.until > time && !is_listed) return true;",
           "if (!is_listed) return true;", LIST_TESTS),
    Mutant("pending: any entry goes when it is full", PENDING,
           "slot(i).until < slot(*first).until", "false", LIST_TESTS),
    Mutant("pending: it is not said that one was lost", PENDING, "return listed.has_value();",
           "return true;", LIST_TESTS),
    # ---- Looking up
    Mutant("revoked: whenever it began", REVOCATIONS,
           "return sought.since <= static_cast<std::uint64_t>(revoked_at);", "return true;", SESSION_TESTS),
    Mutant("revoked: not in the same second", REVOCATIONS,
           "since <= static_cast", "since < static_cast", SESSION_TESTS),
    Mutant("revoked: not in the shared memory", REVOCATIONS, "if (!is_in_pending(*sought.name)) return false;",
           "return false;", SESSION_TESTS),
    Mutant("revoked: not in the shared memory without sids in the list", REVOCATIONS,
           "if (pending_ && !list_has_sids_) names_.push_back(kSid);", "", SESSION_TESTS),
    Mutant("hash: without the size of the name", HASH, "Bytes(&size, 1), ", "", LIST_TESTS),
    # ---- Tokens
    Mutant("token: not asked whether it was revoked", SEALER,
           "if (good) good = check_revoked(now, *opened);", "", TOKEN_TESTS),
    Mutant("token: not refused with a stale list", SEALER,
           "if (is_too_stale(now)) return std::unexpected(Error::revoked);", "", TOKEN_TESTS),
    Mutant("token: a list that was refused hides a ring that was", SEALER,
           "(first ? unreported_ : first) = result->error();", "first = result->error();",
           TOKEN_TESTS),
    # ---- Sessions
    Mutant("session: a revoked one is good", REVOKED, "if (*revoked) end_as_revoked();", "",
           SESSION_TESTS),
    Mutant("session: a sid that was revoked with an earlier time is good", REVOKED,
           "name == revocation::kSid ? 0 : began", "began", SESSION_TESTS),
    Mutant("session: one that does not say when it began is new", REVOKED,
           "says_when ? times_.auth_time : 0", "times_.auth_time", SESSION_TESTS),
    Mutant("session: a revoked one is renewed", SESSION,
           "if (*revoked) {\n      end_as_revoked();\n      return delete_cookies();\n    }", "",
           SESSION_TESTS),
    Mutant("session: a revoked one is not deleted", REVOKED, "over_ = true;", "", SESSION_TESTS),
    Mutant("session: a stale list deletes", REVOKED,
           "refuse(Error::revoked, Sealer::kTooStale, kid);",
           "refuse(Error::revoked, Sealer::kTooStale, kid);\n    over_ = true;", SESSION_TESTS),
    Mutant("session: renewed with a stale list", SESSION,
           "if (!changed_ && !terms.of_mod_session) return Change::none;", "", SESSION_TESTS),
    Mutant("session: a later end with a stale list", SESSION,
           "end = earlier(end, latest_end_);", "", SESSION_TESTS),
    Mutant("session: one that ended is revoked", REVOKED, "if (!is_live() || ", "if (", SESSION_TESTS),
    Mutant("session: revoked for too short a time", POLICY,
           "std::max(sum(now, settings.idle), session.expires_at)", "sum(now, settings.idle)",
           SESSION_TESTS),
    Mutant("C: any time", CAPI, "!is_time(given->revoked_at)", "false", CAPI_TESTS),
)  # fmt: skip
