// SPDX-License-Identifier: Apache-2.0
// A key: its algorithm, when it seals, and until when it opens (spec/keyring.md).
'use strict';

const S1 = 'XAES-256-GCM';
const MAX_KEYS = 4096;

// Keys for all of them are read and checked; this package seals and opens with those for s1. The
// secret of a modern key has no other use, and the kid is derived from it if there is none.
const modern = { minSecret: 32, maxSecret: 32, maxIv: null, modern: true };
const passphrase = { minSecret: 1, maxSecret: 8192, maxIv: null, modern: false };
const ALGORITHMS = new Map([
  [S1, { ...modern, kidIsDerived: true }],
  ['A256GCM', modern],
  ['nginx-legacy', { minSecret: 32, maxSecret: 32, maxIv: 16, modern: false }],
  ['apache-aes256', passphrase],
  ['apache-aes192', passphrase],
  ['apache-aes128', passphrase],
  ['apache-3des192', passphrase],
]);

class Key {
  // Private, so that neither logs nor JSON.stringify show it.
  #secret;

  constructor({ kid, algorithm, secret, sealFrom, openUntil, openOnly }) {
    this.kid = kid;
    this.algorithm = algorithm;
    this.sealFrom = sealFrom;
    this.openUntil = openUntil;
    this.openOnly = openOnly;
    this.#secret = secret;
    Object.freeze(this);
  }

  /** Not for users of the package. */
  static secretOf(key) {
    return key.#secret;
  }

  opensAt(now) {
    return this.openUntil === 0 || now < this.openUntil;
  }

  sealsAt(now) {
    return !this.openOnly && this.sealFrom <= now && this.opensAt(now);
  }
}

module.exports = { ALGORITHMS, Key, MAX_KEYS, S1 };
