#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# libsealring.so exports exactly what the public headers declare, with the symbol version of this ABI.
# Usage: exports_test.sh LIBRARY HEADER...
set -eu
library=$1
shift
declared=$(cat "$@" | tr '\n' ' ' | grep -oE 'SEALRING_(API|STATUS) [^;(]*\(' |
  grep -oE 'sealring_[a-z_]+\(' | sed 's/($/@@SEALRING_0/' | sort)
exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sort)
[ -n "$declared" ]
if [ "$declared" != "$exported" ]; then
  printf 'declared:\n%s\nexported:\n%s\n' "$declared" "$exported" >&2
  exit 1
fi
