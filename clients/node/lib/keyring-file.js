// SPDX-License-Identifier: Apache-2.0
// Reads a key ring file if it can be trusted (spec/keyring.md section 4, rules 1 and 2).
'use strict';

const { InvalidKeyringError } = require('./errors.js');
const { readBytes, withFile } = require('./file.js');

const MAX_SIZE = 1 << 20;
const OTHERS = 0o037n;

/** The file's content, and its status when it was read. */
function readKeyringFile(path) {
  return withFile(path, InvalidKeyringError, `sealring keyring init ${path}`, (descriptor, stat) => {
    check(path, stat);
    const size = Number(stat.size);
    // One byte more than the file's size, to notice if it grows while we read.
    const text = readBytes(descriptor, 0, size + 1);
    if (text.length !== size) {
      throw new InvalidKeyringError('it changed while it was read; replace it by renaming a new file');
    }
    return { text, stat };
  });
}

function check(path, stat) {
  if ((stat.mode & OTHERS) !== 0n) {
    throw new InvalidKeyringError(
      'others may read or change it (a secret in a container: see docs/containers.md); ' +
        `run: chmod 640 ${path}`,
    );
  }
  const reader = process.geteuid();
  if (stat.uid !== 0n && stat.uid !== BigInt(reader)) {
    throw new InvalidKeyringError(
      `its owner (uid ${stat.uid}) could change it, and is neither root nor the user who reads it ` +
        `(uid ${reader}); run: chown root ${path}`,
    );
  }
  if (stat.size === 0n) throw new InvalidKeyringError('it is empty; restore it from a backup');
  if (stat.size > MAX_SIZE) throw new InvalidKeyringError('it is larger than 1 MiB');
}

module.exports = { readKeyringFile };
