// SPDX-License-Identifier: Apache-2.0
// The same package for import: not a second copy, so that classes and rings are the same for both.
export {
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
} from './index.js';
