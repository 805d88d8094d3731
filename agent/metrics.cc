// SPDX-License-Identifier: Apache-2.0
#include "metrics.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "metric_names.h"
#include "status/metrics_writer.h"
#include "status/report.h"

namespace sealring::agent {
namespace {

using nlohmann::json;
using status::CounterRow;
using status::MetricsWriter;
using status::Row;

constexpr const char* kPath = "/metrics";

// A number or a flag. Nothing if it does not apply.
std::optional<std::uint64_t> value_at(const json& of, const char* pointer) {
  const json::json_pointer at(pointer);
  if (!of.contains(at)) return std::nullopt;
  const json& value = of[at];
  return value.is_boolean() ? (value.get<bool>() ? 1 : 0) : value.get<std::uint64_t>();
}

// Writes what is said of the agent, of each list, or of each ring.
class Table {
 public:
  // `label` is the name of the label that has their path; without one, there is one element.
  Table(MetricsWriter& out, const json& elements, const char* label = nullptr)
      : out_(out), elements_(elements), label_(label) {}

  void row(const Row& row, const char* pointer) {
    out_.begin(row.name, row.help, row.is_counter);
    for (const json& element : elements_) {
      if (const auto value = value_at(element, pointer)) begin(element).value(*value);
    }
  }
  // A member for each value of its label.
  void row(const CounterRow& row, const std::string& pointer) {
    out_.begin(row.name, row.help, true);
    for (const json& element : elements_) {
      for (const std::string_view name : row.first.values) {
        const auto value = value_at(element, (pointer + "/" + std::string(name)).c_str());
        if (value) begin(element).label(row.first.name, name).value(*value);
      }
    }
  }

 private:
  MetricsWriter& begin(const json& element) {
    MetricsWriter& sample = out_.sample();
    return label_ == nullptr ? sample : sample.label(label_, element["path"].get<std::string>());
  }

  MetricsWriter& out_;
  const json& elements_;
  const char* label_;
};

}  // namespace

std::string metrics_text(const json& status, bool openmetrics) {
  MetricsWriter out(openmetrics);
  out.begin(status::kAgentInfo.name, status::kAgentInfo.help, false);
  out.sample().label("version", SEALRING_VERSION).value(1);

  const json one = json::array({status});
  Table agent(out, one);
  agent.row(status::kSince, "/since");
  agent.row(status::kAgentGood, "/good");
  agent.row(status::kAgentRefused, "/refused");
  agent.row(status::kAgentStoreUp, "/store/up");
  agent.row(status::kAgentStoreConnections, "/store/connections");
  agent.row(status::kAgentStoreFailures, "/store/failures");
  agent.row(status::kAgentLogouts, "/backchannel_logout/results");
  agent.row(status::kAgentProviderKeys, "/backchannel_logout/keys");

  Table lists(out, status["lists"], "list");
  lists.row(status::kListGeneration, "/generation");
  lists.row(status::kListEntries, "/entries");
  lists.row(status::kListWritten, "/written_at");
  lists.row(status::kListConfirmed, "/confirmed_at");
  lists.row(status::kListStale, "/stale");
  lists.row(status::kAgentListGood, "/good");
  lists.row(status::kAgentListWaiting, "/waiting");
  lists.row(status::kAgentReceived, "/received");
  lists.row(status::kAgentListLag, "/lag");
  lists.row(status::kAgentListUnsent, "/unsent");
  lists.row(status::kAgentSent, "/sent");
  lists.row(status::kAgentSnapshots, "/snapshots");
  lists.row(status::kAgentVotes, "/votes");

  const json none = json::array();
  Table rings(out, status.contains("rings") ? status["rings"] : none, "keyring");
  rings.row(status::kAgentRingGood, "/good");
  rings.row(status::kAgentRingGeneration, "/generation");
  rings.row(status::kAgentRingSince, "/since");
  return std::move(out).finish();
}

Explained<std::unique_ptr<HttpServer>> serve_metrics(Loop& loop, const ListenAddress& address,
                                                     std::function<json()> status) {
  auto listening = listen_on(address);
  if (!listening) return std::unexpected(listening.error());
  const auto answer = [status = std::move(status)](const HttpRequest& request,
                                                   const HttpServer::Answer& done) {
    const bool openmetrics =
        status::format_for(kPath, request.accept) == status::Format::openmetrics;
    const auto format = openmetrics ? status::Format::openmetrics : status::Format::prometheus;
    done({kHttpOk, metrics_text(status(), openmetrics), std::string(status::content_type(format))});
  };
  return HttpServer::start(loop, std::move(*listening), {kPath, 0, answer});
}

}  // namespace sealring::agent
