// SPDX-License-Identifier: Apache-2.0
// A revocation list that follows its file (spec/revocations.md section 3).
'use strict';

const { InvalidRevocationListError } = require('./errors.js');
const { FollowedFile, toStderr } = require('./followed-file.js');
const { loadRevocationList, RevocationList } = require('./revocation-list.js');
const { clock } = require('./time.js');

class LiveRevocationList {
  #file;

  constructor(path, { onProblem = toStderr } = {}) {
    this.#file = new FollowedFile(path, loadRevocationList, InvalidRevocationListError, (message) =>
      onProblem(`${message} (the list loaded before stays in use)`),
    );
  }

  current(now = clock()) {
    return this.#file.current(now);
  }
}

/** The list to ask; undefined if the caller has none. */
function listInUse(revocations, now) {
  if (revocations instanceof LiveRevocationList) return revocations.current(now);
  if (revocations !== undefined && !(revocations instanceof RevocationList)) {
    throw new TypeError('revocations must be a RevocationList or a LiveRevocationList');
  }
  return revocations;
}

module.exports = { listInUse, LiveRevocationList };
