// SPDX-License-Identifier: Apache-2.0
// The same package for import: not a second copy, so that classes and rings are the same for both.
export {
  Fields,
  InvalidKeyringError,
  Keyring,
  LiveKeyring,
  NoPrimaryKeyError,
  openSession,
  RefusedError,
  sessionHeader,
} from './index.js';
