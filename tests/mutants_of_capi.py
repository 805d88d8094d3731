# SPDX-License-Identifier: Apache-2.0
"""The C interface, for script/mutants."""

from mutant import Mutant

STRUCTURES = "src/capi/structures.h"
CAPI_KEYS = "src/capi/keys.cc"

CAPI_TESTS = ("capi_test",)

MUTANTS_OF_CAPI = (
    Mutant("structures: members that an old program does not have are read", STRUCTURES,
           "std::memcpy(&known, raw, std::min(given->size, sizeof(Struct)));",
           "std::memcpy(&known, raw, sizeof(Struct));", CAPI_TESTS),
    Mutant("structures: members that an old program does not have are written", STRUCTURES,
           "&made, std::min(size, sizeof(Struct)));", "&made, sizeof(Struct));", CAPI_TESTS),
    Mutant("structures: members of a newer program are ignored", STRUCTURES,
           "if (raw[i] != 0) return std::nullopt;", "", CAPI_TESTS),
    Mutant("structures: any size is one", STRUCTURES,
           " && given->size >= kFirstSize<Struct> && given->size <= kMaxSize", "", CAPI_TESTS),
    Mutant("NULL: a key's secret", CAPI_KEYS,
           "if (given->secret == nullptr) return", "if (false) return", CAPI_TESTS),
    Mutant("NULL: a required argument", "src/capi/guard.h",
           "if (pointer == nullptr) {", "if (false) {", CAPI_TESTS),
)  # fmt: skip
