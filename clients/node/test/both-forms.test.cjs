// SPDX-License-Identifier: Apache-2.0
// require and import give one package, by its name, in one process.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const required = require('sealring');

test('require gives what the types declare', () => {
  assert.deepEqual(Object.keys(required).sort(), [
    'Fields',
    'InvalidKeyringError',
    'InvalidRevocationListError',
    'Keyring',
    'LiveKeyring',
    'LiveRevocationList',
    'NoPrimaryKeyError',
    'RefusedError',
    'RevocationList',
    'openSession',
    'sessionHeader',
  ]);
});

test('import gives the same classes, each by its name', async () => {
  const imported = await import('sealring');
  assert.deepEqual({ ...imported }, required);
});

test('what one seals the other opens, and a refusal of one is a refusal for the other', async () => {
  const { Keyring, RefusedError } = await import('sealring');
  const { jwk, textOf } = await import('./ring-files.mjs');
  const text = textOf(jwk());
  const token = required.Keyring.parse(text).seal('alice', { lifetime: 60 });
  assert.equal(Keyring.parse(text).open(token).payload.toString(), 'alice');
  assert.throws(() => required.Keyring.parse(text).open(`${token}x`), RefusedError);
});
