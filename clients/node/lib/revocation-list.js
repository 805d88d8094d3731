// SPDX-License-Identifier: Apache-2.0
// What a revocation list revokes (spec/revocations.md sections 3 and 4).
'use strict';

const { createCipheriv, createHash } = require('node:crypto');

const { toBytes } = require('./bytes.js');
const { InvalidRevocationListError } = require('./errors.js');
const { readRevocationFile } = require('./revocation-file.js');
const {
  ENTRY_SIZE, HASH_SIZE, HEADER_SIZE, need, parseHeader, parseNames,
} = require('./revocation-header.js');
const { lower } = require('./session-fields.js');

const MAX_VALUE = 1024;
const TIME_SIZE = 5;
const TOKEN = 'token';
const EVERYTHING = '';
const NOTHING = Buffer.alloc(0);

class RevocationList {
  #header;
  #names;
  #entries;

  static load(path) {
    return loadRevocationList(path).loaded;
  }

  static parse(content) {
    if (!(content instanceof Uint8Array)) {
      throw new TypeError('the content of a revocation list must be a Uint8Array');
    }
    return new RevocationList(Buffer.from(content));
  }

  constructor(bytes) {
    this.#header = parseHeader(bytes.subarray(0, HEADER_SIZE), bytes.length);
    const body = bytes.subarray(HEADER_SIZE);
    const isWhole = checksum(this.#header.covered, body).equals(this.#header.checksum);
    need(isWhole, 'it is torn or damaged: its checksum is wrong');
    this.#names = parseNames(body.subarray(0, this.#header.namesSize));
    this.#entries = body.subarray(this.#header.namesSize);
    need(isInOrder(this.#entries), 'its entries are not in order');
    Object.freeze(this);
  }

  get size() {
    return this.#header.size;
  }

  get writtenAt() {
    return this.#header.writtenAt;
  }

  revokedAt(name, value) {
    const binaryName = toBytes('name', name).toString('latin1');
    return this.#revokedAt(lower(binaryName), toBytes('value', value));
  }

  /** `valueOf(name)` returns the bytes of a field, also of a reserved one. Not for users of the package. */
  static refusesSession(list, authTime, valueOf) {
    for (const name of list.#names) {
      const value = valueOf(name);
      // All that has this sid is this session, whatever the clock was when it began.
      const since = name === 'sid' ? 0 : authTime;
      if (value.length !== 0 && list.#refuses(name, value, since)) return true;
    }
    return list.#refuses(EVERYTHING, NOTHING, authTime);
  }

  /** Not for users of the package. */
  static refusesToken(list, { id, issuedAt }) {
    const ofToken = list.#revokedAt(TOKEN, Buffer.from(id)) !== null;
    return ofToken || list.#refuses(EVERYTHING, NOTHING, issuedAt);
  }

  /** Not for users of the package. */
  static headerOf(list) {
    return list.#header;
  }

  #refuses(name, value, since) {
    const revokedAt = this.#revokedAt(name, value);
    return revokedAt !== null && since <= revokedAt;
  }

  #revokedAt(name, value) {
    if (!this.#names.has(name) || value.length > MAX_VALUE) return null;
    const wanted = hashOf(this.#header.salt, name, value);
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = middle * ENTRY_SIZE;
      const order = this.#entries.compare(wanted, 0, HASH_SIZE, start, start + HASH_SIZE);
      if (order === 0) return this.#entries.readUIntBE(start + HASH_SIZE, TIME_SIZE);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return null;
  }
}

/** An entry that is not in order would not be found. */
function isInOrder(entries) {
  let before = -1; // the first four bytes of a hash, which almost always decide
  for (let start = 0; start < entries.length; start += ENTRY_SIZE) {
    const here = entries.readUInt32BE(start);
    if (here < before || (here === before && !isBefore(entries, start - ENTRY_SIZE, start))) return false;
    before = here;
  }
  return true;
}

function isBefore(entries, a, b) {
  return entries.compare(entries, b, b + HASH_SIZE, a, a + HASH_SIZE) < 0;
}

/** The list in a file, and the file's status when it was read. `inUse`: the list that it replaces. */
function loadRevocationList(path, inUse) {
  try {
    const { bytes, stat } = readRevocationFile(path, (headerBytes, size) => {
      const header = parseHeader(headerBytes, size);
      return inUse === undefined || isNewer(header, RevocationList.headerOf(inUse));
    });
    return { loaded: bytes === null ? inUse : new RevocationList(bytes), stat };
  } catch (error) {
    if (!(error instanceof InvalidRevocationListError)) throw error;
    throw new InvalidRevocationListError(`revocation list "${path}": ${error.message}`);
  }
}

/** Whether it is another list than the one in use. Fails if it must not replace that. */
function isNewer(header, inUse) {
  // An agent only sets the file's modification time when nothing changed.
  if (header.bytes.equals(inUse.bytes)) return false;
  if (!header.salt.equals(inUse.salt)) {
    throw new InvalidRevocationListError(
      'it is not the list that was there when this program started, but one that was made anew, with ' +
        'which all that was revoked would be good again; restart the program to use it',
    );
  }
  if (header.generation <= inUse.generation) {
    throw new InvalidRevocationListError(
      `its generation is ${header.generation}, and that of the list in use is ${inUse.generation}; ` +
        'did somebody put an old copy back?',
    );
  }
  return true;
}

function checksum(covered, body) {
  const key = createHash('sha256').update(covered).digest();
  const gcm = createCipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(body);
  gcm.final();
  return gcm.getAuthTag();
}

/** `name`: a string with a byte in each character, in lower case. */
function hashOf(salt, name, value) {
  const size = Buffer.from([name.length]);
  return createHash('sha256').update(salt).update(size).update(name, 'latin1').update(value).digest();
}

module.exports = { loadRevocationList, RevocationList };
