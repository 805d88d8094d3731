# SPDX-License-Identifier: Apache-2.0
"""The checks of the agent, for script/mutants."""

from mutant import Mutant

DATAGRAM = "agent/datagram.cc"
CONTROL = "agent/control.cc"
LIST = "agent/kept_list.cc"
RING = "agent/kept_ring.cc"
RINGS = "agent/fleet/rings.cc"
SEALED = "agent/fleet/sealed_ring.cc"
WRITER = "src/revocation/writer.cc"
LAYOUT = "agent/fleet/layout.cc"
SYNC = "agent/fleet/list_sync.cc"
VOTE = "agent/fleet/vote.cc"
STORE = "agent/fleet/store.cc"
FLEET = "agent/fleet/fleet.cc"
TLS = "agent/fleet/tls_stream.cc"
LOG = "agent/log.cc"
RESOLVER = "agent/fleet/resolver.cc"
ADDRESS = "agent/fleet/store_address.cc"
CLIENT = "agent/client.cc"
MAIN = "agent/main.cc"
UNIT_TESTS = ("agent_test",)
FAULTS = ("agent_faults_test",)
ALONE = ("tests/agent/test_agent.py",)
IN_A_TERMINAL = ("tests/agent/test_agent_terminal.py",)
WITH_RINGS = ("tests/agent/test_agent_rings.py",)
PUBLISHING = ("tests/agent/test_agent_publishing.py",)
IN_A_FLEET = ("tests/agent/test_agent_fleet.py",)
WITH_NAMES = ("tests/agent/test_agent_names.py",)
WITH_STREAMS = ("tests/agent/test_agent_streams.py",)


def mutant(name: str, file: str, old: str, new: str, programs: tuple = UNIT_TESTS) -> Mutant:
    return Mutant("agent: " + name, file, old, new, programs)


