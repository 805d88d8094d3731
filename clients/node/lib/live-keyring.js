// SPDX-License-Identifier: Apache-2.0
// A key ring that follows its file.
'use strict';

const { InvalidKeyringError } = require('./errors.js');
const { FollowedFile, toStderr } = require('./followed-file.js');
const { loadKeyring } = require('./keyring.js');
const { clock } = require('./time.js');

class LiveKeyring {
  #file;

  constructor(path, { onProblem = toStderr } = {}) {
    this.#file = new FollowedFile(path, loadKeyring, InvalidKeyringError, (message) =>
      onProblem(`${message} (the keys loaded before stay in use)`),
    );
  }

  current(now = clock()) {
    return this.#file.current(now);
  }

  seal(payload, options) {
    const now = options.now ?? clock();
    return this.current(now).seal(payload, { ...options, now });
  }

  open(token, options = {}) {
    const now = options.now ?? clock();
    return this.current(now).open(token, { ...options, now });
  }
}

module.exports = { LiveKeyring };
