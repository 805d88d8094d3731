#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# libsealring.so exports exactly what the public header declares, with the symbol version of this ABI.
# Usage: exports_test.sh HEADER LIBRARY
set -eu
declared=$(tr '\n' ' ' <"$1" | grep -oE 'SEALRING_(API|STATUS) [^;(]*\(' |
  grep -oE 'sealring_[a-z_]+\(' | sed 's/($/@@SEALRING_0/' | sort)
exported=$(nm -D --defined-only "$2" | awk '$2 != "A" { print $3 }' | sort)
[ -n "$declared" ]
if [ "$declared" != "$exported" ]; then
  printf 'declared:\n%s\nexported:\n%s\n' "$declared" "$exported" >&2
  exit 1
fi
