# SPDX-License-Identifier: Apache-2.0
"""What is counted and shown, for script/mutants."""

from mutant import Mutant

COUNTERS = "src/status/counters.cc"
COUNTERS_HEADER = "src/status/counters.h"
REPORT = "src/status/report.cc"
METRICS = "src/status/metrics_text.cc"
WRITER = "src/status/metrics_writer.cc"
JSON = "src/status/json.cc"
PAGE = "src/status/page.cc"
SEALER = "src/token/sealer.cc"
SESSIONS = "src/session/session_counting.cc"
DEVICES = "src/session/device_requests.cc"
COOKIES_RECEIVED = "src/cookies/request.cc"
COOKIES_SET = "src/cookies/sealed_cookie.cc"
TESTS = ("status_test",)

MUTANTS_OF_STATUS = (
    Mutant("counters: memory of another list is kept", COUNTERS,
           "if (counters->form_.load() != form()) {", "if (counters->form_.load() == 0) {", TESTS),
    Mutant("counters: of memory that is too small", COUNTERS,
           "if (memory.size() < sizeof(Counters)) return nullptr;", "", TESTS),
    Mutant("counters: a place in use becomes another key's", COUNTERS,
           "(even_others && is_unused(other, now))", "even_others", TESTS),
    Mutant("counters: a key's place keeps what another counted", COUNTERS,
           "        place.sealed_.clear();\n", "", TESTS),
    Mutant("counters: two places for one key", COUNTERS, "      if (is_of(other, id)) return &place;\n", "", TESTS),
    Mutant("counters: the last end is that of the last token", COUNTERS,
           "while (known < to && !", "while (!", TESTS),
    Mutant("counters: a token without end ends", COUNTERS_HEADER,
           "const std::uint64_t end = expires_at - 1;", "const std::uint64_t end = expires_at;", TESTS),
    Mutant("counters: nothing is noted", COUNTERS, "count->note(noted, now);", "static_cast<void>(count);", TESTS),
    Mutant("counters: a clock that was set back", COUNTERS,
           "static_cast<std::int64_t>(before) < now ? static_cast<std::int64_t>(before) : 0", "static_cast<std::int64_t>(before)", TESTS),
    Mutant("counting: a refusal is counted for no format", SEALER,
           "refusal(why, kid, {}, row.id)", "refusal(why, kid)", TESTS),
    Mutant("counting: an expired token counts as authentic, too", SEALER,
           "{\n  auto opened = authenticate_uncounted(", "{\n  auto opened = authenticate(", TESTS),
    Mutant("counting: what cannot be sealed is not counted", SEALER,
           "counters_->add<status::Counter::seal_errors>(", "static_cast<void>(", TESTS),
    Mutant("counters: a clock that was set back frees places", COUNTERS, " && minutes < kMinutes / 2", "", TESTS),
    Mutant("report: a key that is not counted can go", REPORT,
           "return key.since == 0 ? Removal::unknown : Removal::possible;", "return Removal::possible;", TESTS),
    Mutant("counters: of a sum over time, one value", COUNTERS, ".subspan(begin, size)", ".subspan(begin, 1)", TESTS),
    Mutant("counters: sums are not noted", COUNTERS, "histories_[i].note(", "if (false) histories_[i].note(", TESTS),
    Mutant("counting: a refresh is not counted", DEVICES, "  count_answer(sealer, DeviceRequest::refresh, answer);\n", "",
           ("session_test",)),
    Mutant("counting: each end is one by the application", SESSIONS, "return kEnded + 1;", "return kEnded;",
           ("session_test",)),
    Mutant("counting: why a session is unbound is not counted", SESSIONS, "if (!is_unbound) return;", "return;",
           ("session_test",)),
    Mutant("counting: plain cookies are not counted", COOKIES_RECEIVED, "    count(kPlain);\n", "", ("cookies_test",)),
    Mutant("counting: cookies that are not sealed are counted", COOKIES_SET,
           "if (!made || made->fate != Fate::passed) count(", "count(", ("cookies_test",)),
    Mutant("report: a key with live tokens can go", REPORT,
           "key.primary || key.pending || has_live_tokens", "key.primary || key.pending", TESTS),
    Mutant("report: a primary key can go", REPORT, "key.primary || key.pending ||", "key.pending ||", TESTS),
    Mutant("report: a ring twice", REPORT,
           "if (std::ranges::find(rings, path, &RingStatus::path) != rings.end()) return;", "", TESTS),
    Mutant("metrics: a label is not escaped", WRITER,
           "if (c == '\\\\' || c == '\"') text_ += '\\\\';", "", TESTS),
    Mutant("JSON: a string is not escaped", JSON, "if (c == '\"' || c == '\\\\') text_ += '\\\\';", "", TESTS),
    Mutant("page: text is HTML", PAGE, 'out += "&lt;";', "out += c;", TESTS),
)
