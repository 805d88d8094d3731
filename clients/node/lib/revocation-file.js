// SPDX-License-Identifier: Apache-2.0
// Reads a revocation list's file into memory, if nobody but its owner can change it.
'use strict';

const { InvalidRevocationListError } = require('./errors.js');
const { readBytes, withFile } = require('./file.js');
const { HEADER_SIZE } = require('./revocation-header.js');

const OTHERS_WRITE = 0o022n;

/**
 * The file's content, and its status when it was read. `isWanted(header, size)` checks the header and
 * the file's size before the rest is read; if it returns false, there is no content.
 */
function readRevocationFile(path, isWanted) {
  const howToMake = `sealring revocations ${path} --create`;
  return withFile(path, InvalidRevocationListError, howToMake, (descriptor, stat) => {
    if ((stat.mode & OTHERS_WRITE) !== 0n) {
      throw new InvalidRevocationListError(
        `others than its owner can change it; run: chmod go-w ${path}`,
      );
    }
    const size = Number(stat.size);
    if (!isWanted(readBytes(descriptor, 0, HEADER_SIZE), size)) return { bytes: null, stat };
    // One byte more than the file's size, to notice if it grows while we read.
    const bytes = readBytes(descriptor, 0, size + 1);
    if (bytes.length !== size) {
      throw new InvalidRevocationListError(
        'it changed while it was read; replace it by renaming a new file',
      );
    }
    return { bytes, stat };
  });
}

module.exports = { readRevocationFile };
