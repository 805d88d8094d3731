// SPDX-License-Identifier: Apache-2.0
// What callers pass as bytes.
'use strict';

function toBytes(name, value) {
  if (typeof value === 'string') return Buffer.from(value);
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(`the ${name} must be a string or a Uint8Array`);
  }
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

module.exports = { toBytes };
