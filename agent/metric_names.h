// SPDX-License-Identifier: Apache-2.0
// The names of the agent's metrics, beside those of status/metrics.h, and what each is. It has no
// counters in shared memory: it is one process.
#pragma once

#include "status/metrics.h"

namespace sealring::status {

inline constexpr std::string_view kSources[] = {"local", "store"};
inline constexpr std::string_view kVotes[] = {"equal", "different"};

inline constexpr Row kAgentInfo{"sealring_agent_info",
                                "The version of the agent, as a label; always 1."};
inline constexpr Row kAgentGood{
    "sealring_agent_good",
    "1 if the agent, its lists, its rings and its store are as they should be, else 0."};
inline constexpr Row kAgentRefused{"sealring_agent_datagrams_refused",
                                   "Datagrams of servers that were refused.", true};

inline constexpr Row kAgentListGood{
    "sealring_agent_list_good",
    "1 if a list can be read and written, and is in touch with the store if there is one, else 0."};
inline constexpr Row kAgentListWaiting{"sealring_agent_list_waiting",
                                       "Revocations that wait to be written to a list."};
inline constexpr CounterRow kAgentReceived{
    "sealring_agent_revocations_received",
    "Revocations for a list that came from a server or an OpenID provider (local), or from other "
    "machines (store).",
    {"source", kSources}};
inline constexpr Row kAgentListLag{
    "sealring_agent_list_lag_seconds",
    "For how long a list has not been in touch with the store; 0: it is."};
inline constexpr Row kAgentListUnsent{
    "sealring_agent_list_unsent", "Entries of a list that are not yet known to be in the store."};
inline constexpr Row kAgentSent{
    "sealring_agent_revocations_sent",
    "Entries of a list that this agent has sent to the store, and has read back from it.", true};
inline constexpr Row kAgentSnapshots{
    "sealring_agent_snapshots",
    "How many times all entries of the store were read: at each connection, and whenever something "
    "was missed or differed.",
    true};
inline constexpr CounterRow kAgentVotes{
    "sealring_agent_votes",
    "Votes on the entries of a list, by whether all other agents had the same ones.",
    {"result", kVotes}};

inline constexpr Row kAgentRingGood{
    "sealring_agent_ring_good",
    "1 if a key ring is that of the fleet, and is in touch with the store, else 0."};
inline constexpr Row kAgentRingGeneration{
    "sealring_agent_ring_generation",
    "The generation of a key ring of the fleet; 0: this machine has none yet."};
inline constexpr Row kAgentRingSince{
    "sealring_agent_ring_since_timestamp_seconds",
    "Since when this machine has this generation of a key ring; 0: it has none yet."};

inline constexpr Row kAgentStoreUp{"sealring_agent_store_up",
                                   "1 if the agent is connected to the store, else 0."};
inline constexpr Row kAgentStoreConnections{"sealring_agent_store_connections",
                                            "Connections to the store that were made.", true};
inline constexpr Row kAgentStoreFailures{
    "sealring_agent_store_failures", "Connections to the store that failed or were lost.", true};

inline constexpr CounterRow kAgentLogouts{"sealring_agent_backchannel_logouts",
                                          "Back-channel logouts of the OpenID provider.",
                                          {"result", kResults}};
inline constexpr Row kAgentProviderKeys{"sealring_agent_provider_keys",
                                        "Keys of the OpenID provider that can be used."};

}  // namespace sealring::status
