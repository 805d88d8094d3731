// SPDX-License-Identifier: Apache-2.0
// The key ring: seals with the current key, opens with the key that the token names.
'use strict';

const { randomBytes } = require('node:crypto');

const { toBytes } = require('./bytes.js');
const { InvalidKeyringError, NoPrimaryKeyError, RefusedError } = require('./errors.js');
const { parseJwkSet } = require('./jwk-set.js');
const { ALGORITHMS, Key, MAX_KEYS, S1 } = require('./key.js');
const { readKeyringFile } = require('./keyring-file.js');
const { listInUse } = require('./live-revocation-list.js');
const { RevocationList } = require('./revocation-list.js');
const s1 = require('./s1.js');
const { checkSeconds, clock } = require('./time.js');

const MAX_PAYLOAD = 1 << 24;
const MAX_CONTEXT = 1024;
const MAX_TOKEN = 1 << 25;
const CLOCK_SKEW = 60;

class Keyring {
  #s1Keys;

  static load(path) {
    return loadKeyring(path).loaded;
  }

  static parse(text) {
    return new Keyring(parseJwkSet(text));
  }

  constructor(keys) {
    check(keys);
    this.keys = Object.freeze([...keys]);
    this.#s1Keys = new Map(keys.filter((key) => key.algorithm === S1).map((key) => [key.kid, key]));
    Object.freeze(this);
  }

  primary(now = clock()) {
    checkSeconds('now', now);
    let best = null;
    for (const key of this.keys) {
      if (key.sealsAt(now) && (best === null || key.sealFrom >= best.sealFrom)) best = key;
    }
    return best;
  }

  seal(payload, { lifetime, context = '', now = clock() }) {
    checkSeconds('lifetime', lifetime);
    const contextBytes = toContext(context);
    const payloadBytes = toBytes('payload', payload);
    if (payloadBytes.length > MAX_PAYLOAD) {
      throw new RangeError(`the payload is longer than ${MAX_PAYLOAD} bytes`);
    }
    const key = this.primary(now);
    if (key === null) {
      throw new NoPrimaryKeyError('no key may seal now; run: sealring keyring rotate');
    }
    if (key.algorithm !== S1) {
      throw new NoPrimaryKeyError(
        `the key that seals now is for ${key.algorithm}, and this package seals with keys for ` +
          `${S1} only`,
      );
    }
    // New random bytes for each token, so nothing can be repeated.
    return s1.seal(key, randomBytes(s1.NONCE_SIZE), now, lifetime, contextBytes, payloadBytes);
  }

  open(token, { context = '', now = clock(), revocations } = {}) {
    const list = listInUse(revocations, now);
    const opened = Keyring.openExpired(this, token, context, now);
    if (opened.expiresAt !== 0 && now >= opened.expiresAt) {
      throw new RefusedError('expired', opened.kid, opened);
    }
    if (list !== undefined && RevocationList.refusesToken(list, opened)) {
      throw new RefusedError('revoked', opened.kid, opened);
    }
    return opened;
  }

  /** Like open(), but also opens expired tokens. Not for users of the package. */
  static openExpired(ring, token, context, now) {
    return ring.#openExpired(token, context, now);
  }

  #openExpired(token, context, now) {
    checkSeconds('now', now);
    const contextBytes = toContext(context);
    if (token?.length > MAX_TOKEN) throw new RefusedError('malformed');
    const given = typeof token === 'string' ? token : toBytes('token', token).toString('latin1');
    const text = withoutSpaceBehind(given);
    if (this.#s1Keys.size === 0 || !text.startsWith(s1.PREFIX)) {
      throw new RefusedError(this.#reasonForOther(text));
    }
    const body = s1.parse(text);
    if (body === null) throw new RefusedError('malformed');

    const kid = s1.kidOf(body);
    const key = this.#s1Keys.get(kid);
    if (key === undefined || !key.opensAt(now)) throw new RefusedError('unknown_key', kid);
    const opened = s1.openBody(key, contextBytes, body);
    if (opened === null) throw new RefusedError('authentication_failed', kid);
    if (opened.issuedAt > now + CLOCK_SKEW) throw new RefusedError('not_yet_valid', kid, opened);
    return opened;
  }

  /** A program that supports another format may be able to open what is not an s1 token. */
  #reasonForOther(text) {
    const looksLikeJwe = text.split('.').length === 5 && /^[A-Za-z0-9_-]{16}/.test(text);
    // Tokens of old formats cannot be recognised.
    const hasOldKey = this.keys.some(({ algorithm }) => !ALGORITHMS.get(algorithm).modern);
    return looksLikeJwe || text.startsWith(s1.PREFIX) || hasOldKey ? 'unsupported' : 'malformed';
  }
}

/** The ring in a file, and the file's status when it was read. */
function loadKeyring(path) {
  try {
    const { text, stat } = readKeyringFile(path);
    return { loaded: Keyring.parse(text), stat };
  } catch (error) {
    if (!(error instanceof InvalidKeyringError)) throw error;
    throw new InvalidKeyringError(`key ring "${path}": ${error.message}`);
  }
}

function check(keys) {
  if (keys.length < 1 || keys.length > MAX_KEYS) {
    throw new InvalidKeyringError(`it holds ${keys.length} keys, and must hold 1 to ${MAX_KEYS}`);
  }
  const kids = new Set();
  const algorithms = new Map();
  for (const key of keys) {
    if (kids.has(key.kid)) {
      throw new InvalidKeyringError(`it holds key ${key.kid} twice; remove one of the two`);
    }
    if (key.kid !== '') kids.add(key.kid);
    const secret = Key.secretOf(key).toString('latin1');
    const other = algorithms.get(secret) ?? key.algorithm;
    algorithms.set(secret, other);
    const modern = ALGORITHMS.get(other).modern || ALGORITHMS.get(key.algorithm).modern;
    if (other !== key.algorithm && modern) {
      throw new InvalidKeyringError(
        'two keys of different algorithms share one secret, so the weaker endangers the other; ' +
          'start a new ring: sealring keyring init',
      );
    }
  }
}

function toContext(context) {
  const bytes = toBytes('context', context);
  if (bytes.length > MAX_CONTEXT) {
    throw new RangeError(`the context is longer than ${MAX_CONTEXT} bytes`);
  }
  return bytes;
}

// In a Cookie header, spaces and tabs may be before the ";". A loop, because a pattern costs quadratic time.
function withoutSpaceBehind(text) {
  let size = text.length;
  while (size > 0 && (text[size - 1] === ' ' || text[size - 1] === '\t')) size -= 1;
  return text.slice(0, size);
}

module.exports = { Keyring, loadKeyring };
