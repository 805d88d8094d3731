// SPDX-License-Identifier: Apache-2.0
// Times: seconds since 1970.
'use strict';

const LATEST_TIME = 2 ** 40 - 1;

function clock() {
  return Math.floor(Date.now() / 1000);
}

function checkSeconds(name, value) {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${name} must be a whole number of seconds, 0 or more`);
  }
}

module.exports = { checkSeconds, clock, LATEST_TIME };
