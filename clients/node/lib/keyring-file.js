// SPDX-License-Identifier: Apache-2.0
// Reads a key ring file if it can be trusted (spec/keyring.md section 4, rules 1 and 2).
'use strict';

const { closeSync, constants, fstatSync, openSync, readSync } = require('node:fs');
const { getSystemErrorMap } = require('node:util');

const { InvalidKeyringError } = require('./errors.js');

const MAX_SIZE = 1 << 20;
const OTHERS = 0o037n;

/** The file's content, and its status when it was read. */
function readKeyringFile(path) {
  let descriptor;
  try {
    // O_NONBLOCK so that a FIFO does not hang a server; it has no effect on a regular file.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor, { bigint: true });
    check(path, stat);
    return { text: readAll(descriptor, Number(stat.size)), stat };
  } catch (error) {
    if (error.errno === undefined) throw error;
    const problem = getSystemErrorMap().get(error.errno)?.[1] ?? error.code;
    throw new InvalidKeyringError(`${problem}${advice(path, error)}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function advice(path, { code }) {
  if (code === 'ENOENT') return `; make one: sealring keyring init ${path}`;
  if (code === 'EACCES') {
    return '; let a group that this user is in read it (chgrp, chmod 640)';
  }
  return '';
}

function check(path, stat) {
  if (!stat.isFile()) throw new InvalidKeyringError('it is not a regular file');
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

function readAll(descriptor, size) {
  // One byte more than the file's size, to notice if it grows while we read.
  const text = Buffer.alloc(size + 1);
  let filled = 0;
  let count;
  do {
    count = readSync(descriptor, text, filled, text.length - filled, filled);
    filled += count;
  } while (count > 0 && filled < text.length);
  if (filled !== size) {
    throw new InvalidKeyringError('it changed while it was read; replace it by renaming a new file');
  }
  return text.subarray(0, size);
}

module.exports = { readKeyringFile };
