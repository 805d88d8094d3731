// SPDX-License-Identifier: Apache-2.0
// Reads files that others replace while this program runs.
'use strict';

const { closeSync, constants, fstatSync, openSync, readSync } = require('node:fs');
const { getSystemErrorMap } = require('node:util');

/**
 * Opens the file, and returns what `read(descriptor, stat)` returns. Throws a `Problem`, which ends
 * with `howToMake` if there is no file.
 */
function withFile(path, Problem, howToMake, read) {
  let descriptor;
  try {
    // O_NONBLOCK so that a FIFO does not hang a server; it has no effect on a regular file.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor, { bigint: true });
    if (!stat.isFile()) throw new Problem('it is not a regular file');
    return read(descriptor, stat);
  } catch (error) {
    if (error.errno === undefined) throw error;
    const problem = getSystemErrorMap().get(error.errno)?.[1] ?? error.code;
    throw new Problem(`${problem}${advice(error, howToMake)}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function advice({ code }, howToMake) {
  if (code === 'ENOENT') return `; make one: ${howToMake}`;
  if (code === 'EACCES') {
    return '; let a group that this user is in read it (chgrp, chmod 640)';
  }
  return '';
}

/** Up to `size` bytes from `position`; fewer at the end of the file. */
function readBytes(descriptor, position, size) {
  const bytes = Buffer.alloc(size);
  let filled = 0;
  let count;
  do {
    count = readSync(descriptor, bytes, filled, size - filled, position + filled);
    filled += count;
  } while (count > 0 && filled < size);
  return bytes.subarray(0, filled);
}

module.exports = { readBytes, withFile };