MUTANTS_OF_AGENT = (
    mutant("datagrams of any size", DATAGRAM,
           "if (datagram.size() > kMaxDatagramSize) return std::nullopt;", ""),
    mutant("datagrams with other fields", DATAGRAM, "fields.all().size() != members", "members == 0"),
    mutant("times that no list holds", DATAGRAM, " || *time > revocation::kEndOfTime", ""),
    mutant("requests with other fields", CONTROL, "fields.all().size() == 2 && ", ""),
    mutant("publishing no ring", CONTROL, " && !ring.empty()) {", ") {"),
    mutant("a line of the log ends within a character", LOG, "while ((line[end] & 0xc0) == 0x80) --end;", ""),
    mutant("an error has lines of its own in a terminal", CLIENT, "say(cli::printable(wrong));", "say(wrong);",
           IN_A_TERMINAL),
    mutant("streams are as the caller left them", MAIN, "cli::secure_standard_streams();", "", WITH_STREAMS),
    mutant("a list with another salt is mixed in", SYNC, "if (own && *own != salt) {", "if (own && !own) {"),
    mutant("an item with the same ID is the same", SYNC, "*items->begin() != last_",
           "items->begin()->id != last_.id"),
    mutant("errors within a transaction", SYNC, "if (inner != reply.items.end()) return &*inner;",
           "if (inner != reply.items.end()) continue;"),
    mutant("an entry is sent when another one is read back", SYNC,
           " && covers(entry, unsent->second.entry)", ""),
    mutant("the number of members differs once", SYNC, "if (!std::exchange(has_differed_, true)) return;", ""),
    mutant("members are counted while something waits", SYNC, " && replica_.is_settled()) {", ") {"),
    mutant("names are read once", SYNC,
           "for (const Reply& name : replies[vote_at_ - 2].items) take_name(name.text);", ""),
    mutant("entries wait for the next question", SYNC,
           "if (state_ == State::following) not_before_ = {};", ""),
    mutant("a vote on a later state", SYNC, "if (vote_.take(before, item, now)) return false;",
           "vote_.take(before, item, now);"),
    mutant("a digest of the number of entries", VOTE,
           "sum += number_of(SipHash24::compute(salt, bytes));", "sum += 1 + 0 * salt[0];"),
    mutant("a vote for what is not written", VOTE, " && !replica_.is_settled();", " && !held_since_;"),
    mutant("a vote with unsent entries", VOTE, "if (has_unsent || ", "if ((has_unsent && id_.empty()) || "),
    mutant("a vote after a snapshot", VOTE, "if (!has_caught_up_ || ", "if ("),
    mutant("a vote with any clock", VOTE, "seconds > now.wall + kMaxClockDifference", "seconds < 0"),
    mutant("what is about to end is voted on", VOTE, "ends_after_ = seconds + kClocks;",
           "ends_after_ = seconds;"),
    mutant("all take a snapshot", VOTE, "random_from(id_) % all < 2 * others", "all != 0"),
    mutant("what has ended is added", SYNC, "if (entry.until > now.wall && (!own", "if ((!own"),
    mutant("what has ended is sent", SYNC, "if (entry.until <= now.wall) return;",
           "if (entry.until < now.wall) return;"),
    mutant("a member that has ended hides a later entry", SYNC, "if (own) entry = merged(entry, *own);",
           "if (own && entry.until > now.wall) entry = merged(entry, *own);"),
    mutant("a replica is followed", STORE, "if (text.starts_with(refusal)) return refusal;",
           "if (text == refusal) return refusal;"),
    mutant("a replica that refuses within a transaction is followed", STORE,
           "for (const Reply& inner : reply.items) {\n    if (const auto refusal",
           "for (const Reply& inner : std::vector<Reply>()) {\n    if (const auto refusal"),
    mutant("a replica that aborts a transaction is followed", STORE,
           "if (text.starts_with(kAborted)) text", "if (text == kAborted) text"),
    mutant("a replica is asked again and again", STORE, "if (!was_replica_) settle();", "settle();"),
    mutant("in touch without an end", SYNC, "*answered_at_ < kInTouch",
           "*answered_at_ < 100 * kInTouch"),
    mutant("names in another form", SYNC, "if (!is_name(name) || ", "if ("),
    mutant("members of another size", LAYOUT,
           "if (member.size() != kMemberSize) return std::nullopt;", "", IN_A_FLEET),
    mutant("acknowledged before it is written", LIST,
           "if (done) waiting.done.push_back(std::move(done));", "if (done) done({});"),
    mutant("one bad entry keeps all out", LIST, "return {};\n}\n\nExplained<void> KeptList::write(",
           """for (auto& [key, waiting] : waiting_) {
    if (!waiting.outcome) return waiting.outcome;
  }
  return {};
}

Explained<void> KeptList::write(""", ALONE),
    mutant("what another writer adds is not sent", LIST, "if (old && old != file_.list) tell_new(*old);",
           "", IN_A_FLEET),
    mutant("a list is confirmed without the store", LIST,
           "const std::int64_t confirmed_at = in_touch_ ? now : confirmed_at_;",
           "const std::int64_t confirmed_at = now;", FAULTS),
    mutant("a missing node is good", FLEET, """if (!node["good"]) status["good"] = false;""", "", IN_A_FLEET),
    mutant("nodes are never forgotten", FLEET, "if (nodes.forget.empty()) nodes.forget", "continue;\n    nodes.forget",
           IN_A_FLEET),
    mutant("all votes are equal", VOTE, "++(others == 0 ? equal_ : different_);", "++equal_;"),
    mutant("a store that refuses writes is followed", RINGS,
           "error == replies.end() ? what_is_refused(member)", "true ? \"\"", WITH_RINGS),
    mutant("what came from the store came from here", LIST, "++received_from_store_;", "++received_locally_;"),
    mutant("any certificate", TLS, "SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);", "",
           IN_A_FLEET),
    mutant("a certificate for another name", TLS,
           "X509_VERIFY_PARAM_set1_ip_asc(checks, settings.host.c_str()) == 1;",
           "X509_VERIFY_PARAM_set1_ip_asc(checks, \"\") >= 0;", IN_A_FLEET),
    mutant("a list that is damaged stays", LIST, "  if (!outcome) {\n    const auto restored",
           "  if (outcome) {\n    const auto restored"),
    mutant("a list of the same header is whole", LIST, "if (outcome && file_.list == before) {",
           "if (false) {"),
    mutant("another list is replaced", WRITER,
           "header.salt != known.salt || header.generation > known.generation",
           "header.generation > known.generation"),
    mutant("a list that others can write is replaced", WRITER,
           "(like.st_mode & (S_IWGRP | S_IWOTH)) != 0) {", "false) {"),
    mutant("another writer's file is fresh", LIST,
           "if (file_.list != before && !in_touch_) set_times(confirmed_at_);", ""),
    mutant("a list that cannot be confirmed is good again", LIST, "report(unconfirmed_, set, ",
           "report(problem_, set, ", FAULTS),
    mutant("confirmed although it cannot be", LIST,
           "if (set_times(confirmed_at)) confirmed_at_ = confirmed_at;",
           "set_times(confirmed_at);\n  confirmed_at_ = confirmed_at;", FAULTS),
    mutant("the time of a list is not set back later", LIST, "if (!is_due && unconfirmed_.empty()) return;",
           "if (!is_due) return;", FAULTS),
    # ---- The store's name
    mutant("an address is looked up", ADDRESS, "return found ? std::optional(found->front()) : std::nullopt;",
           "return std::nullopt;"),
    mutant("the agent waits for name servers", RESOLVER, ".detach();", ".join();", WITH_NAMES),
    mutant("signals for the thread that looks up a name", RESOLVER, "const SignalsBlocked blocked;", "", WITH_NAMES),
    mutant("who looked up a name is told of it afterwards", RESOLVER, "if (told_) loop_.forget(told_->get());", ""),
    mutant("two names are looked up at once", STORE, "!resolver_.is_busy() && ", "", WITH_NAMES),
    mutant("a name server is waited for without an end", STORE, "if (now - waiting_since_ < kPatience) return",
           "if (now >= waiting_since_) return", WITH_NAMES),
    mutant("a trial fails twice", STORE, "if (waits_for_name_) lose(", "lose(", WITH_NAMES),
    mutant("names are looked up without a pause", STORE,
           "if (std::exchange(waits_for_name_, false)) next_trial_ =",
           "if (std::exchange(waits_for_name_, false) && trials_ > 1'000'000) next_trial_ =", WITH_NAMES),
    # ---- Rings
    mutant("a ring of any name", SEALED, "if (payload->name != name) {",
           "if (payload->name == name && name.empty()) {"),
    mutant("generation 0", SEALED, "read.generation == 0 || ", ""),
    mutant("generations without an end", SEALED, "read.generation > kMaxRingGeneration || ", ""),
    mutant("rings with names in any form", SEALED, " || !is_ring_name(read.name)) {", ") {"),
    mutant("a sealed ring of any size", SEALED,
           "if (sealed.size() > kMaxSealedRingSize) return", "if (false) return"),
    mutant("a sealed ring of any format", SEALED, "if (!sealed.starts_with(kBeginning)) return",
           "if (false) return"),
    mutant("a ring is sealed in any format", SEALED, "if (sealed->format != FormatId::s1) {",
           "if (false) {"),
    mutant("a ring that only looks sealed", SEALED, "if (opened->format != FormatId::s1) return",
           "if (false) return"),
    mutant("a ring that servers refuse", SEALED,
           "if (!ring) return std::unexpected(ring.error());", "if (!ring) return std::vector<std::string>();"),
    mutant("an older ring", RING, "if (ring->generation <= sealed_.generation) {", "if (false) {"),
    mutant("a change of this machine is replaced", RING,
           "if (file->content == Content::changed && !is_there) {", "if (false) {"),
    mutant("a ring is forgotten at a restart", RING,
           "if (auto kept = write_whole(kSealedKind, sealed_path(path_), 0600, token); !kept) return kept;",
           ""),
    mutant("an older ring is fetched", RINGS, "*generation > newest && ", "*generation != newest && "),
    mutant("what was refused is fetched again", RINGS, "!refused.contains(field)) {",
           "(!refused.contains(field) || true)) {"),
    mutant("numbers in any form", RINGS, "field.front() == '0' ||", ""),
    mutant("a ring is published without the store", RINGS,
           "if (!store_.is_up() || !member.is_in_touch(now) || ", "if (", WITH_RINGS),
    mutant("two publish one generation", RINGS, "if (newest_of(*before) >= next.generation) {",
           "if (false) {", PUBLISHING),
    mutant("an older generation is published", RINGS, "if (newest_of(*before) >= next.generation) {",
           "if (newest_of(*before) == next.generation) {", PUBLISHING),
    mutant("what was published too late stays", RINGS, "if (replies.back().items[1].integer == 1) {",
           "if (false) {", PUBLISHING),
    mutant("what the store had before is trusted", RINGS,
           "member.publishers.push_back(std::move(done));\n  member.next_question = {};",
           "member.publishers.push_back(std::move(done));\n  publish_next(member);", PUBLISHING),
    mutant("publishing waits for a store that is away", RINGS,
           "tell(std::exchange(member->publishers, {}), not_followed(store_.problem()));", "", PUBLISHING),
    mutant("a node with an older ring is good", FLEET,
           "theirs->value(\"generation\", std::int64_t{0}) < ring.value(\"generation\", std::int64_t{0});",
           "theirs->value(\"generation\", std::int64_t{0}) < 0;", WITH_RINGS),
)  # fmt: skip
