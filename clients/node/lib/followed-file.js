// SPDX-License-Identifier: Apache-2.0
// A file that is read again when it changed (spec/keyring.md section 8).
'use strict';

const { statSync } = require('node:fs');
const { resolve } = require('node:path');

class FollowedFile {
  #path;
  #load;
  #Problem;
  #onProblem;
  #inUse;
  #seen;
  #refusal = '';
  #lookedAt = null;

  /**
   * `load(path, inUse)` returns `{ loaded, stat }`, or throws a `Problem`; `inUse` is what was loaded
   * before. `onProblem` is called with the message of a problem.
   */
  constructor(path, load, Problem, onProblem) {
    this.#path = resolve(path); // the process may change its working directory
    this.#load = load;
    this.#Problem = Problem;
    this.#onProblem = onProblem;
    this.#reload();
  }

  current(now) {
    // Also if the clock was set back.
    if (now !== this.#lookedAt) {
      this.#lookedAt = now;
      this.#look();
    }
    return this.#inUse;
  }

  #reload() {
    const { loaded, stat } = this.#load(this.#path, this.#inUse);
    this.#inUse = loaded;
    this.#seen = identityOf(stat);
    this.#refusal = '';
  }

  #look() {
    const identity = look(this.#path);
    if (identity === this.#seen && this.#refusal === '') return;
    try {
      this.#reload();
    } catch (error) {
      if (!(error instanceof this.#Problem)) throw error;
      // Tried again every second, because the cause may be elsewhere, but reported only once.
      const news = identity !== this.#seen || error.message !== this.#refusal;
      this.#seen = identity;
      this.#refusal = error.message;
      if (news) this.#onProblem(error.message);
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

function toStderr(message) {
  console.error(`sealring: ${message}`);
}

module.exports = { FollowedFile, toStderr };
