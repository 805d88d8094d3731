// SPDX-License-Identifier: Apache-2.0
// Seals and opens sealring's s1 tokens with a key ring file, as nginx and Apache do.
'use strict';

const { InvalidKeyringError, NoPrimaryKeyError, RefusedError } = require('./errors.js');
const { Keyring } = require('./keyring.js');
const { LiveKeyring } = require('./live-keyring.js');

module.exports = { InvalidKeyringError, Keyring, LiveKeyring, NoPrimaryKeyError, RefusedError };
