// SPDX-License-Identifier: Apache-2.0
#include "status/metrics_writer.h"

#include "base/utf8.h"

namespace sealring::status {

void MetricsWriter::begin(std::string_view name, std::string_view help, bool is_counter) {
  name_ = name;
  total_ = is_counter ? "_total" : "";
  const std::string family = name_ + (openmetrics_ ? "" : total_);
  text_ += "# HELP " + family + " " + std::string(help) + "\n# TYPE " + family +
           (is_counter ? " counter\n" : " gauge\n");
}

MetricsWriter& MetricsWriter::sample() {
  text_ += name_ + total_;
  separator_ = '{';
  return *this;
}

MetricsWriter& MetricsWriter::label(std::string_view name, std::string_view value) {
  text_ += separator_;
  text_.append(name) += "=\"";
  // A path of a file may have any bytes.
  for (const char c : utf8::is_valid(value) ? value : "not UTF-8") {
    if (c == '\\' || c == '"') text_ += '\\';
    c == '\n' ? text_ += "\\n" : text_ += c;
  }
  text_ += '"';
  separator_ = ',';
  return *this;
}

void MetricsWriter::value(std::string_view value) {
  if (separator_ == ',') text_ += '}';
  (text_ += ' ').append(value) += '\n';
}

std::string MetricsWriter::finish() && {
  if (openmetrics_) text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace sealring::status
