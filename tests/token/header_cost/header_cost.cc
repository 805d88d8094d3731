// SPDX-License-Identifier: Apache-2.0
// Opens a JWE with a header of a given shape and size. header_cost_test.py counts what that costs.
#include <cstdlib>
#include <functional>
#include <map>

#include "base/base64url.h"
#include "support/sealers.h"

namespace {

using namespace sealring;

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() + piece.size() <= size) text += piece;
  return text;
}

// Each makes JSON of about `size` bytes, whose cost could grow faster than its size.
const std::map<std::string_view, std::function<std::string(std::size_t)>> kShapes = {
    {"usual", [](std::size_t) { return R"({"alg":"dir","enc":"A256GCM","kid":"unknown"})"; }},
    {"long_value", [](std::size_t size) { return R"({"x":")" + repeated("x", size) + R"("})"; }},
    {"long_name", [](std::size_t size) { return R"({")" + repeated("x", size) + R"(":1})"; }},
    {"escaped_value",
     [](std::size_t size) { return R"({"x":")" + repeated(R"(\u0041)", size) + R"("})"; }},
    {"escaped_names",
     [](std::size_t size) {
       std::string json = "{";
       for (std::size_t i = 0; i < 15; ++i) {
         json += "\"" + repeated(R"(\u0041)", size / 15 - 8) + std::to_string(i) + R"(":1,)";
       }
       return json + R"("x":1})";
     }},
    {"many_members",
     [](std::size_t size) {
       std::string json = R"({"x":1)";
       for (std::size_t i = 0; json.size() < size; ++i) json += ",\"" + std::to_string(i) + "\":1";
       return json + "}";
     }},
    {"white_space", [](std::size_t size) { return "{" + repeated(" ", size) + "}"; }},
    {"nested_arrays",
     [](std::size_t size) { return R"({"x":[)" + repeated("[],", size) + "[]]}"; }},
};

// The instructions of this function are counted.
__attribute__((noinline)) bool open_measured(Sealer& sealer, Bytes token, MutableBytes buffer) {
  return sealer.open(kNow, {}, token, buffer).has_value();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string json = kShapes.at(argv[1])(std::strtoul(argv[2], nullptr, 10));
  std::string header(base64url::encoded_size(json.size()), '\0');
  base64url::encode(as_bytes(json), header.data());
  const std::string token =
      header + "..AAAAAAAAAAAAAAAA.dZ7Fv8xA7NxsipMXYA7s.srJX5xoJx93p4TwPXSj21w";

  const auto sealer = sealer_of({a256gcm_key()});
  std::vector<std::uint8_t> buffer(sealer->opened_size(token.size()));
  return open_measured(*sealer, as_bytes(token), buffer) ? 1 : 0;
}
