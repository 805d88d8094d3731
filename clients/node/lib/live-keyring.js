// SPDX-License-Identifier: Apache-2.0
// A key ring that follows its file (spec/keyring.md section 8).
'use strict';

const { statSync } = require('node:fs');
const { resolve } = require('node:path');

const { InvalidKeyringError } = require('./errors.js');
const { clock, loadKeyring } = require('./keyring.js');

class LiveKeyring {
  #path;
  #onProblem;
  #ring;
  #seen;
  #refusal = '';
  #lookedAt = null;

  constructor(path, { onProblem = (message) => console.error(`sealring: ${message}`) } = {}) {
    this.#path = resolve(path); // the process may change its working directory
    this.#onProblem = onProblem;
    this.#load();
  }

  current(now = clock()) {
    // Also if the clock was set back.
    if (now !== this.#lookedAt) {
      this.#lookedAt = now;
      this.#look();
    }
    return this.#ring;
  }

  seal(payload, options) {
    const now = options.now ?? clock();
    return this.current(now).seal(payload, { ...options, now });
  }

  open(token, options = {}) {
    const now = options.now ?? clock();
    return this.current(now).open(token, { ...options, now });
  }

  #load() {
    const { ring, stat } = loadKeyring(this.#path);
    this.#ring = ring;
    this.#seen = identityOf(stat);
    this.#refusal = '';
  }

  #look() {
    const identity = look(this.#path);
    if (identity === this.#seen && this.#refusal === '') return;
    try {
      this.#load();
    } catch (error) {
      if (!(error instanceof InvalidKeyringError)) throw error;
      // Tried again every second, because the cause may be elsewhere, but reported only once.
      const news = identity !== this.#seen || error.message !== this.#refusal;
      this.#seen = identity;
      this.#refusal = error.message;
      if (news) this.#onProblem(`${error.message} (the keys loaded before stay in use)`);
    }
  }
}

/** Distinguishes a replaced or rewritten file from the one that was seen last. */
function identityOf({ dev, ino, size, mtimeNs, ctimeNs }) {
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}

function look(path) {
  try {
    return identityOf(statSync(path, { bigint: true }));
  } catch (error) {
    return error.code;
  }
}

module.exports = { LiveKeyring };
