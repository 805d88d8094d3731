// SPDX-License-Identifier: Apache-2.0
#include "agent_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "duration.h"
#include "status_text.h"
#include "text.h"

namespace sealring::cli {
namespace {

using nlohmann::json;

std::string number_text(const json& of, const char* name) {
  return std::to_string(number_in(of, name));
}

std::string ago(std::uint64_t seconds) {
  return format_duration(seconds) + " ago";
}

// Of an element of the store's; "" without a store.
std::string touch_text(const json& of) {
  if (!of.contains("in_touch")) return "";
  return flag_in(of, "in_touch") ? "in touch" : "NOT in touch";
}

std::string problems_text(const json& elements) {
  std::string text;
  for (const json& element : elements) {
    for (const char* const problem : {"problem", "store_problem"}) {
      if (!element.contains(problem)) continue;
      text += "PROBLEM: " + text_in(element, "path") + ": " + text_in(element, problem) + "\n";
    }
  }
  return text;
}

std::string lists_text(const json& lists) {
  std::vector<Row> rows = {{"list", "generation", "entries", "waiting", "from here", "from store",
                            "sent", "unsent", "written", "store"}};
  for (const json& list : lists) {
    const json& received = member(list, "received");
    const bool has_file = list.contains("generation"), has_store = list.contains("in_touch");
    const auto if_there = [](bool is_there, const std::string& text) {
      return is_there ? text : std::string("-");
    };
    rows.push_back(
        {text_in(list, "path"), if_there(has_file, number_text(list, "generation")),
         if_there(has_file, number_text(list, "entries")), number_text(list, "waiting"),
         number_text(received, "local"), if_there(has_store, number_text(received, "store")),
         if_there(has_store, number_text(list, "sent")),
         if_there(has_store, number_text(list, "unsent")),
         if_there(has_file, ago(number_in(list, "age"))), if_there(has_store, touch_text(list))});
  }
  return layout(rows, [](std::size_t i) { return i >= 1 && i <= 7; }) + problems_text(lists);
}

std::string rings_text(const json& rings, std::uint64_t now) {
  std::vector<Row> rows = {{"key ring", "generation", "since", "store", "kids"}};
  for (const json& ring : rings) {
    const std::uint64_t since = number_in(ring, "since");
    std::string kids;
    for (const json& kid : member(ring, "kids")) {
      if (kid.is_string()) kids += (kids.empty() ? "" : " ") + printable(kid.get<std::string>());
    }
    rows.push_back({text_in(ring, "path"), number_text(ring, "generation"),
                    since == 0 || since > now ? "-" : ago(now - since), touch_text(ring), kids});
  }
  return layout(rows, [](std::size_t i) { return i == 1; }) + problems_text(rings);
}

std::string logouts_text(const json& logouts) {
  std::string text = "back-channel logout: accepted " + number_text(logouts, "accepted") +
                     ", refused " + number_text(logouts, "refused");
  std::string reasons;
  for (const auto& [reason, count] : member(logouts, "results").items()) {
    if (reason == "ok" || !count.is_number_unsigned() || count == 0u) continue;
    reasons += (reasons.empty() ? "" : ", ") + printable(reason) + " " +
               std::to_string(count.get<std::uint64_t>());
  }
  text += (reasons.empty() ? "" : " (" + reasons + ")") + ", keys " + number_text(logouts, "keys");
  text += "\n";
  if (logouts.contains("problem")) text += "PROBLEM: " + text_in(logouts, "problem") + "\n";
  return text;
}

std::string store_text(const json& store) {
  std::string text = "store " + text_in(store, "address") + ": " +
                     (flag_in(store, "up") ? "connected" : "NOT connected") + ", connections " +
                     number_text(store, "connections") + ", failures " +
                     number_text(store, "failures") + "\n";
  if (store.contains("problem")) text += "PROBLEM: " + text_in(store, "problem") + "\n";
  return text;
}

// What a node says about its lists and rings.
std::string node_details(const json& node) {
  std::string text;
  for (const auto& [name, list] : member(node, "lists").items()) {
    text += (text.empty() ? "" : "; ") + printable(name) + ": generation " +
            number_text(list, "generation") + ", entries " + number_text(list, "entries") +
            ", unsent " + number_text(list, "unsent") + ", lag " + number_text(list, "lag") + "s";
  }
  for (const auto& [name, ring] : member(node, "rings").items()) {
    text += (text.empty() ? "" : "; ") + printable(name) + ": generation " +
            number_text(ring, "generation") + ", kids " + text_in(ring, "kids");
  }
  return text;
}

}  // namespace

std::string nodes_text(const std::vector<json>& nodes, const json& store) {
  bool has_missing = false;
  std::vector<Row> rows = {{"node", "state", "seen", "version", "lists and key rings"}};
  for (const json& node : nodes) {
    const bool is_missing = !node.contains("missing") || flag_in(node, "missing");
    has_missing |= is_missing;
    const char* const state = is_missing ? "MISSING" : flag_in(node, "good") ? "good" : "BEHIND";
    rows.push_back({text_in(node, "name"), state, ago(number_in(node, "age")),
                    text_in(node, "version"), node_details(node)});
  }
  std::sort(rows.begin() + 1, rows.end());
  std::string text = layout(rows, [](std::size_t) { return false; });
  if (has_missing) {
    text +=
        "A missing node is forgotten a day after it was seen. One that does not come back can be "
        "removed from the store now: HDEL " +
        text_in(store, "nodes") + " NODE\n";
  }
  return text;
}

std::string agent_text(const json& status) {
  const std::uint64_t now = number_in(status, "now"), since = number_in(status, "since");
  std::string text = "agent " + text_in(status, "version") + ", running for " +
                     format_duration(now > since ? now - since : 0) + ": " +
                     (flag_in(status, "good") ? "good" : "NOT good") + "\n";
  if (const std::uint64_t refused = number_in(status, "refused"); refused != 0) {
    text += "refused datagrams of servers: " + std::to_string(refused) + "\n";
  }
  const json &lists = member(status, "lists"), &rings = member(status, "rings");
  if (!lists.empty()) text += "\n" + lists_text(lists);
  if (!rings.empty()) text += "\n" + rings_text(rings, now);
  if (status.contains("backchannel_logout")) {
    text += "\n" + logouts_text(member(status, "backchannel_logout"));
  }
  if (status.contains("store")) text += "\n" + store_text(member(status, "store"));
  const json& nodes = member(status, "nodes");
  if (!nodes.empty())
    text += "\n" + nodes_text({nodes.begin(), nodes.end()}, member(status, "store"));
  return text;
}

}  // namespace sealring::cli
