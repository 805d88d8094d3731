// SPDX-License-Identifier: Apache-2.0
// Writes metrics in Prometheus's own text format, or as OpenMetrics, which differ in a few lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sealring::status {

class MetricsWriter {
 public:
  explicit MetricsWriter(bool openmetrics) : openmetrics_(openmetrics) {}

  // `name` is without "_total", which a counter's samples have.
  void begin(std::string_view name, std::string_view help, bool is_counter);

  // A sample: its labels, then its value.
  MetricsWriter& sample();
  MetricsWriter& label(std::string_view name, std::string_view value);
  void value(std::string_view value);
  void value(std::uint64_t number) { value(std::to_string(number)); }

  std::string finish() &&;

 private:
  bool openmetrics_;
  std::string name_, total_, text_;
  char separator_ = '{';
};

}  // namespace sealring::status
