// SPDX-License-Identifier: Apache-2.0
// base64url, canonical and without padding (spec/token-s1.md section 3).
'use strict';

/** null for text that does not encode back to itself: Buffer ignores unknown characters. */
function fromBase64url(text) {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

module.exports = { fromBase64url };
