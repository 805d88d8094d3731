#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The application of application.conf: /cart/?add=tea puts tea into the cart. A session is text like
# "items=tea+milk&expiry=...": names and values, encoded as in a URL.
items=$(printf '%s' "$HTTP_SESSION" | tr '&' '\n' | sed -n 's/^items=//p')
added=$(printf '%s' "$QUERY_STRING" | sed -n 's/^add=\([a-z]\{1,20\}\)$/\1/p')
if [ -n "$added" ]; then
  items=${items:+$items+}$added
  echo "X-Replace-Session: items=$items"
fi
echo "Content-Type: text/plain"
echo
echo "in the cart: $(printf '%s' "$items" | tr '+' ' ')"
