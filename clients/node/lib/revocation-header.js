// SPDX-License-Identifier: Apache-2.0
// The header of a revocation list, and the names in use (spec/revocations.md section 2).
'use strict';

const { InvalidRevocationListError } = require('./errors.js');
const { LATEST_TIME } = require('./time.js');

const HEADER_SIZE = 80;
const HASH_SIZE = 16;
const ENTRY_SIZE = 26;
const MAX_ENTRIES = 2 ** 24;
const MAX_NAMES = 16;
const MAX_NAME = 64;
const MAX_NAMES_SIZE = MAX_NAMES * (1 + MAX_NAME);
const FORMAT = Buffer.from('sealrev\x01');

/** `fileSize`: what the header says is checked against it. */
function parseHeader(bytes, fileSize) {
  need(bytes.length === HEADER_SIZE, 'it is torn: it ends within its header');
  need(bytes.subarray(0, FORMAT.length).equals(FORMAT), 'it is not a revocation list of version 1');
  const header = {
    bytes,
    covered: bytes.subarray(0, 64),
    salt: bytes.subarray(8, 24),
    generation: bytes.readBigUInt64BE(24),
    writtenAt: Number(bytes.readBigUInt64BE(32)),
    size: bytes.readUInt32BE(44),
    namesSize: bytes.readUInt16BE(48),
    checksum: bytes.subarray(64, 80),
  };
  const inBounds =
    header.writtenAt <= LATEST_TIME &&
    header.size <= MAX_ENTRIES &&
    header.namesSize <= MAX_NAMES_SIZE &&
    bytes.subarray(50, 64).every((byte) => byte === 0);
  need(inBounds, 'it is damaged: its header has values that are out of bounds');
  const size = HEADER_SIZE + header.namesSize + header.size * ENTRY_SIZE;
  need(fileSize === size, `it is torn: it has ${fileSize} bytes, and its header says ${size}`);
  return header;
}

/** Strings with a byte in each character. */
function parseNames(bytes) {
  const names = new Set();
  let count = 0;
  for (let start = 0; start < bytes.length; ++count) {
    const end = start + 1 + bytes[start];
    need(bytes[start] <= MAX_NAME && end <= bytes.length, 'its list of names is damaged');
    const name = bytes.toString('latin1', start + 1, end);
    need(!/[A-Z]/.test(name), 'a name in it is not in lower case');
    names.add(name);
    start = end;
  }
  need(names.size === count, 'it has a name twice');
  need(count <= MAX_NAMES, `it has more than ${MAX_NAMES} names`);
  return names;
}

function need(condition, problem) {
  if (!condition) {
    const advice = 'restore it from a backup or from another server';
    throw new InvalidRevocationListError(`${problem}; ${advice}`);
  }
}

module.exports = { ENTRY_SIZE, HASH_SIZE, HEADER_SIZE, need, parseHeader, parseNames };
