// SPDX-License-Identifier: Apache-2.0
// Seals and opens sealring's s1 tokens with a key ring file, as nginx and Apache do.
export { InvalidKeyringError, NoPrimaryKeyError, RefusedError } from './errors.js';
export { Keyring } from './keyring.js';
export { LiveKeyring } from './live-keyring.js';
