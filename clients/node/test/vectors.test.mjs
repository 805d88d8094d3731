// SPDX-License-Identifier: Apache-2.0
// The test vectors in spec/vectors.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { InvalidKeyringError, Keyring, RefusedError } from '../lib/index.mjs';
import * as s1 from '../lib/s1.js';

const VECTORS = new URL('../../../spec/vectors/', import.meta.url);
const cases = readdirSync(VECTORS)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, VECTORS), 'utf8')));
const tokens = cases.filter(({ format }) => format === 's1');
const keyrings = cases.filter(({ format }) => format === 'keyring');
const seals = tokens.filter(({ seal }) => seal);
// Tokens of other formats in rings that several formats share: this package opens none of them.
const others = cases.filter(
  ({ name, format }) => name.startsWith('mixed_ring_') && format !== 's1',
);

function ringOf({ keyring }) {
  return Keyring.parse(Buffer.from(JSON.stringify(keyring)));
}

function tokenOf({ token, token_hex: hex }) {
  return hex === undefined ? Buffer.from(token) : Buffer.from(hex, 'hex');
}

/**
 * The vector's outcome. But JWEs are unsupported and, if the ring has keys for old formats, so is
 * everything that is not an s1 token.
 */
function expectedOf(vector) {
  const token = tokenOf(vector).toString('latin1');
  const old = vector.keyring.keys.some(({ alg }) => !alg.endsWith('GCM'));
  const jwe = token.split('.').length === 5 && !/[^ -~]/.test(token);
  const left = jwe || (old && !token.startsWith('s1.'));
  return left ? 'unsupported' : vector.expect;
}

test('there are vectors', () => {
  assert(tokens.length > 80 && keyrings.length > 90 && others.length > 2 && seals.length > 15);
});

for (const vector of tokens) {
  test(`open ${vector.name}`, () => {
    for (const token of [vector.token, tokenOf(vector)]) {
      let opened;
      let reason = 'ok';
      try {
        opened = ringOf(vector).open(token, { context: vector.context, now: vector.now });
        assert.equal(opened.payload.toString('hex'), vector.payload_hex);
        assert.equal(opened.id, vector.id);
      } catch (refusal) {
        assert(refusal instanceof RefusedError, refusal);
        opened = refusal;
        reason = refusal.reason;
      }
      assert.equal(reason, expectedOf(vector));
      assert.equal(opened.kid, vector.kid ?? '');
      assert.equal(opened.issuedAt, vector.issued_at ?? 0);
      assert.equal(opened.expiresAt, vector.expires_at ?? 0);
    }
  });
}

for (const vector of others) {
  test(`leave to others ${vector.name}`, () => {
    assert.throws(() => ringOf(vector).open(tokenOf(vector), { now: vector.now }), {
      name: 'RefusedError',
      reason: expectedOf(vector),
    });
  });
}

for (const vector of seals) {
  test(`seal ${vector.name}`, () => {
    const { seal_now: now, lifetime, nonce_hex, payload_hex } = vector;
    const [nonce, payload] = [nonce_hex, payload_hex].map((hex) => Buffer.from(hex, 'hex'));
    const key = ringOf(vector).primary(now);
    const token = s1.seal(key, nonce, now, lifetime, Buffer.from(vector.context), payload);
    assert.equal(token, vector.token);
  });
}

for (const vector of keyrings) {
  test(`read ${vector.name}`, () => {
    const read = () => Keyring.parse(Buffer.from(vector.keyring_text));
    if (vector.expect === 'invalid_keyring') {
      assert.throws(read, InvalidKeyringError);
      return;
    }
    const ring = read();
    const listed = ring.keys.map((key) => ({
      kid: key.kid,
      alg: key.algorithm,
      seal_from: key.sealFrom,
      open_until: key.openUntil,
      open_only: key.openOnly,
    }));
    assert.deepEqual(listed, vector.keys);
    for (const { now, kid } of vector.primary) {
      assert.equal(ring.primary(now)?.kid ?? null, kid);
    }
  });
}
