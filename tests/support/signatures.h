// SPDX-License-Identifier: Apache-2.0
// The examples of signatures in RFC 7515.
#pragma once

#include "support/hex.h"

namespace sealring {

// RFC 7515 appendix A.3.
inline const std::vector<std::uint8_t> kEs256Key = from_hex(
    "7fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445c7f144cd1bbd9b7e872cdfedb9"
    "eeb9f4b3695d6ea90b24ad8a4623288588e5ad");
inline constexpr std::string_view kEs256Message =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";
inline const std::vector<std::uint8_t> kEs256Signature = from_hex(
    "0ed1215379636c483c2f7f155807d402a3b228033af97c7e17819ac3169ea665c50a07d38c3c70e5d8f12daf08"
    "4a5480a66590c5f293509a8f3f7f8a83a354d5");

// RFC 7515 appendix A.2.
inline const std::vector<std::uint8_t> kRs256Key = from_hex(
    "a1f8160ae2e3c9b465ce8d2d656263362b927dbe29e1f02477fc1625cc90a136e38bd93497c5b6ea63dd7711e6"
    "7c7429f956b0fb8a8f089adc4b69893cc1333f53edd019b87784252fec914fe4857769594bea4280d32c0f55bf"
    "62944f130396bc6e9bdf6ebdd2bda3678eeca0c668f701b38dbffb38c8342ce2fe6d27fade4a5a4874979dd4b9"
    "cf9adec4c75b05852c2c0f5ef8a5c1750392f944e8ed64c110c6b647609aa4783aeb9c6c9ad755313050638b83"
    "665c6f6f7a82a396702a1f641b82d3ebf2392219491fb686872c5716f50af8358d9a8b9d17c340728f7f87d89a"
    "18d8fcab67ad84590c2ecf759339363c07034d6f606f9e21e05456cae5e9a1");
inline constexpr std::string_view kRs256Message =
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";
inline const std::vector<std::uint8_t> kRs256Signature = from_hex(
    "702e218943e88fd11eb5d82dbf7845f34106ae1b81fff7731116add1717d83656d420afd3c96eedd73a2663e51"
    "66687b000b87226e0187ed1073f945e582adfcef16d85a798ee8c66ddb3db8975b17d09402beedd5d9d9700710"
    "8db28160d5f8040ca7445762b81fbe7ff9d92e0ae76f24f25b33bbe6f44ae61eb1040acb20044d3ef9128ed401"
    "30795bd4bd3b41eecad066ab651981fde48df77f372dc38b9fafdd3befb18b5da3cc3c2eb02f9e3a41d612caad"
    "15911273a05f23b9e838faaf849d698429ef5a1e88798236c3d40e604522a544c8f27a7a2db80663d16cf7caea"
    "56de405cb2215a45b2c25566b55ac1a748a070dfc8a32a469543d019eefb47");

}  // namespace sealring
