#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# libsealring.so exports what the public header declares, all of it and nothing else.
# Usage: exports_test.sh HEADER LIBRARY
set -eu
declared=$(tr '\n' ' ' <"$1" | grep -oE 'SEALRING_API [^;(]*\(' | grep -oE 'sealring_[a-z_]+\(' | tr -d '(' | sort)
exported=$(nm -D --defined-only "$2" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort)
[ -n "$declared" ]
if [ "$declared" != "$exported" ]; then
  printf 'declared:\n%s\nexported:\n%s\n' "$declared" "$exported" >&2
  exit 1
fi
