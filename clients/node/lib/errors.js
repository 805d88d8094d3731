// SPDX-License-Identifier: Apache-2.0
// The errors. index.d.ts describes them.
'use strict';

class RefusedError extends Error {
  constructor(reason, kid = '', { issuedAt, expiresAt } = { issuedAt: 0, expiresAt: 0 }, end = '') {
    super(`token refused: ${reason}`);
    this.name = 'RefusedError';
    this.reason = reason;
    this.kid = kid;
    this.issuedAt = issuedAt;
    this.expiresAt = expiresAt;
    this.end = end;
  }
}

class InvalidKeyringError extends Error {
  constructor(message) {
    super(message);
    this.name = 'InvalidKeyringError';
  }
}

class InvalidRevocationListError extends Error {
  constructor(message) {
    super(message);
    this.name = 'InvalidRevocationListError';
  }
}

class NoPrimaryKeyError extends Error {
  constructor(message) {
    super(message);
    this.name = 'NoPrimaryKeyError';
  }
}

module.exports = {
  InvalidKeyringError,
  InvalidRevocationListError,
  NoPrimaryKeyError,
  RefusedError,
};
