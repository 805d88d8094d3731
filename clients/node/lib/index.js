// SPDX-License-Identifier: Apache-2.0
// Seals and opens sealring's s1 tokens with a key ring file, as nginx and Apache do; opens sessions.
'use strict';

const {
  InvalidKeyringError,
  InvalidRevocationListError,
  NoPrimaryKeyError,
  RefusedError,
} = require('./errors.js');
const { Keyring } = require('./keyring.js');
const { LiveKeyring } = require('./live-keyring.js');
const { LiveRevocationList } = require('./live-revocation-list.js');
const { RevocationList } = require('./revocation-list.js');
const { openSession } = require('./session.js');
const { Fields, sessionHeader } = require('./session-fields.js');

module.exports = {
  Fields,
  InvalidKeyringError,
  InvalidRevocationListError,
  Keyring,
  LiveKeyring,
  LiveRevocationList,
  NoPrimaryKeyError,
  openSession,
  RefusedError,
  RevocationList,
  sessionHeader,
};
