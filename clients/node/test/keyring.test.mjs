// SPDX-License-Identifier: Apache-2.0
// Sealing and opening: arguments, bounds, contexts, keys for other formats.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Keyring, RefusedError } from '../lib/index.mjs';
import { jwk, NOW, textOf } from './ring-files.mjs';

const LATEST = 2 ** 40 - 1;
const ringOf = (...jwks) => Keyring.parse(textOf(...jwks));
const ring = ringOf(jwk());

function assertRefused(reason, token, options = {}, opener = ring) {
  assert.throws(() => opener.open(token, { now: NOW, ...options }), { name: 'RefusedError', reason });
}

test('what is sealed opens', () => {
  const every = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const payload of ['', 'alice', 'ŝlosilo', every, Buffer.alloc(3000, 'x')]) {
    for (const context of ['', 'session', 'ŝlosilo', new Uint8Array(1024)]) {
      const token = ring.seal(payload, { lifetime: 60, context, now: NOW });
      assert.equal(token.length, 3 + Math.ceil(((56 + Buffer.from(payload).length) * 4) / 3));
      const opened = ring.open(token, { context, now: NOW });
      assert.deepEqual(opened, {
        payload: Buffer.from(payload),
        issuedAt: NOW,
        expiresAt: NOW + 60,
        kid: ring.keys[0].kid,
        id: token.slice(11, 43),
      });
    }
  }
});

test('no two tokens are alike', () => {
  const nonces = Array.from({ length: 1000 }, () => ring.seal('', { lifetime: 0 }).slice(11, 43));
  assert.equal(new Set(nonces).size, 1000);
});

test('the clock is the default', () => {
  const before = Math.floor(Date.now() / 1000);
  const { issuedAt } = ring.open(ring.seal('', { lifetime: 60 }));
  assert(before <= issuedAt && issuedAt <= Date.now() / 1000);
});

test('times', () => {
  const token = ring.seal('', { lifetime: 60, now: NOW });
  ring.open(token, { now: NOW + 59 });
  assertRefused('expired', token, { now: NOW + 60 });
  ring.open(token, { now: NOW - 60 });
  assertRefused('not_yet_valid', token, { now: NOW - 61 });
  const eternal = ring.seal('', { lifetime: 0, now: NOW });
  assert.equal(ring.open(eternal, { now: LATEST }).expiresAt, 0);
  const long = ring.seal('', { lifetime: Number.MAX_SAFE_INTEGER, now: NOW });
  assert.equal(ring.open(long, { now: NOW }).expiresAt, LATEST);
});

test('a payload of the largest size', () => {
  const payload = Buffer.alloc(2 ** 24, 'x');
  assert(ring.open(ring.seal(payload, { lifetime: 0 })).payload.equals(payload));
  assert.throws(() => ring.seal(Buffer.alloc(2 ** 24 + 1), { lifetime: 0 }), RangeError);
});

test('a token that is too long is not looked at', () => {
  assertRefused('malformed', `s1.${'A'.repeat(2 ** 25)}`);
  const mixed = ringOf(jwk(1), jwk(2, { alg: 'nginx-legacy' }));
  assertRefused('malformed', Buffer.alloc(2 ** 25 + 1), {}, mixed);
});

test('arguments out of bounds', () => {
  for (const options of [{ now: -1 }, { now: 1.5 }, { now: 2 ** 53 }, { context: 'x'.repeat(1025) }]) {
    assert.throws(() => ring.seal('', { lifetime: 0, ...options }), RangeError);
    assert.throws(() => ring.open('s1.', options), RangeError);
  }
  for (const lifetime of [-1, 0.5, undefined, '60']) {
    assert.throws(() => ring.seal('', { lifetime }), RangeError);
  }
});

test('wrong arguments', () => {
  assert.throws(() => ring.seal(5, { lifetime: 0 }), TypeError);
  assert.throws(() => ring.seal(''), TypeError);
  for (const token of [undefined, null, 5, {}]) {
    assert.throws(() => ring.open(token), TypeError);
  }
});

test('who seals and who opens', () => {
  const both = ringOf(jwk(1, { open_until: NOW + 100 }), jwk(2, { seal_from: NOW + 10 }));
  const old = both.seal('', { lifetime: 0, now: NOW + 9 });
  assert.equal(both.open(old, { now: NOW + 99 }).kid, both.keys[0].kid);
  assertRefused('unknown_key', old, { now: NOW + 100 }, both);
  const fresh = both.seal('', { lifetime: 0, now: NOW + 10 });
  assert.equal(both.open(fresh, { now: NOW }).kid, both.keys[1].kid);
});

test('no key that seals', () => {
  const opening = ringOf(jwk(1, { key_ops: ['decrypt'] }));
  assert.equal(opening.primary(), null);
  assert.throws(() => opening.seal('', { lifetime: 0 }), /keyring rotate/);
  const other = ringOf(jwk(1), jwk(2, { alg: 'nginx-legacy' }));
  assert.throws(() => other.seal('', { lifetime: 0 }), {
    name: 'NoPrimaryKeyError',
    message: /for nginx-legacy/,
  });
});

test('rings with keys of other algorithms', () => {
  const token = ring.seal('', { lifetime: 0, now: NOW });
  for (const alg of ['nginx-legacy', 'A256GCM']) {
    assertRefused('unsupported', token, {}, ringOf(jwk(1, { alg })));
  }
  const namesake = jwk(3, { alg: 'nginx-legacy', kid: ring.keys[0].kid });
  assertRefused('unknown_key', token, {}, ringOf(jwk(2), namesake));
});

test('tokens of other formats', () => {
  assertRefused('unsupported', 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA');
  assertRefused('malformed', 'eyJhbGciOiJkaXIifQ');
  const mixed = ringOf(jwk(1), jwk(2, { alg: 'A256GCM' }));
  assertRefused('unsupported', 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA', {}, mixed);
  assertRefused('malformed', 'x', {}, mixed);
  assertRefused('malformed', 's1.x', {}, mixed);
  const withOld = ringOf(jwk(1), jwk(2, { alg: 'apache-aes256' }));
  assertRefused('unsupported', 'x', {}, withOld);
  assertRefused('malformed', 's1.x', {}, withOld);
});

test('text that is not ASCII', () => {
  const token = ring.seal('', { lifetime: 0, now: NOW }).slice(0, -1);
  assertRefused('malformed', `${token}é`);
  assertRefused('malformed', `${token}\u{1f511}`);
  assertRefused('malformed', Buffer.from(`${token}\xe9`, 'latin1'));
});

test('a refusal', () => {
  const refusal = new RefusedError('expired', 'kid', { issuedAt: 1, expiresAt: 2 });
  assert(refusal instanceof Error);
  assert.equal(String(refusal), 'RefusedError: token refused: expired');
});
